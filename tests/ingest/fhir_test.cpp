#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

Decoded fhir(std::string_view message) {
    return decode_one(Format::fhir, message);
}

constexpr std::string_view tsh_code = R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]})";

/// A TSH of that day with `rest` after it.
std::string tsh(std::string_view rest, std::string_view status = "final") {
    return R"({"resourceType":"Observation","id":"o1","status":")" + std::string(status) +
           R"(","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01T08:30:00Z",)" +
           std::string(tsh_code) + (rest.empty() ? "" : ",") + std::string(rest) + "}";
}

constexpr std::string_view low_value = R"("valueQuantity":{"value":0.010,"comparator":"<",)"
                                       R"("unit":"mIU per litre","system":"http://unitsofmeasure.org",)"
                                       R"("code":"m[IU]/L"})";

TEST(FhirObservation, valid_quantity_with_comparator_is_an_interval) {
    const auto decoded = fhir(tsh(low_value));
    const auto event = event_of(decoded);
    EXPECT_EQ(event.key.id.text, "Observation/o1");
    EXPECT_EQ(model::to_text(event.patient), "Patient:p1");
    EXPECT_EQ(model::to_text(event.at.instant), "2026-03-01T08:30:00Z");
    EXPECT_EQ(event.version, model::Version{{1}});
    const auto result = body_of<model::ResultEvent>(decoded);
    EXPECT_EQ(model::to_text(*result.value),
              model::to_text(
                  model::ValueInterval{model::Bound{model::Rational(0)}, model::Bound{model::Rational(1, 100), true}}));
    EXPECT_EQ(result.value_text, "<0.010");
    EXPECT_EQ(decoded.kind, "Observation tsh");
}

struct ValueCase {
    const char* name;
    const char* value;
    const char* expected; ///< The interval, `words`, or the reason of the refusal.
};

class FhirValueTest : public testing::TestWithParam<ValueCase> {};

TEST_P(FhirValueTest, is_read_as_stated) {
    const auto decoded = fhir(tsh(GetParam().value));
    std::string found = outcome_word(decoded);
    if (found == "applied") {
        const auto result = body_of<model::ResultEvent>(decoded);
        found = result.status == model::ResultStatus::no_result ? "no result"
                : result.value                                  ? model::to_text(*result.value)
                                                                : "words";
    }
    EXPECT_EQ(found, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    values, FhirValueTest,
    testing::Values(
        ValueCase{"quantity", R"("valueQuantity":{"value":2.50,"code":"mU/L"})", "2.5"},
        ValueCase{"unit_without_code", R"("valueQuantity":{"value":2.5,"unit":"mIU/L"})", "2.5"},
        ValueCase{"unit_where_the_code_is_unknown", R"("valueQuantity":{"value":2.5,"unit":"mIU/L","code":"milli"})",
                  "2.5"},
        ValueCase{"code_over_unit", R"("valueQuantity":{"value":2.5,"unit":"nonsense","code":"m[IU]/L"})", "2.5"},
        ValueCase{"at_least", R"("valueQuantity":{"value":90,"comparator":">=","code":"mU/L"})", ">=90"},
        ValueCase{"range", R"("valueRange":{"low":{"value":1,"code":"mU/L"},"high":{"value":2,"code":"mU/L"}})",
                  "1 to 2"},
        ValueCase{"text_with_unit", R"("valueString":"2.5 mU/L")", "2.5"},
        ValueCase{"text_without_unit", R"("valueString":"<0.02")", "missing_unit"},
        ValueCase{"words", R"("valueString":"Haemolysed")", "words"},
        ValueCase{"concept_words", R"("valueCodeableConcept":{"text":"Not detected"})", "words"},
        ValueCase{"concept_number", R"("valueCodeableConcept":{"coding":[{"display":"< 0.01 mU/L"}]})", "<0.01"},
        ValueCase{"absent", R"("dataAbsentReason":{"text":"error"})", "no result"},
        ValueCase{"nothing", "", "missing_value"},
        ValueCase{"quantity_without_value", R"("valueQuantity":{"unit":"mU/L"})", "missing_value"},
        ValueCase{"no_unit", R"("valueQuantity":{"value":2.5})", "missing_unit"},
        ValueCase{"unknown_unit", R"("valueQuantity":{"value":2.5,"unit":"kg"})", "unknown_unit"},
        ValueCase{"impossible", R"("valueQuantity":{"value":-2.5,"unit":"mU/L"})", "impossible_value"},
        ValueCase{"bad_comparator", R"("valueQuantity":{"value":2.5,"comparator":"~","unit":"mU/L"})",
                  "bad_comparator"},
        ValueCase{"number_as_text", R"("valueQuantity":{"value":"2.5","unit":"mU/L"})", "bad_number"},
        ValueCase{"ratio", R"("valueRatio":{"numerator":{"value":1}})", "unusable_value"},
        ValueCase{"boolean", R"("valueBoolean":true)", "unusable_value"}),
    [](const auto& tested) { return tested.param.name; });

TEST(FhirObservation, statuses_decide_what_it_is) {
    const auto of = [](std::string_view status) { return fhir(tsh(low_value, status)); };
    EXPECT_EQ(body_of<model::ResultEvent>(of("amended")).status, model::ResultStatus::final_);
    EXPECT_EQ(body_of<model::ResultEvent>(of("corrected")).status, model::ResultStatus::final_);
    EXPECT_EQ(body_of<model::ResultEvent>(of("preliminary")).status, model::ResultStatus::preliminary);
    EXPECT_EQ(body_of<model::ResultEvent>(of("cancelled")).status, model::ResultStatus::no_result);
    EXPECT_EQ(outcome_of(of("registered")), "not_used");
    EXPECT_EQ(outcome_word(of("unknown")), "status_unknown");
    EXPECT_EQ(outcome_of(of("unknown")), "quarantined");
    EXPECT_EQ(outcome_word(of("something-new")), "status_unknown");
}

TEST(FhirObservation, entered_in_error_retracts_it) {
    const auto without = fhir(tsh(low_value, "entered-in-error"));
    EXPECT_EQ(model::fact_of(event_of(without)).id.text, "Observation/o1");
    EXPECT_FALSE(body_of<model::RetractionEvent>(without).of_version);
    const auto versioned =
        fhir(tsh(R"("meta":{"versionId":"3","lastUpdated":"2026-03-02T00:00:00Z"})", "entered-in-error"));
    EXPECT_EQ(body_of<model::RetractionEvent>(versioned).of_version, (model::Version{{1772409600000, 3}}));
}

TEST(FhirObservation, version_is_the_last_update_then_the_number) {
    const auto version = [](std::string_view rest) {
        return event_of(fhir(tsh(std::string(low_value) + rest.data()))).version;
    };
    EXPECT_EQ(version(R"(,"meta":{"versionId":"3","lastUpdated":"2026-03-02T00:00:00Z"})"),
              (model::Version{{1772409600000, 3}}));
    EXPECT_EQ(version(R"(,"meta":{"versionId":"3"})"), (model::Version{{0, 3}}));
    EXPECT_EQ(version(R"(,"issued":"2026-03-02T00:00:00Z")"), (model::Version{{1772409600000, 0}}));
    EXPECT_EQ(version(""), model::Version{{1}});
}

TEST(FhirObservation, missing_or_partial_time) {
    std::string message = tsh(low_value);
    const std::string time = R"("effectiveDateTime":"2026-03-01T08:30:00Z")";
    const auto with = [&](std::string_view other) {
        std::string out = message;
        out.replace(out.find(time), time.size(), other);
        return fhir(out);
    };
    EXPECT_EQ(outcome_word(with(R"("issued":"2026-03-01T08:30:00Z")")), "missing_time");
    EXPECT_EQ(error_of(with(R"("issued":"2026-03-01T08:30:00Z")")).place, "$.effective[x]");
    EXPECT_EQ(model::to_text(event_of(with(R"("effectiveDateTime":"2026-03")")).at.date_last), "2026-03-31");
    const auto period = event_of(with(R"("effectivePeriod":{"start":"2026-03-01","end":"2026-03-04"})"));
    EXPECT_EQ(model::to_text(period.at.date), "2026-03-01");
    EXPECT_EQ(model::to_text(period.at.date_last), "2026-03-04");
    EXPECT_EQ(outcome_word(with(R"("effectiveDateTime":"01/03/2026")")), "bad_time");
    EXPECT_EQ(outcome_word(with(R"("effectiveDateTime":"2036-03-01")")), "too_far_ahead");
}

TEST(FhirObservation, reference_range_in_the_canonical_unit) {
    const auto result = body_of<model::ResultEvent>(fhir(
        tsh(std::string(low_value) +
            R"(,"referenceRange":[{"low":{"value":400,"code":"u[IU]/L"},"high":{"value":4000,"code":"u[IU]/L"}}])")));
    EXPECT_EQ(result.range_low, model::Rational(2, 5));
    EXPECT_EQ(result.range_high, model::Rational(4));
}

TEST(FhirObservation, each_component_of_a_known_code_is_a_fact) {
    const auto all =
        decode_all(Format::fhir, R"({"resourceType":"Observation","id":"panel","status":"final",)"
                                 R"("subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01",)"
                                 R"("code":{"coding":[{"system":"http://loinc.org","code":"99999-9"}]},)"
                                 R"("component":[)"
                                 R"({"code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
                                 R"("valueQuantity":{"value":1,"code":"mU/L"}},)"
                                 R"({"code":{"coding":[{"system":"http://example.org","code":"x"}]},)"
                                 R"("valueQuantity":{"value":1,"code":"mU/L"}},)"
                                 R"({"code":{"coding":[{"system":"http://loinc.org","code":"38264-8"}]},)"
                                 R"("valueQuantity":{"value":-2.6,"unit":"1"}}]})");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(event_of(all[0]).key.id.text, "Observation/panel#component-3016-3");
    EXPECT_EQ(event_of(all[1]).key.id.text, "Observation/panel#component-38264-8");
    EXPECT_EQ(body_of<model::ResultEvent>(all[1]).value, model::ValueInterval::exactly(model::Rational(-13, 5)));
}

TEST(FhirObservation, a_known_panel_of_unknown_components_is_not_passed_over) {
    const auto decoded = fhir(tsh(R"("component":[{"code":{"coding":[{"code":"x"}]},"valueInteger":1}])"));
    EXPECT_EQ(outcome_word(decoded), "missing_value");
}

TEST(FhirObservation, not_used_is_counted_by_its_code) {
    const auto decoded = fhir(R"({"resourceType":"Observation","id":"o1","status":"final",)"
                              R"("code":{"coding":[{"system":"http://example.org","code":"x"}]}})");
    EXPECT_EQ(outcome_of(decoded), "not_used");
    EXPECT_EQ(decoded.kind, "Observation http://example.org|x");
}

struct SubjectCase {
    const char* name;
    const char* subject;
    const char* expected; ///< The patient, or the reason of the refusal.
};

class FhirSubjectTest : public testing::TestWithParam<SubjectCase> {};

TEST_P(FhirSubjectTest, names_the_patient) {
    const std::string message =
        R"({"resourceType":"Bundle","type":"collection",)"
        R"("entry":[{"fullUrl":"urn:uuid:aaa",)"
        R"("resource":{"resourceType":"Observation","id":"o1","status":"final",)"
        R"("contained":[{"resourceType":"Patient","id":"inside",)"
        R"("identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
        R"("value":"9449305552"}]},{"resourceType":"Patient","id":"bare"}],)"
        R"("effectiveDateTime":"2026-03-01",)" +
        std::string(tsh_code) + "," + std::string(low_value) + std::string(GetParam().subject) +
        R"(}},{"fullUrl":"urn:uuid:bbb","resource":{"resourceType":"Patient",)"
        R"("id":"p1","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
        R"("value":"999 000 0018"}]}},)"
        R"({"fullUrl":"http://base/fhir/Patient/p2","resource":{"resourceType":"Patient","id":"p2"}}]})";
    std::string found;
    for (const auto& decoded : decode_all(Format::fhir, message))
        if (decoded.kind.starts_with("Observation"))
            found =
                outcome_word(decoded) == "applied" ? model::to_text(event_of(decoded).patient) : outcome_word(decoded);
    EXPECT_EQ(found, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    subjects, FhirSubjectTest,
    testing::Values(
        SubjectCase{"full_url", R"(,"subject":{"reference":"urn:uuid:bbb"})", "nhs:9990000018"},
        SubjectCase{"relative", R"(,"subject":{"reference":"Patient/p1"})", "nhs:9990000018"},
        SubjectCase{"of_a_version", R"(,"subject":{"reference":"Patient/p1/_history/4"})", "nhs:9990000018"},
        SubjectCase{"absolute", R"(,"subject":{"reference":"http://base/fhir/Patient/p2"})", "Patient:p2"},
        SubjectCase{"absolute_elsewhere", R"(,"subject":{"reference":"http://other/fhir/Patient/p2"})",
                    "Patient:http://other/fhir/Patient/p2"},
        SubjectCase{"not_in_the_message", R"(,"subject":{"reference":"Patient/p9"})", "Patient:p9"},
        SubjectCase{"contained", R"(,"subject":{"reference":"#inside"})", "nhs:9449305552"},
        SubjectCase{"contained_without_identifier", R"(,"subject":{"reference":"#bare"})", "unresolved_reference"},
        SubjectCase{"contained_nowhere", R"(,"subject":{"reference":"#none"})", "unresolved_reference"},
        SubjectCase{"logical",
                    R"(,)"
                    R"("subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
                    R"("value":"9990000018"}})",
                    "nhs:9990000018"},
        SubjectCase{"logical_of_another_system", R"(,"subject":{"identifier":{"system":"http://x","value":"1"}})",
                    "unresolved_reference"},
        SubjectCase{"conditional",
                    R"(,"subject":{"reference":"Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018"})",
                    "nhs:9990000018"},
        SubjectCase{"unknown_uuid", R"(,"subject":{"reference":"urn:uuid:ccc"})", "unresolved_reference"},
        SubjectCase{"group", R"(,"subject":{"reference":"Group/g1"})", "not_a_patient"},
        SubjectCase{"words", R"(,"subject":{"display":"Anna"})", "missing_subject"},
        SubjectCase{"none", "", "missing_subject"}),
    [](const auto& tested) { return tested.param.name; });

TEST(FhirPatient, valid_with_both_of_its_names) {
    const auto decoded = fhir(R"({"resourceType":"Patient","id":"p1","gender":"female",)"
                              R"("birthDate":"1958-07","deceasedDateTime":"2026-05-01",)"
                              R"("generalPractitioner":[{"identifier":{"value":"A81001"}}],)"
                              R"("identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
                              R"("value":"999 000 0018"},{"system":"http://hospital","value":"7"}]})");
    const auto event = event_of(decoded);
    EXPECT_EQ(event.key.id.text, "nhs:9990000018");
    const auto patient = body_of<model::PatientEvent>(decoded);
    EXPECT_EQ(patient.sex, model::Sex::female);
    EXPECT_EQ(model::to_text(patient.born->date_last), "1958-07-31");
    EXPECT_EQ(model::to_text(patient.died->date), "2026-05-01");
    EXPECT_EQ(patient.practice, "A81001");
    EXPECT_THAT(patient.identifiers, ElementsAre(model::PatientIdentifier{"Patient", "p1"}));
}

TEST(FhirPatient, a_wrong_check_digit_names_nobody) {
    const auto decoded = fhir(R"({"resourceType":"Patient","id":"p1",)"
                              R"("identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number",)"
                              R"("value":"9434765918"}]})");
    EXPECT_EQ(model::to_text(event_of(decoded).patient), "Patient:p1");
    EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("bad_check_digit")));
}

TEST(FhirPatient, comes_before_the_other_facts_of_the_message) {
    const auto all = decode_all(Format::fhir, tsh(low_value) + "\n" + R"({"resourceType":"Patient","id":"p1"})" + "\n");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].kind, "Patient");
}

std::string condition(std::string_view rest) {
    return R"({"resourceType":"Condition","id":"c1",)"
           R"("subject":{"reference":"Patient/p1"},)"
           R"("code":{"coding":[{"system":"http://snomed.info/sct",)"
           R"("code":"69896004"}]})" +
           std::string(rest) + "}";
}

TEST(FhirCondition, valid_with_onset_and_abatement) {
    const auto decoded = fhir(condition(R"(,"onsetDateTime":"2020-05","abatementDateTime":"2024")"));
    EXPECT_EQ(body_of<model::ConditionEvent>(decoded).code.text, "rheumatoid-arthritis");
    EXPECT_EQ(model::to_text(event_of(decoded).at.date_last), "2020-05-31");
    EXPECT_EQ(model::to_text(body_of<model::ConditionEvent>(decoded).until->date_last), "2024-12-31");
}

TEST(FhirCondition, recorded_date_is_not_onset) {
    const auto decoded = fhir(condition(R"(,"recordedDate":"2020-05-01")"));
    EXPECT_EQ(outcome_word(decoded), "missing_time");
    EXPECT_EQ(error_of(decoded).place, "$.onset[x]");
}

TEST(FhirCondition, verification_decides) {
    const auto of = [](std::string_view code) {
        return fhir(condition(R"(,"onsetDateTime":"2020-05-01","verificationStatus":{"coding":[{"code":")" +
                              std::string(code) + "\"}]}"));
    };
    EXPECT_EQ(outcome_of(of("confirmed")), "applied");
    EXPECT_EQ(outcome_of(of("refuted")), "not_used");
    EXPECT_EQ(outcome_of(of("provisional")), "not_used");
    EXPECT_EQ(model::type_word(event_of(of("entered-in-error"))), "retraction");
}

TEST(FhirProcedure, completed_is_done_and_the_rest_is_not) {
    const auto of = [](std::string_view status) {
        return fhir(R"({"resourceType":"Procedure","id":"d1",)"
                    R"("subject":{"reference":"Patient/p1"},"performedDateTime":"2025-11-20",)"
                    R"("code":{"coding":[{"system":"http://snomed.info/sct",)"
                    R"("code":"312681000"}]},"status":")" +
                    std::string(status) + "\"}");
    };
    EXPECT_EQ(body_of<model::ProcedureEvent>(of("completed")).code.text, "dxa");
    EXPECT_EQ(outcome_of(of("not-done")), "not_used");
}

TEST(FhirReport, groups_and_what_it_contains_counts) {
    const auto report = [](std::string_view contained) {
        return decode_all(Format::fhir, R"({"resourceType":"DiagnosticReport","id":"r1","status":"final",)"
                                        R"("subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01",)"
                                        R"("code":{"coding":[{"system":"http://example.org","code":"thyroid"}]})" +
                                            std::string(contained) + "}");
    };
    const auto bare = report("");
    EXPECT_EQ(outcome_of(bare.front()), "not_used");
    const auto with = report(R"(,"contained":[{"resourceType":"Observation","id":"inside","status":"final",)" +
                             std::string(tsh_code) + "," + std::string(low_value) + "}]");
    ASSERT_EQ(with.size(), 1U);
    EXPECT_EQ(event_of(with.front()).key.id.text, "DiagnosticReport/r1#inside");
    EXPECT_EQ(model::to_text(event_of(with.front()).at.date), "2026-03-01");
}

TEST(FhirBundle, deleted_is_retracted_for_good) {
    const auto decoded = fhir(R"({"resourceType":"Bundle","type":"history",)"
                              R"("entry":[{"request":{"method":"DELETE","url":"Observation/o1"}}]})");
    EXPECT_EQ(model::fact_of(event_of(decoded)).id.text, "Observation/o1");
    EXPECT_EQ(event_of(decoded).patient, model::PatientIdentifier{});
    EXPECT_FALSE(body_of<model::RetractionEvent>(decoded).of_version);
}

TEST(FhirBundle, what_a_history_deletes_comes_before_its_deletion) {
    const auto all =
        decode_all(Format::fhir, R"({"resourceType":"Bundle","type":"history","timestamp":)"
                                 R"("2026-05-01T00:00:00Z","entry":[{"request":{"method":"DELETE",)"
                                 R"("url":"Observation/o1"},"response":{"status":"204",)"
                                 R"("lastModified":"2026-04-01T09:00:00Z"}},{"request":{"method":"DELETE",)"
                                 R"("url":"Observation/o2"}},{"resource":)" +
                                     tsh(low_value) + "}]}");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(model::type_word(event_of(all[0])), "result");
    EXPECT_EQ(model::to_text(event_of(all[1]).at.instant), "2026-04-01T09:00:00Z");
    EXPECT_EQ(model::to_text(event_of(all[2]).at.instant), "2026-05-01T00:00:00Z");
}

TEST(FhirBundle, entered_in_error_need_not_name_a_patient) {
    const auto decoded =
        fhir(R"({"resourceType":"Observation","id":"o1","status":"entered-in-error",)" + std::string(tsh_code) + "}");
    EXPECT_EQ(model::fact_of(event_of(decoded)).id.text, "Observation/o1");
    EXPECT_EQ(event_of(decoded).patient, model::PatientIdentifier{});
}

TEST(FhirBundle, every_entry_has_an_outcome_and_place) {
    const auto all = decode_all(Format::fhir, R"({"resourceType":"Bundle","type":"batch",)"
                                              R"("entry":[{"resource":{"resourceType":"Encounter","id":"e"}},)"
                                              R"({"request":{"method":"GET","url":"Patient/1"}},)"
                                              R"({"resource":{"id":"x"}},{"resource":{"resourceType":"Observation",)"
                                              R"("id":"","status":"final"}},)"
                                              R"({"resource":{"resourceType":"OperationOutcome"},)"
                                              R"("search":{"mode":"outcome"}}]})");
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0].kind, "Encounter");
    EXPECT_EQ(outcome_of(all[1]), "not_used");
    EXPECT_EQ(outcome_word(all[2]), "not_fhir");
    EXPECT_EQ(outcome_word(all[3]), "empty_element");
    EXPECT_EQ(error_of(all[3]).place, "$.entry[3].resource.id");
    EXPECT_EQ(all[4].kind, "OperationOutcome");
}

TEST(FhirBundle, a_resource_without_an_id_goes_by_its_full_url) {
    const auto decoded = fhir(R"({"resourceType":"Bundle","type":"transaction",)"
                              R"("entry":[{"fullUrl":"urn:uuid:aaa",)"
                              R"("resource":{"resourceType":"Observation","status":"final",)"
                              R"("subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-01",)" +
                              std::string(tsh_code) + "," + std::string(low_value) + "}}]}");
    EXPECT_EQ(event_of(decoded).key.id.text, "urn:uuid:aaa");
}

TEST(FhirMessage, one_bad_line_does_not_sink_the_others) {
    const auto all = decode_all(Format::fhir, tsh(low_value) + "\r\n{\"resourceType\":\"Observ\r\n" + tsh(low_value));
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(outcome_of(all[0]), "applied");
    EXPECT_EQ(outcome_of(all[1]), "rejected");
    EXPECT_EQ(error_of(all[1]).place.substr(0, 6), "line 2");
    EXPECT_EQ(outcome_of(all[2]), "applied");
}

TEST(FhirMessage, valid_over_many_lines) {
    std::string message = tsh(low_value);
    for (std::size_t at = message.find(','); at != std::string::npos; at = message.find(',', at + 2))
        message.insert(at + 1, "\n");
    message.insert(1, "\n");
    EXPECT_EQ(outcome_of(fhir(message)), "applied");
}

TEST(FhirMessage, a_bundle_with_an_entry_a_line_is_one_message) {
    const std::string entry = R"({"resource":)" + tsh(low_value) + "}";
    const std::string begin = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    for (const std::string& message :
         {begin + "\n" + entry + ",\n" + entry + "\n]}\n", begin + entry + "\n," + entry + "\n]}"}) {
        const auto all = decode_all(Format::fhir, message);
        ASSERT_EQ(all.size(), 2U) << message;
        EXPECT_EQ(outcome_of(all.front()), "applied");
        EXPECT_EQ(outcome_of(all.back()), "applied");
    }
}

struct RejectCase {
    const char* name;
    std::string message;
    const char* reason;
    const char* place;
};

class FhirRejectTest : public testing::TestWithParam<RejectCase> {};

TEST_P(FhirRejectTest, names_reason_and_place) {
    const auto decoded = fhir(GetParam().message);
    EXPECT_EQ(outcome_of(decoded), "rejected");
    EXPECT_EQ(error_of(decoded).reason, GetParam().reason);
    EXPECT_EQ(error_of(decoded).place, GetParam().place);
}

INSTANTIATE_TEST_SUITE_P(
    reject, FhirRejectTest,
    testing::Values(
        RejectCase{"not_json", "resourceType", "bad_json", "$"}, RejectCase{"array", "[{}]", "bad_json", "$"},
        RejectCase{"no_type", R"({"id":"1"})", "not_fhir", "$.resourceType"},
        RejectCase{"empty_string", tsh(R"("valueString":"")"), "empty_element", "$.valueString"},
        RejectCase{"null", tsh(R"("note":null)"), "empty_element", "$.note"},
        RejectCase{"empty_array", tsh(R"("note":[])"), "empty_element", "$.note"},
        RejectCase{"empty_object", tsh(R"("note":[{"text":"a"},{}])"), "empty_element", "$.note[1]"},
        RejectCase{"stu3_context", tsh(R"("context":{"reference":"Encounter/1"})"), "not_r4", "$.context"},
        RejectCase{"stu3_interpretation", tsh(R"("interpretation":{"text":"low"})"), "not_r4", "$.interpretation"},
        RejectCase{"stu3_condition", condition(R"(,"clinicalStatus":"active")"), "not_r4", "$.clinicalStatus"},
        RejectCase{"stu3_statement", R"({"resourceType":"MedicationStatement","taken":"y"})", "not_r4", "$.taken"},
        RejectCase{"stu3_dosage",
                   R"({"resourceType":"MedicationRequest","dosageInstruction":[{"doseQuantity":{"value":1}}]})",
                   "not_r4", "$.dosageInstruction[0].doseQuantity"},
        RejectCase{"dstu2", R"({"resourceType":"MedicationOrder"})", "not_r4", "$.resourceType"},
        RejectCase{"deep",
                   R"({"resourceType":"Observation","a":)" + std::string(100, '[') + std::string(100, ']') + "}",
                   "too_deep",
                   "$.a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
                   "[0][0][0]"
                   "[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"}),
    [](const auto& tested) { return tested.param.name; });

TEST(FhirBundle, one_resource_of_another_version_refuses_the_whole) {
    const std::string newer = tsh(low_value);
    const std::string older = tsh(std::string(low_value) + R"(,"context":{"reference":"Encounter/1"})");
    const std::string bundle = R"({"resourceType":"Bundle","type":"batch","entry":[{"resource":)" + newer +
                               R"(},{"resource":)" + older + "}]}";
    const auto decoded = fhir(bundle);
    EXPECT_EQ(outcome_of(decoded), "rejected");
    EXPECT_EQ(decoded.kind, "Bundle");
    EXPECT_EQ(error_of(decoded).reason, "not_r4");
    EXPECT_EQ(error_of(decoded).place, "$.entry[1].resource.context");
    EXPECT_EQ(error_of(decoded).message, "'context' belongs to FHIR STU3; send R4");
    const auto lines = decode_all(Format::fhir, newer + "\n" + older + "\n" + bundle + "\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(outcome_of(lines[0]), "applied");
    EXPECT_EQ(error_of(lines[1]).place, "line 2, $.context");
    EXPECT_EQ(error_of(lines[2]).place, "line 3, $.entry[1].resource.context");
}

TEST(FhirMessage, a_modifier_that_is_not_understood_quarantines_what_would_be_used) {
    const auto decoded =
        fhir(tsh(std::string(low_value) + R"(,"modifierExtension":[{"url":"http://x","valueBoolean":true}])"));
    EXPECT_EQ(outcome_word(decoded), "modifier_extension");
    EXPECT_EQ(outcome_of(decoded), "quarantined");
    EXPECT_EQ(error_of(decoded).place, "$.modifierExtension");
    const auto inner = fhir(tsh(R"("valueQuantity":{"value":1,"code":"mU/L"},)"
                                R"("referenceRange":[{"modifierExtension":[{"url":"http://x"}],)"
                                R"("text":"n"}])"));
    EXPECT_EQ(error_of(inner).place, "$.referenceRange[0].modifierExtension");
}

} // namespace
} // namespace bonewatch::ingest::rules
