#include "daemon/intake.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::daemon {
namespace {

using Texts = std::vector<std::string>;

const Instant now = *model::parse_instant("2026-06-01T09:00:00Z");

/// A TSH of order F1, sent on a day of March. `code`: OBX-3 and OBX-4; `changed`: the day of OBR-22, or 0.
struct Tsh {
    const char* status;
    const char* value;
    int day;
    std::string code = "3016-3^TSH^LN|";
    int changed = -1; ///< -1: the day on which it was sent.

    std::string obx() const { return "OBX|1|NM|" + code + "|" + value + "|mU/L|||||" + status + "\r"; }
    std::string message() const {
        const auto date = [](int of) { return "202603" + std::string(of < 10 ? "0" : "") + std::to_string(of); };
        const int reported = changed < 0 ? day : changed;
        return "MSH|^~\\&|LAB|RX1|||" + date(day) + "101500||ORU^R01|M" + std::to_string(day) +
               "|P|2.5.1\rPID|1||9990000018^^^NHS\rOBR|1||F1^LAB|TFT^^L|||202602280830|||||||||||||||" +
               (reported == 0 ? "" : date(reported) + "100000") + "\r" + obx();
    }
};

class Laboratory {
  public:
    /// What became of each result, and the words of its warnings.
    Texts take(const std::string& message) {
        const auto result = intake_.take(message, ingest::Format::hl7v2, {model::PublisherId("lab")}, false, now);
        EXPECT_TRUE(result && clinic_.core().commit());
        Texts out;
        for (const ingest::EventOutcome& outcome : result->outcomes) {
            if (outcome.type == "patient")
                continue;
            out.push_back(outcome.outcome);
            for (const std::string& warning : outcome.warnings)
                out.back() += " " + warning.substr(0, warning.find(':'));
            if (!outcome.warnings.empty())
                out.back() += " at " + outcome.place;
        }
        return out;
    }
    /// The values that stand.
    Texts standing() {
        Texts out;
        for (const model::FactPtr& fact : clinic_.patient("nhs:9990000018").watch.timeline().all())
            if (const auto* result = std::get_if<model::ResultEvent>(&fact->event.body))
                out.push_back(result->value_text + (fact->disputed ? " DISPUTED" : ""));
        return out;
    }
    std::uint64_t unmatched() const {
        const auto found = intake_.troubles().find("event=correction_unmatched publisher=lab");
        return found == intake_.troubles().end() ? 0 : found->second;
    }

  private:
    Clinic clinic_;
    Intake intake_{clinic_.core(), {}};
};

TEST(Hl7Correction, meets_its_result_however_the_code_is_written_and_whichever_comes_first) {
    const Texts codes{"3016-3^TSH^LN|", "T^TSH^L^3016-3^TSH^LN|", "3016-3^TSH^LOINC^T^TSH^L|", "T^TSH^L^3016-3^TSH^ln|",
                      "3016-3^TSH^2.16.840.1.113883.6.1|"};
    for (const std::string& one : codes)
        for (const std::string& other : codes)
            for (const std::string status : {"C", "D", "F"}) {
                const bool is_deleted = status == "D";
                std::vector<std::string> messages{Tsh{"F", "0.01", 2, one}.message(),
                                                  Tsh{status.c_str(), is_deleted ? "" : "0.5", 4, other}.message(),
                                                  Tsh{"P", "0.02", 1, other}.message()};
                std::ranges::sort(messages);
                do {
                    Laboratory lab;
                    for (const std::string& each : messages)
                        lab.take(each);
                    EXPECT_EQ(lab.standing(), is_deleted ? Texts() : Texts{"0.5"}) << one << " " << other << status;
                    EXPECT_EQ(lab.unmatched(), 0U);
                } while (std::ranges::next_permutation(messages).found);
            }
}

TEST(Hl7Correction, of_what_nobody_has_is_told_where_its_order_has_another_result_of_the_analyte) {
    for (const char* code : {"3016-3^TSH^LN|1", "11579-0^TSH^LN|"}) {
        Laboratory lab;
        EXPECT_EQ(lab.take(Tsh{"F", "0.01", 2, code}.message()), (Texts{"applied"}));
        EXPECT_EQ(lab.take(Tsh{"C", "0.5", 4}.message()), (Texts{"applied correction_unmatched at OBX[1]-3"})) << code;
        EXPECT_EQ(lab.unmatched(), 1U);
        EXPECT_EQ(lab.standing().size(), 2U) << "never united: both may be meant";
        EXPECT_EQ(lab.take(Tsh{"C", "0.6", 5}.message()), (Texts{"applied"})) << "that one is known now";
    }
    for (const char* status : {"D", "W"}) {
        Laboratory lab;
        lab.take(Tsh{"F", "0.01", 2, "3016-3^TSH^LN|1"}.message());
        EXPECT_EQ(lab.take(Tsh{status, "", 4}.message()), (Texts{"applied correction_unmatched at OBX[1]-3"}));
        EXPECT_EQ(lab.take(Tsh{status, "", 4, "3016-3^TSH^LN|1"}.message()), (Texts{"applied"}));
        EXPECT_EQ(lab.standing(), Texts());
    }
}

TEST(Hl7Correction, of_what_nobody_has_is_a_result_like_any_other_where_nothing_else_can_be_meant) {
    const Tsh first{"F", "0.01", 2, "3016-3^TSH^LN|1"};
    Laboratory alone;
    EXPECT_EQ(alone.take(Tsh{"C", "0.5", 4}.message()), (Texts{"applied"}));
    EXPECT_EQ(alone.take(Tsh{"F", "0.01", 2}.message()), (Texts{"superseded"}));
    EXPECT_EQ(alone.take(Tsh{"D", "", 5}.message()), (Texts{"applied"}));

    Laboratory beside;
    beside.take(first.message());
    EXPECT_EQ(beside.take(Tsh{"F", "0.5", 4}.message()), (Texts{"applied"})) << "it corrects nothing";
    EXPECT_EQ(beside.take(Tsh{"C", "0.6", 5, "3016-3^TSH^LN|1"}.message()), (Texts{"applied"})) << "it meets its own";

    // Who sends both knows them apart.
    Laboratory both;
    both.take(first.message());
    EXPECT_EQ(both.take(Tsh{"C", "0.5", 4}.message() + Tsh{"C", "0.6", 4, "3016-3^TSH^LN|1"}.obx()),
              (Texts{"applied", "applied"}));

    Laboratory withdrawn;
    withdrawn.take(first.message());
    withdrawn.take(Tsh{"D", "", 3, "3016-3^TSH^LN|1"}.message());
    EXPECT_EQ(withdrawn.take(Tsh{"C", "0.5", 4}.message()), (Texts{"applied"}));

    Laboratory others;
    others.take(Tsh{"F", "140", 2, "718-7^Hb^LN|"}.message());
    std::string other_order = first.message();
    other_order.replace(other_order.find("F1^LAB"), 2, "F2");
    others.take(other_order);
    EXPECT_EQ(others.take(Tsh{"C", "0.5", 4}.message()), (Texts{"applied"}));
}

/// OBR-22 is one clock, and MSH-7 another: who states the first now and then is compared by both.
TEST(Hl7Correction, without_a_time_of_its_change_is_as_late_as_its_message) {
    const auto end = [](const Tsh& one, const Tsh& other) {
        Laboratory lab, reversed;
        lab.take(one.message());
        lab.take(other.message());
        reversed.take(other.message());
        reversed.take(one.message());
        EXPECT_EQ(lab.standing(), reversed.standing());
        return lab.standing();
    };
    const std::string code = "3016-3^TSH^LN|";
    EXPECT_EQ(end({"F", "0.01", 2, code, 2}, {"C", "0.5", 4, code, 4}), (Texts{"0.5"}));
    EXPECT_EQ(end({"F", "0.01", 2, code, 0}, {"C", "0.5", 4, code, 0}), (Texts{"0.5"}));
    EXPECT_EQ(end({"F", "0.01", 2, code, 2}, {"C", "0.5", 4, code, 0}), (Texts{"0.5"}));
    EXPECT_EQ(end({"F", "0.01", 2, code, 0}, {"C", "0.5", 4, code, 4}), (Texts{"0.5"}));
    // Corrected before the message with what it corrects was made: its sender is told that it is superseded.
    EXPECT_EQ(end({"F", "0.01", 3, code, 0}, {"C", "0.5", 4, code, 2}), (Texts{"0.01"}));
}

} // namespace
} // namespace bonewatch::daemon
