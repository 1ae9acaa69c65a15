#include "daemon/intake.h"
#include "daemon/replay.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::daemon {
namespace {

using ingest::Format;

const Instant now = *model::parse_instant("2026-06-01T09:00:00Z");

/// What stands of all patients, a line a fact: its id, and `DISPUTED` where it is.
std::string standing_in(Core& core) {
    std::string out;
    for (std::uint64_t number = 1; number <= core.directory().patient_count().value(); ++number) {
        const auto patient = core.read_patient(model::PatientNumber{number}).value();
        if (!patient)
            continue;
        for (const model::FactPtr& fact : patient->watch.timeline().all())
            out += (out.empty() ? "" : ", ") + fact->event.key.id.text + (fact->disputed ? " DISPUTED" : "");
    }
    return out;
}

/// A daemon's way in, over a store in memory.
class Door {
  public:
    /// What became of each event: `applied retraction`, `not_used not_taken`.
    std::vector<std::string> take(const std::string& message) {
        const Format format = ingest::recognise(message).value_or(Format::native);
        const ingest::Publisher lab{model::PublisherId("lab")};
        const auto result = intake_.take(message, format, lab, false, now);
        EXPECT_TRUE(result && clinic_.core().commit());
        std::vector<std::string> out;
        for (const ingest::EventOutcome& outcome : result->outcomes)
            out.push_back(outcome.outcome + " " + (outcome.reason.empty() ? outcome.type : outcome.reason));
        return out;
    }
    std::string standing() { return standing_in(clinic_.core()); }
    const IntakeCounts& counts() const { return intake_.counts(); }
    Clinic& clinic() { return clinic_; }

  private:
    Clinic clinic_;
    Intake intake_{clinic_.core(), {}};
};

/// A resource of one patient, in its version of the year's `day`; of no stated version without one.
std::string resource(const std::string& type, int day, const std::string& rest) {
    const std::string meta =
        day == 0 ? "" : R"("meta":{"lastUpdated":"2026-01-0)" + std::to_string(day) + R"(T00:00:00Z"},)";
    return R"({"resourceType":")" + type + R"(","id":"x",)" + meta + R"("subject":{"reference":"Patient/p"},)" + rest +
           "}";
}

const std::string prednisolone = R"("medicationCodeableConcept":{"text":"Prednisolone 5mg tablets"})";
const std::string paracetamol = R"("medicationCodeableConcept":{"text":"Paracetamol 500mg tablets"})";
const std::string dated = R"("intent":"order","authoredOn":"2026-01-01",)"
                          R"("dispenseRequest":{"expectedSupplyDuration":{"value":28,"code":"d"}},)";

std::string request(int day, const std::string& status, const std::string& drug = prednisolone) {
    return resource("MedicationRequest", day, dated + R"("status":")" + status + "\"," + drug);
}
std::string dispense(int day, const std::string& status) {
    return resource("MedicationDispense", day,
                    R"("whenHandedOver":"2026-01-01","daysSupply":{"value":28,"code":"d"},"status":")" + status +
                        "\"," + prednisolone);
}
std::string given(int day, const std::string& status) {
    return resource("MedicationAdministration", day,
                    R"("effectiveDateTime":"2026-01-01","status":")" + status + "\"," + prednisolone);
}
std::string taken(int day, const std::string& status) {
    return resource("MedicationStatement", day,
                    R"("effectivePeriod":{"start":"2026-01-01","end":"2026-01-20"},"status":")" + status + "\"," +
                        prednisolone);
}
std::string condition(int day, const std::string& verification, const std::string& code = "69896004") {
    return resource("Condition", day,
                    R"("onsetDateTime":"2026-01-01","verificationStatus":{"coding":[{"code":")" + verification +
                        R"("}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":")" + code + R"("}]})");
}
std::string procedure(int day, const std::string& status) {
    return resource("Procedure", day,
                    R"("performedDateTime":"2026-01-01","code":{"coding":[{"system":"http://snomed.info/sct",)"
                    R"("code":"312681000"}]},"status":")" +
                        status + "\"");
}
std::string observation(int day, const std::string& status, const std::string& code = "3016-3",
                        const std::string& value = R"("valueQuantity":{"value":0.05,"code":"m[IU]/L"})") {
    return resource("Observation", day,
                    R"("effectiveDateTime":"2026-01-01","code":{"coding":[{"system":"http://loinc.org","code":")" +
                        code + R"("}]},"status":")" + status + "\"," + value);
}
std::string finding(int day, const std::string& value) {
    return resource("Observation", day,
                    R"("effectiveDateTime":"2026-01-01","status":"final","valueBoolean":)" + value +
                        R"(,"code":{"coding":[{"system":"http://snomed.info/sct","code":"69896004"}]})");
}
std::string result_line(const std::string& code, const std::string& rest) {
    return R"({"type":"result","id":"x","patient":"a:1","at":"2026-01-01","code":)" + code + "," + rest + "}";
}
const std::string haemoglobin = R"({"system":"http://loinc.org","code":"718-7"})";
const std::string low_tsh = R"("value":"0.05","unit":"mU/L")";

struct Overtaken {
    const char* name;
    std::string older;
    std::string newer;
    const char* outcome;     ///< Of the newer one, where the older one stands.
    const char* alone;       ///< Of the newer one, where nobody has the fact.
    const char* stands = ""; ///< Of the fact in the end.
};

class OvertakenTest : public testing::TestWithParam<Overtaken> {};

TEST_P(OvertakenTest, by_a_version_that_does_not_count) {
    const auto& [name, older, newer, outcome, alone, stands] = GetParam();
    Door in_order;
    EXPECT_THAT(in_order.take(older), testing::ElementsAre(testing::StartsWith("applied")));
    EXPECT_EQ(in_order.take(newer).front(), outcome);
    EXPECT_EQ(in_order.standing(), stands);
    EXPECT_EQ(in_order.counts().records, 2u);

    Door by_itself;
    EXPECT_EQ(by_itself.take(newer).front(), alone);
    EXPECT_EQ(by_itself.standing(), "");

    for (const std::string& both : {older + "\n" + newer + "\n", newer + "\n" + older + "\n"}) {
        Door at_once;
        EXPECT_EQ(at_once.take(both).size(), 2u);
        EXPECT_EQ(at_once.standing(), stands) << both;

        Replay replay(shipped_revision(), {});
        replay.add(both, ingest::recognise(both).value(), {model::PublisherId("file")}, [](const auto&) {});
        ASSERT_TRUE(replay.run(std::nullopt));
        EXPECT_EQ(standing_in(replay.core()), stands) << both;
        EXPECT_EQ(replay.counts().records, 2u);
    }
}

constexpr const char* hides = "applied retraction";

INSTANTIATE_TEST_SUITE_P(
    of_a_watched_code, OvertakenTest,
    testing::Values(
        Overtaken{"cancelled", request(1, "active"), request(2, "cancelled"), hides, "not_used not_taken"},
        Overtaken{"on_hold", request(1, "active"), request(2, "on-hold"), hides, "not_used not_taken"},
        Overtaken{"prohibited", request(1, "active"), request(2, "active", R"("doNotPerform":true,)" + prednisolone),
                  hides, "not_used no_order"},
        Overtaken{"not_handed_over", dispense(1, "completed"), dispense(2, "cancelled"), hides, "not_used not_taken"},
        Overtaken{"not_given", given(1, "completed"), given(2, "not-done"), hides, "not_used not_taken"},
        Overtaken{"not_taken", taken(1, "active"), taken(2, "not-taken"), hides, "not_used not_taken"},
        Overtaken{"refuted", condition(1, "confirmed"), condition(2, "refuted"), hides, "not_used not_confirmed"},
        Overtaken{"provisional", condition(1, "confirmed"), condition(2, "provisional"), hides,
                  "not_used not_confirmed"},
        Overtaken{"not_done", procedure(1, "completed"), procedure(2, "not-done"), hides, "not_used not_done"},
        Overtaken{"denied", finding(1, "true"), finding(2, "false"), hides, "not_used said_to_be_absent"},
        Overtaken{"pending_again", observation(1, "final"), observation(2, "registered"), hides, "not_used pending"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(of_another_code, OvertakenTest,
                         testing::Values(Overtaken{"drug", request(1, "active"), request(2, "active", paracetamol),
                                                   hides, "not_used unknown_code"},
                                         Overtaken{"diagnosis", condition(1, "confirmed"),
                                                   condition(2, "confirmed", "396275006"), hides,
                                                   "not_used unknown_code"},
                                         Overtaken{"observation", observation(1, "final"),
                                                   observation(2, "final", "718-7"), hides, "not_used unknown_code"},
                                         Overtaken{"native", result_line("\"tsh\"", low_tsh),
                                                   result_line(haemoglobin, R"("value":"130","version":2)"), hides,
                                                   "not_used unknown_code"}),
                         [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    that_is_quarantined, OvertakenTest,
    testing::Values(Overtaken{"unknown_unit", observation(1, "final"),
                              observation(2, "final", "3016-3", R"("valueQuantity":{"value":5,"code":"kg"})"),
                              "quarantined unknown_unit", "quarantined unknown_unit", "Observation/x DISPUTED"},
                    Overtaken{"unknown_status", procedure(1, "completed"), procedure(2, "unknown"),
                              "quarantined status_unknown", "quarantined status_unknown", "Procedure/x DISPUTED"},
                    Overtaken{"native", result_line("\"tsh\"", low_tsh),
                              result_line("\"tsh\"", R"("value":"5","unit":"furlong","version":2)"),
                              "quarantined unknown_unit", "quarantined unknown_unit", "x DISPUTED"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    without_versions, OvertakenTest,
    testing::Values(Overtaken{"cancelled", request(0, "active"), request(0, "cancelled"), "disputed retraction",
                              "not_used not_taken", "MedicationRequest/x DISPUTED"},
                    Overtaken{"refuted", condition(0, "confirmed"), condition(0, "refuted"), "disputed retraction",
                              "not_used not_confirmed", "Condition/x DISPUTED"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Overtaking, is_remembered_in_any_order_of_a_watched_code) {
    std::vector<std::string> versions{request(1, "active"), request(2, "cancelled"), request(3, "active"),
                                      request(4, "on-hold")};
    std::ranges::sort(versions);
    do {
        Door door;
        for (const std::string& version : versions)
            (void)door.take(version);
        EXPECT_EQ(door.standing(), "");
        EXPECT_EQ(door.counts().records, 4u);
        (void)door.take(request(5, "active"));
        EXPECT_EQ(door.standing(), "MedicationRequest/x");
    } while (std::ranges::next_permutation(versions).found);
}

TEST(Overtaking, what_is_not_so_yet_comes_before_what_is_where_neither_states_a_version) {
    for (const auto& [before, after] : {std::pair{request(0, "draft"), request(0, "active")},
                                        std::pair{dispense(0, "in-progress"), dispense(0, "completed")},
                                        std::pair{condition(0, "provisional"), condition(0, "confirmed")},
                                        std::pair{procedure(0, "in-progress"), procedure(0, "completed")},
                                        std::pair{observation(0, "registered"), observation(0, "final")}}) {
        Door door;
        (void)door.take(before);
        (void)door.take(after);
        EXPECT_THAT(door.standing(), testing::EndsWith("/x")) << before;
    }
}

TEST(Overtaking, what_is_quarantined_and_sent_again_in_good_order_stands) {
    const std::string bad = R"("value":"5","unit":"furlong")";
    for (const std::string version : {"", ",\"version\":2"}) {
        Door door;
        (void)door.take(result_line("\"tsh\"", bad + version));
        (void)door.take(result_line("\"tsh\"", low_tsh + version));
        EXPECT_EQ(door.standing(), "x");
    }
    Door door;
    (void)door.take(result_line("\"tsh\"", low_tsh));
    (void)door.take(result_line("\"tsh\"", bad + ",\"version\":2"));
    EXPECT_EQ(door.standing(), "x DISPUTED");
    (void)door.take(result_line("\"tsh\"", low_tsh + ",\"version\":2"));
    EXPECT_EQ(door.standing(), "x");
}

TEST(Overtaking, what_nobody_watches_is_not_kept) {
    Door door;
    (void)door.take(result_line(haemoglobin, R"("value":"130","version":2)"));
    EXPECT_EQ(door.clinic().core().directory().patient_count().value(), 0u);
    // And so an older version that comes later stands: README.md says so.
    (void)door.take(result_line("\"tsh\"", low_tsh));
    EXPECT_EQ(door.standing(), "x");
}

TEST(Overtaking, reaches_whom_an_older_version_named) {
    Door door;
    std::string moved = request(2, "cancelled");
    moved.replace(moved.find("Patient/p"), 9, "Patient/q");
    std::string nobodys = request(2, "cancelled");
    const std::string subject = R"("subject":{"reference":"Patient/p"},)";
    nobodys.erase(nobodys.find(subject), subject.size());
    for (const std::string& cancelled : {moved, nobodys}) {
        Door fresh;
        (void)fresh.take(request(1, "active"));
        EXPECT_THAT(fresh.take(cancelled), testing::ElementsAre(hides));
        EXPECT_EQ(fresh.standing(), "");
    }
}

const std::string component = R"("component":[{"code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
                              R"("valueQuantity":{"value":0.05,"code":"m[IU]/L"}}])";
const std::string panel_words = R"("effectiveDateTime":"2026-01-01","code":{"text":"panel"})";

std::string report(int day, const std::string& status, bool has_contents) {
    return resource("DiagnosticReport", day,
                    R"("code":{"text":"TFT"},"effectiveDateTime":"2026-01-01","status":")" + status + "\"" +
                        (has_contents ? R"(,"contained":[{"resourceType":"Observation","id":"a","status":"final",)"
                                        R"("code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},)"
                                        R"("valueQuantity":{"value":0.05,"code":"m[IU]/L"}}])"
                                      : ""));
}

/// A history in which the resource was deleted on the year's `day`; of no stated day without one.
std::string deletion(const std::string& type, int day) {
    const std::string when =
        day == 0 ? ""
                 : R"(,"response":{"status":"204","lastModified":"2026-01-0)" + std::to_string(day) + R"(T00:00:00Z"})";
    return R"({"resourceType":"Bundle","type":"history","entry":[{"request":{"method":"DELETE","url":")" + type +
           R"(/x"})" + when + "}]}";
}

struct InError {
    const char* name;
    std::string older;
    std::string newer;
};

class InErrorTest : public testing::TestWithParam<InError> {};

TEST_P(InErrorTest, hides_all_that_the_resource_said) {
    Door door;
    (void)door.take(GetParam().older);
    ASSERT_NE(door.standing(), "");
    (void)door.take(GetParam().newer);
    EXPECT_EQ(door.standing(), "");
    EXPECT_EQ(door.counts().quarantined, 0u);

    Door at_once;
    (void)at_once.take(GetParam().older + "\n" + GetParam().newer + "\n");
    EXPECT_EQ(at_once.standing(), "");
}

const std::string in_error = R"("status":"entered-in-error")";
const std::string condition_in_error = R"("verificationStatus":{"coding":[{"code":"entered-in-error"}]})";

INSTANTIATE_TEST_SUITE_P(
    resources, InErrorTest,
    testing::Values(
        InError{"condition_without_code", condition(1, "confirmed"), resource("Condition", 2, condition_in_error)},
        InError{"condition_of_another_code", condition(1, "confirmed"), condition(2, "entered-in-error", "396275006")},
        InError{"procedure_without_code", procedure(1, "completed"), resource("Procedure", 2, in_error)},
        InError{"request_without_drug", request(1, "active"), resource("MedicationRequest", 2, in_error)},
        InError{"request_of_another_drug", request(1, "active"), request(2, "entered-in-error", paracetamol)},
        InError{"request_of_a_drug_elsewhere", request(1, "active"),
                request(2, "entered-in-error", R"("medicationReference":{"reference":"Medication/none"})")},
        InError{"result_without_code", observation(1, "final"), resource("Observation", 2, in_error)},
        InError{"result_of_another_code", observation(1, "final"), observation(2, "entered-in-error", "718-7")},
        InError{"panel_without_components",
                resource("Observation", 1, R"("status":"final",)" + panel_words + "," + component),
                resource("Observation", 2, in_error + "," + panel_words)},
        InError{"deleted_result", observation(1, "final"), deletion("Observation", 2)},
        InError{"deleted_result_without_a_day", observation(1, "final"), deletion("Observation", 0)},
        InError{"deleted_panel", resource("Observation", 1, R"("status":"final",)" + panel_words + "," + component),
                deletion("Observation", 2)},
        InError{"deleted_report", report(1, "final", true), deletion("DiagnosticReport", 2)},
        InError{"report_with_its_results", report(1, "final", true), report(2, "entered-in-error", true)},
        InError{"report_without_its_results", report(1, "final", true), report(2, "entered-in-error", false)}),
    [](const auto& tested) { return tested.param.name; });

TEST(InError, is_remembered_whatever_it_is_about) {
    Door door;
    (void)door.take(condition(2, "entered-in-error", "396275006"));
    EXPECT_THAT(door.take(condition(1, "confirmed")), testing::ElementsAre("superseded condition"));
    EXPECT_EQ(door.standing(), "");
}

TEST(InError, of_what_nobody_has_is_not_used_where_nobody_watches_it) {
    Door door;
    EXPECT_THAT(door.take(observation(1, "entered-in-error", "718-7")), testing::ElementsAre("not_used unknown_code"));
    const std::string nobodys = R"({"resourceType":"Observation","id":"y","status":"entered-in-error",)"
                                R"("code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})";
    EXPECT_THAT(door.take(nobodys), testing::ElementsAre("not_used unknown_code"));
}

TEST(Deleted, what_is_made_anew_counts_again) {
    Door door;
    const std::string panel = R"("status":"final",)" + panel_words + "," + component;
    (void)door.take(resource("Observation", 1, panel));
    EXPECT_THAT(door.take(deletion("Observation", 2)), testing::ElementsAre("applied retraction"));
    EXPECT_THAT(door.take(deletion("Observation", 2)), testing::ElementsAre("duplicate retraction"));
    EXPECT_EQ(door.standing(), "");
    (void)door.take(resource("Observation", 3, panel));
    EXPECT_EQ(door.standing(), "Observation/x#component-3016-3");
    // Without a day it is final.
    (void)door.take(deletion("Observation", 0));
    (void)door.take(resource("Observation", 4, panel));
    EXPECT_EQ(door.standing(), "");
}

TEST(CancelledReport, its_results_are_no_results) {
    Door door;
    (void)door.take(report(1, "cancelled", true));
    const auto patient = door.clinic().core().read_patient(model::PatientNumber{1}).value();
    ASSERT_EQ(patient->watch.timeline().all().size(), 1u);
    const auto& body = patient->watch.timeline().all().front()->event.body;
    EXPECT_EQ(std::get<model::ResultEvent>(body).status, model::ResultStatus::no_result);
}

} // namespace
} // namespace bonewatch::daemon
