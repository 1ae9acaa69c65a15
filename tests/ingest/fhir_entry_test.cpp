#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::SizeIs;

constexpr std::string_view tsh =
    R"({"resourceType":"Observation","id":"o1","status":"final","effectiveDateTime":"2026-03-01",)"
    R"("subject":{"reference":"Patient/p1"},"code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
    R"("valueQuantity":{"value":0.01,"code":"m[IU]/L"}})";

std::string bundle(std::string_view entries, std::string_view rest = "") {
    return R"({"resourceType":"Bundle","type":"transaction")" + std::string(rest) + R"(,"entry":[)" +
           std::string(entries) + "]}";
}

/// The fact that the only entry deletes, or the reason why it deletes none.
std::string deleted(std::string_view entry) {
    const auto decoded = decode_one(Format::fhir, bundle(entry));
    if (outcome_word(decoded) != "applied")
        return outcome_word(decoded);
    return body_of<model::RetractionEvent>(decoded).of.text;
}

std::string deleted_at(std::string_view url) {
    return deleted(R"({"request":{"method":"DELETE","url":")" + std::string(url) + "\"}}");
}

TEST(FhirEntry, a_deletion_is_known_in_every_form_of_its_url) {
    for (const std::string_view url :
         {"Observation/o1", "/Observation/o1", "http://s/fhir/Observation/o1", "Observation/o1/_history/2",
          "Observation/o1?_cascade=delete", "http://s/fhir/Observation/o1?_expunge=true", "Observation/o1/"})
        EXPECT_EQ(deleted_at(url), "Observation/o1") << url;
    EXPECT_EQ(deleted_at("Observation?identifier=http://x|7"), "Observation?identifier=http://x|7");
    EXPECT_EQ(deleted(R"({"fullUrl":"http://s/fhir/Observation/o1","request":{"method":"DELETE"}})"), "Observation/o1");
    EXPECT_EQ(deleted(R"({"request":{"method":"delete","url":"Observation/o1"}})"), "Observation/o1");
}

TEST(FhirEntry, a_deletion_that_names_nothing_is_kept) {
    EXPECT_EQ(deleted_at("Observation"), "missing_id");
    EXPECT_EQ(deleted(R"({"request":{"method":"DELETE"}})"), "missing_id");
    EXPECT_EQ(deleted_at("Device/d1"), "unknown_resource");
}

TEST(FhirEntry, bundles_too_deep_in_bundles_are_refused_not_passed_over) {
    std::string inner(tsh);
    for (int depth = 0; depth < 5; ++depth)
        inner = bundle(R"({"resource":)" + inner + "}");
    const auto decoded = decode_one(Format::fhir, inner);
    EXPECT_EQ(outcome_of(decoded), "rejected");
    EXPECT_EQ(outcome_word(decoded), "too_deep");
}

TEST(FhirEntry, the_bundles_own_rules_are_not_understood_either) {
    const auto decoded =
        decode_one(Format::fhir, bundle(R"({"resource":)" + std::string(tsh) + "}", R"(,"implicitRules":"http://x")"));
    EXPECT_EQ(outcome_word(decoded), "modifier_extension");
    EXPECT_EQ(error_of(decoded).place, "$.implicitRules");
}

TEST(FhirEntry, what_is_kept_of_a_records_links_is_bounded) {
    constexpr int links = 10'000;
    std::string patient = R"({"resourceType":"Patient","id":"p1","link":[)";
    for (int i = 0; i < links; ++i)
        patient += std::string(i == 0 ? "" : ",") + R"({"type":"replaces","other":{"reference":"Patient/q)" +
                   std::to_string(i) + "\"}}";
    const auto all = decode_all(Format::fhir, patient + "]}");
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(outcome_word(all.front()), "too_large");
}

} // namespace
} // namespace bonewatch::ingest::rules
