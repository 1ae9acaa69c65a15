#include "config/unit.h"

#include <gtest/gtest.h>

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
    Dimension dimension;
    friend std::ostream& operator<<(std::ostream& out, const UnitCase& each) { return out << each.unit; }
};

class ValidUnit : public testing::TestWithParam<UnitCase> {};

TEST_P(ValidUnit, is_an_exact_multiple_of_its_base) {
    const auto unit = parse_unit(GetParam().unit);
    ASSERT_TRUE(unit.has_value()) << unit.error().message;
    EXPECT_EQ(to_text(unit->factor), to_text(GetParam().factor));
    EXPECT_EQ(unit->factor, GetParam().factor);
    EXPECT_EQ(unit->dimension, GetParam().dimension);
}

const Dimension substance_per_volume{-3, 0, 0, 1, 0};
const Dimension mass_per_volume{-3, 0, 1, 0, 0};
const Dimension units_per_volume{-3, 0, 0, 0, 1};

const std::vector<UnitCase> valid{
    {"milliunits_per_litre", "m[IU]/L", 1, units_per_volume},
    {"microunits_per_millilitre_are_the_same", "u[IU]/mL", 1, units_per_volume},
    {"nanomoles_per_litre", "nmol/L", {1, 1'000'000}, substance_per_volume},
    {"equivalents_count_as_moles", "meq/L", 1, substance_per_volume},
    {"nanograms_per_decilitre", "ng/dL", {1, 100'000}, mass_per_volume},
    {"small_litre", "mg/l", 1, mass_per_volume},
    {"grams_per_square_centimetre", "g/cm2", 10'000, {-2, 0, 1, 0, 0}},
    {"exponent_may_be_negative", "g.cm-2", 10'000, {-2, 0, 1, 0, 0}},
    {"kilograms_per_square_metre", "kg/m2", 1000, {-2, 0, 1, 0, 0}},
    {"enzyme_unit_is_micromole_per_minute", "U/L", {1, 60'000}, {-3, -1, 0, 1, 0}},
    {"microkatal_is_sixty_units", "ukat/L", {1, 1000}, {-3, -1, 0, 1, 0}},
    {"clearance_ignores_annotation", "mL/min/{1.73_m2}", {1, 60'000'000}, {3, -1, 0, 0, 0}},
    {"annotation_behind_a_unit", "mmol/mol{Hb}", {1, 1000}, {}},
    {"annotation_alone_is_one", "{xULN}", 1, {}},
    {"percent", "%", {1, 100}, {}},
    {"one", "1", 1, {}},
    {"power_of_ten", "10*9/L", {1'000'000'000'000, 1}, {-3, 0, 0, 0, 0}},
    {"power_of_ten_with_caret", "10^9/L", {1'000'000'000'000, 1}, {-3, 0, 0, 0, 0}},
    {"brackets", "mm/(1.h)", {1, 3'600'000}, {1, -1, 0, 0, 0}},
    {"metre_before_minute", "m", 1, {1, 0, 0, 0, 0}},
    {"minute_is_not_milli_inch", "min", 60, {0, 1, 0, 0, 0}},
    {"day", "mmol/d", {1, 86'400'000}, {0, -1, 0, 1, 0}},
    {"day_of_24_hours", "mmol/(24.h)", {1, 86'400'000}, {0, -1, 0, 1, 0}},
    {"inch", "[in_i]", {254, 10'000}, {1, 0, 0, 0, 0}},
    {"stone", "[stone_av]", {635'029'318, 100'000}, {0, 0, 1, 0, 0}},
    {"leading_stroke", "/L", 1000, {-3, 0, 0, 0, 0}},
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
    {"unknown_symbol", "furlong/L"},
    {"local_spelling", "mIU/L"},
    {"capital_unit", "MG/DL"},
    {"prefix_alone", "k"},
    {"prefix_on_minute", "kmin"},
    {"open_bracket", "mg/(1.h"},
    {"closed_bracket", "mg)"},
    {"open_annotation", "mL/min/{1.73_m2"},
    {"zero", "0.L"},
    {"outgrown_factor", "10*30/L"},
    {"space", "mg /dL"},
};

INSTANTIATE_TEST_SUITE_P(units, RejectUnit, testing::ValuesIn(rejected),
                         [](const auto& each) { return each.param.first; });

} // namespace
} // namespace bonewatch::config
