#include "config/unit.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace bonewatch::config {
namespace {

using model::Rational;

struct UnitCase {
    std::string name;
    std::string unit;
    Rational factor;
    std::string base; ///< In symbols of the bases.
    friend std::ostream& operator<<(std::ostream& out, const UnitCase& each) { return out << each.unit; }
};

class ValidUnit : public testing::TestWithParam<UnitCase> {};

TEST_P(ValidUnit, is_an_exact_multiple_of_its_base) {
    const auto unit = parse_unit(GetParam().unit);
    ASSERT_TRUE(unit.has_value()) << unit.error().message;
    const auto base = parse_unit(GetParam().base);
    ASSERT_TRUE(base.has_value()) << base.error().message;
    const auto factor = ratio(*unit, *base);
    ASSERT_TRUE(factor.has_value());
    EXPECT_EQ(to_text(*factor), to_text(GetParam().factor));
    EXPECT_EQ(*factor, GetParam().factor);
}

const std::vector<UnitCase> valid{
    {"milliunits_per_litre", "m[IU]/L", 1, "[iU].m-3"},
    {"microunits_per_millilitre_are_the_same", "u[IU]/mL", 1, "[iU].m-3"},
    {"nanomoles_per_litre", "nmol/L", {1, 1'000'000}, "mol.m-3"},
    {"equivalents", "meq/L", 1, "eq.m-3"},
    {"nanograms_per_decilitre", "ng/dL", {1, 100'000}, "g.m-3"},
    {"small_litre", "mg/l", 1, "g.m-3"},
    {"grams_per_square_centimetre", "g/cm2", 10'000, "g.m-2"},
    {"exponent_may_be_negative", "g.cm-2", 10'000, "g.m-2"},
    {"kilograms_per_square_metre", "kg/m2", 1000, "g.m-2"},
    {"enzyme_unit_is_micromole_per_minute", "U/L", {1, 60'000}, "mol.s-1.m-3"},
    {"microkatal_is_sixty_units", "ukat/L", {1, 1000}, "mol.s-1.m-3"},
    {"clearance_ignores_annotation", "mL/min/{1.73_m2}", {1, 60'000'000}, "m3.s-1"},
    {"annotation_behind_a_unit", "mmol/mol{Hb}", {1, 1000}, "1"},
    {"annotation_behind_a_number", "10*3{cells}/uL", 1'000'000'000'000, "m-3"},
    {"annotation_alone_is_one", "{xULN}", 1, "1"},
    {"annotation_may_be_empty", "m{}", 1, "m"},
    {"percent", "%", {1, 100}, "1"},
    {"one", "1", 1, "1"},
    {"power_of_ten", "10*9/L", {1'000'000'000'000, 1}, "m-3"},
    {"power_of_ten_with_caret", "10^9/L", {1'000'000'000'000, 1}, "m-3"},
    {"power_of_ten_below_one", "10*-3.g", {1, 1000}, "g"},
    {"ten_alone", "10*", 10, "1"},
    {"brackets", "mm/(1.h)", {1, 3'600'000}, "m.s-1"},
    {"brackets_in_brackets", "mg/((8.h).(kg))", {1, 28'800'000'000}, "s-1"},
    {"what_follows_a_stroke_is_multiplied", "m/s.kg", 1000, "m.s-1.g"},
    {"strokes_divide_one_after_another", "m/s/s", 1, "m.s-2"},
    {"metre_before_minute", "m", 1, "m"},
    {"minute_is_not_milli_inch", "min", 60, "s"},
    {"candela_is_no_hundredth_of_a_day", "cd", 1, "cd"},
    {"day", "mmol/d", {1, 86'400'000}, "mol.s-1"},
    {"day_of_24_hours", "mmol/(24.h)", {1, 86'400'000}, "mol.s-1"},
    {"month_is_a_twelfth_of_a_year", "mo", {2'629'800, 1}, "s"},
    {"inch", "[in_i]", {254, 10'000}, "m"},
    {"stone", "[stone_av]", {635'029'318, 100'000}, "g"},
    {"leading_stroke", "/L", 1000, "m-3"},
    {"femtolitre", "fL", 1, "um3"},
    {"prefixes_that_outgrow_64_bits_alone", "yg/ym", 1, "g/m"},
    {"binary_prefix", "KiBy", 8192, "1"},
    {"millimetre_of_mercury", "mm[Hg]", {133'322, 1}, "g.m-1.s-2"},
    {"apostrophe_in_brackets", "[anti'Xa'U]/mL", 1'000'000, "[anti'Xa'U].m-3"},
    {"milliosmole", "mosm/kg", {1, 1'000'000}, "osm.g-1"},
    {"degree_in_powers_of_pi", "deg", {1, 180}, "[pi].rad"},
    {"newton", "N", 1000, "g.m.s-2"},
};

INSTANTIATE_TEST_SUITE_P(units, ValidUnit, testing::ValuesIn(valid), [](const auto& each) { return each.param.name; });

class RejectUnit : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(RejectUnit, is_refused_with_its_name) {
    const auto unit = parse_unit(GetParam().second);
    ASSERT_FALSE(unit.has_value());
    EXPECT_EQ(unit.error().kind, model::ErrorKind::malformed);
    EXPECT_NE(unit.error().message.find("'" + GetParam().second + "'"), std::string::npos) << unit.error().message;
}

const std::vector<std::pair<std::string, std::string>> rejected{
    {"empty", ""},
    {"open_stroke", "mg/"},
    {"two_strokes", "mg//L"},
    {"stroke_in_a_bracket", "m(/s)"},
    {"unknown_symbol", "furlong/L"},
    {"local_spelling", "mIU/L"},
    {"capital_unit", "MG/DL"},
    {"prefix_alone", "k"},
    {"prefix_on_minute", "kmin"},
    {"two_prefixes", "mmg"},
    {"open_bracket", "mg/(1.h"},
    {"closed_bracket", "mg)"},
    {"open_square_bracket", "[IU"},
    {"open_annotation", "mL/min/{1.73_m2"},
    {"annotation_in_an_annotation", "mL{a{b}}"},
    {"annotation_with_a_space", "mL{a b}"},
    {"annotation_before_a_unit", "{a}mL"},
    {"number_before_a_unit", "24h"},
    {"number_with_a_point", "1.73m2"},
    {"zero", "0.L"},
    {"number_too_long", "1234567890123456789"},
    {"exponent_too_large", "m100"},
    {"power_too_large", "m99.m99"},
    {"outgrown_factor", "7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7.7"},
    {"space", "mg /dL"},
    {"too_deep", std::string(17, '(') + "m" + std::string(17, ')')},
    {"function", "Cel"},
    {"function_with_a_prefix", "dB[10.nV]"},
};

INSTANTIATE_TEST_SUITE_P(units, RejectUnit, testing::ValuesIn(rejected),
                         [](const auto& each) { return each.param.first; });

TEST(Unit, has_at_most_128_bytes) {
    EXPECT_TRUE(parse_unit("m{" + std::string(125, 'x') + "}").has_value());
    const auto longer = parse_unit("m{" + std::string(126, 'x') + "}");
    ASSERT_FALSE(longer.has_value());
    EXPECT_LT(longer.error().message.size(), 256U);
}

TEST(Unit, a_function_is_refused_as_such) {
    EXPECT_EQ(parse_unit("mmol/L/Cel").error().reason, "special_unit");
    EXPECT_EQ(parse_unit("mmol/L/Ce").error().reason, "bad_unit");
}

TEST(Unit, of_another_dimension_is_no_multiple) {
    const auto in = [](const char* unit, const char* other) { return ratio(*parse_unit(unit), *parse_unit(other)); };
    EXPECT_EQ(in("mmol/L", "mg/dL"), std::nullopt);
    EXPECT_EQ(in("U/L", "[iU]/L"), std::nullopt);
    EXPECT_EQ(in("[iU]/L", "[arb'U]/L"), std::nullopt) << "each arbitrary unit is what its own procedure makes it";
    EXPECT_EQ(in("meq/L", "mmol/L"), std::nullopt) << "how many moles it is, the valence says";
    EXPECT_EQ(in("mol", "1"), std::nullopt) << "a mole is kept as what it is";
    EXPECT_EQ(in("deg", "rad"), std::nullopt) << "no fraction is pi";
    EXPECT_EQ(in("10*30", "1"), std::nullopt) << "64 bits do not hold it";
    EXPECT_EQ(in("10*30", "10*28"), Rational(100));
}

} // namespace
} // namespace bonewatch::config
