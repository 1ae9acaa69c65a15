#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::HasSubstr;

constexpr std::string_view masked =
    R"({"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]})";
constexpr std::string_view masked_code = R"({"coding":[{"system":)"
                                         R"("http://terminology.hl7.org/CodeSystem/data-absent-reason",)"
                                         R"("code":"masked"}]})";
constexpr std::string_view tsh_code = R"({"coding":[{"system":"http://loinc.org","code":"3016-3"}]})";

struct Parts {
    std::string subject = R"("subject":{"reference":"Patient/p"},)";
    std::string at = R"("effectiveDateTime":"2026-03-01",)";
    std::string code = R"("code":)" + std::string(tsh_code);
    std::string value = R"(,"valueQuantity":{"value":1,"code":"mU/L"})";
    std::string status = "final";
};

Decoded observation(const Parts& parts, const config::PublisherSettings& settings = default_publisher_settings()) {
    const Publisher lab{.id = model::PublisherId("lab"), .settings = &settings};
    auto all = decode(Format::fhir,
                      R"({"resourceType":"Observation","id":"o","status":")" + parts.status +
                          R"(","meta":{"versionId":"2"},)" + parts.subject + parts.at + parts.code + parts.value + "}",
                      lab, vocabulary(), std::nullopt);
    EXPECT_EQ(all.size(), 1U);
    return std::move(all.front());
}

std::string in(std::string_view name, std::string_view value) {
    return "\"" + std::string(name) + "\":" + std::string(value);
}

TEST(FhirAbsent, a_value_that_is_withheld_is_no_result) {
    for (const std::string& value :
         {",\"dataAbsentReason\":" + std::string(masked_code), "," + in("valueQuantity", masked),
          "," + in("_valueString", masked), "," + in("valueCodeableConcept", masked_code)}) {
        const auto decoded = observation({.value = value});
        EXPECT_EQ(outcome_of(decoded), "applied") << value;
        EXPECT_EQ(body_of<model::ResultEvent>(decoded).status, model::ResultStatus::no_result) << value;
    }
    EXPECT_EQ(outcome_word(observation({.value = R"(,"valueQuantity":{"unit":"mU/L"})"})), "missing_value");
}

TEST(FhirAbsent, a_value_beside_a_reason_for_its_absence_is_neither) {
    const auto decoded = observation(
        {.value = R"(,"valueQuantity":{"value":1,"code":"mU/L"},"dataAbsentReason":)" + std::string(masked_code)});
    EXPECT_EQ(outcome_word(decoded), "unusable_value");
    EXPECT_EQ(error_of(decoded).place, "$.dataAbsentReason");
}

TEST(FhirAbsent, a_component_may_be_absent_by_itself) {
    const auto panel = observation({.code = R"("code":{"text":"panel"},"component":[{"code":)" + std::string(tsh_code) +
                                            ",\"dataAbsentReason\":" + std::string(masked_code) + "}]",
                                    .value = ""});
    EXPECT_EQ(body_of<model::ResultEvent>(panel).status, model::ResultStatus::no_result);
}

TEST(FhirAbsent, what_has_no_patient_or_time_says_why) {
    const auto nobodys = observation({.subject = in("subject", masked) + ","});
    EXPECT_EQ(outcome_word(nobodys), "missing_subject");
    EXPECT_EQ(error_of(nobodys).place, "$.subject");
    EXPECT_THAT(error_of(nobodys).message, HasSubstr("'masked'"));
    for (const char* element : {"_effectiveDateTime", "effectivePeriod"}) {
        const auto timeless = observation({.at = in(element, masked) + ","});
        EXPECT_EQ(outcome_word(timeless), "missing_time");
        EXPECT_THAT(error_of(timeless).message, HasSubstr("'masked'"));
    }
}

/// It may still be what it was: an older version is in doubt, not gone.
TEST(FhirAbsent, what_is_withheld_concerns_nobody_who_can_know) {
    const auto code = observation({.code = in("code", masked_code)});
    EXPECT_EQ(outcome_of(code), "not_used");
    EXPECT_EQ(outcome_word(code), "masked");
    ASSERT_TRUE(code.overtaking);
    EXPECT_TRUE(model::is_doubt(code.overtaking->event));
    const auto drug = decode_one(Format::fhir, R"({"resourceType":"MedicationRequest","id":"m","status":"active",)"
                                               R"("intent":"order","subject":{"reference":"Patient/p"},)"
                                               R"("medicationCodeableConcept":)" +
                                                   std::string(masked_code) + "}");
    EXPECT_EQ(outcome_word(drug), "masked");
}

TEST(FhirAbsent, nulls_hold_the_places_of_primitives_alone) {
    EXPECT_EQ(outcome_of(decode_one(Format::fhir, R"({"resourceType":"Patient","id":"p","name":[{"given":["A",null],)"
                                                  R"("_given":[null,)" +
                                                      std::string(masked) + "]}]}")),
              "applied");
    EXPECT_EQ(outcome_word(decode_one(Format::fhir, R"({"resourceType":"Patient","id":"p","name":null})")),
              "empty_element");
}

TEST(FhirStatus, unknown_counts_where_the_publisher_says_so) {
    const config::PublisherSettings counts{.counts_unknown_status = true};
    EXPECT_EQ(outcome_word(observation({.status = "unknown"})), "status_unknown");
    const auto counted = observation({.status = "unknown"}, counts);
    EXPECT_EQ(body_of<model::ResultEvent>(counted).status, model::ResultStatus::final_);
    EXPECT_EQ(outcome_word(observation({.status = "something-new"}, counts)), "status_unknown");
    const Publisher lab{.id = model::PublisherId("lab"), .settings = &counts};
    const auto word = [&](std::string_view resource) {
        return outcome_word(decode(Format::fhir, resource, lab, vocabulary(), std::nullopt).front());
    };
    EXPECT_EQ(word(R"({"resourceType":"MedicationDispense","id":"d","status":"unknown","subject":{"reference":)"
                   R"("Patient/p"},"whenHandedOver":"2026-01-10","daysSupply":{"value":28},)"
                   R"("medicationCodeableConcept":{"text":"Prednisolone 5mg tablets"}})"),
              "applied");
    EXPECT_EQ(word(R"({"resourceType":"Procedure","id":"d","status":"unknown","subject":{"reference":"Patient/p"},)"
                   R"("performedDateTime":"2025-11-20","code":{"coding":[{"system":"http://snomed.info/sct",)"
                   R"("code":"312681000"}]}})"),
              "applied");
}

/// A partial date is any day of it: the event is kept with all of them, and the monitors decide for each.
TEST(FhirTime, a_partial_date_is_kept_as_one) {
    const auto dated = [](std::string_view at) {
        return event_of(observation({.at = R"("effectiveDateTime":")" + std::string(at) + "\","})).at;
    };
    EXPECT_EQ(model::to_text(dated("2023-01")), "2023-01");
    EXPECT_EQ(model::to_text(dated("2023")), "2023");
    EXPECT_EQ(model::to_text(event_of(observation({.at = R"("effectiveTiming":{"event":["2023-01-05"]},)"})).at),
              "2023-01-05");
    EXPECT_EQ(outcome_word(observation({.at = R"("effectiveTiming":{"event":["2023-01-05","2023-02-05"]},)"})),
              "missing_time");
    const auto supply = decode_one(
        Format::fhir, R"({"resourceType":"MedicationDispense","id":"d","status":"completed","subject":{"reference":)"
                      R"("Patient/p"},"whenHandedOver":"2023-01","daysSupply":{"value":28},)"
                      R"("medicationCodeableConcept":{"text":"Prednisolone 5mg tablets"}})");
    EXPECT_EQ(model::to_text(event_of(supply).at), "2023-01");
    EXPECT_EQ(body_of<model::SupplyEvent>(supply).days, 28);
}

} // namespace
} // namespace bonewatch::ingest::rules
