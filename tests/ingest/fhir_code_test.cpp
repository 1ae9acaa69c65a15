#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

Decoded fhir(std::string_view message) {
    return decode_one(Format::fhir, message);
}

TEST(FhirCode, of_a_failed_check_digit_is_quarantined_unless_another_coding_is_known) {
    const auto observed = [](std::string_view codings) {
        return fhir(R"({"resourceType":"Observation","id":"o1","status":"final",)"
                    R"("subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01",)"
                    R"("valueQuantity":{"value":1,"unit":"mU/L"},"code":{"coding":[)" +
                    std::string(codings) + "]}}");
    };
    const std::string slip = R"({"system":"http://loinc.org","code":"3016-4"})";
    EXPECT_EQ(outcome_of(observed(slip)), "quarantined");
    EXPECT_EQ(outcome_word(observed(slip)), "bad_code");
    EXPECT_EQ(error_of(observed(R"({"system":"http://own","code":"T"},)" + slip)).place, "$.code.coding[1].code");
    EXPECT_EQ(outcome_of(observed(slip + R"(,{"system":"http://loinc.org","code":"3016-3"})")), "applied");
    EXPECT_EQ(outcome_of(observed(R"({"system":"http://loinc.org","code":"718-7"})")), "not_used");
    EXPECT_EQ(outcome_word(fhir(R"({"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},)"
                                R"("onsetDateTime":"2020-05-01","code":{"coding":)"
                                R"([{"system":"http://snomed.info/sct","code":"69896005"}]}})")),
              "bad_code");
}

TEST(FhirCode, of_a_component_that_fails_its_check_digit_is_named) {
    const auto all =
        decode_all(Format::fhir, R"({"resourceType":"Observation","id":"panel","status":"final",)"
                                 R"("subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01",)"
                                 R"("code":{"text":"thyroid"},"component":[)"
                                 R"({"code":{"coding":[{"system":"http://loinc.org","code":"3016-4"}]},)"
                                 R"("valueQuantity":{"value":1,"code":"mU/L"}}]})");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(error_of(all.front()).place, "$.component[0].code.coding[0].code");
}

} // namespace
} // namespace bonewatch::ingest::rules
