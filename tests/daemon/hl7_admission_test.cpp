#include "daemon/file_messages.h"
#include "daemon/intake.h"
#include "daemon/replay.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

namespace bonewatch::daemon {
namespace {

using Texts = std::vector<std::string>;

const Instant now = *model::parse_instant("2026-06-01T09:00:00Z");

/// What stands of all patients: `nhs:9990000018 0.4 mU/L`, `preliminary` behind what is that.
Texts standing_in(Core& core) {
    Texts out;
    for (std::uint64_t number = 1; number <= core.directory().patient_count().value(); ++number) {
        const auto patient = core.read_patient(model::PatientNumber{number}).value();
        if (!patient)
            continue;
        for (const model::FactPtr& fact : patient->watch.timeline().all()) {
            const auto* result = std::get_if<model::ResultEvent>(&fact->event.body);
            if (result == nullptr)
                continue;
            const bool is_preliminary = result->status == model::ResultStatus::preliminary;
            out.push_back(model::to_text(fact->event.patient) + " " + result->value_text +
                          (is_preliminary ? " preliminary" : "") + (fact->disputed ? " DISPUTED" : ""));
        }
    }
    return out;
}

/// A daemon's way in, over a store in memory.
class Hl7Admission : public testing::Test {
  protected:
    /// What became of each event but what is said of persons.
    Texts take(const std::string& message) {
        const ingest::Publisher lab{model::PublisherId("lab")};
        const auto result = intake_.take(message, ingest::Format::hl7v2, lab, false, now);
        EXPECT_TRUE(result && clinic_.core().commit());
        Texts out;
        for (const ingest::EventOutcome& outcome : result->outcomes)
            if (outcome.type != "patient")
                out.push_back(outcome.outcome + " " + (outcome.reason.empty() ? outcome.type : outcome.reason));
        return out;
    }
    /// What its sender is told of each event that is neither applied nor a duplicate, and where: `superseded OBX[1]-3:
    /// …`.
    Texts told(const std::string& message) {
        const ingest::Publisher lab{model::PublisherId("lab")};
        const auto result = intake_.take(message, ingest::Format::hl7v2, lab, false, now);
        EXPECT_TRUE(result && clinic_.core().commit());
        Texts out;
        for (const ingest::EventOutcome& outcome : result->outcomes)
            if (outcome.outcome != "applied" && outcome.outcome != "duplicate")
                out.push_back(outcome.outcome + " " + outcome.place + ": " + outcome.message);
        return out;
    }
    Texts standing() { return standing_in(clinic_.core()); }

    Clinic clinic_;
    Intake intake_{clinic_.core(), {}};
};

/// A TSH of order F1 at a status, as it stood on a day of March.
std::string tsh(const char* status, const char* value, int day, const char* nhs = "9990000018") {
    const std::string date = "202603" + std::string(day < 10 ? "0" : "") + std::to_string(day);
    return "MSH|^~\\&|LAB|RX1|||" + date + "101500||ORU^R01|M" + std::to_string(day) + "|P|2.5.1\rPID|1||" + nhs +
           "^^^NHS||X||19580714|F\rOBR|1||F1^LAB|TFT^^L|||202602280830|||||||||||||||" + date +
           "100000\rOBX|1|NM|3016-3^TSH^LN||" + value + "|mU/L|||||" + status + "\r";
}

std::string cancelled(int day) {
    std::string message = tsh("F", "0.4", day);
    message.resize(message.find("OBX"));
    message.insert(message.size() - 1, "|||X");
    return message;
}

TEST_F(Hl7Admission, correction_may_come_before_what_it_corrects) {
    EXPECT_EQ(take(tsh("C", "0.5", 3)), (Texts{"applied result"}));
    EXPECT_EQ(take(tsh("F", "0.4", 2)), (Texts{"superseded result"}));
    EXPECT_EQ(take(tsh("C", "0.5", 3)), (Texts{"duplicate result"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.5"}));
}

TEST_F(Hl7Admission, sender_of_what_is_superseded_is_told_what_stands_above_it_and_where) {
    const std::string kept = "; this one is kept, and changes nothing";
    take(tsh("C", "0.5", 3));
    EXPECT_EQ(told(tsh("F", "0.4", 2)), (Texts{"superseded OBX[1]-3: a later version of 'F1^LAB#3016-3^LN' came "
                                               "before, that of 2026-03-03T10:00:00Z" +
                                               kept}));
    EXPECT_EQ(told(tsh("D", "", 1)), (Texts{"superseded OBX[1]-3: a later version of 'F1^LAB#3016-3^LN' came before, "
                                            "that of 2026-03-03T10:00:00Z" +
                                            kept}));
    EXPECT_EQ(told(tsh("D", "", 4)), Texts());
    EXPECT_EQ(told(tsh("F", "0.4", 3)), (Texts{"superseded OBX[1]-3: a later version of 'F1^LAB#3016-3^LN' came "
                                               "before, that of 2026-03-03T10:00:00Z, 3 rather than 2" +
                                               kept}));
    EXPECT_EQ(told(tsh("C", "0.6", 4)),
              (Texts{"superseded OBX[1]-3: 'F1^LAB#3016-3^LN' is retracted, up to that of 2026-03-04T10:00:00Z, 4 "
                     "rather than 3" +
                     kept}));
}

TEST_F(Hl7Admission, what_a_PID_says_in_passing_and_what_comes_again_is_superseded_without_a_word) {
    take(tsh("F", "0.4", 2));
    std::string other = tsh("C", "0.5", 3);
    other.replace(other.find("19580714"), 8, "19590714");
    EXPECT_EQ(told("MSH|^~\\&|LAB|RX1|||20260302101500||ADT^A08|A1|P|2.5.1\rPID|1||9990000018^^^NHS||X||19580714|F\r"),
              Texts());
    EXPECT_EQ(told(other), (Texts{"superseded : "})) << "of what the PID says of the person";
    EXPECT_EQ(told(tsh("F", "0.4", 2)), Texts());
}

TEST_F(Hl7Admission, dispute_has_a_place) {
    take(tsh("F", "0.4", 2));
    EXPECT_EQ(told(tsh("F", "0.5", 2)), (Texts{"disputed OBX[1]-3: "}));
}

TEST_F(Hl7Admission, same_version_with_another_body_is_disputed) {
    take(tsh("F", "0.4", 2));
    EXPECT_EQ(take(tsh("F", "0.5", 2)), (Texts{"disputed result"}));
    EXPECT_EQ(take(tsh("C", "0.5", 3)), (Texts{"applied result"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.5"}));
}

TEST_F(Hl7Admission, final_without_value_promotes_the_preliminary_one) {
    EXPECT_EQ(take(tsh("P", "0.4", 1)), (Texts{"applied result"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4 preliminary"}));
    EXPECT_EQ(take(tsh("U", "", 2)), (Texts{"applied retraction"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4"}));
    EXPECT_EQ(take(tsh("U", "", 2)), (Texts{"duplicate retraction"}));
    EXPECT_EQ(take(tsh("C", "0.5", 3)), (Texts{"applied result"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.5"}));
}

TEST_F(Hl7Admission, final_without_value_is_kept_where_nothing_is_there_to_promote) {
    EXPECT_EQ(take(tsh("U", "", 2)), (Texts{"quarantined unknown_fact"}));
    EXPECT_EQ(take(tsh("P", "0.4", 1)), (Texts{"applied result"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4 preliminary"}));
    EXPECT_EQ(take(tsh("U", "", 2)), (Texts{"applied retraction"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4"}));
}

TEST_F(Hl7Admission, both_in_one_batch_are_one_result) {
    EXPECT_EQ(take(tsh("U", "", 2) + tsh("P", "0.4", 1)), (Texts{"applied retraction", "applied result"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4"}));
}

TEST_F(Hl7Admission, wrong_patient_is_retracted_and_the_right_one_has_it) {
    take(tsh("F", "0.05", 1));
    EXPECT_EQ(take(tsh("W", "", 2)), (Texts{"applied retraction"}));
    EXPECT_EQ(standing(), Texts{});
    EXPECT_EQ(take(tsh("W", "", 2)), (Texts{"duplicate retraction"}));
    EXPECT_EQ(take(tsh("F", "0.05", 3, "9434765919")), (Texts{"applied result"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9434765919 0.05"}));
}

TEST_F(Hl7Admission, deletion_may_come_first) {
    EXPECT_EQ(take(tsh("D", "", 2)), (Texts{"applied retraction"}));
    EXPECT_EQ(take(tsh("F", "0.05", 1)), (Texts{"superseded result"}));
    EXPECT_EQ(standing(), Texts{});
}

TEST_F(Hl7Admission, cancelled_order_takes_its_results_with_it) {
    EXPECT_EQ(take(cancelled(1)), (Texts{"not_used not_done"}));
    take(tsh("P", "0.4", 1));
    EXPECT_EQ(take(cancelled(2)), (Texts{"applied retraction"}));
    EXPECT_EQ(standing(), Texts{});
    take(tsh("F", "0.4", 3));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4"}));
}

TEST_F(Hl7Admission, deletion_reaches_all_repetitions_of_a_value_and_no_other_sub_id) {
    std::string sub_id = tsh("F", "0.6", 1);
    sub_id.replace(sub_id.find("^LN||") + 4, 1, "a|");
    take(tsh("F", "0.4~0.5", 1));
    take(sub_id);
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4", "nhs:9990000018 0.5", "nhs:9990000018 0.6"}));
    EXPECT_EQ(take(tsh("D", "", 2)), (Texts{"applied retraction"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.6"}));
}

TEST_F(Hl7Admission, version_that_cannot_be_used_leaves_a_doubt) {
    take(tsh("F", "0.4", 1));
    EXPECT_EQ(take(tsh("C", "", 2)), (Texts{"quarantined missing_value"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4 DISPUTED"}));
    take(tsh("C", "0.5", 3));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.5"}));
}

TEST_F(Hl7Admission, result_that_is_on_its_way_hides_nothing_that_is_final) {
    take(tsh("F", "0.4", 2));
    EXPECT_EQ(take(tsh("I", "", 1)), (Texts{"superseded retraction"}));
    EXPECT_EQ(standing(), (Texts{"nhs:9990000018 0.4"}));
}

TEST(Hl7Replay, knows_each_message_from_the_time_it_was_sent) {
    Replay replay(shipped_revision(), {});
    replay.add(tsh("U", "", 3) + tsh("P", "0.04", 1), ingest::Format::hl7v2, {model::PublisherId("file")},
               [](const auto&) {});
    ASSERT_TRUE(replay.run(std::nullopt));
    EXPECT_EQ(standing_in(replay.core()), (Texts{"nhs:9990000018 0.04"}));
    EXPECT_EQ(replay.counts().quarantined, 0u);
    EXPECT_EQ(model::to_text(replay.core().now()).substr(0, 19), "2026-03-03T10:15:00");
}

TEST(Hl7File, is_published_message_by_message) {
    const std::string one = tsh("F", "0.05", 5), other = tsh("P", "0.04", 1);
    const auto bare = messages_of(one + other, ingest::Format::hl7v2);
    ASSERT_EQ(bare.messages.size(), 2u);
    EXPECT_EQ(bare.messages[0] + "\r", one);
    EXPECT_EQ(bare.messages[1] + "\r", other);
    EXPECT_TRUE(bare.problems.empty());
    const auto batch = messages_of("BHS|^~\\&|LAB\r" + one + "BTS|2\r", ingest::Format::hl7v2);
    EXPECT_EQ(batch.messages.size(), 1u);
    ASSERT_EQ(batch.problems.size(), 1u);
    EXPECT_EQ(batch.problems.front().reason, "batch_incomplete");
    EXPECT_TRUE(messages_of("\r\n", ingest::Format::hl7v2).messages.empty());
}

} // namespace
} // namespace bonewatch::daemon
