#include "ingest/hl7_acknowledgement.h"
#include "ingest/hl7_charset.h"
#include "ingest/hl7_message.h"
#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

#include <ostream>

/// East Asian sets of HL7 table 0211. What each name is in UTF-8 says Python's codec of the set, or iconv (EUC-TW). Of
/// each set the characters are such that their octets are delimiters too.
namespace bonewatch::ingest {
namespace {

std::string with_name(const std::string& charset, const std::string& name, const std::string& sender = "LAB") {
    return "MSH|^~\\&|" + sender + "|RX1|||20260302||ORU^R01|M1|P|2.5||||||" + charset + "\rPID|1||7||" + name +
           "||19580714|F\rOBX|1|NM|3016-3^^LN||0.04|mU/L|||||F\r";
}

struct Named {
    const char* name;
    const char* charset;
    std::string octets;
    const char* expected;
    const char* warning = "";
    const char* fallback = "CP1252";
};

void PrintTo(const Named& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7EastAsian : public testing::TestWithParam<Named> {};

TEST_P(Hl7EastAsian, is_read_whatever_its_octets_and_kept_as_it_came) {
    const Named& tested = GetParam();
    const std::string text = with_name(tested.charset, tested.octets);
    const auto message = Hl7Message::read(text, tested.fallback);
    ASSERT_TRUE(message) << message.error().message;
    const Hl7Segment& person = message->segments()[1];
    EXPECT_EQ(person[5].component(1).text(), tested.expected);
    EXPECT_EQ(person[7].text(), "19580714");
    EXPECT_EQ(message->segments()[2][5].text(), "0.04");
    EXPECT_EQ(person.bytes(), "PID|1||7||" + tested.octets + "||19580714|F");
    const std::string warning = message->warnings().empty() ? "" : message->warnings().front();
    EXPECT_EQ(warning.substr(0, warning.find(':')), tested.warning);
}

const std::string jis_kanji = "\x1B$BK|P\\8^5~P&\x1B(B";
const std::string jis_kanji_read = "万俑五京丶";

INSTANTIATE_TEST_SUITE_P(
    sets, Hl7EastAsian,
    testing::Values(
        Named{"jis_x_0208", "ISO IR87", jis_kanji + "^X", jis_kanji_read.c_str()},
        Named{"the_usual_of_japan", "ASCII~ISO IR87", jis_kanji, jis_kanji_read.c_str()},
        Named{"first_is_empty", "~ISO IR87~ISO IR159", jis_kanji, jis_kanji_read.c_str()},
        Named{"of_1978_and_back_to_latin", "ISO IR87", "\x1B$@;3\x1B(J\\F\\^X", "山|"},
        Named{"jis_x_0212", "ISO IR159", "\x1B$(D0!0&\x1B(B^\x1B$B;3\x1B(B", "丂丟"},
        Named{"katakana_by_escape", "ISO IR14~ISO IR87", "\x1B(I135\x1B(B", "ｱｳｵ"},
        Named{"katakana_in_eight_bits", "ISO IR14", "\xB1\xB3\xB5^X", "ｱｳｵ"},
        Named{"latin_of_jis_is_ascii", "ISO IR14", "\\F\\ ~\xB1", "|"},
        Named{"escapes_that_nobody_names", "", jis_kanji, jis_kanji_read.c_str(), "charset_assumed"},
        Named{"escapes_that_the_setting_names", "", jis_kanji, jis_kanji_read.c_str(), "charset_assumed", "ISO IR87"},
        Named{"big_5", "BIG-5", "\xB3\\\xA5\\\xBB\\\xCA|\xA4^\xCA~^X", "許功蓋吜乞吘"},
        Named{"gb_18030", "GB 18030-2000", "\x81|\x81\\\x81^\x81~\xD5\xC5^X", "亅乗乛亊张"},
        Named{"gb_18030_of_four", "GB 18030-2000", "\x81\x39\xEE\x39^X", "㐀"},
        Named{"ks_x_1001", "KS X 1001", "\xC8\xAB\xB1\xE6\xB5\xBF^X", "홍길동"},
        Named{"cns_11643", "CNS 11643-1992", "\xDD\xC2\xC5\xFC\xEA\xE4^X", "許功蓋"},
        Named{"setting_where_none_is_named", "", "\xB3\\\xA5\\\xBB\\^X", "許功蓋", "charset_assumed", "BIG-5"},
        Named{"utf_8_though_another_is_named", "BIG-5", "許功蓋^X", "許功蓋", "charset_assumed"},
        Named{"utf_8_by_chance", "KS X 1001", "\xC8\xAB^X", "ȫ", "charset_assumed"}, // 홍
        Named{"ascii_of_such_a_set", "GB 18030-2000", "LI^X", "LI"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Hl7Mismatch, of_several_octets_is_refused_and_of_one_is_warned_of) {
    struct Case {
        const char* charset;
        const char* octets;
    };
    for (const auto& [charset, octets] :
         {Case{"ISO IR87", "\x8E\xB1\x93"}, Case{"ISO IR87", "\xB1\xB3"}, Case{"ISO IR87", "\x1B$BK|P\x1B(B"},
          Case{"ISO IR87", "\x1B$BK|\x1B$AP!\x1B(B"}, Case{"BIG-5", "\xFF|"}, Case{"GB 18030-2000", "\x81 x"},
          Case{"KS X 1001", "\xB3\\"}, Case{"CNS 11643-1992", "\xB3\\"}}) {
        const auto message = Hl7Message::read(with_name(charset, octets), "CP1252");
        ASSERT_FALSE(message) << charset;
        EXPECT_EQ(message.error().reason, "bad_encoding");
        EXPECT_EQ(message.error().place, "MSH-18");
        EXPECT_NE(message.error().message.find("the first in PID"), std::string::npos) << message.error().message;
    }
    const std::string with_hole = with_name("8859/3", "\xA5");
    const auto message = Hl7Message::read(with_hole, "CP1252");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->segments()[1][5].text(), "\xEF\xBF\xBD");
    ASSERT_EQ(message->warnings().size(), 1U);
    EXPECT_TRUE(message->warnings().front().starts_with("charset_mismatch: 1 octets, the first in PID, "));
}

TEST(Hl7CharsetOfHeader, is_found_behind_octets_that_are_no_delimiters) {
    struct Case {
        const char* charset;
        std::string sender, expected;
    };
    for (const auto& [charset, sender, expected] :
         {Case{"ASCII~ISO IR87", jis_kanji, jis_kanji_read}, Case{"BIG-5", "\xCA|\xA4^\xB3\\", "吜乞許"},
          Case{"GB 18030-2000", "\x81|\x81^", "亅乛"}, Case{"KS X 1001", "\xC8\xAB\xB1\xE6", "홍길"}}) {
        const std::string text = with_name(charset, "X", sender);
        const auto header = read_hl7_header(text).value();
        EXPECT_EQ(header.sending_application, sender);
        EXPECT_EQ(header.application(), expected);
        EXPECT_EQ(header.control_id, "M1");
        EXPECT_EQ(header.charset, charset);
        const auto message = Hl7Message::read(text, "CP1252");
        ASSERT_TRUE(message) << charset;
        EXPECT_EQ(message->msh()[3].text(), expected);
        EXPECT_TRUE(message->warnings().empty());
        const auto answer = acknowledgements(header, {}, "a-1", {}).front();
        EXPECT_TRUE(answer.starts_with("MSH|^~\\&|||" + sender + "|RX1|")) << answer;
        EXPECT_NE(answer.find(std::string("|2.5||||||") + charset + "\r"), std::string::npos) << answer;
    }
}

std::string utf16(const std::string& text, bool is_big_endian, bool has_mark) {
    std::u16string units = has_mark ? u"\uFEFF" : u"";
    for (const char c : text)
        units += static_cast<char16_t>(c == '#' ? 0x0B1C : c); // ଜ, whose octets frame messages.
    std::string out;
    for (const char16_t unit : units) {
        const char high = static_cast<char>(unit >> 8U);
        const char low = static_cast<char>(unit & 0xFFU);
        out += is_big_endian ? std::string{high, low} : std::string{low, high};
    }
    return out;
}

TEST(Hl7Utf16, is_read_of_files_and_refused_at_doors) {
    const std::string text = with_name("UNICODE UTF-16", "#");
    for (const bool is_big_endian : {false, true})
        for (const bool has_mark : {false, true}) {
            const std::string sent = utf16(text, is_big_endian, has_mark);
            ASSERT_TRUE(is_utf16_hl7(sent));
            const std::string read = utf16_hl7_to_utf8(sent).value();
            EXPECT_EQ(read, with_name("UNICODE UTF-16", "\xE0\xAC\x9C"));
            EXPECT_TRUE(Hl7Message::read(read, "CP1252").value().warnings().empty());
            EXPECT_EQ(utf16_hl7_to_utf8(sent + "x").error().reason, "bad_encoding");
            EXPECT_EQ(
                utf16_hl7_to_utf8(
                    sent + utf16(std::string(1, 'x'), is_big_endian, false).replace(is_big_endian ? 0 : 1, 1, "\xD8"))
                    .error()
                    .reason,
                "bad_encoding");
            EXPECT_EQ(read_hl7_header(sent).error().reason, "bad_encoding");
            const Decoded refused = rules::decode_one(Format::hl7v2, sent);
            EXPECT_EQ(rules::outcome_of(refused), "rejected");
            EXPECT_EQ(rules::outcome_word(refused), "bad_encoding");
        }
    for (const std::string& none : {std::string(), text, std::string("M\0S\0H\0", 6), std::string("\xFF\xFE", 2),
                                    utf16("{\"a\":1}", false, true)})
        EXPECT_FALSE(is_utf16_hl7(none));
}

} // namespace
} // namespace bonewatch::ingest
