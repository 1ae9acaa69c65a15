#include "ingest/hl7_element.h"
#include "store/model/promotion.h"
#include "tests/ingest/hl7_messages.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using model::ResultEvent;
using model::ResultStatus;

/// Of 2026-03-02T10:10 and 2026-03-02T10:15, in milliseconds.
constexpr std::int64_t reported = 1772446200000, sent = 1772446500000;

std::string words_of(const Decoded& decoded) {
    std::string out;
    for (const auto& warning : decoded.warnings)
        out += (out.empty() ? "" : " ") + warning.substr(0, warning.find(':'));
    return out;
}

TEST(Hl7Result, vectors_final_result_is_read_in_every_type) {
    for (const std::string_view obx : {"OBX|1|SN|3016-3^TSH^LN^TSH^TSH^L||<^0.01|mU/L^^UCUM|0.27-4.20|L|||F|||",
                                       "OBX|1|ST|3016-3^TSH^LN^TSH^TSH^L||<0.01|mU/L^^UCUM|0.27-4.20|L|||F|||",
                                       "OBX|1|NM|3016-3^TSH^LN^TSH^TSH^L||<0.01|mU/L^^UCUM|0.27-4.20|L|||F|||"}) {
        const auto decoded = hl7_result(hl7_tsh(obx));
        const auto event = event_of(decoded);
        EXPECT_EQ(event.key.id.text, "F4711^LABSYS#3016-3^LN");
        EXPECT_EQ(event.key.publisher.text, "lab");
        EXPECT_EQ(event.version, (model::Version{{reported, sent, 2}}));
        EXPECT_EQ(model::to_text(event.patient), "nhs:9990000018");
        EXPECT_EQ(model::to_text(event.at.instant), "2026-03-01T08:30:00Z");
        EXPECT_EQ(event.at.clock, std::chrono::minutes(510));
        const auto body = body_of<ResultEvent>(decoded);
        EXPECT_EQ(body.analyte.text, "tsh");
        EXPECT_EQ(body.status, ResultStatus::final_);
        ASSERT_TRUE(body.value);
        EXPECT_EQ(model::to_text(*body.value), "<0.01");
        ASSERT_TRUE(body.value->low);
        EXPECT_EQ(body.value->low->value, model::Rational(0));
        EXPECT_EQ(body.value_text, "<0.01");
        EXPECT_EQ(body.unit_text, "mU/L");
        EXPECT_EQ(body.range_low, model::parse_decimal("0.27"));
        EXPECT_EQ(body.range_high, model::parse_decimal("4.20"));
        EXPECT_EQ(words_of(decoded), obx.starts_with("OBX|1|NM") ? "value_type_mismatch" : "");
    }
}

TEST(Hl7Result, raw_is_a_message_that_says_the_same_again) {
    const auto all = hl7_results(hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\rNTE|1||note\r"
                                         "OBX|2|NM|718-7^Hb^LN||140|g/L|||||F"));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(event_of(hl7_result(all[0].raw)), event_of(all[0]));
    EXPECT_EQ(all[0].raw.find("718-7"), std::string::npos);
    EXPECT_EQ(event_of(all[0]).attributes.at("note"), "note");
}

struct Valued {
    const char* name;
    const char* fields;   ///< OBX-2 to OBX-7.
    const char* expected; ///< Value and unit; or the reason, with its place.
    const char* warnings = "";
};

void PrintTo(const Valued& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7ValueTest : public testing::TestWithParam<Valued> {};

std::string shown(const Decoded& decoded) {
    if (const auto* error = std::get_if<model::Error>(&decoded.outcome))
        return error->reason + " " + error->place;
    const auto body = body_of<ResultEvent>(decoded);
    return (body.value ? model::to_text(*body.value) : "'" + body.value_text + "'") + " " + body.unit_text;
}

TEST_P(Hl7ValueTest, value_is_read) {
    const std::string fields(GetParam().fields);
    const auto decoded = hl7_result(hl7_tsh("OBX|1|" + fields + "||||F"));
    EXPECT_EQ(shown(decoded), GetParam().expected);
    EXPECT_EQ(words_of(decoded), GetParam().warnings);
}

#define TSH "3016-3^TSH^LN||"

INSTANTIATE_TEST_SUITE_P(
    values, Hl7ValueTest,
    testing::Values(
        Valued{"number", "NM|" TSH "0.4|mU/L|", "0.4 mU/L"},
        Valued{"signed_number", "NM|" TSH "+0.4|mU/L|", "0.4 mU/L"},
        Valued{"number_in_exponents", "ST|" TSH "1.2E-2|mU/L|", "0.012 mU/L"},
        Valued{"no_type", "|" TSH "0.4|mU/L|", "0.4 mU/L"},
        Valued{"structured_exact", "SN|" TSH "^0.40|mU/L|", "0.4 mU/L"},
        Valued{"structured_equal", "SN|" TSH "=^0.40|mU/L|", "0.4 mU/L"},
        Valued{"structured_above", "SN|" TSH ">=^100|mU/L|", ">=100 mU/L"},
        Valued{"structured_range", "SN|" TSH "^1^-^2|mU/L|", "1 to 2 mU/L"},
        Valued{"structured_unequal", "SN|" TSH "<>^5|mU/L|", "'<>5' mU/L", "value_unreadable value_type_mismatch"},
        Valued{"structured_ratio", "SN|" TSH "^1^:^128|mU/L|", "'1:128' mU/L", "value_unreadable value_type_mismatch"},
        Valued{"structured_plus", "SN|" TSH "^2^+|mU/L|", "'2+' mU/L", "value_unreadable value_type_mismatch"},
        Valued{"structured_without_separator", "SN|" TSH "^5^^7|mU/L|", "'5^^7' mU/L",
               "value_unreadable value_type_mismatch"},
        Valued{"structured_behind_nothing", "SN|" TSH "^^-^5|mU/L|", "'-^5' mU/L",
               "value_unreadable value_type_mismatch"},
        Valued{"structured_of_two_numbers", "SN|" TSH "0^05|mU/L|", "'0^05' mU/L",
               "value_unreadable value_type_mismatch"},
        Valued{"structured_whole_in_one", "SN|" TSH "<0.01|mU/L|", "<0.01 mU/L"},
        Valued{"structured_xml", "SN|" TSH "&lt;^0.01|mU/L|", "<0.01 mU/L", "value_entity"},
        Valued{"xml_entity", "ST|" TSH "&lt;0.01|mU/L|", "<0.01 mU/L", "value_entity"},
        Valued{"xml_entity_escaped", "ST|" TSH "\\T\\lt;0.01|mU/L|", "<0.01 mU/L", "value_entity"},
        Valued{"xml_entity_in_a_number", "NM|" TSH "&lt;0.01|mU/L|", "<0.01 mU/L", "value_entity value_type_mismatch"},
        Valued{"unit_in_the_text", "ST|" TSH "0.01 mU/L||", "0.01 mU/L"},
        Valued{"comma", "NM|" TSH "0,01|mU/L|", "'0,01' mU/L", "value_type_mismatch value_unreadable"},
        Valued{"words", "TX|" TSH "Haemolysed|mU/L|", "'Haemolysed' mU/L", "value_unreadable"},
        Valued{"lines", "TX|" TSH "0.4~see comment|mU/L|", "'0.4\nsee comment' mU/L", "value_unreadable"},
        Valued{"formatted_lines", "FT|" TSH "0.4\\.br\\haemolysed|mU/L|", "'0.4\nhaemolysed' mU/L", "value_unreadable"},
        Valued{"formatted_end", "FT|" TSH "0.4\\.br\\|mU/L|", "0.4 mU/L"},
        Valued{"type_of_blanks", "  |" TSH "0.4|mU/L|", "0.4 mU/L"},
        Valued{"coded", "CE|" TSH "260385009^Negative^SCT|mU/L|", "'Negative' mU/L", "value_unreadable"},
        Valued{"coded_without_words", "CWE|" TSH "NEG|mU/L|", "'NEG' mU/L", "value_unreadable"},
        Valued{"coded_original_text", "CWE|" TSH "NEG^Negative^L^^^^^^Not seen|mU/L|", "'Not seen' mU/L",
               "value_unreadable"},
        Valued{"missing", "NM|" TSH "|mU/L|", "missing_value OBX[1]-5"},
        Valued{"null", "NM|" TSH "\"\"|mU/L|", "missing_value OBX[1]-5"},
        Valued{"other_type", "ED|" TSH "^application^pdf|mU/L|", "unusable_value OBX[1]-2"},
        Valued{"no_unit", "NM|" TSH "0.4||", "missing_unit OBX[1]-6"},
        Valued{"unknown_unit", "NM|" TSH "0.4|furlong|", "unknown_unit OBX[1]-6"},
        Valued{"unit_of_the_second_triplet", "NM|" TSH "0.4|X1^milli-units^L^mU/L^^UCUM|", "0.4 mU/L"},
        Valued{"unit_in_words", "NM|" TSH "0.4|X1^mU/L^L|", "0.4 mU/L"},
        Valued{"unit_called_ucum", "NM|" TSH "0.4|mcU/mL?^mU/L^UCUM|", "0.4 mU/L"},
        Valued{"impossible", "NM|" TSH "-0.4|mU/L|", "impossible_value OBX[1]-5"},
        Valued{"range_of_words", "NM|" TSH "0.4|mU/L|see report", "0.4 mU/L", "range_unusable"}),
    [](const auto& tested) { return std::string(tested.param.name); });

#undef TSH

TEST(Hl7Result, power_of_ten_in_a_unit_survives_the_component_separator) {
    for (const std::string_view unit : {"10^9/L", "10\\S\\9/L", "10^9/L^^UCUM"}) {
        const auto decoded = hl7_result(hl7_tsh("OBX|1|NM|3016-3^TSH^LN||250|" + std::string(unit) + "|||||F"));
        EXPECT_EQ(error_of(decoded).unmapped, "tsh in '10^9/L'") << unit;
    }
}

TEST(Hl7Result, both_triplets_of_a_code_are_tried) {
    const auto second = hl7_result(hl7_tsh("OBX|1|NM|TSH^TSH^L^3016-3^TSH^LN||0.4|mU/L|||||F"));
    EXPECT_EQ(body_of<ResultEvent>(second).analyte.text, "tsh");
    EXPECT_EQ(event_of(second).key.id.text, "F4711^LABSYS#3016-3^LN");
    const auto neither = hl7_result(hl7_tsh("OBX|1|NM|TSH^Thyrotropin^L||0.4|mU/L|||||F"));
    EXPECT_EQ(outcome_word(neither), "unknown_code");
    EXPECT_EQ(error_of(neither).unmapped, "L|TSH 'Thyrotropin'");
    EXPECT_EQ(error_of(neither).place, "OBX[1]-3");
    EXPECT_EQ(neither.kind, "OBX L|TSH");
    EXPECT_EQ(outcome_word(hl7_result(hl7_tsh("OBX|1|NM|3016-3^TSH^LN^2857-1^PSA^LN||0.4|mU/L|||||F"))),
              vocabulary().meaning("LN", "2857-1") == nullptr ? "applied" : "contradictory_codes");
    EXPECT_EQ(outcome_word(hl7_result(hl7_tsh("OBX|1|NM|3016-4^TSH^LN||0.4|mU/L|||||F"))), "bad_code");
}

struct Status {
    const char* name;
    const char* status;
    const char* value;
    const char* expected; ///< `applied` or the reason.
    ResultStatus read;
    std::int64_t rank;
    const char* overtakes = ""; ///< `remembered`, `doubt`.
};

void PrintTo(const Status& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7StatusTest : public testing::TestWithParam<Status> {};

TEST_P(Hl7StatusTest, status_decides) {
    const auto decoded = hl7_result(
        hl7_tsh("OBX|1|NM|3016-3^TSH^LN||" + std::string(GetParam().value) + "|mU/L|||||" + GetParam().status));
    ASSERT_EQ(outcome_word(decoded), GetParam().expected);
    const model::Version version{{reported, sent, GetParam().rank}};
    std::string overtakes;
    if (decoded.overtaking) {
        const auto& event = decoded.overtaking->event;
        overtakes = decoded.overtaking->is_remembered ? "remembered" : model::is_doubt(event) ? "doubt" : "known";
        EXPECT_EQ(std::get<model::RetractionEvent>(event.body),
                  (model::RetractionEvent{model::FactId("F4711^LABSYS#3016-3^LN"), version}));
    }
    EXPECT_EQ(overtakes, GetParam().overtakes);
    if (std::string_view(GetParam().expected) != "applied")
        return;
    EXPECT_EQ(body_of<ResultEvent>(decoded).status, GetParam().read);
    EXPECT_EQ(event_of(decoded).version, version);
}

INSTANTIATE_TEST_SUITE_P(
    statuses, Hl7StatusTest,
    testing::Values(Status{"final", "F", "0.4", "applied", ResultStatus::final_, 2},
                    Status{"verified", "V", "0.4", "applied", ResultStatus::final_, 2},
                    Status{"corrected", "C", "0.4", "applied", ResultStatus::final_, 3},
                    Status{"amended", "A", "0.4", "applied", ResultStatus::final_, 3},
                    Status{"appended", "B", "0.4", "applied", ResultStatus::final_, 3},
                    Status{"appended_without_value", "B", "", "comment_only", ResultStatus::final_, 3},
                    Status{"preliminary", "P", "0.4", "applied", ResultStatus::preliminary, 1},
                    Status{"not_verified", "R", "0.4", "applied", ResultStatus::preliminary, 1},
                    Status{"partial", "S", "0.4", "applied", ResultStatus::preliminary, 1},
                    Status{"cannot_be_obtained", "X", "", "applied", ResultStatus::no_result, 2},
                    Status{"pending", "I", "", "pending", ResultStatus::final_, 0, "remembered"},
                    Status{"order_detail", "O", "", "not_asked", ResultStatus::final_, 0},
                    Status{"not_asked", "N", "", "not_asked", ResultStatus::final_, 0},
                    Status{"lower_case", "f", "0.4", "applied", ResultStatus::final_, 2},
                    Status{"of_the_report", "", "0.4", "applied", ResultStatus::final_, 2},
                    Status{"unknown", "Q", "0.4", "bad_status", ResultStatus::final_, 0, "doubt"},
                    Status{"final_without_value", "F", "", "missing_value", ResultStatus::final_, 2, "doubt"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Hl7Result, wrong_patient_retracts_and_says_so) {
    const auto decoded =
        hl7_result(hl7_tsh("OBX|1|ST|3016-3^TSH^LN^TSH^TSH^L|||mU/L^^UCUM|0.27-4.20|L|||W|||", "20260304090000"));
    const auto event = event_of(decoded);
    EXPECT_EQ(event.key.id.text, "F4711^LABSYS#3016-3^LN#wrong_patient");
    EXPECT_EQ(event.attributes.at("reason"), "wrong_patient");
    const auto body = body_of<model::RetractionEvent>(decoded);
    EXPECT_EQ(body.of.text, "F4711^LABSYS#3016-3^LN");
    ASSERT_TRUE(body.of_version);
    EXPECT_EQ(body.of_version->parts.back(), 4);
    EXPECT_GT(*body.of_version, (model::Version{{reported, sent, 3}}));
    EXPECT_EQ(event_of(hl7_result(hl7_tsh("OBX|1|ST|3016-3^TSH^LN||||||||D"))).attributes.at("reason"), "deleted");
}

TEST(Hl7Result, final_without_its_value_promotes_what_was_preliminary) {
    const auto decoded = hl7_result(hl7_tsh("OBX|1|ST|3016-3^TSH^LN||||||||U"));
    EXPECT_TRUE(model::is_promotion(event_of(decoded)));
    EXPECT_EQ(body_of<model::RetractionEvent>(decoded).of_version, (model::Version{{reported, sent, 2}}));
}

TEST(Hl7Result, later_status_stands_above_whichever_comes_first) {
    const auto version = [](std::string_view status, std::string_view at) {
        return event_of(hl7_result(hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||" + std::string(status), at))).version;
    };
    EXPECT_LT(version("F", "20260302101000"), version("C", "20260303090000"));
    EXPECT_LT(version("C", "20260302101000"), version("F", "20260303090000"));
    EXPECT_LT(version("P", "20260302101000"), version("F", "20260302101000"));
    EXPECT_LT(version("F", "20260302101000"), version("C", "20260302101000"));
    EXPECT_EQ(version("F", ""), (model::Version{{sent, sent, 2}}));
}

struct Timed {
    const char* name;
    const char* obr;
    const char* after; ///< Of OBR-7: OBX-14, with an SPM behind it.
    const char* expected;
    const char* warnings = "";
};

void PrintTo(const Timed& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7ResultTimeTest : public testing::TestWithParam<Timed> {};

TEST_P(Hl7ResultTimeTest, first_that_is_stated_counts) {
    const auto decoded = hl7_result(hl7_header("ORU^R01") + std::string(hl7_person_line) + GetParam().obr + "\r" +
                                    GetParam().after + "\r");
    const auto* event = std::get_if<model::Event>(&decoded.outcome);
    EXPECT_EQ(event == nullptr ? error_of(decoded).reason + " " + error_of(decoded).place
                               : model::to_text(event->at.instant),
              GetParam().expected);
    EXPECT_EQ(words_of(decoded), GetParam().warnings);
}

#define OBX "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F"
INSTANTIATE_TEST_SUITE_P(
    times, Hl7ResultTimeTest,
    testing::Values(Timed{"observation", "OBR|1||F1|TFT|||202603010830", OBX "|||202603010900", "2026-03-01T09:00:00Z"},
                    Timed{"collection", "OBR|1||F1|TFT|||202603010830", OBX, "2026-03-01T08:30:00Z"},
                    Timed{"collection_date", "OBR|1||F1|TFT|||20260301", OBX, "2026-03-01T00:00:00Z"},
                    Timed{"specimen", "OBR|1||F1|TFT", OBX "\rSPM|1|||SER|||||||||||||202603010800^202603010805",
                          "2026-03-01T08:00:00Z"},
                    Timed{"receipt", "OBR|1||F1|TFT||||||||||202603011000", OBX, "2026-03-01T10:00:00Z",
                          "time_is_received"},
                    Timed{"none", "OBR|1||F1|TFT", OBX, "missing_time OBX[1]-14"},
                    Timed{"bad", "OBR|1||F1|TFT|||202613010830", OBX, "bad_time OBR[1]-7"},
                    Timed{"ahead", "OBR|1||F1|TFT|||203603010830", OBX, "too_far_ahead OBR[1]-7"},
                    Timed{"autumn", "OBR|1||F1|TFT|||20251026013000", OBX, "2025-10-26T00:30:00Z", "tz_ambiguous"},
                    Timed{"spring", "OBR|1||F1|TFT|||20260329013000", OBX, "2026-03-29T01:30:00Z", "tz_nonexistent"}),
    [](const auto& tested) { return std::string(tested.param.name); });
#undef OBX

TEST(Hl7Result, order_without_a_number_has_a_weak_key) {
    const std::string rest = "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r";
    const auto read = [&](std::string_view pid, std::string_view obr) {
        return hl7_result(hl7_header("ORU^R01") + std::string(pid) + "\r" + std::string(obr) + "\r" + rest);
    };
    const auto one = read("PID|||9990000018^^^NHS", "OBR|1|P1||TFT|||202603010830");
    EXPECT_EQ(words_of(one), "weak_key");
    EXPECT_TRUE(event_of(one).key.id.text.starts_with("weak-")) << event_of(one).key.id.text;
    EXPECT_EQ(event_of(one).key.id.text.find("9990000018"), std::string::npos);
    EXPECT_EQ(event_of(one).key, event_of(read("PID|||9990000018^^^NHS~7^^^X", "OBR|2|P1||TFT|||202603010830")).key);
    for (const auto& other : {read("PID|||9434765919^^^NHS", "OBR|1|P1||TFT|||202603010830"),
                              read("PID|||9990000018^^^NHS", "OBR|1|P2||TFT|||202603010830"),
                              read("PID|||9990000018^^^NHS", "OBR|1|P1||TFT|||202603010831")})
        EXPECT_NE(event_of(one).key, event_of(other).key);
    const auto by_orc = hl7_result(hl7_header("ORU^R01") +
                                   "PID|||9990000018^^^NHS\rORC|RE||F9^LAB\r"
                                   "OBR|1|P1||TFT|||202603010830\r" +
                                   rest);
    EXPECT_EQ(event_of(by_orc).key.id.text, "F9^LAB#3016-3^LN");
}

TEST(Hl7Result, weak_keys_are_the_same_in_every_release) {
    EXPECT_EQ(hl7_weak_number(""), "weak-cbf29ce484222325");
    EXPECT_EQ(hl7_weak_number("foobar"), "weak-85944171f73967e8");
}

TEST(Hl7Result, sub_id_and_repetition_are_part_of_the_key) {
    const auto all = hl7_results(hl7_tsh("OBX|1|NM|3016-3^TSH^LN|a|0.4~0.5|mU/L|||||F\r"
                                         "OBX|2|NM|3016-3^TSH^LN||0.6~0.7|mU/L|||||F"));
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(event_of(all[0]).key.id.text, "F4711^LABSYS#3016-3^LN/a");
    EXPECT_EQ(event_of(all[1]).key.id.text, "F4711^LABSYS#3016-3^LN/a#2");
    EXPECT_EQ(event_of(all[2]).key.id.text, "F4711^LABSYS#3016-3^LN");
    EXPECT_EQ(event_of(all[3]).key.id.text, "F4711^LABSYS#3016-3^LN#2");
    EXPECT_EQ(shown(all[3]), "0.7 mU/L");
}

TEST(Hl7Result, text_may_go_on_in_further_segments) {
    const auto decoded = hl7_result(hl7_tsh("OBX|1|TX|3016-3^TSH^LN||0.4|mU/L|||||F\rNTE|1||first\r"
                                            "OBX|2|TX|3016-3^TSH^LN||haemolysed|mU/L|||||F\rNTE|1||second"));
    EXPECT_EQ(body_of<ResultEvent>(decoded).value_text, "0.4\nhaemolysed");
    EXPECT_EQ(event_of(decoded).attributes.at("note"), "first\nsecond");
}

TEST(Hl7Result, patient_and_order_begin_anew) {
    const auto all = hl7_results(hl7_header("ORU^R01") +
                                 "PID|1||9990000018^^^NHS\rORC|RE||A1\rOBR|1||A1|TFT|||20260301\r"
                                 "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r"
                                 "OBR|2||A2|TFT|||20260302\rOBX|1|NM|3016-3^TSH^LN||0.5|mU/L|||||F\r"
                                 "PID|2||9434765919^^^NHS\rOBR|1||B1|TFT|||20260303\r"
                                 "OBX|1|NM|3016-3^TSH^LN||0.6|mU/L|||||F\r"
                                 "PID|3\rOBR|1||C1|TFT|||20260303\rOBX|1|NM|3016-3^TSH^LN||0.7|mU/L|||||F\r");
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(event_of(all[0]).key.id.text, "A1#3016-3^LN");
    EXPECT_EQ(event_of(all[1]).key.id.text, "A2#3016-3^LN");
    EXPECT_EQ(model::to_text(event_of(all[1]).patient), "nhs:9990000018");
    EXPECT_EQ(event_of(all[2]).key.id.text, "B1#3016-3^LN");
    EXPECT_EQ(model::to_text(event_of(all[2]).patient), "nhs:9434765919");
    EXPECT_EQ(model::to_text(event_of(all[2]).at.date), "2026-03-03");
    EXPECT_EQ(error_of(all[3]).reason, "missing_subject");
    EXPECT_EQ(error_of(all[3]).place, "PID[3]-3");
}

TEST(Hl7Result, attributes_keep_where_it_was_measured) {
    const auto event = event_of(hl7_result(hl7_tsh(
        "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F||||^Central|| CLIA^Chemiluminescence|Cobas-7^ROCHE|||||RX1 Lab^D")));
    EXPECT_EQ(event.attributes.at("method"), "Chemiluminescence");
    EXPECT_EQ(event.attributes.at("device"), "Cobas-7");
    EXPECT_EQ(event.attributes.at("laboratory"), "RX1 Lab");
}

TEST(Hl7Result, finding_is_a_condition_where_it_is_said_or_yes) {
    const auto read = [](std::string_view value) {
        return hl7_result(hl7_tsh("OBX|1|CE|69896004^RA^SCT||" + std::string(value) + "||||||F"));
    };
    EXPECT_EQ(body_of<model::ConditionEvent>(read("")).code.text, "rheumatoid-arthritis");
    EXPECT_EQ(body_of<model::ConditionEvent>(read("Y^Yes")).code.text, "rheumatoid-arthritis");
    const auto no = read("N");
    EXPECT_EQ(outcome_word(no), "said_to_be_absent");
    EXPECT_TRUE(no.overtaking);
    EXPECT_EQ(outcome_word(read("perhaps")), "unusable_value");
}

std::string scan(std::string_view type, std::string_view status, std::string_view more = "") {
    return hl7_header(type) + std::string(hl7_person_line) +
           "OBR|1||R1^RIS|312681000^DXA^SCT|||202603010830|||||||||||||||20260302101000|||" + std::string(status) +
           "\r" + std::string(more);
}

TEST(Hl7Result, report_of_something_done_is_a_procedure) {
    const auto done = hl7_result(scan("ORU^R01", "F"));
    EXPECT_EQ(event_of(done).key.id.text, "R1^RIS");
    EXPECT_EQ(body_of<model::ProcedureEvent>(done).code.text, "dxa");
    EXPECT_EQ(outcome_word(hl7_result(scan("ORU^R01", ""))), "applied");
    EXPECT_EQ(outcome_word(hl7_result(scan("ORM^O01", ""))), "not_final");
    EXPECT_EQ(outcome_word(hl7_result(scan("ORU^R01", "P"))), "not_final");
    const auto cancelled = hl7_result(scan("ORU^R01", "X"));
    EXPECT_EQ(outcome_word(cancelled), "not_done");
    ASSERT_TRUE(cancelled.overtaking);
    EXPECT_TRUE(cancelled.overtaking->is_remembered);
    EXPECT_EQ(hl7_results(scan("ORU^R01", "F", "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r")).size(), 2U);
}

TEST(Hl7Result, cancelled_order_takes_its_results_with_it) {
    const auto cancelled = hl7_result(hl7_header("ORU^R01") + std::string(hl7_person_line) +
                                      "OBR|1||F4711^LABSYS|TFT^^L||||||||||||||||||20260304|||X\r");
    EXPECT_EQ(outcome_word(cancelled), "not_done");
    ASSERT_TRUE(cancelled.overtaking);
    EXPECT_TRUE(cancelled.reaches_parts);
    EXPECT_EQ(model::fact_of(cancelled.overtaking->event).id.text, "F4711^LABSYS");
    const auto empty =
        hl7_result(hl7_header("ORM^O01") + std::string(hl7_person_line) + "OBR|1||F4711^LABSYS|TFT^^L\r");
    EXPECT_EQ(outcome_word(empty), "no_result");
    EXPECT_FALSE(empty.overtaking);
}

TEST(Hl7Result, specimen_before_its_order_is_meant_too) {
    const auto decoded = hl7_result(hl7_header("OUL^R22^OUL_R22") + std::string(hl7_person_line) +
                                    "SPM|1|||SER|||||||||||||202603010800\rOBR|1||F1|TFT\r"
                                    "OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r");
    EXPECT_EQ(model::to_text(event_of(decoded).at.instant), "2026-03-01T08:00:00Z");
    EXPECT_EQ(event_of(hl7_result(decoded.raw)), event_of(decoded));
}

TEST(Hl7Result, explanation_says_where_each_field_came_from) {
    const Publisher lab{.id = model::PublisherId("lab")};
    const auto all = decode(Format::hl7v2, hl7_tsh("OBX|1|NM|TSH^T^L^3016-3^TSH^LN||0.4|mU/L|0.27-4.2||||F"), lab,
                            vocabulary(), std::nullopt, true);
    std::map<std::string, std::string> places;
    for (const Origin& origin : all.back().origins)
        places[origin.field] += origin.place + " " + origin.text + ";";
    EXPECT_EQ(places["value"], "OBX[1]-5 0.4;");
    EXPECT_EQ(places["unit"], "OBX[1]-6 mU/L;");
    EXPECT_EQ(places["at"], "OBR[1]-7 202603010830;");
    EXPECT_EQ(places["code"], "OBX[1]-3.4 3016-3;");
    EXPECT_EQ(places["patient"], "PID[1]-3[1].1 9990000018^^^NHS^NH;");
    EXPECT_EQ(places["version"], "OBR[1]-22 20260302101000;MSH-7 20260302101500+0000;OBX[1]-11 F;");
    EXPECT_EQ(places["status"], "OBX[1]-11 F;");
    EXPECT_EQ(places["range"], "OBX[1]-7 0.27-4.2;");
    EXPECT_TRUE(hl7_result(hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F")).origins.empty());
}

TEST(Hl7Result, explanation_names_each_field_that_nobody_looked_at) {
    const auto passed_over = [](bool is_explained) {
        const Publisher lab{.id = model::PublisherId("lab")};
        std::string out;
        for (const Decoded& each : decode(
                 Format::hl7v2,
                 hl7_tsh("OBX|7|NM|3016-3^TSH^LN||0.4|mU/L|0.27-4.2|L|||F||x\rZZ1|1||a\rOBX|8|NM|1^X^L||5|mg||H|||F"),
                 lab, vocabulary(), std::nullopt, is_explained))
            for (const Origin& origin : each.origins)
                if (origin.field.empty())
                    out += origin.place + " ";
        return out.substr(std::min(out.size(), out.find("OBX")));
    };
    EXPECT_EQ(passed_over(true),
              "OBX[1]-1 OBX[1]-8 OBX[1]-13 ZZ1[1] OBX[2]-1 OBX[2]-2 OBX[2]-5 OBX[2]-6 OBX[2]-8 OBX[2]-11 ");
    EXPECT_EQ(passed_over(false), "");
}

TEST(Hl7Message, of_test_or_another_version_is_refused) {
    const auto read = [](std::string_view processing, std::string_view version) {
        return "MSH|^~\\&|LAB|X|||20260302||ORU^R01|1|" + std::string(processing) + "|" + std::string(version) + "\r";
    };
    for (const std::string_view good : {"2.1", "2.3.1", "2.8", "2.8.2", ""})
        EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, read("P", good))), "missing_field") << good;
    for (const std::string_view bad : {"2.9", "3.0", "2", "2.", "2.10", "v2.5"})
        EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, read("P", bad))), "unknown_version") << bad;
    const auto test = decode_one(Format::hl7v2, read("T", "2.5"));
    EXPECT_EQ(outcome_of(test), "rejected");
    EXPECT_EQ(error_of(test).reason, "test_message");
    EXPECT_EQ(error_of(test).place, "MSH-11");
    const config::PublisherSettings settings{.takes_test_messages = true};
    const Publisher lab{.id = model::PublisherId("lab"), .settings = &settings};
    EXPECT_EQ(outcome_word(decode(Format::hl7v2, read("T", "2.5"), lab, vocabulary(), std::nullopt).front()),
              "missing_field");
}

TEST(Hl7Message, each_of_a_batch_has_outcomes_of_its_own) {
    const std::string body = "BHS|^~\\&|LAB\r" + hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|furlong|||||F") + "MSH|^~\r" +
                             hl7_tsh("OBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F") + "BTS|4\r";
    const auto all = hl7_results(body);
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(error_of(all[0]).place, "message 1, OBX[1]-6");
    EXPECT_EQ(error_of(all[1]).place, "message 2, MSH-9");
    EXPECT_EQ(outcome_of(all[1]), "rejected");
    EXPECT_EQ(outcome_word(all[2]), "applied");
    EXPECT_EQ(error_of(all[3]).reason, "batch_incomplete");
    EXPECT_EQ(outcome_of(all[3]), "rejected");
    EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, "BHS|^~\\&|LAB\rBTS|0\r")), "empty_batch");
    EXPECT_TRUE(decode_all(Format::hl7v2, " \r\n").empty());
    EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, "\x0B")), "not_hl7");
    EXPECT_EQ(outcome_word(decode_one(Format::hl7v2, "hello")), "not_hl7");
}

TEST(Hl7Message, micro_in_latin_1_is_the_one_in_utf_8) {
    const auto read = [](std::string_view micro, std::string_view charset) {
        return hl7_result("MSH|^~\\&|LAB|X|||20260302||ORU^R01|1|P|2.3||||||" + std::string(charset) +
                          "\rPID|||7^^^X\rOBR|1||F1|VITD|||20260301\rOBX|1|NM|1989-3^Vitamin D^LN||20|" +
                          std::string(micro) + "g/L|||||F\r");
    };
    const auto utf8 = read("\xC2\xB5", "UNICODE UTF-8");
    EXPECT_EQ(outcome_word(utf8), "applied") << error_of(utf8).message;
    for (const auto& latin : {read("\xB5", "8859/1"), read("\xB5", "")}) {
        EXPECT_EQ(body_of<ResultEvent>(latin), body_of<ResultEvent>(utf8));
        EXPECT_NE(latin.raw.find("|\xB5g/L"), std::string::npos);
    }
}

} // namespace
} // namespace bonewatch::ingest::rules
