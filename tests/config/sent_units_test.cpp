#include "config/unit.h"
#include "tests/config/shipped.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bonewatch::config {
namespace {

/// A unit as published messages have it: laboratories, wards, simulators, FHIR and HL7 v2.
struct SentUnit {
    std::string sent;
    std::string ucum;    ///< What it is in UCUM, whatever is measured; empty: that cannot be said, or is a function.
    std::string analyte; ///< One that is read in it; empty: nothing that is watched comes in it.
};

const std::vector<SentUnit> sent_units{
    {"mg/dL", "mg/dL", "creatinine"},
    {"mm[Hg]", "mm[Hg]", ""},
    {"mmol/L", "mmol/L", "calcium-adj"},
    {"cm", "cm", "height"},
    {"kg", "kg", "weight"},
    {"kg/m2", "kg/m2", "bmi"},
    {"{score}", "{score}", "tscore-femneck"},
    {"fL", "fL", ""},
    {"g/dL", "g/dL", "albumin"},
    {"%", "%", "hba1c"},
    {"U/L", "U/L", "alp"},
    {"10*3/uL", "10*3/uL", ""},
    {"mmHg", "", ""},
    {"IU/L", "[iU]/L", "alp"},
    {"mL/min/{1.73_m2}", "mL/min/{1.73_m2}", "egfr"},
    {"pg", "pg", ""},
    {"Cel", "", ""},
    {"10*6/uL", "10*6/uL", ""},
    {"g/L", "g/L", "albumin"},
    {"{beats}/min", "{beats}/min", ""},
    {"{breaths}/min", "{breaths}/min", ""},
    {"%{HemoglobinSaturation}", "%{HemoglobinSaturation}", ""},
    {"mL/min", "mL/min", "egfr"},
    {"kU/L", "kU/L", "ttg-iga"},
    {"x10*9/L", "10*9/L", ""},
    {"PERCENT", "%", "hba1c"},
    {"mg/g", "mg/g", ""},
    {"UMOLL", "umol/L", "creatinine"},
    {"ng/mL", "ng/mL", "alp-bone"},
    {"ug/dL", "ug/dL", "cortisol-9am"},
    {"MMOLL", "mmol/L", "calcium-adj"},
    {"{nominal}", "{nominal}", ""},
    {"uIU/mL", "u[iU]/mL", "tsh"},
    {"(score)", "", ""},
    {"ng/dL", "ng/dL", "ft4"},
    {"MDC_DIM_PERCENT", "%", "hba1c"},
    {"MDC_DIM_MMHG", "", ""},
    {"x10*12/L", "10*12/L", ""},
    {"pg/mL", "pg/mL", "ft4"},
    {"beats/min", "", ""},
    {"{T-score}", "{T-score}", "tscore-femneck"},
    {"MLMIN", "", "egfr"},
    {"MDC_DIM_X_L_PER_MIN", "", ""},
    {"MDC_DIM_DEGC", "", ""},
    {"MDC_DIM_BEAT_PER_MIN", "", ""},
    {"/10", "/10", ""},
    {"mm", "mm", "height"},
    {"/[HPF]", "/[HPF]", ""},
    {"[pH]", "", ""},
    {"{count}", "{count}", ""},
    {"weeks", "", ""},
    {"wk", "wk", ""},
    {"pH", "pH", ""},
    {"mg/L", "mg/L", "calcium-total"},
    {"mcU/mL", "", "tsh"},
    {"g", "g", "weight"},
    {"/min", "/min", ""},
    {"ug/ml", "ug/ml", "calcium-total"},
    {"ug/mL", "ug/mL", "calcium-total"},
    {"m[IU]/L", "m[IU]/L", "tsh"},
    {"units", "", ""},
    {"/[LPF]", "/[LPF]", ""},
    {"nmol/L", "nmol/L", "cortisol-9am"},
    {"beats/minute", "", ""},
    {"C", "C", ""},
    {"breaths/minute", "", ""},
    {"umol/L", "umol/L", "creatinine"},
    {"K/uL", "10*3/uL", ""},
    {"ug/mg{creat}", "ug/mg{creat}", ""},
    {"g/cm²", "g/cm2", "bmd-femneck"},
    {"10*6/L", "10*6/L", ""},
    {"10*9/L", "10*9/L", ""},
    {"mL/min/1.73m2", "", "egfr"},
    {"K/ul", "10*3/uL", ""},
    {"[IU]/mL", "[IU]/mL", ""},
    {"pmol/L", "pmol/L", "ft4"},
    {"uU/ML", "uU/ML", "tsh"},
    {"{cells}/uL", "{cells}/uL", ""},
    {"g/cm2", "g/cm2", "bmd-femneck"},
    {"dB", "", ""},
    {"/mL", "/mL", ""},
    {"L/L", "L/L", ""},
    {"[IU]/L", "[IU]/L", "alp"},
    {"g/cm-2", "g/cm-2", "bmd-femneck"},
    {"g/dl", "g/dl", "albumin"},
    {"[in_i]", "[in_i]", "height"},
    {"in", "", "height"},
    {"mm Hg", "", ""},
    {"kPa", "kPa", ""},
    {"mmol/l", "mmol/l", "calcium-adj"},
    {"258814008", "258814008", ""},
    {"[lb_av]", "[lb_av]", "weight"},
    {"lbs", "", "weight"},
    {"M/uL", "", ""},
    {"mOsmol/kg", "", ""},
    {"mo", "mo", ""},
    {"mm/h", "mm/h", "esr"},
    {"10e9/L", "10*9/L", ""},
    {"mg/dl", "mg/dl", "creatinine"},
    {"g/mL", "g/mL", ""},
    {"pg/{cell}", "pg/{cell}", ""},
    {"tera.l-1", "10*12/L", ""},
    {"giga.l-1", "10*9/L", ""},
    {"10^9/L", "10^9/L", ""},
};

TEST(SentUnit, is_read_or_known_not_to_be) {
    const Vocabulary& words = shipped_vocabulary();
    for (const SentUnit& each : sent_units) {
        const std::string spelling = normalised_unit(each.sent);
        const auto ucum = words.in_ucum(spelling);
        EXPECT_EQ(parse_unit(ucum) ? ucum : "", each.ucum) << each.sent;
        bool is_read = false;
        for (const auto& [id, analyte] : words.analytes())
            is_read = is_read || (words.conversion_of(analyte, each.sent) != nullptr &&
                                  (each.analyte.empty() || id.text == each.analyte));
        EXPECT_EQ(is_read, !each.analyte.empty()) << each.sent << " for " << each.analyte;
    }
}

/// Nothing is read in a unit of another size than one that is listed.
TEST(SentUnit, is_the_same_amount_as_a_listed_one) {
    const Vocabulary& words = shipped_vocabulary();
    for (const auto& [id, analyte] : words.analytes())
        for (const SentUnit& each : sent_units) {
            const UnitConversion* conversion = words.conversion_of(analyte, each.sent);
            const auto unit = parse_unit(words.in_ucum(normalised_unit(each.sent)));
            const auto listed = conversion == nullptr ? parse_unit("") : parse_unit(conversion->unit);
            if (unit && listed && unit->dimension == listed->dimension) {
                EXPECT_EQ(ratio(*unit, *listed), Rational(1)) << id.text << " in " << each.sent;
            }
        }
}

} // namespace
} // namespace bonewatch::config
