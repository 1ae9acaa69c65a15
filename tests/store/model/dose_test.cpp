#include "store/model/dose.h"

#include <gtest/gtest.h>

namespace bonewatch::model {
namespace {

struct DoseCase {
    const char* text;
    Rational amount;
    DoseUnit unit;
    const char* shown;
};

class Doses : public testing::TestWithParam<DoseCase> {};

TEST_P(Doses, are_read_in_their_canonical_unit) {
    const auto dose = parse_dose(GetParam().text);
    ASSERT_TRUE(dose.has_value()) << GetParam().text;
    EXPECT_EQ(dose->amount, GetParam().amount);
    EXPECT_EQ(dose->unit, GetParam().unit);
    EXPECT_EQ(to_text(*dose), GetParam().shown);
}

using enum DoseUnit;

INSTANTIATE_TEST_SUITE_P(
    Dose, Doses,
    testing::Values(DoseCase{"5 mg", 5, milligram, "5 mg"}, DoseCase{"5mg", 5, milligram, "5 mg"},
                    DoseCase{"0.125mg", {1, 8}, milligram, "125 ug"}, DoseCase{"125 ug", {1, 8}, milligram, "125 ug"},
                    DoseCase{"125 microgram", {1, 8}, milligram, "125 ug"},
                    DoseCase{"125 micrograms", {1, 8}, milligram, "125 ug"},
                    DoseCase{"125 mcg", {1, 8}, milligram, "125 ug"},
                    DoseCase{"125 \u00b5g", {1, 8}, milligram, "125 ug"},
                    DoseCase{"125 \u03bcg", {1, 8}, milligram, "125 ug"}, DoseCase{"1 g", 1000, milligram, "1000 mg"},
                    DoseCase{"1 mg", 1, milligram, "1 mg"}, DoseCase{"999 ug", {999, 1000}, milligram, "999 ug"},
                    DoseCase{"0 mg", 0, milligram, "0 mg"}, DoseCase{"800 IU", 800, international_unit, "800 iu"},
                    DoseCase{"2 tablets", 2, item, "2 items"}, DoseCase{"1 puff", 1, item, "1 item"},
                    DoseCase{"1000000 mg", 1'000'000, milligram, "1000000 mg"},
                    DoseCase{"0.000001 mg", {1, 1'000'000}, milligram, "0.001 ug"}));

TEST(Dose, texts_that_are_no_dose_are_unusable) {
    for (const char* text : {"", "5", "mg", "-5 mg", "5 stone", "1000001 mg", "0.0000001 mg", "0.0001 ug", "5 mg daily",
                             "5-10 mg", "1,5 mg", "1e3 mg", "5 mg/ml"}) {
        const auto dose = parse_dose(text);
        ASSERT_FALSE(dose.has_value()) << text;
        EXPECT_EQ(dose.error().kind, ErrorKind::unusable);
    }
}

TEST(Dose, every_route_has_one_word) {
    for (int value = 0; value <= static_cast<int>(Route::other); ++value) {
        const auto route = static_cast<Route>(value);
        EXPECT_EQ(parse_route(to_text(route)), route);
    }
    EXPECT_EQ(parse_route("intra-articular"), Route::intra_articular);
    EXPECT_EQ(parse_route("by mouth"), std::nullopt);
    EXPECT_EQ(parse_route("Oral"), std::nullopt);
}

} // namespace
} // namespace bonewatch::model
