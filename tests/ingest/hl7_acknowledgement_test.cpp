#include "ingest/hl7_acknowledgement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace bonewatch::ingest {
namespace {

using model::Instant;

constexpr Instant now{std::chrono::milliseconds(1'772'446'500'123)}; // 2026-03-02T10:15:00.123Z
const std::string id = "a1-7";

/// The vector `oru_final_sn.hl7`, with what a case changes.
struct Sent {
    std::string version = "2.5.1";
    std::string asked{}; ///< MSH-15|MSH-16
    std::string delimiters = "|^~\\&";

    [[nodiscard]] Hl7Header header() const {
        std::string line = "MSH|^~\\&|LABSYS|RX1^TESTLAB^L|MONITOR|CLINIC|20260302101500+0000||ORU^R01^ORU_R01|M1|P|" +
                           version + "|||" + (asked.empty() ? "|" : asked) + "||UNICODE UTF-8\rPID|1\r";
        for (char& c : line)
            if (const auto at = std::string("|^~\\&").find(c); at != std::string::npos)
                c = delimiters[at];
        return read_hl7_header(line).value();
    }
};

MessageResult stored(std::vector<EventOutcome> outcomes = {{"result", "1", "applied", "", "", "", {}}}) {
    MessageResult result;
    result.is_stored = true;
    result.position = "17-42";
    result.outcomes = std::move(outcomes);
    return result;
}

MessageResult refused(const std::string& reason, const std::string& message, bool retry = false) {
    MessageResult result;
    result.reason = reason;
    result.message = message;
    result.retry = retry;
    return result;
}

EventOutcome outcome(const std::string& what, const std::string& reason, const std::string& place,
                     const std::string& message) {
    return {"result", "F4711", what, reason, place, message, {}};
}

/// Segments as lines, the MSH cut to its fields from 9 on.
std::string shown(const std::string& answer) {
    std::string text = answer;
    std::ranges::replace(text, '\r', '\n');
    return text;
}

TEST(Hl7Answer, swaps_sender_and_receiver_and_repeats_what_is_the_senders) {
    const auto answers = acknowledgements(Sent{}.header(), stored(), id, now);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers.front(), "MSH|^~\\&|MONITOR|CLINIC|LABSYS|RX1^TESTLAB^L|20260302101500+0000||ACK^R01^ACK|a1-7|P|"
                               "2.5.1||||||UNICODE UTF-8\rMSA|AA|M1\r");
}

TEST(Hl7Answer, speaks_with_the_senders_delimiters) {
    const auto answers =
        acknowledgements(Sent{.delimiters = "$*!?;"}.header(),
                         stored({outcome("quarantined", "unknown_unit", "OBX[3]-6", "'a$b*c' is no unit?")}), id, now);
    EXPECT_EQ(shown(answers.at(0)),
              "MSH$*!?;$MONITOR$CLINIC$LABSYS$RX1*TESTLAB*L$20260302101500+0000$$ACK*R01*ACK$a1-7$P$2.5.1$$$$$$UNICODE "
              "UTF-8\nMSA$AA$M1$'a?F?b?S?c' is no unit?E?\nERR$$OBX*3*6$103*Table value not "
              "found*HL70357$W$unknown_unit**L$$quarantined OBX[3]-6$'a?F?b?S?c' is no unit?E?\n");
}

struct Verdict {
    std::string name;
    Sent sent;
    MessageResult result;
    std::vector<std::string> answers; ///< From MSA on, segments joined by a line end.
};

class Answers : public testing::TestWithParam<Verdict> {};

TEST_P(Answers, say_what_became_of_the_message) {
    const auto& [name, sent, result, expected] = GetParam();
    std::vector<std::string> found;
    for (const std::string& answer : acknowledgements(sent.header(), result, id, now))
        found.push_back(shown(answer.substr(answer.find("\rMSA") + 1)));
    EXPECT_EQ(found, expected);
}

const MessageResult warned =
    stored({outcome("applied", "", "", ""), outcome("quarantined", "unknown_unit", "OBX[2]-6", "no unit"),
            outcome("not_used", "unknown_code", "OBX[3]-3", "")});
const std::string warning =
    "ERR||OBX^2^6|103^Table value not found^HL70357|W|unknown_unit^^L||quarantined OBX[2]-6|no unit\n";
const MessageResult full = refused("unavailable", "no room", true);
const MessageResult foreign = refused("bad_msh", "no MSH");

INSTANTIATE_TEST_SUITE_P(
    Hl7, Answers,
    testing::Values(
        Verdict{"stored", {}, stored(), {"MSA|AA|M1\n"}},
        Verdict{"nothing_in_it_is_used", {}, stored({outcome("not_used", "unknown_code", "", "")}), {"MSA|AA|M1\n"}},
        Verdict{"a_kind_of_message_that_is_not_watched_blocks_nothing",
                {},
                stored({outcome("not_used", "unknown_message", "MSH-9", "")}),
                {"MSA|AA|M1|nothing in messages of this kind is watched\nERR||MSH^1^9|200^Unsupported message "
                 "type^HL70357|I|unknown_message^^L||not used MSH-9|nothing in messages of this kind is watched\n"}},
        Verdict{"duplicates", {}, stored({outcome("duplicate", "", "", "")}), {"MSA|AA|M1\n"}},
        Verdict{"one_line_quarantined_blocks_nothing", {}, warned, {"MSA|AA|M1|1 of 3: no unit\n" + warning}},
        Verdict{"all_quarantined_blocks_nothing",
                {},
                stored({outcome("quarantined", "missing_unit", "OBX[1]-6", "no unit")}),
                {"MSA|AA|M1|no unit\nERR||OBX^1^6|101^Required field missing^HL70357|W|missing_unit^^L||quarantined "
                 "OBX[1]-6|no unit\n"}},
        Verdict{"a_line_that_is_not_kept_is_an_error",
                {},
                stored({outcome("applied", "", "", ""), outcome("rejected", "not_hl7", "", "no segment")}),
                {"MSA|AA|M1|1 of 2: no segment\nERR|||100^Segment sequence "
                 "error^HL70357|E|not_hl7^^L||rejected|no segment\n"}},
        Verdict{"disputed",
                {},
                stored({outcome("disputed", "", "", "")}),
                {"MSA|AA|M1|result F4711 came before with the same version and another content; until a grea\n"
                 "ERR|||205^Duplicate key identifier^HL70357|W|disputed^^L||disputed|result F4711 came before with the "
                 "same version and another content; until a greater version comes it counts as unknown\n"}},
        Verdict{
            "correction_that_may_have_missed_its_result",
            {},
            stored({{"result", "F4711", "applied", "", "OBX[1]-3", "", {"rounded: x", "correction_unmatched: why"}}}),
            {"MSA|AA|M1|why\nERR||OBX^1^3|204^Unknown key "
             "identifier^HL70357|W|correction_unmatched^^L||applied OBX[1]-3|why\n"}},
        Verdict{"number_that_is_none",
                {},
                stored({{"result",
                         "F4711",
                         "applied",
                         "",
                         "OBX[1]-5",
                         "",
                         {"value_type_mismatch: OBX-2 says NM", "value_unreadable: '0,05' is kept as words"}}}),
                {"MSA|AA|M1|'0,05' is kept as words\nERR||OBX^1^5|102^Data type "
                 "error^HL70357|W|value_unreadable^^L||applied OBX[1]-5|'0,05' is kept as words\n"}},
        Verdict{
            "words_where_words_may_be",
            {},
            stored({{"result", "F4711", "applied", "", "", "", {"value_unreadable: 'Haemolysed' is kept as words"}}}),
            {"MSA|AA|M1\n"}},
        Verdict{"disputed_with_its_place",
                {.version = "2.7"},
                stored({outcome("disputed", "", "OBX[1]-3", "")}),
                {"MSA|AA|M1\nERR||OBX^1^3|205^Duplicate key identifier^HL70357|W|disputed^^L||disputed "
                 "OBX[1]-3|result F4711 came before with the same version and another content; until a greater version "
                 "comes it counts as unknown\n"}},
        Verdict{"superseded",
                {},
                stored({outcome("superseded", "", "OBX[1]-3", "a later version came before")}),
                {"MSA|AA|M1|a later version came before\nERR||OBX^1^3|207^Application internal "
                 "error^HL70357|I|superseded^^L||superseded OBX[1]-3|a later version came before\n"}},
        Verdict{"what_a_PID_says_in_passing_is_superseded_quietly",
                {},
                stored({{"patient", "nhs:9990000018", "superseded", "", "", "", {}}, outcome("applied", "", "", "")}),
                {"MSA|AA|M1\n"}},
        Verdict{"not_now",
                {},
                full,
                {"MSA|AE|M1|no room\nERR|||207^Application internal error^HL70357|E|unavailable^^L||not stored|no "
                 "room\n"}},
        Verdict{"cannot_be_read",
                {},
                foreign,
                {"MSA|AR|M1|no MSH\nERR|||100^Segment sequence error^HL70357|E|bad_msh^^L||refused|no MSH\n"}},
        Verdict{"in_2_7_MSA_3_is_gone", {.version = "2.7"}, warned, {"MSA|AA|M1\n" + warning}},
        Verdict{"in_2_8_2_too", {.version = "2.8.2"}, warned, {"MSA|AA|M1\n" + warning}},
        Verdict{"a_version_that_cannot_be_read_is_new", {.version = "x"}, warned, {"MSA|AA|M1\n" + warning}},
        Verdict{"before_2_5_ERR_has_one_field",
                {.version = "2.3"},
                stored({outcome("quarantined", "unknown_unit", "OBX[2]-6", "no unit"),
                        outcome("quarantined", "bad_time", "OBR[1]-7.1", "no time")}),
                {"MSA|AA|M1|2 of 2: no unit\nERR|OBX^2^6^103&Table value not found&HL70357~OBR^1^7^102&Data type "
                 "error&HL70357\n"}},
        Verdict{"before_2_5_a_place_may_be_missing",
                {.version = "2.4"},
                foreign,
                {"MSA|AR|M1|no MSH\nERR|^^^100&Segment sequence error&HL70357\n"}},
        Verdict{
            "receipt_and_answer", {.asked = "AL|AL"}, warned, {"MSA|CA|M1\n", "MSA|AA|M1|1 of 3: no unit\n" + warning}},
        Verdict{"receipt_alone_carries_the_warnings",
                {.asked = "AL|NE"},
                warned,
                {"MSA|CA|M1|1 of 3: no unit\n" + warning}},
        Verdict{"answer_alone", {.asked = "NE|AL"}, stored(), {"MSA|AA|M1\n"}},
        Verdict{"answer_alone_where_15_is_empty", {.asked = "|AL"}, stored(), {"MSA|AA|M1\n"}},
        Verdict{"never", {.asked = "NE|NE"}, foreign, {}},
        Verdict{"errors_only_and_there_is_none", {.asked = "ER|ER"}, stored(), {}},
        Verdict{"errors_only",
                {.asked = "ER|ER"},
                full,
                {"MSA|CE|M1|no room\nERR|||207^Application internal error^HL70357|E|unavailable^^L||not stored|no "
                 "room\n"}},
        Verdict{"success_only", {.asked = "SU|SU"}, stored(), {"MSA|CA|M1\n", "MSA|AA|M1\n"}},
        Verdict{"success_only_and_there_is_none", {.asked = "SU|NE"}, foreign, {}},
        Verdict{"not_taken_has_no_answer_besides",
                {.asked = "AL|AL"},
                foreign,
                {"MSA|CR|M1|no MSH\nERR|||100^Segment sequence error^HL70357|E|bad_msh^^L||refused|no MSH\n"}},
        Verdict{"not_taken_without_receipt",
                {.asked = "NE|ER"},
                foreign,
                {"MSA|AR|M1|no MSH\nERR|||100^Segment sequence error^HL70357|E|bad_msh^^L||refused|no MSH\n"}}),
    [](const auto& one) { return one.param.name; });

struct Place {
    std::string place;
    std::string location; ///< ERR-2.
};

class Places : public testing::TestWithParam<Place> {};

TEST_P(Places, are_told_as_ERR_2) {
    const auto answers = acknowledgements(Sent{.version = "2.7"}.header(),
                                          stored({outcome("quarantined", "x", GetParam().place, "")}), id, now);
    const std::string& answer = answers.at(0);
    const std::size_t from = answer.find("ERR||") + 5;
    EXPECT_EQ(answer.substr(from, answer.find('|', from) - from), GetParam().location);
}

INSTANTIATE_TEST_SUITE_P(Hl7, Places,
                         testing::Values(Place{"OBX[2]-5", "OBX^2^5"}, Place{"OBX[2]-5.1", "OBX^2^5^1^1"},
                                         Place{"PID[1]-3[2].4", "PID^1^3^2^4"}, Place{"PID-3[2]", "PID^1^3^2"},
                                         Place{"MSH-9", "MSH^1^9"}, Place{"OBX[12]", "OBX^12"},
                                         Place{"message 2, OBX[1]-3", "OBX^1^3"}, Place{"ZX1[1]-2", "ZX1^1^2"},
                                         Place{"", ""}, Place{"line 2", ""}, Place{"$.value", ""},
                                         Place{"obx[1]-3", ""}, Place{"OBX[1]-5 or so", ""}, Place{"OB", ""}));

TEST(Hl7Answer, many_lines_are_told_up_to_fifty) {
    const std::vector<EventOutcome> many(80, outcome("quarantined", "unknown_unit", "OBX[2]-6", "no unit"));
    const auto answers = acknowledgements(Sent{}.header(), stored(many), id, now);
    const std::string& answer = answers.at(0);
    std::size_t rows = 0;
    for (std::size_t at = 0; (at = answer.find("\rERR|", at)) != std::string::npos; ++at)
        ++rows;
    EXPECT_EQ(rows, 50U);
    EXPECT_NE(answer.find("MSA|AA|M1|80 of 80: no unit"), std::string::npos)
        << "how many there are is told in any case";
}

TEST(Hl7Answer, our_words_fit_any_character_set_and_stay_on_their_line) {
    const auto answers = acknowledgements(Sent{.version = "2.7"}.header(),
                                          stored({outcome("quarantined", "x", "", "µmol/l\rMSA|AR é\x1c\v")}), id, now);
    EXPECT_NE(answers.at(0).find("|?mol/l MSA\\F\\AR ?  \r"), std::string::npos) << shown(answers.at(0));
}

TEST(Hl7Answer, who_sent_no_MSH_is_answered_too) {
    const auto header = read_hl7_header("PID|1\r");
    ASSERT_FALSE(header.has_value());
    EXPECT_EQ(header.error().reason, "bad_msh");
    const auto answers = acknowledgements(Hl7Header{}, refused("bad_msh", "no MSH"), id, now);
    EXPECT_EQ(shown(answers.at(0)),
              "MSH|^~\\&|||||20260302101500+0000||ACK|a1-7|P|2.5.1\nMSA|AR||no MSH\nERR|||100^Segment sequence "
              "error^HL70357|E|bad_msh^^L||refused|no MSH\n");
}

TEST(Hl7Answer, who_asks_with_no_word_of_the_table_is_answered_as_if_nothing_were_asked) {
    for (const char* asked : {"xx|", "\"\"|\"\"", " | ", "|yes"}) {
        const auto answers = acknowledgements(Sent{.asked = asked}.header(), stored(), id, now);
        ASSERT_EQ(answers.size(), 1U) << asked;
        EXPECT_NE(answers.front().find("MSA|AA|M1\r"), std::string::npos) << asked;
    }
    const auto answers = acknowledgements(Sent{.asked = " al |Ne"}.header(), stored(), id, now);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_NE(answers.front().find("MSA|CA|M1\r"), std::string::npos);
}

TEST(Hl7Answer, delimiters_that_cannot_be_are_not_repeated) {
    const auto header = read_hl7_header("MSH|^^^^|A|B|C|D|1||ORU^R01|M1|P|2.5\r");
    ASSERT_TRUE(header);
    EXPECT_EQ(header->signs, "^~\\&");
}

TEST(Hl7Answer, bytes_of_the_senders_fields_come_back_as_they_were) {
    const auto header = read_hl7_header("MSH|^~\\&|L\xc4"
                                        "B\\T\\X^1^L|F&G^2~H|A|B|2026||ORU^R01|\xb5-1|P^T|2.3||||||8859/1~UNICODE\r");
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->application(), "LÄB&X"); // As it stands in the settings, which are UTF-8.
    EXPECT_EQ(header->facility(), "F&G");
    EXPECT_EQ(acknowledgements(*header, stored(), id, now).at(0),
              "MSH|^~\\&|A|B|L\xc4"
              "B\\T\\X^1^L|F&G^2~H|20260302101500+0000||ACK^R01^ACK|a1-7|P^T|2.3||||||8859/1~UNICODE\rMSA|"
              "AA|\xb5-1\r");
}

struct Nonsense {
    std::string name;
    std::string text;
    bool is_readable;
};

class Headers : public testing::TestWithParam<Nonsense> {};

TEST_P(Headers, are_read_or_refused_and_answered) {
    const auto header = read_hl7_header(GetParam().text);
    EXPECT_EQ(header.has_value(), GetParam().is_readable);
    const auto answers = acknowledgements(header.value_or(Hl7Header{}), refused("bad_msh", "?"), id, now);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(read_hl7_header(answers[0]).has_value()) << shown(answers[0]);
}

INSTANTIATE_TEST_SUITE_P(Hl7, Headers,
                         testing::Values(Nonsense{"empty", "", false}, Nonsense{"blank", "\r\r\n", false},
                                         Nonsense{"cut", "MSH", false}, Nonsense{"a_batch", "FHS|^~\\&|A\r", false},
                                         Nonsense{"no_delimiter", "MSHabc", false},
                                         Nonsense{"nothing_behind_it", "MSH|", true},
                                         Nonsense{"few_delimiters", "MSH|^|A|B|||||ORU^R01|1", true},
                                         Nonsense{"letters_for_delimiters", "MSH|abcd|A|B|||||ORU^R01|1", true}),
                         [](const auto& one) { return one.param.name; });

} // namespace
} // namespace bonewatch::ingest
