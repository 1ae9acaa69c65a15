#include "daemon/intake.h"
#include "tests/daemon/clinic.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::daemon {
namespace {

const Instant now = *model::parse_instant("2026-06-01T09:00:00Z");
const std::string drug = "8638^prednisolone^RXNORM";

/// A message sent on that day of January.
std::string message(const std::string& type, int day, const std::string& segments) {
    const std::string sent = "202601" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "120000+0000";
    std::string text =
        "MSH|^~\\&|P|H|B|C|" + sent + "||" + type + "|M|P|2.5.1\rPID|1||9990000018^^^NHS^NH\r" + segments;
    for (auto at = text.find("SENT"); at != std::string::npos; at = text.find("SENT"))
        text.replace(at, 4, sent);
    return text;
}

std::string order(int day, const std::string& control) {
    return message("RDE^O11", day,
                   "ORC|" + control + "|P1^GP|||||||SENT\rTQ1|1||QD|||28^d|20260102\rRXE||" + drug +
                       "|5||mg\rRXR|PO\r");
}
/// As some pharmacies send it: its number, and no drug.
std::string cancellation(int day) {
    return message("RDE^O11", day, "ORC|OC|P1^GP|||||||SENT\r");
}
std::string dispense(int day, const std::string& control, int days = 28) {
    return message("RDS^O13", day,
                   "ORC|" + control + "|P1^GP|F1^PH||||||SENT\rTQ1|1|||||" + std::to_string(days) + "^d\rRXD|1|" +
                       drug + "|20260103|28|{tbl}||RX1|||||5^mg\rRXR|PO\r");
}
std::string dose(int day, const std::string& end) {
    return message("RAS^O17", day,
                   "ORC|RE|P2^GP|||||||SENT\rRXA|0|1|20260105|20260105|993449^denosumab^RXNORM|60|mg|||||||||||||" +
                       end + "\rRXR|SC\r");
}

class Door {
  public:
    /// What became of each event.
    std::string take(const std::string& text) {
        const auto result = intake_.take(text, ingest::Format::hl7v2, {model::PublisherId("pharmacy")}, false, now);
        EXPECT_TRUE(result && clinic_.core().commit());
        std::string out;
        for (const ingest::EventOutcome& outcome : result->outcomes)
            out += (out.empty() ? "" : ", ") + outcome.outcome;
        return out;
    }
    /// What stands, and counts.
    std::string standing() {
        std::string out;
        const auto& timeline = clinic_.patient("nhs:9990000018").watch.timeline();
        for (const model::FactPtr& fact : timeline.all()) {
            if (std::ranges::find(timeline.set_aside(), fact) != timeline.set_aside().end())
                continue;
            out += (out.empty() ? "" : ", ") + fact->event.key.id.text;
            if (const auto* supply = std::get_if<model::SupplyEvent>(&fact->event.body))
                out += " " + std::to_string(supply->days) + " d";
        }
        return out;
    }

  private:
    Clinic clinic_;
    Intake intake_{clinic_.core(), {}};
};

struct Case {
    std::string name;
    std::vector<std::string> messages;
    std::string standing;
    std::string last; ///< Outcome of the last one.
};

class Hl7Drugs : public testing::TestWithParam<Case> {};

TEST_P(Hl7Drugs, end_as_their_messages_say) {
    Door door;
    std::string last;
    for (const std::string& each : GetParam().messages)
        last = door.take(each);
    EXPECT_EQ(door.standing(), GetParam().standing);
    EXPECT_EQ(last, GetParam().last);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Hl7Drugs,
    testing::Values(
        Case{"order_alone", {order(2, "NW")}, "order/P1^GP 28 d", "applied"},
        Case{
            "a_dispense_stands_for_its_order", {order(2, "NW"), dispense(3, "RE")}, "dispense/F1^PH/1 28 d", "applied"},
        Case{"whichever_comes_first", {dispense(3, "RE"), order(2, "NW")}, "dispense/F1^PH/1 28 d", "applied"},
        Case{"a_cancelled_dispense_leaves_the_order",
             {order(2, "NW"), dispense(3, "RE"), dispense(4, "OC")},
             "order/P1^GP 28 d",
             "applied"},
        Case{"a_cancelled_order_never_was", {order(2, "NW"), order(4, "OC")}, "", "applied"},
        Case{"also_where_it_comes_late", {order(4, "OC"), order(2, "NW")}, "", "superseded"},
        Case{"cancelled_by_its_number_alone", {order(2, "NW"), cancellation(4)}, "", "applied"},
        Case{"cancelled_by_its_number_alone_before_it_came", {cancellation(4), order(2, "NW")}, "", "superseded"},
        Case{"cancelled_before_it_came_and_ordered_anew",
             {cancellation(4), order(2, "NW"), order(6, "NW")},
             "order/P1^GP 28 d",
             "applied"},
        Case{"a_request_to_cancel_changes_nothing", {order(2, "NW"), order(4, "CA")}, "order/P1^GP 28 d", "not_used"},
        Case{"held_and_released", {order(2, "NW"), order(3, "OH"), order(4, "OE")}, "order/P1^GP 28 d", "applied"},
        Case{"discontinued_is_a_stop_beside_it",
             {order(2, "NW"), order(9, "OD")},
             "order/P1^GP 28 d, stop/P1^GP",
             "applied"},
        Case{"a_correction", {dispense(3, "RE"), dispense(5, "XO", 14)}, "dispense/F1^PH/1 14 d", "applied"},
        Case{"an_older_correction_arrives_late",
             {dispense(5, "XO", 14), dispense(3, "RE")},
             "dispense/F1^PH/1 14 d",
             "superseded"},
        Case{"the_same_again", {dispense(3, "RE"), dispense(3, "RE")}, "dispense/F1^PH/1 28 d", "duplicate"},
        Case{"a_dose", {dose(5, "CP|A")}, "administration/P2^GP/0.1", "applied"},
        Case{"a_dose_deleted", {dose(5, "CP|A"), dose(6, "CP|D")}, "", "applied"},
        Case{"deleted_before_it_came", {dose(6, "CP|D"), dose(5, "CP|A")}, "", "superseded"},
        Case{"not_given_after_all", {dose(5, "CP|A"), dose(6, "NA")}, "", "applied"}),
    [](const auto& shown) { return shown.param.name; });

} // namespace
} // namespace bonewatch::daemon
