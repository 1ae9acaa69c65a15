#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

Decoded tsh(std::string_view status, std::string_view rest) {
    return decode_one(Format::fhir, R"({"resourceType":"Observation","id":"o1","status":")" + std::string(status) +
                                        R"(","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01",)"
                                        R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]})" +
                                        std::string(rest) + "}");
}

constexpr std::string_view second = R"(,"meta":{"versionId":"2"})";
constexpr std::string_view in_kilograms = R"(,"valueQuantity":{"value":1,"code":"kg"})";

TEST(FhirOvertaking, what_does_not_count_retracts_the_versions_up_to_its_own) {
    const auto pending = tsh("registered", second);
    EXPECT_EQ(outcome_word(pending), "pending");
    ASSERT_TRUE(pending.overtaking);
    EXPECT_TRUE(pending.overtaking->is_remembered);
    const model::Event& event = pending.overtaking->event;
    EXPECT_FALSE(model::is_doubt(event));
    EXPECT_EQ(event.key.id.text, "Observation/o1#pending");
    EXPECT_EQ(model::to_text(event.patient), "Patient:p1");
    EXPECT_EQ(std::get<model::RetractionEvent>(event.body),
              (model::RetractionEvent{model::FactId("Observation/o1"), model::Version{{0, 2}}}));
}

TEST(FhirOvertaking, what_is_quarantined_is_a_doubt_of_a_stated_version) {
    const auto quarantined = tsh("final", std::string(in_kilograms) + std::string(second));
    EXPECT_EQ(outcome_of(quarantined), "quarantined");
    ASSERT_TRUE(quarantined.overtaking);
    EXPECT_FALSE(quarantined.overtaking->is_remembered);
    EXPECT_TRUE(model::is_doubt(quarantined.overtaking->event));
    EXPECT_FALSE(tsh("final", in_kilograms).overtaking);
}

TEST(FhirOvertaking, a_modifier_that_is_not_understood_leaves_a_doubt) {
    const auto decoded = tsh("registered", std::string(second) + R"(,"modifierExtension":[{"url":"http://x"}])");
    EXPECT_EQ(outcome_word(decoded), "modifier_extension");
    ASSERT_TRUE(decoded.overtaking);
    EXPECT_TRUE(model::is_doubt(decoded.overtaking->event));
}

TEST(FhirOvertaking, what_counts_overtakes_by_itself) {
    EXPECT_FALSE(tsh("final", R"(,"valueQuantity":{"value":1,"code":"mU/L"})").overtaking);
}

TEST(FhirMessage, blank_text_holds_nothing) {
    EXPECT_TRUE(decode_all(Format::fhir, " \n").empty());
}

} // namespace
} // namespace bonewatch::ingest::rules
