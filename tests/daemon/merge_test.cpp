#include "daemon/patient_answers.h"
#include "daemon/patient_name.h"
#include "store/keys.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::daemon {
namespace {

constexpr const char* anna = "nhs:9990000018";
constexpr const char* ward = "file/mrn:1"; ///< Anna as a ward knows her, until somebody merges the two.

Instant instant(const std::string& text) {
    return *model::parse_instant(text);
}

std::string line(const std::string& type, const std::string& id, const std::string& patient, const std::string& rest) {
    return R"({"type":")" + type + R"(","id":")" + id + R"(","patient":")" + patient + "\"" + rest + "}\n";
}
std::string tsh(const std::string& id, const std::string& patient, const std::string& value, const std::string& at,
                int version = 1) {
    return line("result", id, patient,
                R"(,"code":"tsh","value":")" + value + R"(","unit":"mU/L","at":")" + at + R"(","version":)" +
                    std::to_string(version));
}
std::string person(const std::string& patient, const std::string& rest) {
    return R"({"type":"patient","patient":")" + patient + "\"," + rest + "}\n";
}
std::string merge(const std::string& id, const std::string& from, const std::string& into, const std::string& at,
                  int version = 1) {
    return line("merge", id, into,
                R"(,"from":")" + from + R"(","at":")" + at + R"(","version":)" + std::to_string(version));
}
std::string unmerge(const std::string& id, const std::string& of, const std::string& patient, const std::string& at,
                    const std::string& version = {}) {
    return line("unmerge", id, patient,
                R"(,"of":")" + of + R"(","at":")" + at + "\"" + (version.empty() ? "" : ",\"version\":" + version));
}

/// Two records of one woman, and what is said of her TSH.
class Merged : public testing::Test {
  protected:
    void admit(const std::string& lines, const std::string& date, bool is_backfill = false) {
        clinic_.admit_lines(lines, instant(date), is_backfill);
    }
    /// What was said since the last call: `2024-05-11 raised A nhs:9990000018 by L1 L2`, alerts in order of telling.
    std::vector<std::string> said() {
        std::vector<std::string> out;
        const auto feed = clinic_.feed();
        for (; heard_ < feed.size(); ++heard_) {
            const std::string& entry = feed[heard_];
            if (member_of(entry, "monitor") != "tsh-suppressed")
                continue;
            std::string text = member_of(entry, "recorded_at").substr(0, 10) + " " + member_of(entry, "transition") +
                               " " + name_of(member_of(entry, "alert")) + " " + member_of(entry, "patient");
            if (const std::string other = member_of(entry, "goes_on_as"); !other.empty())
                text += ", goes on as " + name_of(other);
            out.push_back(text);
        }
        return out;
    }
    std::string last_entry() { return clinic_.feed().back(); }
    /// The alerts of a patient by that name: `A open since 2024-05-10`.
    std::vector<std::string> alerts_of(std::string_view identifier) {
        std::vector<std::string> out;
        const PatientState& state = clinic_.patient(identifier);
        const auto monitor = state.revision->catalogue->find(model::MonitorId("tsh-suppressed"));
        if (const auto told = state.told.find(*monitor); told != state.told.end())
            for (const alerts::Alert& alert : told->second)
                out.push_back((alert.id.empty() ? "-" : name_of(alert.id)) + " " +
                              std::string(alerts::to_text(alert.state)) + " since " +
                              model::to_text(model::date_of(alert.opened)));
        return out;
    }
    std::string name_of(const std::string& alert) {
        return std::string(1, names_.emplace(alert, static_cast<char>('A' + names_.size())).first->second);
    }
    std::string ask(auto question, const char* patient, std::optional<std::string> as_known_at = {}) {
        const Instant now = clinic_.core().now();
        const auto text =
            question(clinic_.core(), PatientQuestion{patient, "", {}, {}, as_known_at}, AskedAt{now, now});
        return text ? *text : text.error().reason;
    }
    std::string timeline_of(const char* patient, std::optional<std::string> as_known_at = {}) {
        return ask([](auto&&... of) { return timeline(of...); }, patient, as_known_at);
    }
    std::string explained(const char* patient, std::optional<std::string> as_known_at = {}) {
        return ask([](auto&&... of) { return explain(of...); }, patient, as_known_at);
    }

    Clinic clinic_;

  private:
    std::size_t heard_ = 0;
    std::map<std::string, char> names_;
};

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string anna_is = person("nhs:9990000018", R"("sex":"female","born":"1970-03-01")");

TEST_F(Merged, what_neither_record_shows_alone_is_told_of_the_survivor) {
    admit(anna_is + tsh("L1", anna, "0.05", "2024-01-10"), "2024-01-11");
    admit(tsh("L2", "mrn:1", "0.05", "2024-05-10"), "2024-05-11");
    EXPECT_THAT(said(), ElementsAre());
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    EXPECT_THAT(said(), ElementsAre("2024-05-21 raised A nhs:9990000018"));
    EXPECT_THAT(alerts_of(ward), ElementsAre("A open since 2024-05-10"));
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(), ElementsAre("2024-06-01 withdrawn A nhs:9990000018"));
    EXPECT_THAT(last_entry(), HasSubstr("records that had been merged are separate again"));
    EXPECT_THAT(last_entry(), HasSubstr(R"("changed":["M-1"])"));
    EXPECT_THAT(alerts_of(ward), ElementsAre());
    EXPECT_THAT(alerts_of(anna), ElementsAre("A withdrawn since 2024-05-10"));
}

TEST_F(Merged, of_two_alerts_the_first_goes_on_and_an_unmerge_gives_both_back) {
    admit(tsh("L1", anna, "0.05", "2024-01-10") + tsh("L2", anna, "0.05", "2024-05-10"), "2024-05-11");
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05") + tsh("W2", "mrn:1", "0.04", "2024-04-20"), "2024-05-12");
    EXPECT_THAT(said(), ElementsAre("2024-05-11 raised A nhs:9990000018", "2024-05-12 raised B file/mrn:1"));
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    EXPECT_THAT(said(), ElementsAre("2024-05-21 resolved A nhs:9990000018, goes on as B",
                                    "2024-05-21 updated B nhs:9990000018"));
    EXPECT_THAT(alerts_of(anna), ElementsAre("A resolved since 2024-05-10", "B open since 2024-04-20"));
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(),
                testing::UnorderedElementsAre("2024-06-01 raised A nhs:9990000018", "2024-06-01 updated B file/mrn:1"));
    EXPECT_THAT(alerts_of(anna), ElementsAre("A open since 2024-05-10"));
    EXPECT_THAT(alerts_of(ward), ElementsAre("B open since 2024-04-20"));
}

TEST_F(Merged, the_reason_names_the_alert_that_goes_on) {
    admit(tsh("L1", anna, "0.05", "2024-01-10") + tsh("L2", anna, "0.05", "2024-05-10"), "2024-05-11");
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05") + tsh("W2", "mrn:1", "0.04", "2024-04-20"), "2024-05-12");
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    for (const std::string& entry : clinic_.feed())
        if (member_of(entry, "transition") == "resolved") {
            EXPECT_EQ(member_of(entry, "reason"),
                      "the records were merged, and it goes on as alert " + member_of(entry, "goes_on_as"));
            EXPECT_THAT(member_of(entry, "headline"),
                        HasSubstr(": resolved, the records were merged, and it goes on as the alert of 2024-04-20"));
        }
}

TEST_F(Merged, an_alert_that_the_merge_contradicts_comes_back_with_its_id) {
    admit(tsh("L1", anna, "0.05", "2024-01-10") + tsh("L2", anna, "0.05", "2024-05-10"), "2024-05-11");
    admit(tsh("W1", "mrn:1", "1.5", "2024-03-05"), "2024-05-12");
    EXPECT_THAT(said(), ElementsAre("2024-05-11 raised A nhs:9990000018"));
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    EXPECT_THAT(said(), ElementsAre("2024-05-21 withdrawn A nhs:9990000018"));
    EXPECT_THAT(last_entry(), HasSubstr("another record of this patient was merged with this one"));
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(), ElementsAre("2024-06-01 raised A nhs:9990000018"));
    EXPECT_THAT(alerts_of(anna), ElementsAre("A open since 2024-05-10"));
}

TEST_F(Merged, an_acknowledgement_stays_with_its_alert) {
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05") + tsh("W2", "mrn:1", "0.04", "2024-04-20"), "2024-05-12");
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    const std::string alert = member_of(last_entry(), "alert");
    EXPECT_EQ(*clinic_.core().owner_of_alert(alert), clinic_.patient(anna).number);
    ASSERT_TRUE(clinic_.core().command({{}, alert, "acknowledge", "dr ash", "will call"}, instant("2024-05-22")));
    ASSERT_TRUE(clinic_.core().commit());
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_EQ(*clinic_.core().owner_of_alert(alert), clinic_.patient(ward).number);
    EXPECT_EQ(member_of(last_entry(), "alert"), alert);
    EXPECT_EQ(member_of(last_entry(), "acknowledged_by"), "dr ash");
    EXPECT_EQ(member_of(last_entry(), "patient"), "file/mrn:1");
}

TEST_F(Merged, what_came_meanwhile_is_told_of_whom_it_is_however_old) {
    admit(tsh("W1", "mrn:1", "0.05", "2020-01-05"), "2020-01-06");
    admit(tsh("L1", anna, "0.05", "2020-01-10"), "2020-01-11");
    admit(merge("M-1", "mrn:1", anna, "2020-02-01"), "2020-02-01");
    admit(tsh("W2", "mrn:1", "0.05", "2020-06-05"), "2020-06-06");
    EXPECT_THAT(said(), ElementsAre("2020-06-06 raised A nhs:9990000018"));
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(), testing::UnorderedElementsAre("2024-06-01 withdrawn A nhs:9990000018",
                                                      "2024-06-01 raised B file/mrn:1"));
    EXPECT_THAT(alerts_of(ward), ElementsAre("B open since 2020-06-05"));
}

TEST_F(Merged, what_stands_on_one_records_facts_alone_goes_with_them) {
    admit(anna_is + merge("M-1", "mrn:1", anna, "2024-01-01"), "2024-01-02");
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05") + tsh("W2", "mrn:1", "0.04", "2024-04-20"), "2024-04-21");
    EXPECT_THAT(said(), ElementsAre("2024-04-21 raised A nhs:9990000018"));
    const std::string alert = member_of(last_entry(), "alert");
    ASSERT_TRUE(clinic_.core().command({{}, alert, "acknowledge", "dr ash", "will call"}, instant("2024-05-22")));
    ASSERT_TRUE(clinic_.core().commit());
    (void)said();
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(), ElementsAre("2024-06-01 updated A file/mrn:1"));
    EXPECT_EQ(member_of(last_entry(), "acknowledged_by"), "dr ash");
    EXPECT_THAT(alerts_of(anna), ElementsAre());
    EXPECT_THAT(alerts_of(ward), ElementsAre("A open since 2024-04-20"));
    EXPECT_EQ(*clinic_.core().owner_of_alert(alert), clinic_.patient(ward).number);
}

TEST_F(Merged, what_only_the_others_facts_had_closed_is_open_again) {
    admit(anna_is + merge("M-1", "mrn:1", anna, "2020-01-01"), "2020-01-02");
    admit(tsh("W1", "mrn:1", "0.05", "2020-01-05") + tsh("W2", "mrn:1", "0.04", "2020-04-20"), "2020-04-21");
    admit(tsh("L1", anna, "1.5", "2020-05-10"), "2020-05-11");
    EXPECT_THAT(said(), ElementsAre("2020-04-21 raised A nhs:9990000018", "2020-05-11 resolved A nhs:9990000018"));
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(), ElementsAre("2024-06-01 raised A file/mrn:1"));
    EXPECT_THAT(alerts_of(anna), ElementsAre());
}

TEST_F(Merged, what_stood_on_both_and_was_closed_is_told_of_whom_it_is_again) {
    admit(anna_is + merge("M-1", "mrn:1", anna, "2020-01-01"), "2020-01-02");
    admit(tsh("W1", "mrn:1", "0.05", "2020-01-05") + tsh("L1", anna, "0.05", "2020-02-05") +
              tsh("W2", "mrn:1", "0.04", "2020-04-20"),
          "2020-04-21");
    admit(tsh("L2", anna, "1.5", "2020-05-10"), "2020-05-11");
    EXPECT_THAT(said(), ElementsAre("2020-04-21 raised A nhs:9990000018", "2020-05-11 resolved A nhs:9990000018"));
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(), testing::UnorderedElementsAre("2024-06-01 withdrawn A nhs:9990000018",
                                                      "2024-06-01 raised B file/mrn:1"));
    EXPECT_THAT(alerts_of(anna), ElementsAre("A withdrawn since 2020-04-20"));
    EXPECT_THAT(alerts_of(ward), ElementsAre("B open since 2020-04-20"));
}

TEST_F(Merged, each_keeps_or_gets_an_alert_of_the_own_episode) {
    admit(anna_is + merge("M-1", "mrn:1", anna, "2024-01-01"), "2024-01-02");
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05") + tsh("W2", "mrn:1", "0.04", "2024-04-20"), "2024-04-21");
    admit(tsh("L1", anna, "0.05", "2024-01-10") + tsh("L2", anna, "0.05", "2024-05-10"), "2024-05-11");
    (void)said();
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(said(),
                testing::UnorderedElementsAre("2024-06-01 updated A file/mrn:1", "2024-06-01 raised B nhs:9990000018"));
    EXPECT_THAT(alerts_of(anna), ElementsAre("B open since 2024-05-10"));
    EXPECT_THAT(alerts_of(ward), ElementsAre("A open since 2024-04-20"));
}

TEST_F(Merged, no_two_alerts_ever_have_one_id) {
    const std::string w1 = tsh("W1", "mrn:1", "0.05", "2024-01-05"), w2 = tsh("W2", "mrn:1", "0.04", "2024-04-20");
    admit(anna_is + merge("M-1", "mrn:1", anna, "2024-01-01"), "2024-01-02");
    admit(w1 + w2, "2024-04-21");
    admit(unmerge("U-1", "M-1", anna, "2024-06-01", "1"), "2024-06-01");
    admit(tsh("W1", "mrn:1", "1.5", "2024-01-05", 2), "2024-06-02");
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05", 3), "2024-06-03");
    admit(tsh("W1", "mrn:1", "1.5", "2024-01-05", 4), "2024-06-04");
    admit(merge("M-1", "mrn:1", anna, "2024-06-05", 2), "2024-06-05");
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05", 5), "2024-06-06");
    EXPECT_THAT(said(), ElementsAre("2024-04-21 raised A nhs:9990000018", "2024-06-01 updated A file/mrn:1",
                                    "2024-06-02 withdrawn A file/mrn:1", "2024-06-03 raised B file/mrn:1",
                                    "2024-06-04 withdrawn B file/mrn:1", "2024-06-06 raised C nhs:9990000018"));
}

TEST_F(Merged, a_merge_comes_before_the_facts_of_its_message) {
    admit(tsh("L1", anna, "0.05", "2024-01-10") + tsh("W2", "mrn:1", "0.05", "2024-05-10") +
              tsh("W3", "mrn:1", "1.5", "2024-03-10") + merge("M-1", "mrn:1", anna, "2024-05-20"),
          "2024-05-21");
    EXPECT_THAT(said(), ElementsAre());
    EXPECT_THAT(timeline_of(ward), HasSubstr("[file L1]"));
}

TEST_F(Merged, the_timeline_says_so_by_every_name) {
    admit(anna_is + tsh("L1", anna, "0.05", "2024-01-10"), "2024-01-11");
    admit(person("mrn:1", R"("sex":"male","died":"2001-01-01")") + tsh("L2", "mrn:1", "0.07", "2024-05-10"),
          "2024-05-11");
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    for (const char* name : {anna, ward}) {
        EXPECT_THAT(timeline_of(name), testing::StartsWith("the records of mrn:1 were merged into nhs:9990000018 on "
                                                           "2024-05-20  [file M-1]\n"));
        for (const char* part : {"[file L1]", "[file L2]", "tsh 0.05", "tsh 0.07", "female born 1970-03-01"})
            EXPECT_THAT(timeline_of(name), HasSubstr(part));
        EXPECT_THAT(timeline_of(name), HasSubstr("male died 2001-01-01  NOT COUNTED where"));
        EXPECT_THAT(timeline_of(name), Not(HasSubstr("more retracted")));
        EXPECT_THAT(explained(name), testing::StartsWith("the records of mrn:1 were merged into"));
    }
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(timeline_of(anna), Not(HasSubstr("merged")));
    EXPECT_THAT(timeline_of(anna), Not(HasSubstr("L2")));
    EXPECT_THAT(timeline_of(ward), HasSubstr("male died 2001-01-01"));
    EXPECT_THAT(timeline_of(ward), Not(HasSubstr("L1")));
}

TEST_F(Merged, what_the_surviving_record_says_of_the_person_holds) {
    const auto age = [&] {
        PatientState& state = clinic_.patient(anna);
        state.watch.advance(clinic_.core().now());
        std::string out;
        for (const model::FactPtr& fact : state.watch.timeline().patient())
            out += model::content_text(fact->event) + "; ";
        return out;
    };
    admit(person("mrn:1", R"("sex":"male","born":"1950-01-01","died":"2023-01-01")") +
              merge("M-1", "mrn:1", anna, "2024-05-20"),
          "2024-05-21");
    EXPECT_EQ(age(), "male born 1950-01-01 died 2023-01-01; ");
    admit(anna_is, "2024-05-22");
    EXPECT_EQ(age(), "died 2023-01-01; female born 1970-03-01; ");
    clinic_.restart();
    EXPECT_EQ(age(), "died 2023-01-01; female born 1970-03-01; ");
    admit(R"({"type":"retraction","id":"R-1","patient":"nhs:9990000018","of":"nhs:9990000018"})"
          "\n",
          "2024-05-23");
    EXPECT_EQ(age(), "male born 1950-01-01 died 2023-01-01; ");
}

TEST_F(Merged, what_was_posted_wrongly_under_the_other_number_leaves_the_right_patient_his) {
    constexpr const char* bert = "nhs:9434765919";
    admit(tsh("L1", "mrn:1", "0.05", "2024-01-10"), "2024-01-11");
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    admit(tsh("L1", bert, "0.05", "2024-01-10", 2), "2024-05-22");
    admit(line("retraction", "L1#wrong_patient", anna,
               R"(,"of":"L1","version":3,"at":"2024-05-22","attributes":{"reason":"wrong_patient"})"),
          "2024-05-23");
    EXPECT_THAT(timeline_of(bert), HasSubstr("tsh 0.05"));
    EXPECT_THAT(timeline_of(anna), Not(HasSubstr("tsh 0.05")));
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(timeline_of(bert), HasSubstr("tsh 0.05"));
    EXPECT_THAT(timeline_of(ward), Not(HasSubstr("tsh 0.05")));
}

TEST_F(Merged, what_was_known_before_is_known_without_it) {
    admit(tsh("L1", anna, "0.05", "2024-01-10"), "2024-01-11");
    admit(tsh("L2", "mrn:1", "0.07", "2024-05-10"), "2024-05-11");
    admit(merge("M-1", "mrn:1", anna, "2024-05-20"), "2024-05-21");
    admit(tsh("L3", "mrn:1", "0.08", "2024-05-22"), "2024-05-23");
    admit(unmerge("U-1", "M-1", anna, "2024-06-01"), "2024-06-01");
    EXPECT_THAT(timeline_of(anna, "2024-05-20"), Not(HasSubstr("L2")));
    EXPECT_THAT(timeline_of(ward, "2024-05-20"), Not(HasSubstr("L1")));
    for (const char* name : {anna, ward}) {
        EXPECT_THAT(timeline_of(name, "2024-05-21"), HasSubstr("were merged into"));
        EXPECT_THAT(timeline_of(name, "2024-05-21"), HasSubstr("L1"));
        EXPECT_THAT(timeline_of(name, "2024-05-21"), HasSubstr("L2"));
        EXPECT_THAT(timeline_of(name, "2024-05-21"), Not(HasSubstr("L3")));
        EXPECT_THAT(timeline_of(name, "2024-05-24"), HasSubstr("L3"));
    }
    EXPECT_THAT(timeline_of(anna, "2024-06-01"), Not(HasSubstr("L2")));
    EXPECT_THAT(timeline_of(ward, "2024-06-01"), HasSubstr("L3"));
    EXPECT_THAT(timeline_of(ward, "2024-06-01"), Not(HasSubstr("L1")));
}

TEST_F(Merged, versions_disputes_and_retractions_hold_for_a_merge_as_for_any_fact) {
    admit(tsh("L1", anna, "0.05", "2024-01-10") + tsh("L2", "mrn:1", "0.07", "2024-01-10") +
              tsh("L3", "mrn:2", "0.09", "2024-01-10"),
          "2024-01-11");
    const auto facts = [&](const char* name) {
        std::string out;
        for (const char* fact : {"L1", "L2", "L3"})
            out += timeline_of(name).contains(fact) ? fact : "";
        return out;
    };
    admit(unmerge("U-1", "M-1", anna, "2024-02-01", "1"), "2024-02-01");
    admit(merge("M-1", "mrn:1", anna, "2024-02-02"), "2024-02-02");
    EXPECT_EQ(facts(anna), "L1") << "hidden before it came";
    admit(merge("M-1", "mrn:1", anna, "2024-02-03", 2), "2024-02-03");
    EXPECT_EQ(facts(anna), "L1L2");
    admit(merge("M-1", "mrn:2", anna, "2024-02-03", 2), "2024-02-04");
    EXPECT_EQ(facts(anna), "L1") << "two contents of one version: disputed, and neither holds";
    admit(merge("M-1", "mrn:2", anna, "2024-02-05", 3), "2024-02-05");
    EXPECT_EQ(facts(anna), "L1L3");
    EXPECT_EQ(facts("mrn:1"), "L2");
    admit(unmerge("U-2", "M-1", anna, "2024-02-06"), "2024-02-06");
    admit(merge("M-1", "mrn:2", anna, "2024-02-07", 9), "2024-02-07");
    EXPECT_EQ(facts(anna), "L1") << "a retraction without a version is final";
}

TEST_F(Merged, a_backfill_of_either_is_told_of_once_it_has_settled) {
    admit(tsh("W1", "mrn:1", "0.05", "2024-01-05") + tsh("W2", "mrn:1", "0.04", "2024-04-20"), "2024-05-12", true);
    admit(merge("M-1", "mrn:1", anna, "2024-05-12"), "2024-05-12T00:01:00Z");
    clinic_.pass_to(instant("2024-05-12T00:09:00Z"));
    EXPECT_THAT(said(), ElementsAre());
    clinic_.pass_to(instant("2024-05-12T00:11:00Z"));
    EXPECT_THAT(said(), ElementsAre("2024-05-12 raised A nhs:9990000018"));
}

TEST_F(Merged, a_chain_gives_each_alert_back_to_whom_it_was_told_of) {
    const auto two_low = [](const std::string& id, const std::string& patient) {
        return tsh(id + "1", patient, "0.05", "2024-01-05") + tsh(id + "2", patient, "0.04", "2024-04-20");
    };
    admit(two_low("L", anna), "2024-04-21");
    admit(two_low("V", "mrn:1"), "2024-04-22");
    admit(two_low("W", "mrn:2"), "2024-04-23");
    admit(merge("M-1", "mrn:2", "mrn:1", "2024-05-01"), "2024-05-01");
    admit(merge("M-2", "mrn:1", anna, "2024-05-02"), "2024-05-02");
    (void)said();
    EXPECT_THAT(alerts_of("mrn:2"),
                ElementsAre("A open since 2024-04-20", "B resolved since 2024-04-20", "C resolved since 2024-04-20"));
    admit(unmerge("U-2", "M-2", anna, "2024-05-03"), "2024-05-03");
    EXPECT_THAT(alerts_of(anna), ElementsAre("A open since 2024-04-20"));
    EXPECT_THAT(alerts_of("mrn:2"), ElementsAre("B open since 2024-04-20", "C resolved since 2024-04-20"));
    admit(unmerge("U-1", "M-1", "mrn:1", "2024-05-04"), "2024-05-04");
    EXPECT_THAT(alerts_of("mrn:1"), ElementsAre("B open since 2024-04-20"));
    EXPECT_THAT(alerts_of("mrn:2"), ElementsAre("C open since 2024-04-20"));
}

} // namespace
} // namespace bonewatch::daemon
