#include "tests/config/shipped.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace bonewatch::config {
namespace {

using model::Bound;
using model::Comparison;
using model::Truth;

const Analyte& analyte(const std::string& id) {
    const Analyte* found = shipped_vocabulary().analyte(CodeId(id));
    EXPECT_NE(found, nullptr) << id;
    return *found;
}

Rational exactly(const std::string& text) {
    const auto value = model::parse_rational(text);
    EXPECT_TRUE(value.has_value()) << text;
    return *value;
}

struct ValidCase {
    std::string name, analyte, value, unit, expected;
    std::vector<std::string> flags;
    friend std::ostream& operator<<(std::ostream& out, const ValidCase& each) { return out << each.name; }
};

class ValidConversion : public testing::TestWithParam<ValidCase> {};

TEST_P(ValidConversion, is_exact) {
    const auto& each = GetParam();
    const auto converted =
        shipped_vocabulary().convert(analyte(each.analyte), ValueInterval::exactly(exactly(each.value)), each.unit);
    ASSERT_TRUE(converted.has_value()) << converted.error().message;
    EXPECT_EQ(converted->value, ValueInterval::exactly(exactly(each.expected))) << to_text(converted->value);
    EXPECT_EQ(converted->flags, each.flags);
}

const std::vector<ValidCase> valid{
    {"tsh_local_spelling", "tsh", "0.05", "mU/L", "0.05", {}},
    {"tsh_not_ucum", "tsh", "0.05", "uU/ML", "0.05", {}},
    {"tsh_mcu", "tsh", "1.471", "mcU/mL", "1.471", {}},
    {"tsh_micro_sign", "tsh", "0.05", "\u00b5IU/mL", "0.05", {}},
    {"tsh_greek_mu", "tsh", "0.05", "\u03bcIU/mL", "0.05", {}},
    {"tsh_spaces", "tsh", "0.05", "  mIU/L ", "0.05", {}},
    {"tsh_thousandth", "tsh", "50", "u[IU]/L", "0.05", {}},
    {"vitamin_d_canonical", "vitd25", "50", "nmol/L", "50", {}},
    {"vitamin_d_20_ng_per_ml_is_below_50", "vitd25", "20", "ng/mL", "49.91926", {}},
    {"vitamin_d_ng_per_ml_above_50", "vitd25", "20.1", "ng/mL", "50.1688563", {}},
    {"ft4_mass", "ft4", "1", "ng/dL", "12.8721", {}},
    {"hba1c_8_percent", "hba1c", "8", "%", "146200/2287", {}},
    {"hba1c_6_5_percent", "hba1c", "6.5", "%", "108700/2287", {}},
    {"hba1c_canonical", "hba1c", "64", "mmol/mol", "64", {}},
    {"calcium_mass", "calcium-adj", "8.8", "mg/dL", "2.19571792", {}},
    {"calcium_equivalents_halve", "calcium-adj", "4.4", "mEq/L", "2.2", {}},
    {"crp_mg_per_dl", "crp", "1", "mg/dL", "10", {}},
    {"alp_international_units", "alp", "97", "IU/L", "97", {}},
    {"alp_katal", "alp", "2", "ukat/L", "120", {}},
    {"ucum_written_with_exponents", "calcium-adj", "2.2", "mmol.L-1", "2.2", {}},
    {"ucum_equal_to_a_unit_by_mass", "vitd25", "20", "ng.mL-1", "49.91926", {}},
    {"ucum_without_surface_is_flagged", "egfr", "55", "mL/min{clearance}", "55", {"unit_flagged"}},
    {"ucum_with_the_other_letter_for_a_litre", "ft4", "1", "ng/dl", "12.8721", {}},
    {"equivalents_halve_in_ucum_too", "calcium-adj", "4.4", "ueq/mL", "2.2", {}},
    {"millilitres_in_a_minute_of_60_seconds", "egfr", "55", "mL/(60.s)", "55", {"unit_flagged"}},
    {"shared_spelling", "creatinine", "88", "micromol.l-1", "88", {}},
    {"shared_spelling_of_simhospital", "creatinine", "88", "UMOLL", "88", {}},
    {"shared_spelling_of_equivalents", "magnesium", "2", "MEQL", "1", {}},
    {"shared_spelling_by_mass", "cortisol-9am", "10", "MCG/DL", "275.8879", {}},
    {"shared_spelling_in_a_german_laboratory", "tsh", "0.05", "\u00b5IE/ml", "0.05", {}},
    {"shared_spelling_of_percent", "hba1c", "8", "PERCENT", "146200/2287", {}},
    {"own_spelling_before_the_shared_one", "alp", "97", "IU/L", "97", {}},
    {"grams_of_albumin", "albumin", "40", "G/L", "40", {}},
    {"bmd_caret", "bmd-hip", "0.71", "g/cm^2", "0.71", {}},
    {"bmd_superscript", "bmd-hip", "0.71", "g/cm\u00b2", "0.71", {}},
    {"bmd_femoral_neck_milligrams", "bmd-femneck", "710", "mg/cm2", "0.71", {}},
    {"tscore_negative", "tscore-spine", "-2.5", "{T-score}", "-2.5", {}},
    {"tscore_without_unit", "tscore-hip", "-2.5", "", "-2.5", {}},
    {"tscore_as_one", "tscore-hip", "-2.5", "1", "-2.5", {}},
    {"zscore_negative", "zscore-hip", "-2", "{Z-score}", "-2", {}},
    {"egfr_without_surface_is_flagged", "egfr", "55", "mL/min", "55", {"unit_flagged"}},
    {"albumin_molar_is_flagged", "albumin", "600", "umol/L", "39.9", {"unit_flagged"}},
    {"height_inches", "height", "66.9", "in", "169.926", {}},
    {"height_of_a_newborn_is_unusual", "height", "48", "cm", "48", {"unusual_value"}},
    {"height_reject_limit_is_possible", "height", "20", "cm", "20", {"unusual_value"}},
    {"weight_pounds", "weight", "185", "lbs", "83.91458845", {}},
    {"tsh_flag_limit_is_usual", "tsh", "100", "mU/L", "100", {}},
    {"tsh_above_flag_limit_is_unusual", "tsh", "100.1", "mU/L", "100.1", {"unusual_value"}},
    {"tsh_reject_limit_is_possible", "tsh", "1000", "mU/L", "1000", {"unusual_value"}},
    {"twelve_decimals_stay_exact", "tsh", "0.123456789012", "mU/L", "0.123456789012", {}},
    {"thirteen_decimals_are_rounded", "tsh", "0.1234567894999", "mU/L", "0.123456789", {"rounded_value"}},
    {"rounding_goes_to_the_nearest", "tsh", "0.1234567895001", "mU/L", "0.12345679", {"rounded_value"}},
    {"negative_rounding_goes_to_the_nearest", "tscore-hip", "-1.1234567895001", "1", "-1.12345679", {"rounded_value"}},
    {"long_mass_value_is_rounded", "creatinine", "0.761972389235477", "mg/dL", "67.359654561", {"rounded_value"}},
};

INSTANTIATE_TEST_SUITE_P(values, ValidConversion, testing::ValuesIn(valid),
                         [](const auto& each) { return each.param.name; });

struct RejectCase {
    std::string name, analyte, value, unit, reason;
    friend std::ostream& operator<<(std::ostream& out, const RejectCase& each) { return out << each.name; }
};

class RejectConversion : public testing::TestWithParam<RejectCase> {};

TEST_P(RejectConversion, says_why) {
    const auto& each = GetParam();
    const auto converted =
        shipped_vocabulary().convert(analyte(each.analyte), ValueInterval::exactly(exactly(each.value)), each.unit);
    ASSERT_FALSE(converted.has_value());
    EXPECT_EQ(converted.error().kind, model::ErrorKind::unusable);
    EXPECT_EQ(converted.error().reason, each.reason) << converted.error().message;
}

const std::vector<RejectCase> rejected{
    {"unknown_unit", "tsh", "1", "furlong", "unknown_unit"},
    {"a_unit_of_another_analyte", "tsh", "1", "mg/L", "unknown_unit"},
    {"case_is_kept", "vitd25", "50", "Nmol/L", "unknown_unit"},
    {"same_dimension_but_not_listed", "hba1c", "0.06", "1", "unknown_unit"},
    {"ucum_of_another_dimension", "vitd25", "50", "nmol", "unknown_unit"},
    {"ucum_of_a_number", "hba1c", "64", "10*-3", "unknown_unit"},
    {"ucum_of_enzymes_is_no_hormone", "tsh", "1", "nkat/L", "unknown_unit"},
    {"ucum_in_a_wrong_case", "crp", "5", "Mg/L", "unknown_unit"},
    {"ucum_of_another_size_than_listed", "crp", "0.1", "mg/mL", "unknown_unit"},
    {"international_units_that_may_be_thousandths", "tsh", "0.05", "IU/L", "unknown_unit"},
    {"giga_is_no_gram", "crp", "5", "G/L", "unknown_unit"},
    {"osmoles_are_no_moles", "calcium-adj", "2.2", "mosm/L", "unknown_unit"},
    {"function", "crp", "5", "[pH]", "unknown_unit"},
    {"missing_unit", "tsh", "1", "", "missing_unit"},
    {"missing_unit_of_spaces", "tsh", "1", "  ", "missing_unit"},
    {"negative_concentration", "tsh", "-0.1", "mU/L", "impossible_value"},
    {"above_reject_limit", "tsh", "1000.1", "mU/L", "impossible_value"},
    {"below_reject_limit", "height", "1.7", "cm", "impossible_value"},
    {"just_below_reject_limit", "height", "19.9", "cm", "impossible_value"},
    {"hba1c_percent_above_20_is_mmol", "hba1c", "48", "%", "impossible_value"},
    {"hba1c_mmol_below_15_is_percent", "hba1c", "7.5", "mmol/mol", "impossible_value"},
    {"hba1c_percent_that_would_be_negative", "hba1c", "1", "%", "impossible_value"},
    {"tscore_beyond_ten", "tscore-hip", "-10.1", "1", "impossible_value"},
    {"ttg_without_range", "ttg-iga", "40", "U/mL", "missing_range"},
};

INSTANTIATE_TEST_SUITE_P(values, RejectConversion, testing::ValuesIn(rejected),
                         [](const auto& each) { return each.param.name; });

TEST(Conversion, below_keeps_its_open_end_and_begins_at_zero) {
    const ValueInterval below_0_1{std::nullopt, Bound{exactly("0.1"), true}};
    const auto tsh = shipped_vocabulary().convert(analyte("tsh"), below_0_1, "mIU/L");
    ASSERT_TRUE(tsh.has_value());
    EXPECT_EQ(tsh->value, (ValueInterval{Bound{0}, Bound{exactly("0.1"), true}}));
    EXPECT_EQ(compare(tsh->value, Comparison::less, ValueInterval::exactly(exactly("0.1"))), Truth::yes);

    const ValueInterval below_20{Bound{0}, Bound{20, true}};
    const auto vitamin_d = shipped_vocabulary().convert(analyte("vitd25"), below_20, "ng/mL");
    ASSERT_TRUE(vitamin_d.has_value());
    EXPECT_EQ(vitamin_d->value, (ValueInterval{Bound{0}, Bound{exactly("49.91926"), true}}));
}

TEST(Conversion, above_keeps_its_open_end_and_is_not_unusual_by_what_it_may_be) {
    const ValueInterval above_90{Bound{90, true}, std::nullopt};
    const auto egfr = shipped_vocabulary().convert(analyte("egfr"), above_90, "mL/min/1.73m2");
    ASSERT_TRUE(egfr.has_value());
    EXPECT_EQ(egfr->value, above_90);
    EXPECT_TRUE(egfr->flags.empty());
}

TEST(Conversion, below_a_tscore_has_no_lower_end) {
    const ValueInterval below{std::nullopt, Bound{-2, true}};
    const auto score = shipped_vocabulary().convert(analyte("tscore-spine"), below, "");
    ASSERT_TRUE(score.has_value());
    EXPECT_EQ(score->value, below);
}

TEST(Conversion, an_affine_lower_end_does_not_fall_below_zero) {
    const ValueInterval below_4{Bound{0}, Bound{4, true}};
    const auto hba1c = shipped_vocabulary().convert(analyte("hba1c"), below_4, "%");
    ASSERT_TRUE(hba1c.has_value()) << hba1c.error().message;
    EXPECT_EQ(hba1c->value, (ValueInterval{Bound{0}, Bound{exactly("46200/2287"), true}}));
}

TEST(Conversion, serology_is_a_multiple_of_its_own_upper_limit) {
    const auto value = ValueInterval::exactly(40);
    const auto ttg = shipped_vocabulary().convert(analyte("ttg-iga"), value, "U/mL", Rational(10));
    ASSERT_TRUE(ttg.has_value());
    EXPECT_EQ(ttg->value, ValueInterval::exactly(4));
    const auto igg = shipped_vocabulary().convert(analyte("ttg-igg"), value, "[arb'U]/mL", Rational(7));
    ASSERT_TRUE(igg.has_value());
    EXPECT_EQ(igg->value, ValueInterval::exactly(Rational(40, 7)));
    EXPECT_TRUE(shipped_vocabulary().convert(analyte("ttg-iga"), ValueInterval::exactly(4), "{xULN}").has_value());
    EXPECT_EQ(shipped_vocabulary().convert(analyte("ttg-iga"), value, "U/mL", Rational(0)).error().reason,
              "missing_range");
}

TEST(Conversion, the_unit_decides_and_a_contradicting_code_is_flagged) {
    const auto& words = shipped_vocabulary();
    const auto flags = [&](const char* loinc, const char* unit) {
        const CodeMeaning* meaning = words.meaning("http://loinc.org", loinc);
        EXPECT_NE(meaning, nullptr);
        return words.convert(analyte("vitd25"), ValueInterval::exactly(30), unit, std::nullopt, meaning)->flags;
    };
    EXPECT_EQ(flags("14635-7", "ng/mL"), std::vector<std::string>{"code_contradicts_unit"});
    EXPECT_EQ(flags("1989-3", "nmol/L"), std::vector<std::string>{"code_contradicts_unit"});
    EXPECT_EQ(flags("14635-7", "nmol/L"), std::vector<std::string>{});
    EXPECT_EQ(flags("1989-3", "ng/mL"), std::vector<std::string>{});
}

TEST(Conversion, spellings_are_compared_without_their_spaces_and_signs) {
    EXPECT_EQ(normalised_unit(" \u00b5mol/L "), "umol/L");
    EXPECT_EQ(normalised_unit("\u03bcg/L"), "ug/L");
    EXPECT_EQ(normalised_unit("g/cm\u00b2"), "g/cm2");
    EXPECT_EQ(normalised_unit("mL/min/1.73\t  m2"), "mL/min/1.73 m2");
    EXPECT_EQ(normalised_unit("uU/ML"), "uU/ML");
    EXPECT_EQ(normalised_unit("   "), "");
}

} // namespace
} // namespace bonewatch::config
