#include "config/check_digit.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace bonewatch::config {
namespace {

struct CodeCase {
    std::string name;
    bool (*is_well_formed)(std::string_view);
    std::string code;
    bool expected;
    friend std::ostream& operator<<(std::ostream& out, const CodeCase& each) { return out << each.code; }
};

class CheckDigit : public testing::TestWithParam<CodeCase> {};

TEST_P(CheckDigit, tells_well_formed_codes) {
    EXPECT_EQ(GetParam().is_well_formed(GetParam().code), GetParam().expected) << GetParam().code;
}

const std::vector<CodeCase> cases{
    {"valid_loinc", is_loinc, "3016-3", true},
    {"valid_loinc_two_digit_number", is_loinc, "14635-7", true},
    {"valid_loinc_check_digit_zero", is_loinc, "19113-0", true},
    {"reject_loinc_check_digit", is_loinc, "3016-4", false},
    {"reject_loinc_swapped_digits", is_loinc, "3061-3", false},
    {"reject_loinc_without_hyphen", is_loinc, "30163", false},
    {"reject_loinc_letter", is_loinc, "30l6-3", false},
    {"reject_loinc_empty", is_loinc, "", false},
    {"reject_loinc_only_check_digit", is_loinc, "-0", false},
    {"valid_snomed", is_snomed, "69896004", true},
    {"valid_snomed_uk_extension", is_snomed, "1022791000000101", true},
    {"valid_snomed_other_extension", is_snomed, "143441000119108", true},
    {"reject_snomed_check_digit", is_snomed, "69896005", false},
    {"reject_snomed_swapped_digits", is_snomed, "69986004", false},
    {"reject_snomed_leading_zero", is_snomed, "069896004", false},
    {"reject_snomed_five_digits", is_snomed, "69896", false},
    {"reject_snomed_letter", is_snomed, "6989600a", false},
    {"valid_rxnorm", is_rxnorm, "8640", true},
    {"reject_rxnorm_letter", is_rxnorm, "864O", false},
    {"reject_rxnorm_leading_zero", is_rxnorm, "0864", false},
    {"reject_rxnorm_empty", is_rxnorm, "", false},
    {"valid_atc", is_atc, "H02AB06", true},
    {"valid_atc_group", is_atc, "D07", true},
    {"reject_atc_digit_for_letter", is_atc, "H02A806", false},
    {"reject_atc_lower_case", is_atc, "h02ab06", false},
    {"reject_atc_six_characters", is_atc, "H02AB0", false},
    {"valid_icd10_group", is_icd10, "M05", true},
    {"valid_icd10_code", is_icd10, "S72.0", true},
    {"valid_icd10_cm_code", is_icd10, "R29.890", true},
    {"reject_icd10_no_point", is_icd10, "S720", false},
    {"reject_icd10_open_point", is_icd10, "S72.", false},
    {"reject_icd10_range", is_icd10, "K70-K77", false},
};

INSTANTIATE_TEST_SUITE_P(codes, CheckDigit, testing::ValuesIn(cases), [](const auto& each) { return each.param.name; });

} // namespace
} // namespace bonewatch::config
