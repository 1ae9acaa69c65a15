#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

Decoded native(std::string_view line) {
    return decode_one(Format::native, line);
}

std::string result_line(std::string_view rest) {
    return R"({"type":"result","id":"L-1","patient":"nhs:9990000018","at":"2026-03-01T08:30:00Z",)" +
           std::string(rest) + "}";
}

TEST(NativeLine, valid_result) {
    const auto decoded = native(R"({"type":"result","id":"L-1","patient":"nhs:9990000018","code":"tsh",)"
                                R"("value":"<0.01","unit":"mU/L","at":"2026-03-01T08:30:00Z",)"
                                R"("range":{"low":0.4,"high":"4.0"},"attributes":{"device":"Roche",)"
                                R"("fasting":true}})");
    const auto event = event_of(decoded);
    EXPECT_EQ(event.key.publisher.text, "lab");
    EXPECT_EQ(event.key.id.text, "L-1");
    EXPECT_EQ(model::to_text(event.patient), "nhs:9990000018");
    EXPECT_EQ(event.version, model::Version{{1}});
    EXPECT_EQ(event.attributes.at("fasting"), "true");
    const auto result = body_of<model::ResultEvent>(decoded);
    EXPECT_EQ(result.analyte.text, "tsh");
    ASSERT_TRUE(result.value);
    EXPECT_EQ(result.value->low, model::Bound{model::Rational(0)});
    EXPECT_EQ(result.value->high, (model::Bound{model::Rational(1, 100), true}));
    EXPECT_EQ(result.value_text, "<0.01");
    EXPECT_EQ(result.unit_text, "mU/L");
    EXPECT_EQ(result.range_low, model::Rational(2, 5));
    EXPECT_EQ(result.range_high, model::Rational(4));
    EXPECT_EQ(decoded.kind, "result tsh");
    EXPECT_THAT(decoded.warnings, testing::IsEmpty());
}

TEST(NativeLine, valid_value_as_a_json_number_is_exact) {
    const auto decoded = native(result_line(R"("code":"tsh","value":0.10,"unit":"mU/L")"));
    EXPECT_EQ(body_of<model::ResultEvent>(decoded).value, model::ValueInterval::exactly(model::Rational(1, 10)));
    EXPECT_EQ(body_of<model::ResultEvent>(decoded).value_text, "0.10");
}

TEST(NativeLine, valid_words_are_final_without_a_value) {
    const auto result = body_of<model::ResultEvent>(native(result_line(R"("code":"tsh","value":"Haemolysed")")));
    EXPECT_EQ(result.status, model::ResultStatus::final_);
    EXPECT_FALSE(result.value);
    EXPECT_EQ(result.value_text, "Haemolysed");
}

TEST(NativeLine, valid_below_a_bound_has_no_lower_end_where_the_analyte_may_be_negative) {
    const auto result = body_of<model::ResultEvent>(native(result_line(R"("code":"tscore-hip","value":"<-2.5")")));
    ASSERT_TRUE(result.value);
    EXPECT_FALSE(result.value->low);
}

TEST(NativeLine, valid_statuses) {
    const auto status = [](std::string_view word) {
        return body_of<model::ResultEvent>(native(result_line(R"("code":"tsh","value":"1","unit":"mU/L","status":")" +
                                                              std::string(word) + "\"")))
            .status;
    };
    EXPECT_EQ(status("final"), model::ResultStatus::final_);
    EXPECT_EQ(status("corrected"), model::ResultStatus::final_);
    EXPECT_EQ(status("amended"), model::ResultStatus::final_);
    EXPECT_EQ(status("preliminary"), model::ResultStatus::preliminary);
    EXPECT_EQ(status("no_result"), model::ResultStatus::no_result);
}

TEST(NativeLine, valid_result_that_cannot_be_done_needs_no_value) {
    EXPECT_EQ(outcome_word(native(result_line(R"("code":"tsh","status":"no_result")"))), "applied");
}

TEST(NativeLine, valid_published_code) {
    const auto decoded = native(result_line(R"("code":{"system":"http://loinc.org","code":"3016-3","display":"TSH"},)"
                                            R"("value":1,"unit":"mU/L")"));
    EXPECT_EQ(body_of<model::ResultEvent>(decoded).analyte.text, "tsh");
    EXPECT_EQ(decoded.kind, "result tsh");
}

TEST(NativeLine, valid_supply) {
    const auto supply = body_of<model::SupplyEvent>(native(R"({"type":"supply","id":"P-1","patient":"nhs:9990000018",)"
                                                           R"("drug":"prednisolone","route":"oral","strength":"5 MG",)"
                                                           R"("daily_dose":"5 mg","at":"2026-01-10","days":28})"));
    EXPECT_EQ(supply.drug.text, "prednisolone");
    EXPECT_EQ(supply.route, model::Route::oral);
    EXPECT_EQ(supply.strength, "5 mg");
    EXPECT_EQ(supply.daily_dose, (model::Dose{model::Rational(5), model::DoseUnit::milligram}));
    EXPECT_EQ(supply.days, 28);
    EXPECT_EQ(supply.basis, model::Basis::stated);
}

TEST(NativeLine, a_single_dose_is_the_strength_or_what_its_one_day_states) {
    const auto strength = [](std::string_view rest) {
        return body_of<model::SupplyEvent>(native(R"({"type":"supply","id":"P-1","patient":"nhs:9990000018",)"
                                                  R"("route":"subcutaneous","at":"2026-01-10",)" +
                                                  std::string(rest) + "}"))
            .strength;
    };
    EXPECT_EQ(strength(R"("drug":"denosumab","daily_dose":"60 mg","days":1)"), "60 mg");
    EXPECT_EQ(strength(R"("drug":"denosumab","strength":"120mg","daily_dose":"60 mg","days":1)"), "120 mg");
    EXPECT_EQ(strength(R"("drug":"denosumab","daily_dose":"60 mg","days":183)"), "");
    EXPECT_EQ(strength(R"("drug":"denosumab","daily_dose":"1 tablets","days":1)"), "");
    EXPECT_EQ(strength(R"("drug":"prednisolone","daily_dose":"60 mg","days":1)"), "");
}

TEST(NativeLine, a_retraction_cannot_be_made_a_doubt) {
    const auto event = event_of(native(R"({"type":"retraction","id":"R-1","patient":"nhs:9990000018","of":"L-1",)"
                                       R"("attributes":{"doubt":"x","by":"y"}})"));
    EXPECT_FALSE(model::is_doubt(event));
    EXPECT_EQ(event.attributes.size(), 1U);
}

TEST(NativeLine, valid_orders_that_a_supply_or_a_dose_fulfils) {
    const auto orders = [](std::string_view type, std::string_view fulfils) {
        const auto decoded = native(R"({"id":"D-1","patient":"nhs:9990000018","drug":"denosumab","at":"2026-01-10",)"
                                    R"("days":28,"type":")" +
                                    std::string(type) + R"(","fulfils":)" + std::string(fulfils) + "}");
        return std::holds_alternative<model::Event>(decoded.outcome)
                   ? model::orders_of(event_of(decoded))
                   : std::vector{model::FactId(outcome_word(decoded))};
    };
    using model::FactId;
    EXPECT_THAT(orders("supply", R"("P-1")"), ElementsAre(FactId("P-1")));
    EXPECT_THAT(orders("supply", R"(["P-2","P-1","P-2"])"), ElementsAre(FactId("P-1"), FactId("P-2")));
    EXPECT_THAT(orders("administration", R"(["P-2"])"), ElementsAre(FactId("P-2")));
    EXPECT_THAT(orders("supply", "[]"), ElementsAre());
    for (const char* fulfils : {R"("D-1")", R"("")", "7", R"(["P-1",7])", R"({"id":"P-1"})"})
        EXPECT_THAT(orders("supply", fulfils), ElementsAre(FactId("bad_field"))) << fulfils;
}

TEST(NativeLine, valid_stop_administration_condition_procedure) {
    const auto stop =
        native(R"({"type":"stop","id":"S-1","patient":"nhs:9990000018","drug":"prednisolone","at":"2026-02-01"})");
    EXPECT_FALSE(body_of<model::StopEvent>(stop).route);
    const auto given =
        body_of<model::AdministrationEvent>(native(R"({"type":"administration","id":"A-1","patient":"nhs:9990000018",)"
                                                   R"("drug":"denosumab","route":"subcutaneous","dose":"60 mg",)"
                                                   R"("at":"2026-02-01"})"));
    EXPECT_EQ(given.dose->amount, model::Rational(60));
    const auto condition = native(R"({"type":"condition","id":"C-1","patient":"nhs:9990000018",)"
                                  R"("code":"rheumatoid-arthritis","at":"2020-05","until":"2021"})");
    EXPECT_EQ(model::to_text(event_of(condition).at.date_last), "2020-05-31");
    EXPECT_EQ(model::to_text(body_of<model::ConditionEvent>(condition).until->date_last), "2021-12-31");
    const auto procedure =
        native(R"({"type":"procedure","id":"D-1","patient":"nhs:9990000018","code":"dxa","at":"2025-11-20"})");
    EXPECT_EQ(body_of<model::ProcedureEvent>(procedure).code.text, "dxa");
}

TEST(NativeLine, valid_patient) {
    const auto decoded = native(R"({"type":"patient","patient":"nhs:999 000 0018","sex":"female",)"
                                R"("born":"1958-07-14","died":"2026-05","practice":"A81001",)"
                                R"("registered":[{"from":"2015-01-01"},{"from":"2001-01-01",)"
                                R"("to":"2009-01-01"}],"at":"2026-03-01"})");
    const auto event = event_of(decoded);
    EXPECT_EQ(event.key.id.text, "nhs:9990000018");
    EXPECT_EQ(event.version.parts, std::vector<std::int64_t>{event.at.instant.time_since_epoch().count()});
    const auto patient = body_of<model::PatientEvent>(decoded);
    EXPECT_EQ(patient.sex, model::Sex::female);
    EXPECT_EQ(model::to_text(patient.born->date), "1958-07-14");
    EXPECT_EQ(model::to_text(patient.died->date_last), "2026-05-31");
    ASSERT_EQ(patient.registered.size(), 2U);
    EXPECT_EQ(model::to_text(patient.registered[0].from), "2001-01-01");
    EXPECT_EQ(model::to_text(*patient.registered[0].to), "2009-01-01");
    EXPECT_FALSE(patient.registered[1].to);
}

TEST(NativeLine, valid_patient_needs_no_time) {
    const auto event = event_of(native(R"({"type":"patient","patient":"nhs:9990000018","registered":"2015-01-01"})"));
    EXPECT_EQ(event.version, model::Version{{1}});
}

TEST(NativeLine, valid_merge_and_unmerge) {
    const auto merge = event_of(native(
        R"({"type":"merge","id":"M-1","patient":"nhs:999 000 0018","from":"LAB:H9","at":"2026-03-04T10:00:00Z"})"));
    EXPECT_EQ(model::to_text(merge.patient), "nhs:9990000018");
    EXPECT_EQ(std::get<model::MergeEvent>(merge.body), (model::MergeEvent{{"lab", "H9"}}));
    EXPECT_EQ(model::fact_of(merge).id.text, "M-1");
    const auto timeless = event_of(native(R"({"type":"merge","id":"M-1","patient":"lab:1","from":"lab:2"})"));
    EXPECT_EQ(timeless.at, model::ClinicalTime{});
    const auto unmerge =
        event_of(native(R"({"type":"unmerge","id":"U-1","patient":"nhs:9990000018","of":"M-1","version":2})"));
    EXPECT_EQ(std::get<model::RetractionEvent>(unmerge.body),
              (model::RetractionEvent{model::FactId("M-1"), model::Version{{2}}}));
}

TEST(NativeLine, a_merge_of_one_with_itself_is_not_used) {
    const auto decoded = native(R"({"type":"merge","id":"M-1","patient":"nhs:9990000018","from":"nhs:999 000 0018"})");
    EXPECT_EQ(std::get<model::Error>(decoded.outcome).kind, model::ErrorKind::not_used);
    EXPECT_EQ(std::get<model::Error>(decoded.outcome).reason, "same_patient");
}

TEST(NativeLine, valid_retraction_without_a_version_is_final) {
    const auto decoded =
        native(R"({"type":"retraction","id":"R-1","patient":"nhs:9990000018","of":"L-1","at":"2026-03-03"})");
    EXPECT_EQ(model::fact_of(event_of(decoded)).id.text, "L-1");
    EXPECT_FALSE(body_of<model::RetractionEvent>(decoded).of_version);
    const auto of_two =
        native(R"({"type":"retraction","id":"R-1","patient":"nhs:9990000018","of":"L-1","version":2,"at":"soon"})");
    EXPECT_EQ(body_of<model::RetractionEvent>(of_two).of_version, model::Version{{2}});
    EXPECT_THAT(of_two.warnings, ElementsAre(StartsWith("bad_time")));
}

TEST(NativeLine, valid_version_is_a_number_or_a_list) {
    EXPECT_EQ(event_of(native(result_line(R"("code":"tsh","value":1,"unit":"mU/L","version":7)"))).version,
              model::Version{{7}});
    EXPECT_EQ(event_of(native(result_line(R"("code":"tsh","value":1,"unit":"mU/L","version":[7,-2])"))).version,
              (model::Version{{7, -2}}));
}

Decoded of_a_file(std::string_view line) {
    const Publisher file{.id = model::PublisherId("file"), .is_file = true};
    return std::move(decode(Format::native, line, file, vocabulary(), std::nullopt).front());
}

TEST(NativeLine, valid_publisher_and_recorded_of_a_files_line_win) {
    const auto decoded = of_a_file(
        result_line(R"("code":"tsh","value":1,"unit":"mU/L","publisher":"st-marys","recorded":"2026-03-02")"));
    EXPECT_EQ(event_of(decoded).key.publisher.text, "st-marys");
    EXPECT_EQ(model::to_text(*decoded.recorded), "2026-03-02T00:00:00Z");
    EXPECT_THAT(decoded.warnings, testing::IsEmpty());
}

TEST(NativeLine, at_the_door_nobody_speaks_for_another_publisher) {
    const auto line = [](std::string_view publisher) {
        return result_line(R"("code":"tsh","value":1,"unit":"mU/L","publisher":)" + std::string(publisher));
    };
    EXPECT_EQ(event_of(native(line(R"("lab")"))).key.publisher.text, "lab");
    const auto other = error_of(native(line(R"("st-marys")")));
    EXPECT_EQ(other.kind, model::ErrorKind::unusable);
    EXPECT_EQ(other.reason, "other_publisher");
    EXPECT_EQ(other.place, "line 1, $.publisher");
    EXPECT_EQ(other.message.find("st-marys"), std::string::npos);
}

TEST(NativeLine, a_publisher_is_named_as_hello_names_it) {
    const std::string longest(64, 'x');
    EXPECT_TRUE(is_publisher_name(longest));
    for (const std::string& name : {std::string("two words"), std::string("st-märys"), longest + "x"})
        for (const auto& decode_line : {native, of_a_file})
            EXPECT_EQ(outcome_word(decode_line(
                          result_line(R"("code":"tsh","value":1,"unit":"mU/L","publisher":")" + name + "\""))),
                      "bad_publisher")
                << name;
}

TEST(NativeLine, at_the_door_recorded_is_not_read) {
    for (const char* recorded : {R"("2026-03-02")", R"("soon")"}) {
        const auto decoded =
            native(result_line(R"("code":"tsh","value":1,"unit":"mU/L","recorded":)" + std::string(recorded)));
        EXPECT_EQ(outcome_of(decoded), "applied");
        EXPECT_FALSE(decoded.recorded);
        EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("unknown_key: 'recorded'")));
    }
    EXPECT_EQ(outcome_word(of_a_file(result_line(R"("code":"tsh","value":1,"unit":"mU/L","recorded":"soon")"))),
              "bad_time");
}

TEST(NativeLine, a_patients_line_has_no_id_of_its_own) {
    EXPECT_THAT(native(R"({"type":"patient","patient":"a:1","id":"X"})").warnings,
                ElementsAre(StartsWith("unknown_key: 'id'")));
}

TEST(NativeLine, valid_unknown_keys_are_only_warned_of) {
    const auto decoded = native(result_line(R"("code":"tsh","value":1,"unit":"mU/L","uni":"x","colour":{"a":[]})"));
    EXPECT_EQ(outcome_of(decoded), "applied");
    EXPECT_THAT(decoded.warnings, ElementsAre("unknown_key: 'uni' is not read; did you mean 'unit'?",
                                              "unknown_key: 'colour' is not read"));
}

struct RefusalCase {
    const char* name;
    std::string line;
    const char* outcome;
    const char* reason;
    const char* place;
};

class NativeRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(NativeRefusalTest, names_outcome_reason_and_place) {
    const auto decoded = native(GetParam().line);
    EXPECT_EQ(outcome_of(decoded), GetParam().outcome);
    EXPECT_EQ(error_of(decoded).reason, GetParam().reason);
    EXPECT_EQ(error_of(decoded).place, GetParam().place);
    EXPECT_FALSE(error_of(decoded).message.empty());
    EXPECT_EQ(decoded.raw, GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
    reject, NativeRefusalTest,
    testing::Values(
        RefusalCase{"broken", R"({"type":"result")", "rejected", "bad_json", "line 1, $"},
        RefusalCase{"array", "[1]", "rejected", "bad_json", "line 1, $"},
        RefusalCase{
            "deep", R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}", "rejected", "too_deep",
            "line 1, $.a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"},
        RefusalCase{"no_type", R"({"id":"L-1"})", "rejected", "unknown_type", "line 1, $.type"},
        RefusalCase{"typed_wrong", R"({"type":"resutl"})", "rejected", "unknown_type", "line 1, $.type"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    quarantine, NativeRefusalTest,
    testing::Values(
        RefusalCase{"revision", R"({"type":"revision","id":"M-1","patient":"nhs:9990000018"})", "quarantined",
                    "not_supported_yet", "line 1, $.type"},
        RefusalCase{"merge_from_nobody", R"({"type":"merge","id":"M-1","patient":"nhs:9990000018"})", "quarantined",
                    "missing_field", "line 1, $.from"},
        RefusalCase{"merge_from_no_identifier",
                    R"({"type":"merge","id":"M-1","patient":"nhs:9990000018","from":"nhs:9990000019"})", "quarantined",
                    "bad_patient", "line 1, $.from"},
        RefusalCase{"unmerge_of_nothing", R"({"type":"unmerge","id":"U-1","patient":"nhs:9990000018"})", "quarantined",
                    "missing_field", "line 1, $.of"},
        RefusalCase{"no_patient", R"({"type":"result","id":"L-1"})", "quarantined", "missing_field",
                    "line 1, $.patient"},
        RefusalCase{"patient_without_system", R"({"type":"patient","patient":"9990000018"})", "quarantined",
                    "bad_patient", "line 1, $.patient"},
        RefusalCase{"no_id", R"({"type":"result","patient":"nhs:9990000018"})", "quarantined", "missing_field",
                    "line 1, $.id"},
        RefusalCase{"id_is_a_number", R"({"type":"result","patient":"nhs:9990000018","id":5})", "quarantined",
                    "bad_field", "line 1, $.id"},
        RefusalCase{"no_time", R"({"type":"result","id":"L-1","patient":"nhs:9990000018","code":"tsh"})", "quarantined",
                    "missing_time", "line 1, $.at"},
        RefusalCase{"no_such_day", R"({"type":"result","id":"L-1","patient":"nhs:9990000018","at":"2026-02-30"})",
                    "quarantined", "bad_time", "line 1, $.at"},
        RefusalCase{"too_far_ahead", R"({"type":"result","id":"L-1","patient":"nhs:9990000018","at":"2028-01-01"})",
                    "quarantined", "too_far_ahead", "line 1, $.at"},
        RefusalCase{"too_early", R"({"type":"result","id":"L-1","patient":"nhs:9990000018","at":"1826-01-01"})",
                    "quarantined", "too_early", "line 1, $.at"},
        RefusalCase{"no_unit", result_line(R"("code":"tsh","value":1)"), "quarantined", "missing_unit",
                    "line 1, $.unit"},
        RefusalCase{"unknown_unit", result_line(R"("code":"tsh","value":1,"unit":"kg")"), "quarantined", "unknown_unit",
                    "line 1, $.unit"},
        RefusalCase{"impossible", result_line(R"("code":"tsh","value":-1,"unit":"mU/L")"), "quarantined",
                    "impossible_value", "line 1, $.value"},
        RefusalCase{"below_nothing", result_line(R"("code":"tsh","value":"<0","unit":"mU/L")"), "quarantined",
                    "impossible_value", "line 1, $.value"},
        RefusalCase{"no_value", result_line(R"("code":"tsh","unit":"mU/L")"), "quarantined", "missing_value",
                    "line 1, $.value"},
        RefusalCase{"unknown_code", result_line(R"("code":"tsg","value":1,"unit":"mU/L")"), "quarantined",
                    "unknown_code", "line 1, $.code"},
        RefusalCase{"wrong_kind", result_line(R"("code":"prednisolone","value":1,"unit":"mU/L")"), "quarantined",
                    "wrong_kind", "line 1, $.code"},
        RefusalCase{"half_a_code", result_line(R"("code":{"code":"3016-3"},"value":1,"unit":"mU/L")"), "quarantined",
                    "bad_field", "line 1, $.code"},
        RefusalCase{"bad_status", result_line(R"("code":"tsh","value":1,"unit":"mU/L","status":"done")"), "quarantined",
                    "bad_status", "line 1, $.status"},
        RefusalCase{"bad_version", result_line(R"("code":"tsh","value":1,"unit":"mU/L","version":1.5)"), "quarantined",
                    "bad_version", "line 1, $.version"},
        RefusalCase{"no_days",
                    R"({"type":"supply","id":"P-1","patient":"a:1","drug":"prednisolone","at":"2026-01-10"})",
                    "quarantined", "missing_days", "line 1, $.days"},
        RefusalCase{"zero_days",
                    R"({"type":"supply","id":"P-1","patient":"a:1","drug":"prednisolone",)"
                    R"("at":"2026-01-10","days":0})",
                    "quarantined", "bad_days", "line 1, $.days"},
        RefusalCase{
            "half_a_day",
            R"({"type":"supply","id":"P-1","patient":"a:1","drug":"prednisolone","at":"2026-01-10","days":0.5})",
            "quarantined", "bad_days", "line 1, $.days"},
        RefusalCase{"bad_dose",
                    R"({"type":"supply","id":"P-1","patient":"a:1","drug":"prednisolone",)"
                    R"("at":"2026-01-10","days":7,"daily_dose":"5 stone"})",
                    "quarantined", "unusable_dose", "line 1, $.daily_dose"},
        RefusalCase{"bad_route",
                    R"({"type":"supply","id":"P-1","patient":"a:1","drug":"prednisolone",)"
                    R"("at":"2026-01-10","days":7,"route":"orral"})",
                    "quarantined", "unknown_route", "line 1, $.route"},
        RefusalCase{"registered_backwards",
                    R"({"type":"patient","patient":"a:1","registered":{"from":"2015-01-01","to":"2014-01-01"}})",
                    "quarantined", "bad_time", "line 1, $.registered"},
        RefusalCase{"deep_attribute", result_line(R"("code":"tsh","value":1,"unit":"mU/L","attributes":{"a":{}})"),
                    "quarantined", "bad_field", "line 1, $.attributes"}),
    [](const auto& tested) { return tested.param.name; });

TEST(NativeLine, not_used_where_a_published_code_is_unknown) {
    const auto decoded = native(result_line(R"("code":{"system":"http://example.org/none","code":"1"},"value":1)"));
    EXPECT_EQ(outcome_of(decoded), "not_used");
    EXPECT_EQ(decoded.kind, "result http://example.org/none|1");
}

TEST(NativeLine, a_published_code_that_fails_its_check_digit_is_quarantined) {
    const auto of = [](std::string_view system, std::string_view code) {
        return native(result_line(R"("value":1,"unit":"mU/L","code":{"system":")" + std::string(system) +
                                  R"(","code":")" + std::string(code) + "\"}"));
    };
    const auto slip = of("http://loinc.org", "3016-4");
    EXPECT_EQ(outcome_of(slip), "quarantined");
    EXPECT_EQ(error_of(slip).reason, "bad_code");
    EXPECT_EQ(error_of(slip).place, "line 1, $.code");
    EXPECT_EQ(outcome_word(of("LN", "30163")), "bad_code");
    EXPECT_EQ(outcome_word(of("http://snomed.info/sct", "69896005")), "bad_code");
    EXPECT_EQ(outcome_of(of("http://loinc.org", "3016-3")), "applied");
    EXPECT_EQ(outcome_of(of("http://loinc.org", "718-7")), "not_used");
    EXPECT_EQ(outcome_of(of("http://loinc.org", "LP15461-4")), "not_used");
    EXPECT_EQ(outcome_of(of("http://example.org/own", "3016-4")), "not_used");
}

TEST(NativeLine, a_typing_error_is_answered_with_the_nearest_word) {
    EXPECT_THAT(error_of(native(result_line(R"("code":"tsg","value":1,"unit":"mU/L")"))).message,
                testing::HasSubstr("did you mean 'tsh'?"));
    EXPECT_THAT(error_of(native(R"({"type":"resutl"})")).message, testing::HasSubstr("did you mean 'result'?"));
}

TEST(NativeMessage, patient_comes_before_its_other_facts_and_all_else_stays_in_order) {
    const std::string message = R"({"type":"procedure","id":"b","patient":"x:2","code":"dxa","at":"2025-11-20"}
{"type":"procedure","id":"a","patient":"x:1","code":"dxa","at":"2025-11-20"}

nonsense
{"type":"patient","patient":"x:1"}
{"type":"procedure","id":"c","patient":"x:1","code":"dxa","at":"2025-11-20"}
)";
    std::vector<std::string> order;
    for (const auto& decoded : decode_all(Format::native, message)) {
        const auto* event = std::get_if<model::Event>(&decoded.outcome);
        order.push_back(event == nullptr ? error_of(decoded).place : event->key.id.text);
    }
    EXPECT_THAT(order, ElementsAre("b", "x:1", "a", "line 4, $", "c"));
}

TEST(NativeMessage, one_bad_line_does_not_sink_the_others) {
    const auto all = decode_all(
        Format::native, "{\"type\":\r\n" + result_line(R"("code":"tsh","value":1,"unit":"mU/L")") + "\r\n\xff\n");
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(outcome_of(all[0]), "rejected");
    EXPECT_EQ(outcome_of(all[1]), "applied");
    EXPECT_EQ(outcome_word(all[2]), "bad_encoding");
}

TEST(NativeMessage, blank_text_holds_nothing) {
    for (const std::string_view blank : {"", " \n\r\n", "\xEF\xBB\xBF\n"})
        EXPECT_TRUE(decode_all(Format::native, blank).empty());
}

TEST(NativeMessage, valid_with_a_byte_order_mark) {
    EXPECT_EQ(outcome_of(native("\xEF\xBB\xBF"
                                R"({"type":"patient","patient":"x:1"})")),
              "applied");
}

TEST(NativeMessage, line_over_one_mebibyte_is_rejected) {
    const auto decoded = native(result_line(R"("code":"tsh","comment":")" + std::string(1 << 20, 'x') + "\""));
    EXPECT_EQ(outcome_word(decoded), "too_large");
    EXPECT_LE(decoded.raw.size(), 4096U);
}

TEST(NativeMessage, unknown_zone_is_said_of_each_timed_line) {
    const config::PublisherSettings nowhere{.zone = "Mars/Olympus"};
    const Publisher publisher{.id = model::PublisherId("lab"), .settings = &nowhere};
    const auto all = decode(Format::native, result_line(R"("code":"tsh","value":1,"unit":"mU/L")"), publisher,
                            vocabulary(), std::nullopt);
    EXPECT_EQ(outcome_word(all.front()), "unknown_zone");
}

TEST(NativeSupply, route_is_stated_or_what_the_drugs_code_implies) {
    const auto route_of = [](const std::string& code, const std::string& more) {
        return body_of<model::SupplyEvent>(
                   decode_one(Format::native,
                              R"({"type":"supply","id":"1","patient":"x:1","at":"2026-01-10","days":28,"drug":)"
                              R"({"system":"http://www.whocc.no/atc","code":")" +
                                  code + "\"}" + more + "}"))
            .route;
    };
    EXPECT_EQ(route_of("R03BA02", ""), model::Route::inhaled);
    EXPECT_EQ(route_of("A07EA06", ""), model::Route::oral);
    EXPECT_EQ(route_of("A07EA06", R"(,"route":"rectal")"), model::Route::rectal);
    EXPECT_EQ(route_of("M05BX04", ""), model::Route::unstated);
}

TEST(NativeStop, of_a_code_that_implies_a_route_ends_that_route_alone) {
    const auto stop = body_of<model::StopEvent>(
        decode_one(Format::native, R"({"type":"stop","id":"1","patient":"x:1","at":"2026-01-10","drug":)"
                                   R"({"system":"http://www.whocc.no/atc","code":"R03BA02"}})"));
    EXPECT_EQ(stop.route, model::Route::inhaled);
}

TEST(Recognise, by_the_first_object) {
    EXPECT_EQ(recognise(R"({"type":"patient","patient":"x:1"})"), Format::native);
    EXPECT_EQ(recognise("\n{\"id\":\"1\",\"resourceType\":\"Patient\"}\n"), Format::fhir);
    EXPECT_EQ(recognise("{\n  \"resourceType\" : \"Bundle\",\n  \"type\": \"collection\"\n}"), Format::fhir);
    EXPECT_EQ(recognise(R"({"type":"result","id":)"), Format::native);
    EXPECT_EQ(recognise("MSH|^~\\&|LAB"), Format::hl7v2);
    EXPECT_EQ(recognise(""), std::nullopt);
    EXPECT_EQ(recognise("{}"), std::nullopt);
    EXPECT_EQ(recognise("[1]"), std::nullopt);
}

} // namespace
} // namespace bonewatch::ingest::rules
