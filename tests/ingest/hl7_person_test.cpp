#include "tests/ingest/hl7_messages.h"

#include <gtest/gtest.h>
#include <map>

namespace bonewatch::ingest::rules {
namespace {

using model::MergeEvent;
using model::PatientEvent;

std::string adt(std::string_view event, std::string_view rest) {
    return hl7_header("ADT^" + std::string(event)) + "EVN|" + std::string(event) + "|20260305090000\r" +
           std::string(rest);
}

constexpr std::int64_t event_time = 1772701200000; ///< 2026-03-05T09:00 in London.

std::string ids_of(const model::Event& event) {
    std::string out = model::to_text(event.patient);
    if (const auto* person = std::get_if<PatientEvent>(&event.body))
        for (const auto& other : person->identifiers)
            out += " " + model::to_text(other);
    return out;
}

TEST(Hl7Person, of_what_results_say_the_later_month_counts) {
    std::string later = hl7_tsh("OBX|1|NM|3016-3^TSH^LN||1|mU/L|||||F");
    later.replace(later.find("20260302101500"), 14, "20260401101500");
    EXPECT_EQ(event_of(decode_all(Format::hl7v2, later).front()).version, (model::Version{{0, 675}}));
}

TEST(Hl7Person, two_nhs_numbers_are_two_persons) {
    std::string both = hl7_tsh("OBX|1|NM|3016-3^TSH^LN||1|mU/L|||||F");
    both.replace(both.find("H123456^^^RX1^MR"), 16, "9449305552^^^NHS^NH");
    const auto all = decode_all(Format::hl7v2, both);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(error_of(all[0]).reason, "identity_conflict");
    EXPECT_EQ(error_of(all[0]).place, "PID[1]-3[2].1");
}

TEST(Hl7Person, each_field_of_an_update_is_a_fact_of_its_own) {
    for (const std::string_view event : {"A01", "A04", "A05", "A08", "A28", "A31"}) {
        const auto all = decode_all(Format::hl7v2, adt(event, hl7_person_line));
        ASSERT_EQ(all.size(), 2U);
        EXPECT_EQ(event_of(all[0]).key.id.text, "born nhs:9990000018");
        EXPECT_EQ(event_of(all[1]).key.id.text, "sex nhs:9990000018");
        for (const Decoded& decoded : all) {
            EXPECT_EQ(ids_of(event_of(decoded)), "nhs:9990000018 rx1:H123456");
            EXPECT_EQ(event_of(decoded).version, (model::Version{{event_time}}));
        }
        EXPECT_EQ(model::to_text(*body_of<PatientEvent>(all[0]).born), "1958-07-14");
        EXPECT_EQ(body_of<PatientEvent>(all[1]).sex, model::Sex::female);
    }
    EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, adt("A02", hl7_person_line))), "unknown_message");
}

struct Named {
    const char* name;
    const char* pid;      ///< PID-2, PID-3, PID-4.
    const char* expected; ///< Identifiers; or the reason.
    const char* warnings = "";
};

void PrintTo(const Named& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7NameTest : public testing::TestWithParam<Named> {};

TEST_P(Hl7NameTest, identifiers_are_read) {
    const auto decoded =
        decode_one(Format::hl7v2, adt("A08", "PID|1|" + std::string(GetParam().pid) + "|X^Y||19580714\r"));
    const auto* event = std::get_if<model::Event>(&decoded.outcome);
    EXPECT_EQ(event == nullptr ? outcome_word(decoded) : ids_of(*event), GetParam().expected);
    std::string words;
    for (const auto& warning : decoded.warnings)
        words += warning.substr(0, warning.find(':'));
    EXPECT_EQ(words, GetParam().warnings);
}

INSTANTIATE_TEST_SUITE_P(
    pids, Hl7NameTest,
    testing::Values(
        Named{"national_by_authority", "|9990000018^^^NHS|", "nhs:9990000018"},
        Named{"national_by_facility", "|9990000018^^^^^NHS|", "nhs:9990000018"},
        Named{"national_by_type", "|9990000018^^^^NH|", "nhs:9990000018"},
        Named{"national_by_its_oid", "|9990000018^^^PDS&2.16.840.1.113883.2.1.4.1&ISO|", "nhs:9990000018"},
        Named{"national_by_its_url", "|9990000018^^^&https://fhir.nhs.uk/Id/nhs-number&URI^NI|", "nhs:9990000018"},
        Named{"national_as_one_vendor_writes_it", "|9990000018^^^NHSNBR^NHSNMBR|", "nhs:9990000018"},
        Named{"spaces_and_hyphens", "|999 000-0018^^^NHS^NH|", "nhs:9990000018"},
        Named{"national_first_wherever_it_stands", "|H1^^^RX1^MR~9990000018^^^NHS^NH|", "nhs:9990000018 rx1:H1"},
        Named{"authority_in_any_case", "|H1^^^Rx1&1.2.3&ISO^MR|", "rx1:H1"},
        Named{"authority_by_its_universal_id", "|H1^^^&1.2.3&ISO^MR|", "1.2.3:H1"},
        Named{"facility_where_no_authority", "|H1^^^^MR^RX1|", "rx1:H1"}, Named{"type_alone", "|H1^^^^MR|", "mr:H1"},
        Named{"number_alone", "|H1|", "pid:H1"}, Named{"account_is_no_person", "|A1^^^RX1^AN~H1^^^RX1^MR|", "rx1:H1"},
        Named{"once_each", "|H1^^^RX1^MR~H1^^^RX1^PI|", "rx1:H1"},
        Named{"bad_national_number", "|9434765918^^^NHS^NH~H1^^^RX1^MR|", "rx1:H1", "bad_check_digit"},
        Named{"bad_national_number_alone", "|9434765918^^^NHS^NH|", "bad_patient", "bad_check_digit"},
        Named{"null", "|\"\"|", "missing_subject"}, Named{"nobody", "||", "missing_subject"},
        Named{"legacy_external", "E1^^^OLD||", "old:E1"}, Named{"legacy_alternate", "||L1^^^OLD", "old:L1"},
        Named{"legacy_only_where_the_list_is_empty", "E1^^^OLD|H1^^^RX1^MR|", "rx1:H1"}),
    [](const auto& tested) { return std::string(tested.param.name); });

/// What a PID of an ADT says from PID-7 on: a word and what it says for each fact, or the reason and its place.
std::string stated(std::string_view birth, std::string_view sex, std::string_view death = "",
                   std::string_view is_dead = "") {
    std::string out;
    const std::string pid = "PID|1||7^^^X||X||" + std::string(birth) + "|" + std::string(sex) + std::string(21, '|') +
                            std::string(death) + "|" + std::string(is_dead) + "\r";
    for (const Decoded& decoded : decode_all(Format::hl7v2, adt("A08", pid))) {
        out += out.empty() ? "" : ", ";
        if (const auto* event = std::get_if<model::Event>(&decoded.outcome))
            out += event->key.id.text.substr(0, event->key.id.text.find(' ')) + ": " + model::content_text(*event);
        else
            out += error_of(decoded).reason + " " + error_of(decoded).place;
    }
    return out;
}

TEST(Hl7Person, empty_field_says_nothing_and_null_that_it_is_not_known) {
    EXPECT_EQ(stated("19580714", ""), "born: born 1958-07-14");
    EXPECT_EQ(stated("", "M"), "sex: male");
    EXPECT_EQ(stated("\"\"", "M"), "born: not known, sex: male");
    EXPECT_EQ(stated("1958", "\"\""), "born: born 1958, sex: not known");
    EXPECT_EQ(stated("\"\"", "\"\"", "\"\"", "\"\""),
              "born: not known, sex: not known, died: not known, deceased: not known");
    EXPECT_EQ(stated("", ""), "nothing_said PID[1]");
    EXPECT_EQ(stated(" ", "^^HL70001"), "nothing_said PID[1]");
}

TEST(Hl7Person, letters_of_sex) {
    for (const auto& [letter, said] : std::map<std::string, std::string>{{"F", "female"},
                                                                         {"m", "male"},
                                                                         {"F^Female^HL70001", "female"},
                                                                         {"O", "other sex"},
                                                                         {"A", "other sex"},
                                                                         {"U", "not known"},
                                                                         {"N", "not known"}})
        EXPECT_EQ(stated("", letter), "sex: " + said) << letter;
    EXPECT_EQ(stated("", "X"), "bad_sex PID[1]-8");
}

TEST(Hl7Person, death_is_read_with_its_day_or_without) {
    EXPECT_EQ(stated("", "", "20260301"), "died: died 2026-03-01, deceased: has died");
    EXPECT_EQ(stated("", "", "20260301", "Y"), "died: died 2026-03-01, deceased: has died");
    // A day that was said before is not taken back by that.
    EXPECT_EQ(stated("", "", "", "Y"), "deceased: has died");
    EXPECT_EQ(stated("", "", "\"\"", "Y"), "died: not known, deceased: has died");
    EXPECT_EQ(stated("", "", "", "N"), "died: not known, deceased: has not died");
    EXPECT_EQ(stated("", "", "\"\""), "died: not known");
    EXPECT_EQ(stated("", "", "", "\"\""), "deceased: not known");
    EXPECT_EQ(stated("", "", "20270101"), "too_far_ahead PID[1]-29");
    EXPECT_EQ(stated("", "", "20261340", "Y"), "bad_time PID[1]-29, deceased: has died");
    EXPECT_EQ(stated("", "", "20260301", "N"), "bad_field PID[1]-30");
    EXPECT_EQ(stated("", "", "20260301", "perhaps"), "died: died 2026-03-01, bad_field PID[1]-30");
}

TEST(Hl7Person, one_bad_field_sinks_no_other) {
    EXPECT_EQ(stated("19581340", "F", "20260301"),
              "bad_time PID[1]-7, sex: female, died: died 2026-03-01, deceased: has died");
    EXPECT_EQ(stated("19580714", "?"), "born: born 1958-07-14, bad_sex PID[1]-8");
    EXPECT_EQ(stated("19580714", "F", "19580713", "Y"),
              "bad_time PID[1]-7, sex: female, bad_time PID[1]-29, deceased: has died")
        << "nobody knows which of the two is wrong";
    EXPECT_EQ(stated("1958", "", "19580713"), "born: born 1958, died: died 1958-07-13, deceased: has died");
}

TEST(Hl7Person, what_cannot_be_used_leaves_the_older_in_doubt) {
    const auto bad = decode_all(Format::hl7v2, adt("A08", "PID|1||7^^^X||X|||?\r")).front();
    ASSERT_TRUE(bad.overtaking);
    EXPECT_FALSE(bad.overtaking->is_remembered);
    EXPECT_TRUE(model::is_doubt(bad.overtaking->event));
    EXPECT_EQ(model::fact_of(bad.overtaking->event).id.text, "sex x:7");
}

TEST(Hl7Person, update_that_says_only_numbers_says_whose_they_are) {
    const auto all = decode_all(Format::hl7v2, adt("A08", "PID|1||7^^^X~8^^^Y||X\r"));
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(event_of(all[0]).version, (model::Version{{0, 674}}));
    EXPECT_EQ(ids_of(event_of(all[0])), "y:8 x:7");
    EXPECT_EQ(model::content_text(event_of(all[0])), "the same as x:7");
}

TEST(Hl7Person, where_each_field_came_from_is_told) {
    const auto all = decode(Format::hl7v2, adt("A08", "PID|1||7^^^X||X||\"\"|M" + std::string(22, '|') + "N\r"),
                            {.id = model::PublisherId("lab")}, vocabulary(), {}, true);
    std::vector<std::string> places;
    for (const Decoded& decoded : all)
        for (const Origin& origin : decoded.origins)
            if (origin.place.starts_with("PID") || origin.place.starts_with("EVN"))
                places.push_back(origin.field + " " + origin.place + " " + origin.text);
    const std::string whose = "patient PID[1]-3.1 7^^^X", when = "version EVN[1]-2 20260305090000";
    EXPECT_EQ(places, (std::vector<std::string>{whose, when, "id PID[1]-7 \"\"", whose, when, "sex PID[1]-8 M", whose,
                                                when, "id PID[1]-30 N", whose, when, "attributes.deceased PID[1]-30 N",
                                                " EVN[1]-1 ", " PID[1]-1 ", " PID[1]-5 "}));
}

TEST(Hl7Person, result_mentions_whom_it_is_of) {
    const auto all = decode_all(Format::hl7v2, hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F"));
    ASSERT_EQ(all.size(), 4U);
    // First of all: of which of the two numbers somebody is known is not said.
    EXPECT_EQ(event_of(all[0]).key.id.text, "rx1:H123456 is nhs:9990000018");
    EXPECT_EQ(ids_of(event_of(all[0])), "rx1:H123456 nhs:9990000018");
    EXPECT_EQ(event_of(all[1]).key.id.text, "born nhs:9990000018");
    EXPECT_EQ(event_of(all[1]).version, (model::Version{{0, 674}}));
    EXPECT_EQ(event_of(all[2]).key.id.text, "sex nhs:9990000018");
    EXPECT_EQ(body_of<PatientEvent>(all[2]).sex, model::Sex::female);
    EXPECT_TRUE(body_of<PatientEvent>(all[2]).identifiers.empty());
    // The same person in another message is a duplicate, whatever else that one says.
    const auto again = decode_all(Format::hl7v2, hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.5|mU/L|||||C", "20260303"));
    EXPECT_EQ(event_of(again[0]), event_of(all[0]));
    EXPECT_EQ(event_of(again[1]), event_of(all[1]));
    EXPECT_EQ(event_of(again[2]), event_of(all[2]));
}

/// A result of somebody of whom the PID says this from PID-7 on.
std::vector<Decoded> result_of(std::string_view rest) {
    return decode_all(Format::hl7v2, hl7_header("ORU^R01") + "PID|1||7^^^X||X||" + std::string(rest) +
                                         "\rOBR|1||F1|T|||20260301\rOBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r");
}

TEST(Hl7Person, field_that_cannot_be_read_loses_neither_the_other_nor_the_result) {
    const auto sex_alone = result_of("19581340|F");
    ASSERT_EQ(sex_alone.size(), 2U);
    EXPECT_EQ(body_of<PatientEvent>(sex_alone[0]).sex, model::Sex::female);
    ASSERT_EQ(sex_alone[0].warnings.size(), 1U);
    EXPECT_EQ(sex_alone[0].warnings[0].substr(0, 9), "bad_time:");
    EXPECT_EQ(outcome_word(sex_alone[1]), "applied");
    const auto birth_alone = result_of("1958|?");
    ASSERT_EQ(birth_alone.size(), 2U);
    EXPECT_TRUE(body_of<PatientEvent>(birth_alone[0]).born);
    ASSERT_EQ(birth_alone[0].warnings.size(), 1U);
    EXPECT_EQ(birth_alone[0].warnings[0].substr(0, 8), "bad_sex:");
    const auto neither = result_of("19581340|?");
    ASSERT_EQ(neither.size(), 2U);
    EXPECT_EQ(outcome_word(neither[0]), "nothing_said");
    EXPECT_EQ(neither[0].warnings.size(), 2U);
    EXPECT_EQ(outcome_word(neither[1]), "applied");
}

TEST(Hl7Person, result_takes_nothing_back) {
    for (const std::string_view rest : {"|", "\"\"|\"\"", "|U"})
        EXPECT_EQ(result_of(rest).size(), 1U) << rest;
}

std::vector<std::string> merges(std::string_view message) {
    std::vector<std::string> out;
    for (const auto& decoded : decode_all(Format::hl7v2, message)) {
        const auto* event = std::get_if<model::Event>(&decoded.outcome);
        if (event == nullptr)
            out.push_back(outcome_word(decoded));
        else if (const auto* merge = std::get_if<MergeEvent>(&event->body))
            out.push_back(event->key.id.text + ": " + model::to_text(merge->from) + " into " +
                          model::to_text(event->patient));
        else if (const auto* retraction = std::get_if<model::RetractionEvent>(&event->body))
            out.push_back("undo " + retraction->of.text);
    }
    return out;
}

using Texts = std::vector<std::string>;

TEST(Hl7Person, vectors_merge_names_the_survivor_and_each_record_that_goes) {
    const std::string message = adt("A40", std::string(hl7_person_line) + "MRG|H999999^^^RX1^MR~T0001^^^RX1^PI\r");
    EXPECT_EQ(merges(message), (Texts{"merge rx1:H123456 rx1:H999999: rx1:H999999 into nhs:9990000018",
                                      "merge rx1:H123456 rx1:T0001: rx1:T0001 into nhs:9990000018"}));
    const auto all = decode_all(Format::hl7v2, message);
    EXPECT_EQ(event_of(all.back()).version, (model::Version{{event_time}}));
    EXPECT_EQ(model::to_text(event_of(all.back()).at.instant), "2026-03-05T09:00:00Z");
}

TEST(Hl7Person, merges_come_in_groups) {
    EXPECT_EQ(merges(adt("A40", "PID|1||1^^^X\rMRG|2^^^X\rPID|2||3^^^X\rMRG|4^^^X\r")),
              (Texts{"merge x:1 x:2: x:2 into x:1", "merge x:3 x:4: x:4 into x:3"}));
    for (const std::string_view event : {"A18", "A30", "A34", "A36", "A39", "A46", "A47"})
        EXPECT_EQ(merges(adt(event, "PID|1||1^^^X\rMRG|2^^^X\r")), (Texts{"merge x:1 x:2: x:2 into x:1"})) << event;
    EXPECT_EQ(merges(adt("A40", "PID|1||1^^^X\rMRG||||2^^^X\r")), (Texts{"merge x:1 x:2: x:2 into x:1"}));
}

TEST(Hl7Person, merge_that_names_nobody_is_kept) {
    EXPECT_EQ(merges(adt("A40", "PID|1||1^^^X\rMRG|\r")), (Texts{"bad_patient"}));
    EXPECT_EQ(merges(adt("A40", "PID|1||1^^^X\r")), (Texts{"missing_field"}));
    EXPECT_EQ(merges(adt("A40", "PID|1||\rMRG|2^^^X\r")), (Texts{"missing_subject"}));
    EXPECT_EQ(merges(adt("A40", "PID|1||1^^^X\rMRG|1^^^X\r")), (Texts{"same_record"}));
    EXPECT_EQ(merges(adt("A40", "MRG|1^^^X\r")), (Texts{"missing_subject"}));
}

TEST(Hl7Person, accounts_and_visits_are_no_persons) {
    for (const std::string_view event : {"A35", "A41", "A42", "A44", "A45", "A49", "A50", "A51"})
        EXPECT_EQ(merges(adt(event, "PID|1||1^^^X\rMRG|2^^^X\r")), (Texts{"unknown_message"})) << event;
}

TEST(Hl7Person, link_and_unlink_name_the_same_whichever_stands_first) {
    EXPECT_EQ(merges(adt("A24", "PID|1||9990000018^^^NHS~1^^^X\rPID|2||2^^^X\r")),
              (Texts{"merge x:1 x:2: x:2 into nhs:9990000018"}));
    EXPECT_EQ(merges(adt("A37", "PID|1||2^^^X\rPID|2||1^^^X~9990000018^^^NHS\r")),
              (Texts{"undo merge nhs:9990000018 x:2", "undo merge x:1 x:2"}))
        << "by whichever of their numbers they were linked";
    const auto undone = decode_all(Format::hl7v2, adt("A37", "PID|1||2^^^X\rPID|2||1^^^X\r"));
    EXPECT_EQ(body_of<model::RetractionEvent>(undone.back()).of_version, (model::Version{{event_time}}));
    EXPECT_EQ(merges(adt("A24", "PID|1||1^^^X\r")), (Texts{"missing_field"}));
    EXPECT_EQ(merges(adt("A24", "PID|1||1^^^X\rPID|2||1^^^X\r")), (Texts{"same_record"}));
}

TEST(Hl7Person, erasure_and_move_are_kept_with_their_reason) {
    for (const std::string_view event : {"A23", "A29", "A43"}) {
        const auto decoded = decode_one(Format::hl7v2, adt(event, "PID|1||1^^^X\r"));
        EXPECT_EQ(outcome_of(decoded), "quarantined");
        EXPECT_EQ(error_of(decoded).reason, "not_supported_yet");
    }
}

} // namespace
} // namespace bonewatch::ingest::rules
