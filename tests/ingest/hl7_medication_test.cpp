#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::ingest::rules {
namespace {

using model::AdministrationEvent;
using model::Basis;
using model::FactId;
using model::Route;
using model::StopEvent;
using model::SupplyEvent;

const std::string pid = "PID|1||9990000018^^^NHS^NH\r";
const std::string prednisolone = "X1^Prednisolone 5 mg tablets^L";

std::string msh(const std::string& type) {
    return "MSH|^~\\&|PHARM|H|B|C|20260110120000+0000||" + type + "|M1|P|2.5.1||||||UNICODE UTF-8\r" + pid;
}

/// A dispense of 56 tablets; `order` stands before RXD: ORC, TQ1, RXE.
std::string dispense(const std::string& order, const std::string& rxd = {}) {
    return msh("RDS^O13") + (order.starts_with("ORC") ? "" : "ORC|RE|P1|F1||||||20260110110000+0000\r") + order +
           (rxd.empty() ? "RXD|1|" + prednisolone + "|20260110|56|{tbl}^^UCUM||RX900\r" : rxd);
}

/// `28 d stated 10 mg`; the reason where there is no supply.
std::string supply_text(const Decoded& decoded) {
    const auto* event = std::get_if<model::Event>(&decoded.outcome);
    const auto* supply = event == nullptr ? nullptr : std::get_if<SupplyEvent>(&event->body);
    if (supply == nullptr)
        return outcome_word(decoded);
    constexpr const char* bases[] = {"stated", "computed", "assumed"};
    return std::to_string(supply->days) + " d " + bases[static_cast<int>(supply->basis)] + " " +
           (supply->daily_dose ? model::to_text(*supply->daily_dose) : "no dose");
}

struct LengthCase {
    std::string name;
    std::string order; ///< Before RXD.
    std::string rxd;
    std::string expected;
};

class Hl7Length : public testing::TestWithParam<LengthCase> {};

TEST_P(Hl7Length, is_the_first_that_can_be_said) {
    const auto decoded = decode_one(Format::hl7v2, dispense(GetParam().order, GetParam().rxd));
    EXPECT_EQ(supply_text(decoded), GetParam().expected) << testing::PrintToString(decoded.warnings);
}

std::string rxd(const std::string& amount, const std::string& daily = {}, const std::string& strength = {}) {
    return "RXD|1|" + prednisolone + "|20260110|" + amount + "||RX900|||||" + daily + "||||" + strength + "\r";
}

const std::vector<LengthCase> lengths{
    {"service_duration", "TQ1|1|||||28^d\r", "", "28 d computed 10 mg"},
    {"service_duration_before_all_else", "TQ1|1|||||28^d|20260110|20260601\r", rxd("56|{tbl}", "5^mg"),
     "28 d stated 5 mg"},
    {"weeks", "TQ1|1|||||4^W\r", "", "28 d computed 10 mg"},
    {"l_is_months", "TQ1|1|||||2^L\r", "", "60 d computed 4.666667 mg"},
    {"m_is_minutes_and_still_a_day", "TQ1|1|||||30^M\r", rxd("1|{tbl}"), "1 d computed 5 mg"},
    {"subcomponents_of_the_unit", "TQ1|1||TID|||3^D&day&ISO+\r", rxd("9|{tbl}"), "3 d computed 15 mg"},
    {"unit_that_nobody_knows", "TQ1|1|||||150^&kg\r", "", "bad_days"},
    {"too_long", "TQ1|1|||||4000^d\r", "", "bad_days"},
    {"window", "TQ1|1||||||20260110|20260206\r", rxd("100|{tbl}", "10^mg"), "28 d computed 10 mg"},
    {"window_capped_by_what_was_dispensed", "TQ1|1||||||20260110|20260601\r", rxd("56|{tbl}", "10^mg"),
     "28 d computed 10 mg"},
    {"window_counts_from_the_dispense", "TQ1|1||||||20260101|20260206\r", rxd("100|{tbl}", "10^mg"),
     "28 d computed 10 mg"},
    {"total_daily_dose_in_mg", "", rxd("56|{tbl}", "10^mg"), "28 d computed 10 mg"},
    {"total_daily_dose_in_tablets", "", rxd("56|{tbl}", "2^{tbl}"), "28 d computed 10 mg"},
    {"dispensed_in_mg", "", rxd("280|mg", "10^mg"), "28 d computed 10 mg"},
    {"part_of_a_day_is_none", "", rxd("57|{tbl}", "10^mg"), "28 d computed 10 mg"},
    {"total_daily_dose_of_rxe", "RXE||" + prednisolone + "|2||{tbl}|||||56|{tbl}||||RX900||||10^mg\r", "",
     "28 d computed 10 mg"},
    {"give_amount_and_pattern", "TQ1|1||BID\rRXE||" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"give_amount_in_mg", "TQ1|1||QD\rRXE||" + prednisolone + "|10||mg\r", "", "28 d computed 10 mg"},
    {"every_twelve_hours", "TQ1|1||Q12H\rRXE||" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"every_other_day", "TQ1|1||QOD\rRXE||" + prednisolone + "|2||{tbl}\r", "", "56 d computed 5 mg"},
    {"once_a_week", "TQ1|1||Q1W\rRXE||" + prednisolone + "|4||{tbl}\r", "", "98 d computed 2.857143 mg"},
    {"morning_and_night", "TQ1|1||QAM~QHS\rRXE||" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"period_of_the_pattern", "TQ1|1||^^^^12^H\rRXE||" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"legacy_tq", "RXE|1^BID^D28|" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"legacy_tq_w4", "RXE|^QD^W4|" + prednisolone + "|2||{tbl}\r", "", "28 d computed 10 mg"},
    {"legacy_tq_subcomponents", "RXE|1&tab^BID^28&d|" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"legacy_tq_indefinite", "RXE|1^BID^INDEF|" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"legacy_tq_in_orc", "ORC|RE|P1|F1||||^BID^D28\rRXE||" + prednisolone + "|1||{tbl}\r", "", "28 d computed 10 mg"},
    {"times_in_all", "TQ1|1||BID|||||||||||56\rRXE||" + prednisolone + "|1||{tbl}\r", rxd("|"), "28 d computed 10 mg"},
    {"as_needed_has_no_daily_dose", "TQ1|1||PRN|||28^d\r", "", "28 d stated no dose"},
    {"as_needed_behind_how_often", "TQ1|1||Q6HPRN|||28^d\r", "", "28 d stated no dose"},
    {"legacy_tq_as_needed_behind_how_often", "RXE|^QID PRN^D28|" + prednisolone + "|1||{tbl}\r", "",
     "28 d stated no dose"},
    {"as_needed_lasts_nobody_knows_how_long", "TQ1|1||BID||||||PRN\rRXE||" + prednisolone + "|1||{tbl}\r", "",
     "missing_days"},
    {"several_dosages", "TQ1|1||BID|||7^d\rTQ1|2||QD|||7^d\rRXE||" + prednisolone + "|1||{tbl}\r", "", "missing_days"},
    {"range_of_doses", "TQ1|1||BID\rRXE||" + prednisolone + "|1|2|{tbl}\r", "", "missing_days"},
    {"units_that_do_not_meet", "", rxd("100|mL", "10^mg"), "missing_days"},
    {"never_a_default", "", "", "missing_days"},
    {"zero_is_no_dose", "", rxd("56|{tbl}", "0^mg"), "missing_days"},
};

INSTANTIATE_TEST_SUITE_P(Rules, Hl7Length, testing::ValuesIn(lengths),
                         [](const auto& shown) { return shown.param.name; });

TEST(Hl7Dispense, of_the_vector) {
    const auto decoded = decode_one(
        Format::hl7v2, "MSH|^~\\&|LABSYS|RX1^TESTLAB^L|MONITOR|CLINIC|20260110120000||RDS^O13^RDS_O13|M6|P|2.5.1||||||"
                       "UNICODE UTF-8\rPID|1||9990000018^^^NHS^NH\rORC|RE|RX900^GPSYS|D1^PHARM\r"
                       "TQ1|1|||||28^d|20260110|20260206\r"
                       "RXE||XPRED5^Prednisolone 5 mg tablets^L|2||{tbl}^^UCUM|||||56|{tbl}^^UCUM||||RX900||||10^mg\r"
                       "RXD|1|XPRED5^Prednisolone 5 mg tablets^L|20260110|56|{tbl}^^UCUM||RX900|||||10^mg||||5|mg^^UCUM"
                       "\rRXR|PO^Oral^HL70162\r");
    const auto event = event_of(decoded);
    EXPECT_EQ(event.key.id.text, "dispense/D1^PHARM/1");
    EXPECT_EQ(event.patient.value, "9990000018");
    EXPECT_EQ(model::to_text(event.at), "2026-01-10");
    // London is on UTC in January.
    EXPECT_EQ(event.version.parts.front(), model::parse_instant("2026-01-10T12:00:00Z")->time_since_epoch().count());
    const auto supply = body_of<SupplyEvent>(decoded);
    EXPECT_EQ(supply.drug.text, "prednisolone");
    EXPECT_EQ(supply.route, Route::oral);
    EXPECT_EQ(supply.strength, "5 mg");
    EXPECT_EQ(supply_text(decoded), "28 d stated 10 mg");
    EXPECT_THAT(supply.fulfils,
                testing::ElementsAre(FactId("order/D1^PHARM"), FactId("order/RX900"), FactId("order/RX900^GPSYS")));
}

TEST(Hl7Dispense, fulfils_the_order_by_the_number_that_both_state) {
    const auto ordered =
        decode_one(Format::hl7v2, msh("RDE^O11") + "ORC|NW|P1^GP|||||||20260109\rTQ1|1||BID|||28^d\rRXE||" +
                                      prednisolone + "|1||{tbl}\r");
    const auto handed_over = decode_one(Format::hl7v2, dispense("ORC|RE|P1^GP|F1^PH\rTQ1|1|||||28^d\r"));
    EXPECT_THAT(body_of<SupplyEvent>(handed_over).fulfils, testing::Contains(event_of(ordered).key.id));
}

TEST(Hl7Dispense, each_rxd_is_a_fact) {
    const auto all =
        decode_all(Format::hl7v2, msh("RDS^O13") + "ORC|RE|P1|F1\rTQ1|1|||||28^d\r" + rxd("56|{tbl}") +
                                      "RXR|PO\rRXD|2|" + prednisolone + "|20260207|56|{tbl}||RX900\rRXR|^Inhalation\r");
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(event_of(all[0]).key.id.text, "dispense/F1/1");
    EXPECT_EQ(event_of(all[1]).key.id.text, "dispense/F1/2");
    EXPECT_EQ(body_of<SupplyEvent>(all[0]).route, Route::oral);
    EXPECT_EQ(body_of<SupplyEvent>(all[1]).route, Route::inhaled);
}

struct OutcomeCase {
    std::string name;
    std::string message;
    std::string expected; ///< Outcome, or what the event is.
};

std::string order(const std::string& orc, const std::string& rxe = {}) {
    return msh("RDE^O11") + "ORC|" + orc + "\rTQ1|1||BID|||28^d\rRXE||" + (rxe.empty() ? prednisolone : rxe) +
           "|1||{tbl}\r";
}

/// `order P1 supply`, `stop/P1 stop prednisolone on 2026-02-01`, `not_taken hides order/P1`.
std::string what(const Decoded& decoded) {
    std::string out = outcome_word(decoded);
    if (const auto* event = std::get_if<model::Event>(&decoded.outcome)) {
        out = event->key.id.text + " " + std::string(model::type_word(*event)) + " on " + model::to_text(event->at);
        if (const auto* retraction = std::get_if<model::RetractionEvent>(&event->body))
            out = "retracts " + retraction->of.text;
    }
    if (decoded.overtaking)
        out += std::string(model::is_doubt(decoded.overtaking->event) ? " doubts " : " hides ") +
               model::fact_of(decoded.overtaking->event).id.text +
               (decoded.overtaking->is_remembered || model::is_doubt(decoded.overtaking->event) ? "" : " where known");
    return out;
}

class Hl7Outcome : public testing::TestWithParam<OutcomeCase> {};

TEST_P(Hl7Outcome, is_what_the_message_says) {
    EXPECT_EQ(what(decode_one(Format::hl7v2, GetParam().message)), GetParam().expected);
}

const std::string given = "CP|A\r";
std::string rxa(const std::string& end, const std::string& drug = "993449^denosumab^RXNORM") {
    return msh("RAS^O17") + "ORC|RE|P1|F1||||||20260110110000+0000\rRXA|0|1|202601100900|202601100900|" + drug +
           "|60|mg|||||||||||||" + end;
}

const std::vector<OutcomeCase> outcomes{
    {"new_order", order("NW|P1|||IP||||20260110"), "order/P1 supply on 2026-01-10"},
    {"without_control", order("|P1|||||||20260110"), "order/P1 supply on 2026-01-10"},
    {"effective_date_before_transaction", order("NW|P1|||||||20260109||||||20260110"), "order/P1 supply on 2026-01-10"},
    {"changed", order("XO|P1|||||||20260110"), "order/P1 supply on 2026-01-10"},
    {"replacement", order("RO|P2|||||||20260110"), "order/P2 supply on 2026-01-10"},
    {"filler_number", order("RE||F7||||||20260110"), "order/F7 supply on 2026-01-10"},
    {"discontinued", order("OD|P1|||DC||||20260131||||||20260201"), "stop/P1 stop on 2026-02-01"},
    {"discontinued_at_transaction", order("OD|P1|||DC||||20260201"), "stop/P1 stop on 2026-02-01"},
    {"discontinue_request_stops", order("DC|P1|||||||20260201"), "stop/P1 stop on 2026-02-01"},
    {"replaced_stops", order("RU|P1|||||||20260201"), "stop/P1 stop on 2026-02-01"},
    {"status_says_discontinued", order("SC|P1|||DC||||20260201"), "stop/P1 stop on 2026-02-01"},
    {"stop_without_date", order("OD|P1"), "missing_stop_date doubts stop/P1"},
    {"cancelled", order("OC|P1|||CA||||20260110"), "not_taken hides order/P1"},
    {"cancelled_as_requested", order("CR|P1|||||||20260110"), "not_taken hides order/P1"},
    {"cancelled_without_its_drug", msh("RDE^O11") + "ORC|OC|P1|||||||20260110\r", "not_taken hides order/P1"},
    {"cancel_request_leaves_it", order("CA|P1|||||||20260110"), "request_only"},
    {"hold_request_leaves_it", order("HD|P1|||||||20260110"), "request_only"},
    {"held", order("OH|P1|||||||20260110"), "not_taken hides order/P1"},
    {"released", order("OE|P1|||||||20260110"), "order/P1 supply on 2026-01-10"},
    {"refill_request", order("RF|P1|||||||20260110"), "request_only"},
    {"unknown_control", order("QQ|P1|||||||20260110"), "status_unknown doubts order/P1"},
    {"without_a_number", order("NW||||||||20260110"), "missing_id"},
    {"unknown_drug", order("NW|P1|||||||20260110", "99^Amoxicillin 500 mg capsules^L"),
     "unknown_code hides order/P1 where known"},
    {"combination", order("NW|P1|||||||20260110", "99^Alendronic acid 70 mg / colecalciferol 70 ug tablets^L"),
     "combination_product doubts order/P1"},
    {"contradictory_codes", order("NW|P1|||||||20260110", "8638^prednisolone^RXNORM^8640^prednisone^RXNORM"),
     "contradictory_codes doubts order/P1"},
    {"second_triplet", order("NW|P1|||||||20260110", "X^local^L^8638^prednisolone^RXNORM"),
     "order/P1 supply on 2026-01-10"},
    {"legacy_orm", msh("ORM^O01") + "ORC|NW|P1|||||^BID^D28||20260110\rRXO|" + prednisolone + "|1||{tbl}\r",
     "order/P1 supply on 2026-01-10"},
    {"omp", msh("OMP^O09") + "ORC|NW|P1|||||||20260110\rTQ1|1||BID|||28^d\rRXO|" + prednisolone + "|1||{tbl}\r",
     "order/P1 supply on 2026-01-10"},
    {"order_without_a_date", order("NW|P1"), "missing_time doubts order/P1"},
    {"order_of_single_doses", order("NW|P1|||||||20260110", "993449^denosumab^RXNORM"),
     "order/P1 administration on 2026-01-10"},
    {"stopped_order_of_single_doses", order("OD|P1|||||||20260110", "993449^denosumab^RXNORM"),
     "missing_stop_date doubts order/P1"},
    {"cancelled_dispense", dispense("ORC|OC|P1|F1||CA||||20260111\rTQ1|1|||||28^d\r"), "not_taken hides dispense/F1/1"},
    {"dispense_of_a_discontinued_order", dispense("ORC|RE|P1|F1||DC||||20260111\rTQ1|1|||||28^d\r"),
     "dispense/F1/1 supply on 2026-01-10"},
    {"refills_left_number_the_dispense",
     dispense("TQ1|1|||||28^d\r", "RXD|1|" + prednisolone + "|20260110|56|{tbl}||RX900|3\r"),
     "dispense/F1/1/3 supply on 2026-01-10"},
    {"prescription_number", dispense("ORC|RE|||||||||||\rTQ1|1|||||28^d\r"), "dispense/RX900/1 supply on 2026-01-10"},
    {"dispense_without_a_date", dispense("TQ1|1|||||28^d\r", "RXD|1|" + prednisolone + "||56|{tbl}||RX900\r"),
     "missing_time doubts dispense/F1/1"},
    {"route_that_nobody_knows", dispense("TQ1|1|||||28^d\r") + "RXR|QQ^Somehow\r",
     "unknown_route doubts dispense/F1/1"},
    {"given", rxa(given), "administration/F1/0.1 administration on 2026-01-10"},
    {"given_in_part", rxa("PA\r"), "administration/F1/0.1 administration on 2026-01-10"},
    {"not_given", rxa("NA\r"), "not_taken hides administration/F1/0.1"},
    {"refused", rxa("RE|A\r"), "not_taken hides administration/F1/0.1"},
    {"deleted", rxa("CP|D\r"), "retracts administration/F1/0.1"},
    {"deleted_of_no_watched_drug", rxa("CP|D\r", "115^Tdap^CVX"), "deleted hides administration/F1/0.1 where known"},
    {"updated", rxa("CP|U\r"), "administration/F1/0.1 administration on 2026-01-10"},
};

INSTANTIATE_TEST_SUITE_P(Rules, Hl7Outcome, testing::ValuesIn(outcomes),
                         [](const auto& shown) { return shown.param.name; });

struct DoseCase {
    std::string name;
    std::string amount; ///< RXA-6 and RXA-7.
    std::string drug;
    std::string strength; ///< RXA-13 and 14.
    std::string expected;
};

class Hl7Given : public testing::TestWithParam<DoseCase> {};

TEST_P(Hl7Given, has_the_dose_that_its_fields_say) {
    const DoseCase& c = GetParam();
    const auto decoded =
        decode_one(Format::hl7v2, msh("RAS^O17") + "ORC|RE|P1|F1\rRXA|0|1|20260110|20260110|" + c.drug + "|" +
                                      c.amount + "||||||" + c.strength + "||||||CP\rRXR|SC\r");
    const auto body = body_of<AdministrationEvent>(decoded);
    EXPECT_EQ(body.dose ? model::to_text(*body.dose) : "none", c.expected) << testing::PrintToString(decoded.warnings);
    EXPECT_EQ(body.route, Route::subcutaneous);
    EXPECT_EQ(event_of(decoded).attributes.at("form"), "administered");
    EXPECT_THAT(body.fulfils, testing::ElementsAre(FactId("order/F1"), FactId("order/P1")));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Hl7Given,
    testing::Values(DoseCase{"mass", "60|mg^^UCUM", "993449^denosumab^RXNORM", "|", "60 mg"},
                    DoseCase{"syringe_of_a_known_strength", "1|{Syringe}", "993449^denosumab^RXNORM", "60|mg", "none"},
                    DoseCase{"items_of_a_known_strength", "1|ea", "993449^denosumab^RXNORM", "60|mg", "60 mg"},
                    DoseCase{"millilitres", "1|mL", "X^denosumab 60 mg/ml injection^L", "|", "60 mg"},
                    DoseCase{"not_known", "999|", "993449^denosumab^RXNORM", "|", "none"}),
    [](const auto& shown) { return shown.param.name; });

TEST(Hl7Medication, says_where_each_field_came_from_when_asked) {
    const auto all = decode(Format::hl7v2, dispense("TQ1|1|||||28^d\r", rxd("56|{tbl}", "10^mg")),
                            {model::PublisherId("lab")}, vocabulary(), std::nullopt, true);
    ASSERT_EQ(all.size(), 1u);
    std::vector<std::string> fields;
    for (const Origin& origin : all[0].origins)
        fields.push_back(origin.field + " " + origin.place + " " + origin.text);
    EXPECT_THAT(fields, testing::IsSupersetOf({"id ORC[1]-3 F1", "patient PID[1]-3.1 9990000018^^^NHS^NH",
                                               "drug RXD[1]-2 X1^Prednisolone 5 mg tablets^L", "at RXD[1]-3 20260110",
                                               "strength RXD[1]-2 X1^Prednisolone 5 mg tablets^L", "days TQ1[1]-6 28^d",
                                               "daily_dose RXD[1]-12 10^mg"}));
}

TEST(Hl7Medication, strengths_that_contradict_are_not_taken) {
    const auto decoded = decode_one(Format::hl7v2, dispense("TQ1|1|||||28^d\r", rxd("56|{tbl}", "2^{tbl}", "10|mg")));
    // Tablets of no known strength.
    EXPECT_EQ(supply_text(decoded), "28 d computed 2 items");
    EXPECT_EQ(body_of<SupplyEvent>(decoded).strength, "");
}

struct DiagnosisCase {
    std::string name;
    std::string segment;
    std::string expected;
};

class Hl7Diagnosis : public testing::TestWithParam<DiagnosisCase> {};

TEST_P(Hl7Diagnosis, is_what_its_segment_says) {
    EXPECT_EQ(what(decode_one(Format::hl7v2, msh("BAR^P12") + "EVN|P12|20260110\r" + GetParam().segment + "\r")),
              GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Hl7Diagnosis,
    testing::Values(
        DiagnosisCase{"final_", "DG1|1||69896004^RA^SCT||2020-05|F||||||||||||||N1^X|A",
                      "bad_time doubts diagnosis/N1^X"},
        DiagnosisCase{"month", "DG1|1||69896004^RA^SCT||202005|F||||||||||||||N1^X|A",
                      "diagnosis/N1^X condition on 2020-05"},
        DiagnosisCase{"unsaid_type", "DG1|1||69896004^RA^SCT||20200501|||||||||||||||N1",
                      "diagnosis/N1 condition on 2020-05-01"},
        DiagnosisCase{"working", "DG1|1||69896004^RA^SCT||20200501|W||||||||||||||N1",
                      "not_confirmed hides diagnosis/N1"},
        DiagnosisCase{"deleted", "DG1|1||69896004^RA^SCT||20200501|F||||||||||||||N1|D", "retracts diagnosis/N1"},
        DiagnosisCase{"undated", "DG1|1||69896004^RA^SCT|||F||||||||||||||N1", "missing_time doubts diagnosis/N1"},
        DiagnosisCase{"not_watched", "DG1|1||29857009^Chest pain^SCT||20200501|F||||||||||||||N1",
                      "unknown_code hides diagnosis/N1 where known"},
        DiagnosisCase{"procedure", "PR1|1||312681000^DXA^SCT||20251120||||||||||||||N2|A",
                      "procedure/N2 procedure on 2025-11-20"},
        DiagnosisCase{"procedure_deleted", "PR1|1||312681000^DXA^SCT||20251120||||||||||||||N2|D",
                      "retracts procedure/N2"}),
    [](const auto& shown) { return shown.param.name; });

TEST(Hl7Diagnosis, without_a_number_is_known_again_by_patient_code_and_time) {
    const std::string segment = "DG1|1||69896004^RA^SCT||20200501|F\r";
    const auto one = decode_one(Format::hl7v2, msh("BAR^P12") + segment);
    EXPECT_EQ(event_of(one).key.id, event_of(decode_one(Format::hl7v2, msh("BAR^P12") + segment)).key.id);
    EXPECT_THAT(one.warnings, testing::Contains(testing::StartsWith("weak_key")));
    EXPECT_THAT(event_of(one).key.id.text, testing::Not(testing::HasSubstr("9990000018")));
}

} // namespace
} // namespace bonewatch::ingest::rules
