#include "ingest/strength.h"

#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

struct StrengthCase {
    const char* name;
    const char* text;
    const char* read;
    const char* item = ""; ///< In one item; empty where the strength does not say.
};

class StrengthText : public testing::TestWithParam<StrengthCase> {};

TEST_P(StrengthText, is_the_same_for_the_same_quantity) {
    const auto strength = read_strength(GetParam().text);
    EXPECT_EQ(strength.text, GetParam().read);
    const auto item = content_of({1, model::DoseUnit::item}, strength);
    EXPECT_EQ(item ? model::to_text(*item) : "", GetParam().item);
    EXPECT_EQ(read_strength(strength.text).text, strength.text) << "a canonical text stands for itself";
}

INSTANTIATE_TEST_SUITE_P(
    quantities, StrengthText,
    testing::Values(StrengthCase{"valid_plain", "5 mg", "5 mg", "5 mg"},
                    StrengthCase{"valid_without_a_space", "5mg", "5 mg", "5 mg"},
                    StrengthCase{"valid_zeros_after_the_point", " 5.0  MG ", "5 mg", "5 mg"},
                    StrengthCase{"valid_micrograms", "5000 ug", "5 mg", "5 mg"},
                    StrengthCase{"valid_grams", "0.005 g", "5 mg", "5 mg"},
                    StrengthCase{"valid_per_tablet", "5 mg/tablet", "5 mg", "5 mg"},
                    StrengthCase{"valid_of_two_tablets", "10 mg per 2 tablets", "5 mg", "5 mg"},
                    StrengthCase{"valid_form_behind_it", "5 mg tablets", "5 mg", "5 mg"},
                    StrengthCase{"valid_below_a_milligram", "0.044 mg/actuat", "44 ug", "44 ug"},
                    StrengthCase{"valid_thousands", "20,000 units", "20000 iu", "20000 iu"},
                    StrengthCase{"valid_units_of_a_code_list", "800 UNT", "800 iu", "800 iu"},
                    StrengthCase{"valid_concentration", "60 MG/ML", "60 mg/ml"},
                    StrengthCase{"valid_concentration_of_five", "5mg/5ml", "1 mg/ml"},
                    StrengthCase{"valid_concentration_in_words", "250 micrograms per 5 ml", "50 ug/ml"},
                    StrengthCase{"valid_of_three_is_a_fraction", "5 mg/3 ml", "5/3 mg/ml"},
                    StrengthCase{"valid_a_day", "50 micrograms/24 hours", "50 ug/day"},
                    StrengthCase{"valid_an_hour", "0.025 MG/HR", "600 ug/day"},
                    StrengthCase{"valid_of_a_cream", "0.01 MG/MG", "10 ug/mg"},
                    StrengthCase{"valid_percent", "1.0%", "1 %"},
                    StrengthCase{"words_stay", "Forte  Retard", "forte retard"},
                    StrengthCase{"two_ingredients_stay", "5 mg/10 mg", "5 mg/10 mg"},
                    StrengthCase{"joined_by_a_plus_stays", "70 MG + 2800 IU", "70 mg + 2800 iu"},
                    StrengthCase{"unknown_unit_stays", "5 mmol", "5 mmol"},
                    StrengthCase{"decimal_comma_stays", "0,125 mg", "0,125 mg"},
                    StrengthCase{"nothing_of_it_stays", "0 mg", "0 mg"}, StrengthCase{"none", "", ""}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(StrengthText, different_quantities_stay_apart) {
    EXPECT_NE(read_strength("5 mg").text, read_strength("1 mg").text);
    EXPECT_NE(read_strength("5 mg").text, read_strength("5 mg/ml").text);
    EXPECT_NE(read_strength("5 mg").text, read_strength("5 iu").text);
    EXPECT_NE(read_strength("5 mg/3 ml").text, read_strength("1.666667 mg/ml").text);
}

Decoded supply(std::string_view rest) {
    return decode_one(Format::native, R"({"type":"supply","id":"P-1","patient":"nhs:9990000018","route":"oral",)"
                                      R"("drug":"prednisolone","at":"2026-01-10","days":28)" +
                                          std::string(rest) + "}");
}

model::SupplyEvent body(std::string_view rest) {
    return body_of<model::SupplyEvent>(supply(rest));
}

TEST(NativeSupply, valid_one_strength_in_four_spellings_is_one_product) {
    for (const char* spelling : {"5 mg", "5mg", "5.0 mg", "5000 ug"})
        EXPECT_EQ(body(R"(,"strength":")" + std::string(spelling) + "\"").strength, "5 mg") << spelling;
    EXPECT_EQ(body("").strength, "");
}

TEST(NativeSupply, valid_items_are_multiplied_by_their_strength) {
    const auto decoded = supply(R"(,"strength":"5 mg","daily_dose":"2 tablets")");
    const auto two = body_of<model::SupplyEvent>(decoded);
    EXPECT_EQ(model::to_text(*two.daily_dose), "10 mg");
    EXPECT_EQ(two.basis, model::Basis::computed);
    EXPECT_THAT(decoded.warnings, IsEmpty());
    EXPECT_EQ(body(R"(,"strength":"5 mg","daily_dose":"1 tablet","basis":"assumed")").basis, model::Basis::assumed);
}

TEST(NativeSupply, valid_a_dose_of_mass_needs_no_strength) {
    const auto decoded = supply(R"(,"strength":"2.5 mg","daily_dose":"5 mg")");
    EXPECT_EQ(model::to_text(*body_of<model::SupplyEvent>(decoded).daily_dose), "5 mg");
    EXPECT_EQ(body_of<model::SupplyEvent>(decoded).basis, model::Basis::stated);
    EXPECT_THAT(decoded.warnings, IsEmpty());
}

TEST(NativeSupply, items_of_unknown_content_are_warned_of) {
    for (const char* rest : {R"(,"daily_dose":"1 tablet")", R"(,"daily_dose":"1 tablet","strength":"1 mg/ml")",
                             R"(,"daily_dose":"1 tablet","strength":"forte")"}) {
        const auto decoded = supply(rest);
        EXPECT_EQ(body_of<model::SupplyEvent>(decoded).daily_dose->unit, model::DoseUnit::item) << rest;
        EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("dose_unit_unknown"))) << rest;
    }
}

} // namespace
} // namespace bonewatch::ingest::rules
