#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view low_tsh = R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
                                     R"("valueQuantity":{"value":0.01,"code":"m[IU]/L"})";

/// A TSH with `rest` after it.
std::string tsh(std::string_view rest) {
    return R"({"resourceType":"Observation","status":"final","effectiveDateTime":"2026-03-01",)" +
           std::string(low_tsh) + std::string(rest) + "}";
}

std::string bundle(std::string_view type, std::string_view entries) {
    return R"({"resourceType":"Bundle","type":")" + std::string(type) + R"(","entry":[)" + std::string(entries) + "]}";
}

std::string entry(std::string_view full_url, std::string_view resource, std::string_view rest = "") {
    std::string out = "{";
    if (!full_url.empty())
        out += R"("fullUrl":")" + std::string(full_url) + R"(",)";
    return out + R"("resource":)" + std::string(resource) + std::string(rest) + "}";
}

std::string of(std::string_view subject) {
    return R"(,"id":"o1","subject":)" + std::string(subject);
}

std::string patient(std::string_view id, std::string_view rest = "") {
    return R"({"resourceType":"Patient","id":")" + std::string(id) + "\"" + std::string(rest) + "}";
}

/// What each Observation became: its patient, or the reason why it is none.
std::vector<std::string> observed(const std::string& message) {
    std::vector<std::string> out;
    for (const Decoded& each : decode_all(Format::fhir, message))
        if (each.kind.starts_with("Observation"))
            out.push_back(outcome_word(each) == "applied" ? model::to_text(event_of(each).patient)
                                                          : outcome_word(each));
    return out;
}

TEST(FhirReference, relative_is_to_the_server_of_its_entry) {
    const std::string other = entry("http://b/fhir/Patient/1", patient("1"));
    const std::string own = entry("http://a/fhir/Patient/2", patient("2"));
    const auto asks = [&](std::string_view reference) {
        return observed(bundle("collection", other + "," + own + "," +
                                                 entry("http://a/fhir/Observation/o1",
                                                       tsh(of(R"({"reference":")" + std::string(reference) + "\"}")))));
    };
    EXPECT_THAT(asks("Patient/2"), ElementsAre("Patient:2"));
    EXPECT_THAT(asks("http://b/fhir/Patient/1"), ElementsAre("Patient:1"));
    // Not in the message, on its own server: the same as a relative one.
    EXPECT_THAT(asks("http://a/fhir/Patient/9"), ElementsAre("Patient:9"));
    EXPECT_THAT(asks("http://c/fhir/Patient/9"), ElementsAre("Patient:http://c/fhir/Patient/9"));
}

TEST(FhirReference, an_id_of_two_servers_names_nobody) {
    const std::string both =
        entry("http://a/fhir/Patient/1", patient("1")) + "," + entry("http://b/fhir/Patient/1", patient("1"));
    EXPECT_THAT(
        observed(bundle("searchset",
                        both + "," + entry("http://a/fhir/Observation/o1", tsh(of(R"({"reference":"Patient/1"})"))))),
        ElementsAre("ambiguous_id"));
    const std::string facts = entry("http://a/fhir/Observation/o1", tsh(of(R"({"reference":"Patient/p"})"))) + "," +
                              entry("http://b/fhir/Observation/o1", tsh(of(R"({"reference":"Patient/q"})")));
    EXPECT_THAT(observed(bundle("searchset", facts)), ElementsAre("ambiguous_id", "ambiguous_id"));
}

TEST(FhirReference, a_version_of_the_same_server_is_no_other_server) {
    const std::string twice = entry("http://a/fhir/Patient/1", patient("1")) + "," +
                              entry("http://a/fhir/Patient/1", patient("1")) + "," +
                              entry("http://a/fhir/Observation/o1", tsh(of(R"({"reference":"Patient/1"})")));
    EXPECT_THAT(observed(bundle("history", twice)), ElementsAre("Patient:1"));
}

TEST(FhirReference, by_oid_and_by_an_identifier_of_the_message) {
    const std::string hospital = R"("identifier":[{"system":"http://hospital","value":"7"}])";
    const std::string people = entry("urn:oid:1.2.3", patient("1", "," + hospital));
    const auto asks = [&](std::string_view subject) {
        return observed(bundle("message", people + "," + entry("urn:uuid:x", tsh(of(subject)))));
    };
    EXPECT_THAT(asks(R"({"reference":"urn:oid:1.2.3"})"), ElementsAre("Patient:1"));
    EXPECT_THAT(asks(R"({"identifier":{"system":"http://hospital","value":"7"}})"), ElementsAre("Patient:1"));
    EXPECT_THAT(asks(R"({"identifier":{"system":"http://hospital","value":"8"}})"),
                ElementsAre("unresolved_reference"));
    EXPECT_THAT(asks(R"({"type":"Group","identifier":{"system":"http://hospital","value":"7"}})"),
                ElementsAre("not_a_patient"));
    EXPECT_THAT(asks(R"({"type":"Patient","reference":"urn:oid:1.2.3"})"), ElementsAre("Patient:1"));
}

TEST(FhirReference, a_modifier_of_what_is_named_may_change_it) {
    const std::string modified = patient("1", R"(,"modifierExtension":[{"url":"http://x","valueBoolean":true}])");
    EXPECT_THAT(observed(bundle("collection", entry("urn:uuid:p", modified) + "," +
                                                  entry("urn:uuid:o", tsh(of(R"({"reference":"urn:uuid:p"})"))))),
                ElementsAre("modifier_extension"));
    const auto drug = decode_one(
        Format::fhir,
        R"({"resourceType":"MedicationDispense","id":"d","status":"completed","subject":{"reference":"Patient/p"},)"
        R"("whenHandedOver":"2026-01-10","daysSupply":{"value":28},"medicationReference":{"reference":"#m"},)"
        R"("contained":[{"resourceType":"Medication","id":"m","code":{"text":"Prednisolone 5mg tablets"},)"
        R"("modifierExtension":[{"url":"http://x"}]}]})");
    EXPECT_EQ(outcome_word(drug), "modifier_extension");
}

/// The ids of the facts of a message.
std::vector<std::string> facts(const std::string& message) {
    std::vector<std::string> out;
    for (const Decoded& each : decode_all(Format::fhir, message))
        out.push_back(model::fact_of(event_of(each)).id.text);
    return out;
}

TEST(FhirBundle, what_has_no_id_is_known_by_what_its_request_asks) {
    const std::string body = tsh(R"(,"subject":{"reference":"Patient/p"})");
    const auto asks = [&](std::string_view request) {
        return facts(bundle("transaction", entry("urn:uuid:x", body, R"(,"request":{)" + std::string(request) + "}")));
    };
    EXPECT_THAT(asks(R"("method":"POST","url":"Observation")"), ElementsAre("urn:uuid:x"));
    EXPECT_THAT(asks(R"("method":"POST","url":"Observation","ifNoneExist":"identifier=http://lab|7")"),
                ElementsAre("Observation?identifier=http://lab|7"));
    EXPECT_THAT(asks(R"("method":"PUT","url":"Observation?identifier=http://lab|7")"),
                ElementsAre("Observation?identifier=http://lab|7"));
    EXPECT_THAT(asks(R"("method":"PUT","url":"Observation/7")"), ElementsAre("Observation/7"));
    EXPECT_THAT(
        facts(tsh(R"(,"subject":{"reference":"Patient/p"},"identifier":[{"system":"http://lab","value":"7"}])")),
        ElementsAre("Observation?identifier=http://lab|7"));
    EXPECT_THAT(
        facts(bundle("transaction", R"({"request":{"method":"DELETE","url":"Observation?identifier=http://lab|7"}})")),
        ElementsAre("Observation?identifier=http://lab|7"));
}

TEST(FhirBundle, a_deletion_reaches_the_parts_and_knows_its_day) {
    const auto deletion = [](std::string_view response) {
        return decode_one(Format::fhir, bundle("history", R"({"request":{"method":"DELETE","url":"Observation/o1"})" +
                                                              std::string(response) + "}"));
    };
    EXPECT_TRUE(deletion("").reaches_parts);
    EXPECT_FALSE(body_of<model::RetractionEvent>(deletion("")).of_version);
    const auto dated =
        body_of<model::RetractionEvent>(deletion(R"(,"response":{"lastModified":"2026-03-02T00:00:00Z"})"));
    ASSERT_TRUE(dated.of_version);
    EXPECT_GT(*dated.of_version, (model::Version{{1772409600000, 3}}));
    EXPECT_LT(*dated.of_version, (model::Version{{1772409600001, 0}}));
}

TEST(FhirBundle, bulk_exports_list_what_was_deleted_as_lines) {
    const std::string line = bundle("transaction", R"({"request":{"method":"DELETE","url":"Observation/o1"}})");
    EXPECT_THAT(
        facts(line + "\n" + bundle("transaction", R"({"request":{"method":"DELETE","url":"Condition/c1"}})") + "\n"),
        ElementsAre("Observation/o1", "Condition/c1"));
}

TEST(FhirBundle, what_a_search_brings_along_counts_and_what_it_says_is_told) {
    const std::string included =
        entry("http://a/Observation/o1", tsh(of(R"({"reference":"Patient/p"})")), R"(,"search":{"mode":"include"})");
    const std::string said = entry(
        "", R"({"resourceType":"OperationOutcome","issue":[{"severity":"warning","diagnostics":"1 page missing"}]})",
        R"(,"search":{"mode":"outcome"})");
    const auto all = decode_all(Format::fhir, bundle("searchset", included + "," + said));
    ASSERT_THAT(all, SizeIs(2));
    EXPECT_EQ(outcome_of(all[0]), "applied");
    EXPECT_EQ(outcome_of(all[1]), "not_used");
    EXPECT_THAT(all[1].warnings, ElementsAre("sender_says: warning: 1 page missing"));
}

TEST(FhirBundle, a_modifier_around_a_resource_is_one_of_it) {
    const std::string modifier = R"("modifierExtension":[{"url":"http://x","valueBoolean":true}])";
    const auto outer =
        decode_one(Format::fhir, bundle("batch", entry("", tsh(of(R"({"reference":"Patient/p"})")), "," + modifier)));
    EXPECT_EQ(outcome_word(outer), "modifier_extension");
    EXPECT_EQ(error_of(outer).place, "$.entry[0].modifierExtension");
    const auto deleted = decode_one(
        Format::fhir, bundle("batch", R"({"request":{"method":"DELETE","url":"Observation/o1",)" + modifier + "}}"));
    EXPECT_EQ(error_of(deleted).place, "$.entry[0].request.modifierExtension");
}

TEST(FhirReport, a_modifier_of_what_it_contains_is_not_passed_over) {
    const auto report = decode_one(
        Format::fhir,
        R"({"resourceType":"DiagnosticReport","id":"r","status":"final","subject":{"reference":"Patient/p"},)"
        R"("effectiveDateTime":"2026-03-01","code":{"text":"TFT"},"contained":[{"resourceType":"Observation",)"
        R"("id":"a","status":"final","modifierExtension":[{"url":"http://x"}],)" +
            std::string(low_tsh) + "}]}");
    EXPECT_EQ(outcome_word(report), "modifier_extension");
    EXPECT_EQ(error_of(report).place, "$.contained[0].modifierExtension");
}

TEST(FhirReport, of_results_counts_as_their_own_status_says) {
    const auto report = [](std::string_view status, std::string_view own) {
        return decode_one(Format::fhir, R"({"resourceType":"DiagnosticReport","id":"r","status":")" +
                                            std::string(status) +
                                            R"(","subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-03-01",)"
                                            R"("code":{"text":"TFT"},"contained":[{"resourceType":"Observation",)"
                                            R"("id":"a","status":")" +
                                            std::string(own) + "\"," + std::string(low_tsh) + "}]}");
    };
    using model::ResultStatus;
    EXPECT_EQ(body_of<model::ResultEvent>(report("partial", "final")).status, ResultStatus::final_);
    EXPECT_EQ(body_of<model::ResultEvent>(report("appended", "final")).status, ResultStatus::final_);
    EXPECT_EQ(body_of<model::ResultEvent>(report("final", "preliminary")).status, ResultStatus::preliminary);
    EXPECT_EQ(body_of<model::ResultEvent>(report("cancelled", "final")).status, ResultStatus::no_result);
}

/// A DXA report's procedure: what the report itself says was done.
TEST(FhirReport, of_a_scan_is_what_was_done) {
    const auto of = [](std::string_view status) {
        return decode_one(Format::fhir,
                          R"({"resourceType":"DiagnosticReport","id":"r","status":")" + std::string(status) +
                              R"(","subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-03-01",)"
                              R"("code":{"coding":[{"system":"http://snomed.info/sct","code":"312681000"}]}})");
    };
    for (const char* status : {"final", "amended", "corrected", "appended"})
        EXPECT_EQ(body_of<model::ProcedureEvent>(of(status)).code.text, "dxa") << status;
    for (const char* status : {"partial", "preliminary", "cancelled"})
        EXPECT_EQ(outcome_word(of(status)), "not_final") << status;
    EXPECT_EQ(outcome_word(of("registered")), "pending");
}

TEST(FhirObservation, a_scan_says_a_score_a_site) {
    const auto scan = [](std::string_view first, std::string_view second) {
        return decode_all(
            Format::fhir,
            R"({"resourceType":"Observation","id":"s","status":"final","subject":{"reference":"Patient/p"},)"
            R"("effectiveDateTime":"2026-03-01","code":{"text":"DXA"},"derivedFrom":[{"reference":"Observation/bmd"}],)"
            R"("component":[{"code":{"coding":[{"system":"http://loinc.org","code":")" +
                std::string(first) +
                R"("}]},"valueQuantity":{"value":-2.6,"unit":"1"}},)"
                R"({"code":{"coding":[{"system":"http://loinc.org","code":")" +
                std::string(second) + R"("}]},"valueQuantity":{"value":-2.1,"unit":"1"}}]})");
    };
    const auto sites = scan("38264-8", "38267-1");
    ASSERT_THAT(sites, SizeIs(2));
    EXPECT_EQ(event_of(sites[0]).key.id.text, "Observation/s#component-38264-8");
    EXPECT_EQ(event_of(sites[1]).key.id.text, "Observation/s#component-38267-1");
    // A left and a right hip are two facts, not two versions of one.
    const auto sides = scan("38264-8", "38264-8");
    ASSERT_THAT(sides, SizeIs(2));
    EXPECT_EQ(event_of(sides[1]).key.id.text, "Observation/s#component-38264-8-2");
}

TEST(FhirObservation, a_panel_that_names_its_members_says_nothing_itself) {
    const auto panel = [](std::string_view rest) {
        return decode_one(
            Format::fhir,
            R"({"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},)"
            R"("effectiveDateTime":"2026-03-01","code":{"coding":[{"system":"http://loinc.org",)"
            R"("code":"3016-3"}]})" +
                std::string(rest) + "}");
    };
    EXPECT_EQ(outcome_word(panel(R"(,"hasMember":[{"reference":"Observation/a"}])")), "grouping");
    EXPECT_EQ(outcome_word(panel("")), "missing_value");
}

TEST(FhirObservation, what_it_contains_counts) {
    const auto all = decode_all(
        Format::fhir, R"({"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},)"
                      R"("effectiveDateTime":"2026-03-01","code":{"text":"panel"},"hasMember":[{"reference":"#a"}],)"
                      R"("contained":[{"resourceType":"Observation","id":"a","status":"final",)" +
                          std::string(low_tsh) + "}]}");
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(event_of(all[0]).key.id.text, "Observation/o#a");
    EXPECT_EQ(model::to_text(event_of(all[0]).patient), "Patient:p");
}

struct VersionCase {
    const char* name;
    const char* resource; ///< Members after `resourceType`.
    const char* version;
    const char* place;
};

class FhirVersionTest : public testing::TestWithParam<VersionCase> {};

TEST_P(FhirVersionTest, is_told_by_what_r4_does_not_have) {
    const auto decoded = decode_one(Format::fhir, R"({"resourceType":")" + std::string(GetParam().resource) + "}");
    EXPECT_EQ(outcome_of(decoded), "rejected");
    EXPECT_EQ(error_of(decoded).reason, "not_r4");
    EXPECT_THAT(error_of(decoded).message, HasSubstr(std::string("FHIR ") + GetParam().version));
    EXPECT_EQ(error_of(decoded).place, GetParam().place);
}

INSTANTIATE_TEST_SUITE_P(
    marks, FhirVersionTest,
    testing::Values(
        VersionCase{"context", R"(Observation","context":{"reference":"Encounter/1"})", "STU3", "$.context"},
        VersionCase{"interpretation", R"(Observation","interpretation":{"text":"L"})", "STU3", "$.interpretation"},
        VersionCase{"interpretation_of_a_component", R"(Observation","component":[{"interpretation":{"text":"L"}}])",
                    "STU3", "$.component[0].interpretation"},
        VersionCase{"comment", R"(Observation","comment":"x")", "STU3", "$.comment"},
        VersionCase{"comments", R"(Observation","comments":"x")", "DSTU2", "$.comments"},
        VersionCase{"related", R"(Observation","related":[{"type":"has-member"}])", "STU3", "$.related"},
        VersionCase{"attachment", R"(Observation","valueAttachment":{"title":"x"})", "STU3", "$.valueAttachment"},
        VersionCase{"request_context", R"(MedicationRequest","context":{"reference":"Encounter/1"})", "STU3",
                    "$.context"},
        VersionCase{"definition", R"(MedicationRequest","definition":[{"reference":"ActivityDefinition/1"}])", "STU3",
                    "$.definition"},
        VersionCase{"not_done", R"(MedicationDispense","notDone":true)", "STU3", "$.notDone"},
        VersionCase{"not_done_why", R"(MedicationDispense","notDoneReasonReference":{"display":"x"})", "STU3",
                    "$.notDoneReasonReference"},
        VersionCase{"taken", R"(MedicationStatement","taken":"n")", "STU3", "$.taken"},
        VersionCase{"not_taken_why", R"(MedicationStatement","reasonNotTaken":[{"text":"x"}])", "STU3",
                    "$.reasonNotTaken"},
        VersionCase{"was_not_taken", R"(MedicationStatement","wasNotTaken":true)", "DSTU2", "$.wasNotTaken"},
        VersionCase{"not_given", R"(MedicationAdministration","notGiven":true)", "STU3", "$.notGiven"},
        VersionCase{"prescription", R"(MedicationAdministration","prescription":{"display":"x"})", "STU3",
                    "$.prescription"},
        VersionCase{"was_not_given", R"(MedicationAdministration","wasNotGiven":true)", "DSTU2", "$.wasNotGiven"},
        VersionCase{"dose", R"(MedicationStatement","dosage":[{"text":"x"},{"doseQuantity":{"value":1}}])", "STU3",
                    "$.dosage[1].doseQuantity"},
        VersionCase{"rate", R"(MedicationRequest","dosageInstruction":[{"rateRatio":{}}])", "STU3",
                    "$.dosageInstruction[0].rateRatio"},
        VersionCase{"clinical_status", R"(Condition","clinicalStatus":"active")", "STU3", "$.clinicalStatus"},
        VersionCase{"verification", R"(Condition","verificationStatus":"confirmed")", "STU3", "$.verificationStatus"},
        VersionCase{"asserted", R"(Condition","assertedDate":"2020")", "STU3", "$.assertedDate"},
        VersionCase{"abated", R"(Condition","abatementBoolean":true)", "STU3", "$.abatementBoolean"},
        VersionCase{"recorded", R"(Condition","dateRecorded":"2020")", "DSTU2", "$.dateRecorded"},
        VersionCase{"procedure", R"(Procedure","notDone":false)", "STU3", "$.notDone"},
        VersionCase{"animal", R"(Patient","animal":{"species":{"text":"cat"}})", "STU3", "$.animal"},
        VersionCase{"order", R"(MedicationOrder","id":"1")", "DSTU2", "$.resourceType"},
        VersionCase{"r5_medication", R"(MedicationRequest","medication":{"concept":{"text":"x"}})", "R5",
                    "$.medication"},
        VersionCase{"r5_procedure", R"(Procedure","occurrenceDateTime":"2020")", "R5", "$.occurrenceDateTime"}),
    [](const auto& tested) { return tested.param.name; });

TEST(FhirSize, what_a_resource_would_keep_with_each_of_its_parts_is_refused) {
    const std::string part = R"({"code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
                             R"("valueQuantity":{"value":1,"code":"m[IU]/L"}})";
    const auto panel = [&](std::size_t count) {
        std::string parts;
        for (std::size_t i = 0; i < count; ++i)
            parts += (i == 0 ? "" : ",") + part;
        return R"({"resourceType":"Observation","id":"p","status":"final","effectiveDateTime":"2026-03-01",)"
               R"("subject":{"reference":"Patient/1"},"code":{"text":"panel"},"component":[)" +
               parts + "]}";
    };
    const auto refused = decode_one(Format::fhir, panel(10'000));
    EXPECT_EQ(outcome_word(refused), "too_large");
    EXPECT_EQ(outcome_of(refused), "rejected");
    EXPECT_THAT(decode_all(Format::fhir, panel(500)), SizeIs(500));
}

} // namespace
} // namespace bonewatch::ingest::rules
