#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

constexpr std::string_view absent =
    R"({"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]})";

/// A 25-hydroxyvitamin D with `value` for its value.
Decoded vitamin_d(std::string_view value) {
    return decode_one(Format::fhir,
                      R"({"resourceType":"Observation","id":"o1","status":"final","effectiveDateTime":"2026-03-01",)"
                      R"("subject":{"reference":"Patient/p1"},)"
                      R"("code":{"coding":[{"system":"http://loinc.org","code":"1989-3"}]},)" +
                          std::string(value) + "}");
}

std::string quantity(std::string_view unit, std::string_view code) {
    return R"("valueQuantity":{"value":50,"unit":")" + std::string(unit) +
           R"(","system":"http://unitsofmeasure.org","code":")" + std::string(code) + "\"}";
}

TEST(FhirValue, a_code_and_a_unit_of_two_amounts_are_neither) {
    EXPECT_EQ(outcome_word(vitamin_d(quantity("nmol/L", "ng/mL"))), "contradictory_units");
    EXPECT_EQ(outcome_word(vitamin_d(quantity("ng/mL", "nmol/L"))), "contradictory_units");
    EXPECT_EQ(outcome_word(vitamin_d(quantity("ug/L", "ng/mL"))), "applied");
    EXPECT_EQ(outcome_word(vitamin_d(quantity("nmol/L", "nmol/L"))), "applied");
    EXPECT_EQ(outcome_word(vitamin_d(quantity("nanomole per litre", "nmol/L"))), "applied");
}

TEST(FhirValue, a_range_has_one_unit) {
    EXPECT_EQ(outcome_word(
                  vitamin_d(R"("valueRange":{"low":{"value":10,"unit":"ng/mL"},"high":{"value":50,"unit":"nmol/L"}})")),
              "contradictory_units");
    EXPECT_EQ(outcome_word(vitamin_d(
                  R"("valueRange":{"low":{"value":10,"unit":"nmol/L"},"high":{"value":50,"unit":"nmol/L"}})")),
              "applied");
    EXPECT_EQ(outcome_word(vitamin_d(R"("valueRange":{"low":{"value":10,"unit":"nmol/L"},"high":{"value":50}})")),
              "applied");
}

TEST(FhirValue, of_two_values_nobody_knows_which) {
    EXPECT_EQ(outcome_word(vitamin_d(quantity("nmol/L", "nmol/L") + R"(,"valueString":"5 nmol/L")")), "unusable_value");
}

TEST(FhirValue, a_reason_beside_the_number_itself) {
    const auto none = vitamin_d(R"("valueQuantity":{"unit":"nmol/L","_value":)" + std::string(absent) + "}");
    EXPECT_EQ(outcome_word(none), "applied");
    EXPECT_EQ(body_of<model::ResultEvent>(none).status, model::ResultStatus::no_result);
    EXPECT_EQ(
        outcome_word(vitamin_d(R"("valueQuantity":{"value":50,"unit":"nmol/L","_value":)" + std::string(absent) + "}")),
        "unusable_value");
}

/// A diagnosis with `status` for its verificationStatus.
std::string verified(std::string_view status) {
    const auto decoded =
        decode_one(Format::fhir, R"({"resourceType":"Condition","id":"c1","onsetDateTime":"2020-05-01",)"
                                 R"("subject":{"reference":"Patient/p1"},)"
                                 R"("code":{"coding":[{"system":"http://snomed.info/sct","code":"69896004"}]},)"
                                 R"("verificationStatus":)" +
                                     std::string(status) + "}");
    return outcome_word(decoded) == "applied" ? std::string(model::type_word(event_of(decoded)))
                                              : outcome_word(decoded);
}

TEST(FhirCondition, is_confirmed_only_where_it_says_so) {
    EXPECT_EQ(verified(R"({"coding":[{"code":"confirmed"}]})"), "condition");
    EXPECT_EQ(verified(R"({"text":"Confirmed"})"), "condition");
    EXPECT_EQ(verified(R"({"text":"refuted"})"), "not_confirmed");
    EXPECT_EQ(verified(R"({"text":"Entered in error"})"), "not_confirmed");
    constexpr std::string_view own =
        R"({"system":"http://x","code":"local"},)"
        R"({"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":)";
    EXPECT_EQ(verified(R"({"coding":[)" + std::string(own) + R"("entered-in-error"}]})"), "retraction");
    EXPECT_EQ(verified(R"({"coding":[)" + std::string(own) + R"("confirmed"}]})"), "condition");
}

} // namespace
} // namespace bonewatch::ingest::rules
