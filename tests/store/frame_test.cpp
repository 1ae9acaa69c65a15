#include "store/model/frame.h"
#include "store/model/json_writer.h"
#include "store/model/wire.h"

#include <gtest/gtest.h>

#include <array>

namespace bonewatch::model {
namespace {

const std::string hello(1, '\x01');

Envelope envelope_of(std::vector<std::string> parts) {
    Envelope envelope;
    envelope.peer = "peer";
    envelope.part_count = parts.size();
    for (const auto& part : parts)
        envelope.byte_count += part.size();
    envelope.parts = std::move(parts);
    return envelope;
}

struct FaultCase {
    std::string name;
    std::vector<std::string> parts;
    std::string reason;
    std::string request_id = "-";
    bool has_delimiter = false;
};

class Faults : public testing::TestWithParam<FaultCase> {};

TEST_P(Faults, are_refused_with_a_reason_and_the_sender_s_request_id) {
    const auto& wanted = GetParam();
    const auto frame = parse_frame(envelope_of(wanted.parts), {.bodies_max = 2, .bytes_max = 70'000});
    ASSERT_FALSE(frame.has_value());
    EXPECT_EQ(frame.error().error.reason, wanted.reason);
    EXPECT_EQ(frame.error().error.kind, ErrorKind::malformed);
    EXPECT_FALSE(frame.error().error.message.empty());
    EXPECT_EQ(frame.error().request_id, wanted.request_id);
    EXPECT_EQ(frame.error().has_delimiter, wanted.has_delimiter);
}

INSTANTIATE_TEST_SUITE_P(
    Frame, Faults,
    testing::Values(
        FaultCase{"no_parts", {}, "too_few_parts"}, FaultCase{"delimiter_alone", {""}, "too_few_parts", "-", true},
        FaultCase{"garbage", {"\xff\x01garbage"}, "not_bwp1"}, FaultCase{"http", {"GET / HTTP/1.1"}, "not_bwp1"},
        FaultCase{"lower_case_version", {"bwp1", hello, "1", "{}"}, "not_bwp1"},
        FaultCase{"next_version", {"BWP2", hello, "1", "{}"}, "wrong_version"},
        FaultCase{"version_with_more", {"BWP1 ", hello, "1", "{}"}, "wrong_version"},
        FaultCase{"version_alone", {"BWP1"}, "too_few_parts"},
        FaultCase{"no_meta", {"BWP1", hello, "7"}, "too_few_parts", "7"},
        FaultCase{"no_meta_after_delimiter", {"", "BWP1", hello, "7"}, "too_few_parts", "7", true},
        FaultCase{"unknown_command", {"BWP1", "\x7e", "7", "{}"}, "unknown_command", "7"},
        FaultCase{"empty_command", {"BWP1", "", "7", "{}"}, "unknown_command", "7"},
        FaultCase{"command_of_two_octets", {"BWP1", hello + hello, "7", "{}"}, "unknown_command", "7"},
        FaultCase{"command_in_words", {"BWP1", "HELLO", "7", "{}"}, "unknown_command", "7"},
        FaultCase{"empty_request_id", {"BWP1", hello, "", "{}"}, "bad_request_id"},
        FaultCase{"request_id_of_33_bytes", {"BWP1", hello, std::string(33, 'x'), "{}"}, "bad_request_id"},
        FaultCase{"three_bodies", {"BWP1", hello, "7", "{}", "a", "b", "c"}, "too_many_bodies", "7"},
        FaultCase{"too_large", {"BWP1", hello, "7", "{}", std::string(70'000, 'x')}, "too_large", "7"},
        FaultCase{"meta_of_64_KiB_and_1", {"BWP1", hello, "7", std::string(65'537, ' ')}, "meta_too_large", "7"}),
    [](const auto& test) { return test.param.name; });

TEST(Frame, cut_off_parts_are_refused_as_too_large) {
    const std::vector<std::vector<std::string>> kept{{}, {""}, {"BWP1"}, {"BWP1", hello}, {"BWP1", hello, "7"}};
    for (const auto& parts : kept) {
        Envelope envelope;
        envelope.parts = parts;
        envelope.part_count = 6;
        envelope.byte_count = 1'000'000;
        const auto frame = parse_frame(std::move(envelope), {.bodies_max = 2, .bytes_max = 1000});
        ASSERT_FALSE(frame.has_value());
        EXPECT_EQ(frame.error().error.reason, "too_large");
    }
}

TEST(Frame, parts_come_back_as_they_were_sent) {
    for (const bool has_delimiter : {false, true}) {
        const Frame sent{.has_delimiter = has_delimiter,
                         .command = Command::publish,
                         .request_id = std::string(32, '\0'),
                         .meta = R"({"format":"native"})",
                         .bodies = {"first", "", std::string("\0\xff", 2)}};
        const auto parts = parts_of(sent);
        EXPECT_EQ(parts.size(), has_delimiter ? 8U : 7U);
        const auto received = parse_frame(envelope_of(parts), {});
        ASSERT_TRUE(received.has_value()) << received.error().error.message;
        EXPECT_EQ(received->has_delimiter, sent.has_delimiter);
        EXPECT_EQ(received->command, sent.command);
        EXPECT_EQ(received->request_id, sent.request_id);
        EXPECT_EQ(received->meta, sent.meta);
        EXPECT_EQ(received->bodies, sent.bodies);
    }
}

TEST(Frame, limits_themselves_are_within) {
    EXPECT_TRUE(
        parse_frame(envelope_of({"BWP1", hello, std::string(32, 'x'), std::string(meta_bytes_max, ' '), "", ""}),
                    {.bodies_max = 2, .bytes_max = 4 + 1 + 32 + meta_bytes_max}));
}

TEST(Meta, members_are_texts) {
    const auto meta =
        read_meta(R"({"a":"x\ny","n":12,"yes":true,"no":false,"none":null,"list":[1, {"b":2}],"minus":-1})");
    ASSERT_TRUE(meta.has_value());
    EXPECT_EQ(text_in(*meta, "a"), "x\ny");
    EXPECT_EQ(text_in(*meta, "list"), R"([1,{"b":2}])");
    EXPECT_EQ(text_in(*meta, "none"), std::nullopt);
    EXPECT_EQ(number_in(*meta, "n"), 12U);
    EXPECT_EQ(number_in(*meta, "minus"), std::nullopt);
    EXPECT_EQ(number_in(*meta, "a"), std::nullopt);
    EXPECT_EQ(number_in(*meta, "absent"), std::nullopt);
    EXPECT_TRUE(flag_in(*meta, "yes"));
    EXPECT_FALSE(flag_in(*meta, "no"));
    EXPECT_FALSE(flag_in(*meta, "absent"));
}

TEST(Meta, a_member_is_of_the_kind_that_its_rule_says) {
    constexpr std::array<MemberRule, 3> rules{
        {{"name", MemberKind::text}, {"quick", MemberKind::flag}, {"limit", MemberKind::whole}}};
    const auto place = [&](std::string_view text) {
        const auto meta = read_meta(text, rules);
        return meta ? "" : meta.error().reason + " at " + meta.error().place;
    };
    EXPECT_EQ(place(R"({"name":"a","quick":true,"limit":0,"other":[1]})"), "");
    EXPECT_EQ(place(R"({"name":null,"quick":null,"limit":null})"), "");
    EXPECT_EQ(place(R"({"name":5})"), "bad_member at name");
    EXPECT_EQ(place(R"({"quick":"true"})"), "bad_member at quick");
    EXPECT_EQ(place(R"({"quick":1})"), "bad_member at quick");
    EXPECT_EQ(place(R"({"limit":-5})"), "bad_member at limit");
    EXPECT_EQ(place(R"({"limit":"5"})"), "bad_member at limit");
    EXPECT_EQ(place(R"({"limit":1.5})"), "bad_member at limit");
}

TEST(Meta, what_is_no_object_is_refused) {
    const std::vector<std::string> metas{"",
                                         "null",
                                         "[]",
                                         "12",
                                         R"("text")",
                                         "{",
                                         R"({"a":1,})",
                                         R"({"a":1}{})",
                                         R"({"a":1} x)",
                                         R"({"a":1,"a":2})",
                                         "{\"a\":\"\xff\"}",
                                         std::string(60'000, '{'),
                                         std::string(60'000, '[')};
    for (const auto& text : metas) {
        const auto meta = read_meta(text);
        ASSERT_FALSE(meta.has_value()) << text;
        EXPECT_EQ(meta.error().reason, "meta_not_object") << text;
    }
}

TEST(JsonWriter, writes_what_can_be_read_again) {
    JsonWriter json;
    json.begin_object();
    json.text("id", "L-\"1\"\\\n\t\x01");
    json.number("days", -28);
    json.begin_array("list");
    json.text("a");
    json.begin_object();
    json.end_object();
    json.raw("3");
    json.end_array();
    json.flag("yes", true);
    json.begin_object("inner");
    json.raw("r", "[1]");
    json.end_object();
    json.text("word", "caf\xc3\xa9");
    json.text("broken", "caf\xe9");
    json.end_object();
    const auto text = json.take();
    EXPECT_EQ(text, "{\"id\":\"L-\\\"1\\\"\\\\\\n\\u0009\\u0001\",\"days\":-28,\"list\":[\"a\",{},3],\"yes\":true,"
                    "\"inner\":{\"r\":[1]},\"word\":\"caf\xc3\xa9\",\"broken\":\"caf?\"}");
    const auto meta = read_meta(text);
    ASSERT_TRUE(meta.has_value());
    EXPECT_EQ(text_in(*meta, "id"), "L-\"1\"\\\n\t\x01");
}

TEST(Wire, errors_say_why_and_whether_to_try_again) {
    const Address to{.peer = "p", .has_delimiter = true, .request_id = "9"};
    const auto frame = error_answer(to, {ErrorKind::refused, "over_credit", "Too much.", "$.a"}, true);
    EXPECT_TRUE(frame.has_delimiter);
    EXPECT_EQ(frame.request_id, "9");
    EXPECT_EQ(frame.meta, R"({"reason":"over_credit","message":"Too much.","place":"$.a","retry":true})");
}

} // namespace
} // namespace bonewatch::model
