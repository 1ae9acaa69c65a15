#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr std::string_view nhs_url = "https://fhir.nhs.uk/Id/nhs-number";

std::string nhs(std::string_view number, std::string_view use = "official") {
    return R"({"use":")" + std::string(use) + R"(","system":")" + std::string(nhs_url) + R"(","value":")" +
           std::string(number) + "\"}";
}

std::string patient(std::string_view id, std::string_view identifiers) {
    return R"({"resourceType":"Patient","id":")" + std::string(id) + R"(","identifier":[)" + std::string(identifiers) +
           "]}";
}

std::string tsh(std::string_view id, std::string_view subject) {
    return R"({"resourceType":"Observation","id":")" + std::string(id) +
           R"(","status":"final","effectiveDateTime":"2026-03-01","subject":)" + std::string(subject) +
           R"(,"code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
           R"("valueQuantity":{"value":0.01,"code":"m[IU]/L"}})";
}

std::string entry(std::string_view resource, std::string_view full_url = "") {
    return (full_url.empty() ? "{" : R"({"fullUrl":")" + std::string(full_url) + R"(",)") + R"("resource":)" +
           std::string(resource) + "}";
}

/// The outcomes, in order: whom each names, or its reason.
std::vector<std::string> named(std::string_view entries) {
    std::vector<std::string> out;
    for (const Decoded& each : decode_all(Format::fhir, R"({"resourceType":"Bundle","type":"collection","entry":[)" +
                                                            std::string(entries) + "]}"))
        out.push_back(outcome_word(each) == "applied" ? model::to_text(event_of(each).patient) : outcome_word(each));
    return out;
}

std::string subject_named(std::string_view subject) {
    return named(entry(patient("p1", nhs("9990000018"))) + "," + entry(tsh("o1", subject))).back();
}

TEST(FhirReference, with_more_behind_the_id_names_nobody) {
    for (const std::string_view reference : {"Patient/p1#x", "Patient/p1 ", "Patient/p1?x=1", "Patient/p1|2"})
        EXPECT_EQ(subject_named(R"({"reference":")" + std::string(reference) + "\"}"), "unresolved_reference")
            << reference;
    EXPECT_EQ(subject_named(R"({"reference":"Patient/p1/_history/2"})"), "nhs:9990000018");
}

TEST(FhirReference, a_search_may_be_written_as_in_a_url) {
    EXPECT_EQ(subject_named(R"({"reference":"Patient?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C)"
                            R"(9434765919"})"),
              "nhs:9434765919");
    EXPECT_EQ(subject_named(R"({"reference":"Patient?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7"})"),
              "unresolved_reference");
}

TEST(FhirReference, beside_another_persons_number_names_nobody) {
    EXPECT_EQ(subject_named(R"({"reference":"Patient/p1","identifier":)" + nhs("9434765919") + "}"),
              "identity_conflict");
    EXPECT_EQ(subject_named(R"({"reference":"Patient/p1","identifier":)" + nhs("9990000018") + "}"), "nhs:9990000018");
    // Which of its numbers is the present one is the record's affair.
    EXPECT_THAT(named(entry(patient("p1", nhs("9990000018") + "," + nhs("9434765919", "old"))) + "," +
                      entry(tsh("o1", R"({"reference":"Patient/p1","identifier":)" + nhs("9434765919") + "}"))),
                ElementsAre("nhs:9990000018", "nhs:9990000018"));
}

TEST(FhirReference, to_a_patient_of_two_present_numbers_names_nobody) {
    EXPECT_THAT(named(entry(patient("p1", nhs("9990000018") + "," + nhs("9434765919"))) + "," +
                      entry(tsh("o1", R"({"reference":"Patient/p1"})"))),
                ElementsAre("identity_conflict", "identity_conflict"));
    EXPECT_THAT(named(entry(patient("p1", nhs("9990000018") + "," + nhs("9990000018")))),
                ElementsAre("nhs:9990000018"));
}

TEST(FhirReference, to_a_fullUrl_of_two_resources_names_nobody) {
    const std::string one = entry(patient("a", nhs("9990000018")), "urn:uuid:1");
    const std::string observation = entry(tsh("o1", R"({"reference":"urn:uuid:1"})"));
    EXPECT_EQ(named(one + "," + entry(patient("b", nhs("9434765919")), "urn:uuid:1") + "," + observation).back(),
              "unresolved_reference");
    EXPECT_EQ(named(one + "," + one + "," + observation).back(), "nhs:9990000018");
}

/// Seconds that a Bundle of so many patients and results takes.
double seconds_for(const std::string& entries, std::size_t outcomes) {
    const auto before = std::chrono::steady_clock::now();
    const auto all = named(entries);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - before;
    EXPECT_THAT(all, SizeIs(outcomes));
    EXPECT_THAT(all, testing::Not(testing::Contains("unresolved_reference")));
    return taken.count();
}

TEST(FhirReference, many_patients_found_by_an_identifier_cost_what_they_are) {
    constexpr int patients = 20'000;
    std::string entries;
    for (int i = 0; i < patients; ++i) {
        const std::string mrn = R"({"system":"http://mrn","value":")" + std::to_string(i) + "\"}";
        entries += (entries.empty() ? "" : ",") + entry(patient("p" + std::to_string(i), mrn)) + "," +
                   entry(tsh("o" + std::to_string(i), R"({"identifier":)" + mrn + "}"));
    }
    EXPECT_LT(seconds_for(entries, 2 * patients), 10);
}

TEST(FhirReference, a_large_patient_is_looked_at_once) {
    constexpr int results = 10'000;
    std::string large = patient("p1", nhs("9990000018"));
    large.pop_back();
    large += R"(,"telecom":[{"value":"0"})";
    for (int i = 0; i < 200'000; ++i)
        large += R"(,{"value":"1"})";
    std::string entries = entry(large + "]}");
    for (int i = 0; i < results; ++i)
        entries += "," + entry(tsh("o" + std::to_string(i), R"({"reference":"Patient/p1"})"));
    EXPECT_LT(seconds_for(entries, results + 1), 10);
}

} // namespace
} // namespace bonewatch::ingest::rules
