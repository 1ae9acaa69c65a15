#include "ingest/hl7_batch.h"
#include "ingest/hl7_charset.h"
#include "ingest/hl7_message.h"
#include "ingest/hl7_time.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

Hl7Message read(std::string_view text) {
    auto message = Hl7Message::read(text, "CP1252");
    EXPECT_TRUE(message) << (message ? "" : message.error().message);
    return std::move(*message);
}

model::Error refusal(std::string_view text) {
    auto message = Hl7Message::read(text, "CP1252");
    return message ? model::Error{} : message.error();
}

constexpr std::string_view oru_header =
    "MSH|^~\\&|LAB|RX1^TESTLAB^L|||20260302101500+0000||ORU^R01^ORU_R01|M1|P|2.5.1\r";

TEST(Hl7MessageTest, header_is_read_by_position) {
    const auto message = read(oru_header);
    EXPECT_EQ(message.type(), "ORU");
    EXPECT_EQ(message.event(), "R01");
    EXPECT_EQ(message.msh()[1].raw(), "|");
    EXPECT_EQ(message.msh()[2].raw(), "^~\\&");
    EXPECT_EQ(message.msh()[4].component(2).text(), "TESTLAB");
    EXPECT_EQ(message.msh()[10].text(), "M1");
    EXPECT_EQ(message.msh()[12].text(), "2.5.1");
    EXPECT_TRUE(message.msh()[13].is_empty());
    EXPECT_TRUE(message.msh()[99].is_empty());
}

TEST(Hl7MessageTest, delimiters_are_the_messages_own) {
    const auto message = read("MSH#*!?%#LAB#RX1####ORU*R01#1#P#2.3\rOBX#1#ST#a*b%c!d##x?T?y\r");
    const auto& obx = message.segments()[1];
    EXPECT_EQ(obx[3].repetition_count(), 2U);
    EXPECT_EQ(obx[3].repetition(2).text(), "d");
    EXPECT_EQ(obx[3].component(2).subcomponent(2).text(), "c");
    EXPECT_EQ(obx[5].text(), "x%y");
}

TEST(Hl7MessageTest, delimiters_that_are_left_out_divide_nothing) {
    const auto message = read("MSH|^~|A|B|||20260101||ADT^A01|1|P|2.5\rPID|1||7\\8&9^^^X\r");
    EXPECT_EQ(message.segments()[1][3].component(1).text(), "7\\8&9");
}

struct Refused {
    const char* name;
    const char* text;
    const char* reason;
    const char* place;
};

void PrintTo(const Refused& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7RefusalTest : public testing::TestWithParam<Refused> {};

TEST_P(Hl7RefusalTest, what_cannot_be_read_is_refused_with_its_place) {
    const auto error = refusal(GetParam().text);
    EXPECT_EQ(error.reason, GetParam().reason);
    EXPECT_EQ(error.place, GetParam().place);
    EXPECT_EQ(error.kind, model::ErrorKind::malformed);
}

INSTANTIATE_TEST_SUITE_P(
    messages, Hl7RefusalTest,
    testing::Values(Refused{"no_header", "PID|1||7", "bad_msh", "MSH"}, Refused{"nothing", "", "bad_msh", "MSH"},
                    Refused{"header_alone", "MSH", "bad_msh", "MSH"},
                    Refused{"separator_is_a_letter", "MSHx^~\\&x", "bad_msh", "MSH"},
                    Refused{"no_delimiters", "MSH||LAB|X|||1||ORU^R01|1|P|2.5", "bad_msh", "MSH-2"},
                    Refused{"delimiter_twice", "MSH|^^\\&|LAB|X|||1||ORU^R01|1|P|2.5", "bad_msh", "MSH-2"},
                    Refused{"separator_is_a_delimiter_too", "MSH|^~\\&#%|LAB|X|||1||ORU^R01|1|P|2.5", "bad_msh",
                            "MSH-2"},
                    Refused{"delimiter_is_a_letter", "MSH|^~\\a|LAB|X|||1||ORU^R01|1|P|2.5", "bad_msh", "MSH-2"},
                    Refused{"no_type", "MSH|^~\\&|LAB|X|||1|||1|P|2.5", "bad_msh", "MSH-9"},
                    Refused{"cut_short", "MSH|^~", "bad_msh", "MSH-9"},
                    Refused{"foreign_charset", "MSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5||||||ISO IR87\rPID|\xB5",
                            "bad_encoding", "MSH-18"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Hl7MessageTest, segments_end_with_cr_lf_or_both) {
    for (const std::string_view end : {"\r", "\n", "\r\n", "\r\r\n\n"}) {
        std::string text = "MSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5";
        text.append(end).append("PID|1||7").append(end).append("OBX|1|NM").append(end);
        const auto message = read(text);
        ASSERT_EQ(message.segments().size(), 3U);
        EXPECT_EQ(message.segments()[1][3].raw(), "7");
        EXPECT_EQ(message.segments()[2].bytes(), "OBX|1|NM");
    }
}

TEST(Hl7MessageTest, mark_and_framing_are_passed_over) {
    const auto message = read("\xEF\xBB\xBF\x0BMSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5\rPID|1||7\x1C\r");
    ASSERT_EQ(message.segments().size(), 2U);
    EXPECT_EQ(message.segments()[1][3].raw(), "7");
}

TEST(Hl7MessageTest, blanks_before_a_segment_are_passed_over) {
    const auto message =
        read("  MSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5\r PID|1||7\r\tNTE|1||see\n  LOW\n  here\r OBX|1|NM\r");
    ASSERT_EQ(message.segments().size(), 4U);
    EXPECT_EQ(message.segments()[1][3].raw(), "7");
    EXPECT_EQ(message.segments()[2][3].raw(), "see\n  LOW\n  here");
    EXPECT_EQ(message.segments()[3].bytes(), "OBX|1|NM");
}

TEST(Hl7MessageTest, end_of_a_string_is_no_part_of_it) {
    const std::string header = "MSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5\r";
    for (const std::string_view end : {std::string_view("\0", 1), std::string_view("\r\0\0", 3),
                                       std::string_view("\x1A"), std::string_view("\0\r", 2)}) {
        const auto message = read(header + "OBX|1|||||||||||F" + std::string(end));
        ASSERT_EQ(message.segments().size(), 2U);
        EXPECT_EQ(message.segments()[1].bytes(), "OBX|1|||||||||||F");
    }
}

TEST(Hl7MessageTest, event_of_old_senders_is_known) {
    EXPECT_EQ(read("MSH|^~\\&|LAB|X|||1||ADT|1|P|2.1\rEVN|a40|2026\rPID|1||7\r").event(), "A40");
    EXPECT_EQ(read("MSH|^~\\&|LAB|X|||1||ADT^A08|1|P|2.1\rEVN|A40|2026\rPID|1||7\r").event(), "A08");
    const auto message = read("MSH|^~\\&|LAB|X|||1||ORU_R01|1|P|2.5\r");
    EXPECT_EQ(message.type() + " " + message.event(), "ORU R01");
}

TEST(Hl7MessageTest, line_that_begins_no_segment_goes_on_with_the_one_before) {
    const auto message =
        read("MSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5\nNTE|1||first line\n\nlow\nand the last|L\nOBX|1|NM\n");
    ASSERT_EQ(message.segments().size(), 3U);
    EXPECT_EQ(message.segments()[1][3].raw(), "first line\n\nlow\nand the last");
    EXPECT_EQ(message.segments()[1][4].raw(), "L");
}

TEST(Hl7MessageTest, segment_names_are_read_in_any_case) {
    const auto message = read("MSH|^~\\&|LAB|X|||1||oru^r01|1|P|2.5\rpid|1||7\r");
    EXPECT_EQ(message.event(), "R01");
    ASSERT_NE(message.find("PID"), nullptr);
    EXPECT_EQ((*message.find("PID"))[3].raw(), "7");
}

TEST(Hl7MessageTest, places_count_the_segments_of_a_name) {
    const auto message = read("MSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5\rOBX|7\rNTE|1\rOBX|7\r");
    EXPECT_EQ(hl7_place(message.segments()[3], 5, 0, 1), "OBX[2]-5.1");
    EXPECT_EQ(hl7_place(message.segments()[3], 3, 2, 4), "OBX[2]-3[2].4");
    EXPECT_EQ(hl7_place(message.segments()[2]), "NTE[1]");
    EXPECT_EQ(hl7_place(message.msh(), 9), "MSH-9");
}

TEST(Hl7MessageTest, empty_and_null_are_two_things) {
    const auto message = read("MSH|^~\\&|LAB|X|||1||ADT^A08|1|P|2.5\rPID|1||\"\"||A^\"\"\r");
    const auto& pid = message.segments()[1];
    EXPECT_TRUE(pid[2].is_empty());
    EXPECT_FALSE(pid[2].is_null());
    EXPECT_TRUE(pid[3].is_null());
    EXPECT_FALSE(pid[3].has_value());
    EXPECT_EQ(pid[3].text(), "");
    EXPECT_TRUE(pid[5].component(2).is_null());
}

TEST(Hl7MessageTest, field_of_blanks_says_nothing) {
    const auto message = read("MSH|^~\\&|LAB|X|||1||ADT^A08|1|P|2.5\rPID|1||  |\t|\"\" \r");
    const auto& pid = message.segments()[1];
    EXPECT_FALSE(pid[3].has_value());
    EXPECT_FALSE(pid[4].has_value());
    EXPECT_TRUE(pid[5].is_null());
}

struct Escaped {
    const char* name;
    const char* raw;
    const char* text;
};

void PrintTo(const Escaped& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7EscapeTest : public testing::TestWithParam<Escaped> {};

TEST_P(Hl7EscapeTest, leaf_is_unescaped) {
    const Hl7Encoding encoding{.truncation = '#'};
    EXPECT_EQ(Hl7Text(GetParam().raw, encoding).text(), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    leaves, Hl7EscapeTest,
    testing::Values(Escaped{"delimiters", "1\\S\\128 mg\\F\\dL \\T\\ \\R\\ \\E\\ \\P\\", "1^128 mg|dL & ~ \\ #"},
                    Escaped{"hex", "a\\X21\\b\\XC2B5\\g", "a!b\xC2\xB5g"},
                    Escaped{"hex_of_another_set", "\\XB5\\g", "\xC2\xB5g"},
                    Escaped{"hex_that_is_none", "\\X2\\ \\XZZ\\", "\\X2\\ \\XZZ\\"},
                    Escaped{"line_ends", "one\\.br\\two\\.sp\\three\\.sp 2\\four\\.sp+2\\", "one\ntwo\nthree\n\nfour"},
                    Escaped{"layout", "\\.in+4\\in\\.ti-2\\\\.fi\\\\.nf\\\\.sk 2\\x\\.ce\\mid", "in  x\nmid"},
                    Escaped{"layout_without_end", "\\.sp 999999999999999999999\\", "\\.sp 999999999999999999999\\"},
                    Escaped{"highlight", "very \\H\\high\\N\\ indeed", "very high indeed"},
                    Escaped{"unknown", "text \\Z99\\ and \\C2842\\ \\M824041\\ \\.xy\\",
                            "text \\Z99\\ and \\C2842\\ \\M824041\\ \\.xy\\"},
                    Escaped{"lone", "C:\\", "C:\\"}, Escaped{"path", "C:\\temp\\x.txt", "C:\\temp\\x.txt"},
                    Escaped{"no_nesting", "\\E\\F\\E\\", "\\F\\"}, Escaped{"outer_spaces", "  a b ", "a b"},
                    Escaped{"null", "\"\"", ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

std::string micro(std::string_view micro_sign, std::string_view charset, std::string_view fallback,
                  std::size_t* warnings = nullptr) {
    std::string text = "MSH|^~\\&|LAB|X|||1||ORU^R01|1|P|2.5||||||";
    text.append(charset).append("\rOBX|1|NM|TSH||1|").append(micro_sign).append("g/L\r");
    const auto message = Hl7Message::read(text, fallback);
    if (!message)
        return message.error().reason;
    if (warnings != nullptr)
        *warnings = message->warnings().size();
    EXPECT_EQ(message->segments()[1].bytes(), "OBX|1|NM|TSH||1|" + std::string(micro_sign) + "g/L");
    return message->segments()[1][6].text();
}

TEST(Hl7CharsetTest, micro_is_read_in_every_set) {
    const std::string expected = "\xC2\xB5g/L";
    std::size_t warnings = 0;
    EXPECT_EQ(micro("\xC2\xB5", "UNICODE UTF-8", "CP1252", &warnings), expected);
    EXPECT_EQ(micro("\xB5", "8859/1", "CP1252", &warnings), expected);
    EXPECT_EQ(micro("\xB5", "8859/15", "CP1252", &warnings), expected);
    EXPECT_EQ(micro("\xC2\xB5", "", "CP1252", &warnings), expected);
    EXPECT_EQ(warnings, 0U);
    EXPECT_EQ(micro("\xB5", "", "CP1252", &warnings), expected);
    EXPECT_EQ(warnings, 1U);
    EXPECT_EQ(micro("\xB5", "ASCII", "8859/1", &warnings), expected);
    EXPECT_EQ(warnings, 1U);
    EXPECT_EQ(micro("\xB5", "UNICODE UTF-8", "CP1252", &warnings), expected);
    EXPECT_EQ(warnings, 1U);
    EXPECT_EQ(micro("\xB5", "\"\"", "CP1252", &warnings), expected);
    EXPECT_EQ(warnings, 1U);
    EXPECT_EQ(micro("\xB5", "8859/1^x", "CP1252"), expected);
    EXPECT_EQ(micro("\xE4", "8859/5", "CP1252"), "\xD1\x84g/L");
    EXPECT_EQ(micro("\xE4", "", "8859/5"), "\xD1\x84g/L");
    EXPECT_EQ(micro("\x81", "", "CP1252"), "\xEF\xBF\xBDg/L");
    EXPECT_EQ(micro("\xB5", "UNICODE UTF-16", "CP1252"), "bad_encoding");
}

TEST(Hl7CharsetTest, names_are_known_however_they_are_joined) {
    EXPECT_EQ(charset_named("8859/1"), "ISO-8859-1");
    EXPECT_EQ(charset_named("iso-8859-15"), "ISO-8859-15");
    EXPECT_EQ(charset_named("UNICODE UTF-8"), "UTF-8");
    EXPECT_EQ(charset_named("ASCII"), "UTF-8");
    EXPECT_EQ(charset_named("windows-1252"), "CP1252");
    EXPECT_EQ(charset_named("8859/12"), std::nullopt);
    EXPECT_EQ(charset_named("8859/16"), std::nullopt);
    EXPECT_EQ(charset_named("8859/"), std::nullopt);
    EXPECT_EQ(charset_named("UNICODE UTF-16"), std::nullopt);
    EXPECT_EQ(charset_named(""), std::nullopt);
}

TEST(Hl7CharsetTest, all_named_sets_can_be_converted) {
    for (int part = 1; part <= 15; ++part)
        EXPECT_EQ(to_utf8("a", charset_named("8859/" + std::to_string(part)).value_or("CP1252")).text, "a");
    EXPECT_EQ(to_utf8(std::string(10'000, '\xB5'), "CP1252").text.size(), 20'000U);
}

struct Timed {
    const char* name;
    const char* text;
    const char* sent;     ///< MSH-7.
    const char* expected; ///< Instant and local reading; or the reason why not.
    const char* warning = "";
};

void PrintTo(const Timed& tested, std::ostream* out) {
    *out << tested.name;
}

std::string shown(const model::ClinicalTime& time) {
    std::string out = model::to_text(time.instant) + " local " + model::to_text(time);
    if (time.clock)
        out += " +" + std::to_string(time.clock->count()) + "min";
    return out;
}

class Hl7TimeTest : public testing::TestWithParam<Timed> {};

TEST_P(Hl7TimeTest, time_is_read) {
    const auto zone = Zone::named("Europe/London");
    const Hl7Encoding encoding;
    const auto clock = hl7_clock(zone, Hl7Text(GetParam().sent, encoding), true);
    std::vector<std::string> warnings;
    const auto time = read_hl7_time(Hl7Text(GetParam().text, encoding), clock, warnings);
    EXPECT_EQ(time ? shown(*time) : time.error().reason, GetParam().expected);
    EXPECT_EQ(warnings.empty() ? "" : warnings.front().substr(0, warnings.front().find(':')), GetParam().warning);
}

constexpr const char* winter = "20260302101500+0000";
constexpr const char* summer = "20260702101500+0100";

INSTANTIATE_TEST_SUITE_P(
    texts, Hl7TimeTest,
    testing::Values(
        Timed{"minute", "202603010830", winter, "2026-03-01T08:30:00Z local 2026-03-01 +510min"},
        Timed{"second", "20260301083015", winter, "2026-03-01T08:30:15Z local 2026-03-01 +510min"},
        Timed{"fraction", "20260301083015.1234", winter, "2026-03-01T08:30:15.123Z local 2026-03-01 +510min"},
        Timed{"short_fraction", "20260301083015.5", winter, "2026-03-01T08:30:15.500Z local 2026-03-01 +510min"},
        Timed{"hour", "2026030108", winter, "2026-03-01T08:00:00Z local 2026-03-01 +480min"},
        Timed{"day", "20260301", winter, "2026-03-01T00:00:00Z local 2026-03-01"},
        Timed{"month", "202602", winter, "2026-02-01T00:00:00Z local 2026-02"},
        Timed{"year", "2026", winter, "2026-01-01T00:00:00Z local 2026"},
        Timed{"day_by_old_precision", "20260301083000^D", winter, "2026-03-01T00:00:00Z local 2026-03-01"},
        Timed{"year_by_old_precision", "20260715083000.5^Y", winter, "2026-01-01T00:00:00Z local 2026"},
        Timed{"month_in_the_middle_by_old_precision", "20260315^L", winter, "2026-03-01T00:00:00Z local 2026-03"},
        Timed{"hour_by_old_precision", "20260301083015.5^H", winter, "2026-03-01T08:00:00Z local 2026-03-01 +480min"},
        Timed{"blanks_around", " 20260301\t", winter, "2026-03-01T00:00:00Z local 2026-03-01"},
        Timed{"month_by_old_precision", "20260301^L", winter, "2026-03-01T00:00:00Z local 2026-03"},
        Timed{"padded_midnight_is_a_date", "202603010000", winter, "2026-03-01T00:00:00Z local 2026-03-01"},
        Timed{"padded_seconds_too", "20260701000000", summer, "2026-07-01T00:00:00Z local 2026-07-01"},
        Timed{"midnight_with_offset_is_one", "20260701000000+0100", summer,
              "2026-06-30T23:00:00Z local 2026-07-01 +0min"},
        Timed{"minute_after_midnight", "202607010001", summer, "2026-06-30T23:01:00Z local 2026-07-01 +1min"},
        Timed{"own_offset", "20260301083000-0500", winter, "2026-03-01T13:30:00Z local 2026-03-01 +510min"},
        Timed{"zero_offset_is_the_zones_clock", "20260701083000+0000", summer,
              "2026-07-01T08:30:00Z local 2026-07-01 +570min"},
        Timed{"negative_zero_too", "20260701083000-0000", summer, "2026-07-01T08:30:00Z local 2026-07-01 +570min"},
        Timed{"summer_by_the_zone", "202607010830", winter, "2026-07-01T07:30:00Z local 2026-07-01 +510min"},
        Timed{"winter_sent_in_summer", "202601010830", summer, "2026-01-01T08:30:00Z local 2026-01-01 +510min"},
        Timed{"offset_of_the_message", "202607010830", "20260702101500+0200",
              "2026-07-01T06:30:00Z local 2026-07-01 +510min"},
        Timed{"utc_message_in_summer", "202607010830", "20260702101500+0000",
              "2026-07-01T08:30:00Z local 2026-07-01 +510min"},
        Timed{"no_message_offset", "202607010830", "20260702101500", "2026-07-01T07:30:00Z local 2026-07-01 +510min"},
        Timed{"autumn_twice", "20261025013000", "20261026", "2026-10-25T00:30:00Z local 2026-10-25 +90min",
              "tz_ambiguous"},
        Timed{"autumn_stated", "20261025013000+0000", "20261026", "2026-10-25T01:30:00Z local 2026-10-25 +90min"},
        Timed{"spring_never", "20260329013000", "20260330", "2026-03-29T01:30:00Z local 2026-03-29 +150min",
              "tz_nonexistent"},
        Timed{"before_spring", "20260329005959", "20260330", "2026-03-29T00:59:59Z local 2026-03-29 +59min"},
        Timed{"bad_month", "20261301", winter, "bad_time"}, Timed{"bad_day", "20260230", winter, "bad_time"},
        Timed{"bad_hour", "2026030124", winter, "bad_time"}, Timed{"bad_minute", "202603010860", winter, "bad_time"},
        Timed{"odd_digits", "2026030", winter, "bad_time"}, Timed{"words", "yesterday", winter, "bad_time"},
        Timed{"iso", "2026-03-01", winter, "bad_time"},
        Timed{"fraction_of_minutes", "202603010830.5", winter, "bad_time"},
        Timed{"too_long", "2026030108301500", winter, "bad_time"}, Timed{"empty", "", winter, "bad_time"},
        Timed{"long_offset", "20260301083000-2604191000", winter, "bad_time"},
        Timed{"long_fraction", "20260301083000.1234567890", winter, "bad_time"},
        Timed{"bad_offset", "20260301083000+1", winter, "bad_time"},
        Timed{"year_zero", "00000101", winter, "bad_time"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Hl7TimeTest, midnight_is_a_clock_time_where_the_publisher_says_so) {
    const auto zone = Zone::named("Europe/London");
    const Hl7Encoding encoding;
    std::vector<std::string> warnings;
    const auto clock = hl7_clock(zone, Hl7Text(winter, encoding), false);
    EXPECT_EQ(shown(*read_hl7_time(Hl7Text("202603010000", encoding), clock, warnings)),
              "2026-03-01T00:00:00Z local 2026-03-01 +0min");
}

struct Batched {
    const char* name;
    const char* text; ///< `M`: a message.
    std::size_t messages;
    std::vector<std::string> problems;
};

void PrintTo(const Batched& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7BatchTest : public testing::TestWithParam<Batched> {};

TEST_P(Hl7BatchTest, body_is_divided) {
    std::string body;
    for (const char c : std::string_view(GetParam().text))
        body += c == 'M' ? std::string(oru_header) + "PID|1||7\r" : c == '/' ? std::string("\r") : std::string(1, c);
    const auto batch = split_hl7(body);
    EXPECT_EQ(batch.messages.size(), GetParam().messages);
    std::vector<std::string> problems;
    for (const auto& problem : batch.problems)
        problems.push_back(problem.error.reason + " " + problem.error.place);
    EXPECT_EQ(problems, GetParam().problems);
    for (const auto& text : batch.messages)
        EXPECT_EQ(text, std::string(oru_header) + "PID|1||7");
}

INSTANTIATE_TEST_SUITE_P(
    bodies, Hl7BatchTest,
    testing::Values(
        Batched{"one", "M", 1, {}}, Batched{"bare_ones", "MMM", 3, {}}, Batched{"nothing", "", 0, {}},
        Batched{"whole_file", "FHS|^~\\&/BHS|^~\\&/MMBTS|2/BHS|^~\\&/MBTS|1/FTS|2/", 3, {}},
        Batched{"empty_batch", "BHS|^~\\&/BTS|0/", 0, {}}, Batched{"batch_without_count", "BHS|^~\\&/MBTS/", 1, {}},
        Batched{"fewer_than_said", "BHS|^~\\&/MMBTS|3/", 2, {"batch_incomplete BTS-1"}},
        Batched{"more_than_said", "BHS|^~\\&/MMBTS|1/", 2, {"batch_incomplete BTS-1"}},
        Batched{"cut_short", "BHS|^~\\&/MM", 2, {"batch_incomplete the end"}},
        Batched{"file_cut_short", "FHS|^~\\&/BHS|^~\\&/MBTS|1/", 1, {"batch_incomplete the end"}},
        Batched{"fewer_batches", "FHS|^~\\&/BHS|^~\\&/MBTS|1/FTS|2/", 1, {"batch_incomplete FTS-1"}},
        Batched{"text_before", "OBX|1/M", 1, {"not_hl7 before message 1"}},
        Batched{"text_after_the_batch", "BHS|^~\\&/MBTS|1/PID|1/M", 2, {"not_hl7 before message 2"}},
        Batched{"file_without_a_batch", "FHS|^~\\&/MMFTS|1/", 2, {}},
        Batched{"file_of_two_without_a_batch", "FHS|^~\\&/MMFTS|2/", 2, {"batch_incomplete FTS-1"}},
        Batched{"cut_short_and_followed", "BHS|^~\\&/MBHS|^~\\&/MBTS|1/", 2, {"batch_incomplete the end"}},
        Batched{"blanks_around_the_count", "BHS|^~\\&/MMBTS| 3 /", 2, {"batch_incomplete BTS-1"}},
        Batched{
            "cut_in_a_message", "BHS|^~\\&/MMOBX|1|ST", 1, {"batch_incomplete message 2", "batch_incomplete the end"}},
        Batched{"end_as_its_beginning", "BHS#^~\\&/MBTS#2/", 1, {"batch_incomplete BTS-1"}},
        Batched{"no_hl7", "hello/", 0, {"not_hl7 before message 1"}}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Hl7BatchTest, hl7_is_known_by_its_beginning) {
    EXPECT_TRUE(is_hl7("\xEF\xBB\xBF\x0BMSH|^~\\&|"));
    EXPECT_TRUE(is_hl7("\r\nFHS#*!?%"));
    EXPECT_TRUE(is_hl7("BHS|"));
    EXPECT_FALSE(is_hl7("MSHA"));
    EXPECT_FALSE(is_hl7("MSH"));
    EXPECT_FALSE(is_hl7("{\"type\":\"MSH|\"}"));
    EXPECT_FALSE(is_hl7(""));
}

} // namespace
} // namespace bonewatch::ingest::rules
