#include "ingest/json.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest {
namespace {

TEST(JsonText, numbers_keep_each_digit_that_was_sent) {
    const auto json = parse_json(R"({"a": 0.10 , "b":[1E-2,-0], "c":12345678901234567890.123456789})");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->root.find("a")->text, "0.10");
    EXPECT_EQ(json->root.items_of("b")[0].value.text, "1E-2");
    EXPECT_EQ(json->root.find("c")->text, "12345678901234567890.123456789");
}

TEST(JsonText, an_object_knows_its_source) {
    const auto json = parse_json(R"(  {"entry":[ {"id":"x" , "y":{"z":[]} } , {"id":"\u00e9"}]} )");
    ASSERT_TRUE(json);
    EXPECT_EQ(json->root.items_of("entry")[0].value.text, R"({"id":"x" , "y":{"z":[]} })");
    EXPECT_EQ(json->root.items_of("entry")[1].value.text, R"({"id":"\u00e9"})");
    EXPECT_EQ(json->root.items_of("entry")[1].value.text_of("id"), "é");
    EXPECT_EQ(json->root.text.front(), '{');
    EXPECT_EQ(json->root.text.back(), '}');
}

struct RejectCase {
    const char* name;
    std::string text;
    const char* reason;
    const char* place;
};

class JsonRejectTest : public testing::TestWithParam<RejectCase> {};

TEST_P(JsonRejectTest, names_reason_and_place) {
    const auto json = parse_json(GetParam().text);
    ASSERT_FALSE(json);
    EXPECT_EQ(json.error().reason, GetParam().reason);
    EXPECT_EQ(json.error().place, GetParam().place);
    EXPECT_EQ(json.error().kind, model::ErrorKind::malformed);
}

INSTANTIATE_TEST_SUITE_P(reject, JsonRejectTest,
                         testing::Values(RejectCase{"empty", "", "bad_json", "$"},
                                         RejectCase{"spaces", "  \t ", "bad_json", "$"},
                                         RejectCase{"scalar", "12", "bad_json", "$"},
                                         RejectCase{"two_scalars", "12 13", "bad_json", "$"},
                                         RejectCase{"leading_zero", R"({"a":01})", "bad_json", "$.a"},
                                         RejectCase{"no_fraction", R"({"a":1.})", "bad_json", "$.a"},
                                         RejectCase{"no_exponent", R"({"a":1e})", "bad_json", "$.a"},
                                         RejectCase{"minus", R"({"a":-})", "bad_json", "$.a"},
                                         RejectCase{"plus", R"({"a":+1})", "bad_json", "$.a"},
                                         RejectCase{"not_a_number", R"({"a":NaN})", "bad_json", "$.a"},
                                         RejectCase{"short_true", R"({"a":tru})", "bad_json", "$.a"},
                                         RejectCase{"long_true", R"({"a":truex})", "bad_json", "$.a"},
                                         RejectCase{"short_null", R"({"a":[nul]})", "bad_json", "$.a[0]"},
                                         RejectCase{"no_comma", R"({"a":1 "b":2})", "bad_json", "$"},
                                         RejectCase{"no_colon", R"({"a" 1})", "bad_json", "$"},
                                         RejectCase{"comma_at_end", R"({"a":1,})", "bad_json", "$"},
                                         RejectCase{"comma_at_end_of_array", "[1,]", "bad_json", "$[1]"},
                                         RejectCase{"unquoted_key", "{a:1}", "bad_json", "$"},
                                         RejectCase{"open_object", R"({"a":1)", "bad_json", "$"},
                                         RejectCase{"open_string", R"({"a":"b)", "bad_json", "$"},
                                         RejectCase{"text_after", R"({"a":1}x)", "bad_json", "$"},
                                         RejectCase{"object_after", R"({"a":1}{"b":2})", "bad_json", "$"},
                                         RejectCase{"closed_twice", R"({"a":1}})", "bad_json", "$"},
                                         RejectCase{"bad_escape", R"({"a":"\q"})", "bad_json", "$.a"},
                                         RejectCase{"half_pair", R"({"a":"\ud800"})", "bad_json", "$.a"},
                                         RejectCase{"other_half_pair", R"({"a":"\udc00"})", "bad_json", "$.a"},
                                         RejectCase{"escaped_nul", R"({"a":"\u0000"})", "bad_encoding", "$.a"},
                                         RejectCase{"nul_after", std::string("{\"a\":1}\0", 8), "bad_json", "$"},
                                         RejectCase{"nul_in_string", std::string("{\"a\":\"\0\"}", 9), "bad_json", "$"},
                                         RejectCase{"control_character", "{\"a\":\"\x01\"}", "bad_json", "$"},
                                         RejectCase{"latin1", "{\"a\":\"\xb5g\"}", "bad_encoding", "$"},
                                         RejectCase{"overlong", "{\"a\":\"\xc0\xaf\"}", "bad_encoding", "$"},
                                         RejectCase{"twice", R"({"a":{"b":1,"b":2}})", "duplicate_key", "$.a"},
                                         RejectCase{"twice_by_escape", R"({"a":1,"\u0061":2})", "duplicate_key", "$"}),
                         [](const auto& tested) { return tested.param.name; });

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonText, thirty_two_deep_is_read_and_thirty_three_is_refused) {
    EXPECT_TRUE(parse_json(nested(32)));
    const auto deeper = parse_json(nested(33));
    ASSERT_FALSE(deeper);
    EXPECT_EQ(deeper.error().reason, "too_deep");
    EXPECT_EQ(parse_json(std::string(1 << 20, '[')).error().kind, model::ErrorKind::malformed);
}

TEST(JsonText, larger_than_its_limit_is_refused) {
    const std::string frame = R"({"a":""})";
    const auto of_size = [&](std::size_t bytes) {
        return R"({"a":")" + std::string(bytes - frame.size(), 'x') + "\"}";
    };
    EXPECT_TRUE(parse_json(of_size(1 << 20)));
    const auto larger = parse_json(of_size((1 << 20) + 1));
    ASSERT_FALSE(larger);
    EXPECT_EQ(larger.error().reason, "too_large");
}

TEST(JsonText, many_keys_are_compared_too) {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i)
        text += "\"k" + std::to_string(i) + "\":1,";
    EXPECT_TRUE(parse_json(text + "\"last\":1}"));
    EXPECT_EQ(parse_json(text + "\"k7\":1}").error().reason, "duplicate_key");
}

TEST(JsonText, views_outlive_a_move) {
    auto json = parse_json(R"({"a":"short"})").value();
    const JsonText moved = std::move(json);
    EXPECT_EQ(moved.root.text_of("a"), "short");
}

TEST(JsonText, empty_values_are_found_with_their_path) {
    const auto first_empty = [](std::string_view text) {
        const auto json = parse_json(text);
        return json ? find_empty(json->root).value_or("none") : json.error().message;
    };
    EXPECT_EQ(first_empty(R"({"a":"x","b":[{"c":""}]})"), "$.b[0].c");
    EXPECT_EQ(first_empty(R"({"a":null})"), "$.a");
    EXPECT_EQ(first_empty(R"({"a":[]})"), "$.a");
    EXPECT_EQ(first_empty(R"({"a":{}})"), "$.a");
    EXPECT_EQ(first_empty("{}"), "$");
    EXPECT_EQ(first_empty(R"({"given":[null,"x"],"_given":[{"id":"1"},null]})"), "none");
    EXPECT_EQ(first_empty(R"({"a":0,"b":false})"), "none");
}

} // namespace
} // namespace bonewatch::ingest
