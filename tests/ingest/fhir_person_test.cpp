#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view second = R"("meta":{"lastUpdated":"2026-03-02T00:00:00Z","versionId":"2"},)";

std::vector<Decoded> person(std::string_view id, std::string_view rest, std::string_view meta = "") {
    return decode_all(Format::fhir, R"({"resourceType":"Patient",)" + std::string(meta) + R"("id":")" +
                                        std::string(id) + "\"" + std::string(rest) + "}");
}

std::string nhs(std::string_view rest) {
    return R"(,"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018")" + std::string(rest) +
           "}]";
}

std::string traced(std::string_view code) {
    return nhs(R"(,"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/)"
               R"(Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"code":")" +
               std::string(code) + R"("}]}}])");
}

TEST(FhirPatient, only_a_verified_number_unites) {
    const auto named = [](const std::string& identifiers) {
        return model::to_text(event_of(person("p1", identifiers).front()).patient);
    };
    EXPECT_EQ(named(nhs("")), "nhs:9990000018");
    EXPECT_EQ(named(traced("01")), "nhs:9990000018");
    EXPECT_EQ(named(traced("number-present-and-verified")), "nhs:9990000018");
    EXPECT_EQ(named(traced("02")), "Patient:p1");
    EXPECT_THAT(person("p1", traced("02")).front().warnings, ElementsAre(StartsWith("not_verified")));
    EXPECT_EQ(named(nhs(R"(,"use":"old")")), "nhs:9990000018");
}

TEST(FhirPatient, a_number_that_is_withheld_is_no_wrong_one) {
    const auto decoded = person("p1", R"(,"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","_value":)"
                                      R"({"extension":[{"url":"x","valueCode":"masked"}]}}])");
    EXPECT_THAT(decoded.front().warnings, IsEmpty());
}

TEST(FhirPatient, a_death_without_a_date_counts_from_the_day_on_which_it_was_said) {
    const std::string_view dead = R"(,"birthDate":"1958","deceasedBoolean":true)";
    const auto said = person("p1", dead, second).front();
    ASSERT_TRUE(body_of<model::PatientEvent>(said).died);
    EXPECT_EQ(model::to_text(*body_of<model::PatientEvent>(said).died), "2026-03-02");
    EXPECT_THAT(said.warnings, ElementsAre(StartsWith("death_date_assumed")));
    const auto undated = person("p1", dead).front();
    EXPECT_FALSE(body_of<model::PatientEvent>(undated).died);
    EXPECT_THAT(undated.warnings, ElementsAre(StartsWith("death_date_unknown")));
    EXPECT_FALSE(body_of<model::PatientEvent>(person("p1", R"(,"deceasedBoolean":false)").front()).died);
}

TEST(FhirPatient, a_record_out_of_use_names_the_person_all_the_same) {
    const auto decoded = person("p1", R"(,"active":false)").front();
    EXPECT_EQ(outcome_of(decoded), "applied");
    EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("inactive")));
}

std::string link(std::string_view type, std::string_view other) {
    return R"(,"link":[{"type":")" + std::string(type) + R"(","other":{"reference":"Patient/)" + std::string(other) +
           R"("}}])";
}

TEST(FhirPatient, a_link_is_a_merge_into_the_record_that_goes_on) {
    const auto old = person("old", link("replaced-by", "new"), second);
    ASSERT_THAT(old, SizeIs(3));
    EXPECT_EQ(event_of(old[1]).key.id.text, "Patient/old#link#replaced-by");
    EXPECT_EQ(event_of(old[1]).version, (model::Version{{1772409600000, 2}}));
    EXPECT_EQ(model::to_text(event_of(old[1]).patient), "Patient:new");
    EXPECT_EQ(model::to_text(body_of<model::MergeEvent>(old[1]).from), "Patient:old");

    const auto survivor = person("new", link("replaces", "old"));
    ASSERT_THAT(survivor, SizeIs(2));
    EXPECT_EQ(event_of(survivor[1]).key.id.text, "Patient/new#link#replaces-Patient:old");
    EXPECT_EQ(model::to_text(event_of(survivor[1]).patient), "Patient:new");
    EXPECT_EQ(model::to_text(body_of<model::MergeEvent>(survivor[1]).from), "Patient:old");

    EXPECT_THAT(person("p", link("seealso", "q")), SizeIs(1));
    EXPECT_THAT(person("p", link("refer", "q")), SizeIs(1));
    EXPECT_EQ(outcome_word(person("p", link("replaced-by", "p"))[1]), "bad_patient");
    EXPECT_EQ(outcome_word(person("p", R"(,"link":[{"type":"replaces","other":{"reference":"RelatedPerson/q"}}])")[1]),
              "not_a_patient");
}

TEST(FhirPatient, a_link_is_between_records_though_they_share_a_number) {
    const auto all = decode_all(
        Format::fhir, R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:a","resource":)"
                      R"({"resourceType":"Patient","id":"old")" +
                          nhs("") +
                          R"(,"link":[{"type":"replaced-by","other":{"reference":"urn:uuid:b"}}]}},)"
                          R"({"fullUrl":"urn:uuid:b","resource":{"resourceType":"Patient","id":"new")" +
                          nhs("") + "}}]}");
    ASSERT_THAT(all, SizeIs(3));
    EXPECT_EQ(model::to_text(event_of(all[2]).patient), "Patient:new");
    EXPECT_EQ(model::to_text(body_of<model::MergeEvent>(all[2]).from), "Patient:old");
}

/// What an older version of the record said of its links, and this one does not, is undone where anybody has it.
TEST(FhirPatient, a_later_version_without_the_link_undoes_it) {
    const auto all = person("old", "", second);
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(outcome_word(all[1]), "not_linked");
    EXPECT_TRUE(all[1].reaches_parts);
    ASSERT_TRUE(all[1].overtaking);
    EXPECT_FALSE(all[1].overtaking->is_remembered);
    EXPECT_EQ(std::get<model::RetractionEvent>(all[1].overtaking->event.body),
              (model::RetractionEvent{model::FactId("Patient/old#link"), model::Version{{1772409600000, 1}}}));
    EXPECT_EQ(all[1].overtaking->event.patient, model::PatientIdentifier{});
    // Of two that state no version nobody knows which came first.
    EXPECT_THAT(person("old", ""), SizeIs(1));
}

} // namespace
} // namespace bonewatch::ingest::rules
