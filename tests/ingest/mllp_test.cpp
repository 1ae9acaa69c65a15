#include "ingest/mllp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>
#include <vector>

namespace bonewatch::ingest {

static void PrintTo(const MllpBlock& block, std::ostream* out) {
    *out << '"' << block.bytes << '"' << (block.is_cut ? " (cut)" : "");
}

namespace {

using namespace std::string_literals;

constexpr std::size_t bytes_max = 16;

struct Read {
    std::vector<MllpBlock> blocks;
    MllpCounts counts;

    friend bool operator==(const Read&, const Read&) = default;
};

/// All of a stream, in pieces that end at `cuts`; ends itself.
Read read(std::string_view stream, std::vector<std::size_t> cuts = {}) {
    Read read;
    MllpReader reader(bytes_max);
    cuts.push_back(stream.size());
    std::ranges::sort(cuts);
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
        std::string_view piece = stream.substr(from, to - from);
        from = to;
        while (auto block = reader.take(piece))
            read.blocks.push_back(*std::move(block));
    }
    reader.end();
    read.counts = reader.counts();
    return read;
}

struct Case {
    std::string name;
    std::string stream;
    std::vector<MllpBlock> blocks;
    MllpCounts counts;
};

class Framing : public testing::TestWithParam<Case> {};

TEST_P(Framing, gives_the_blocks_and_counts_what_was_wrong) {
    const Read all = read(GetParam().stream);
    EXPECT_EQ(all.blocks, GetParam().blocks);
    EXPECT_EQ(all.counts, GetParam().counts);
}

INSTANTIATE_TEST_SUITE_P(
    Mllp, Framing,
    testing::Values(
        Case{"nothing", "", {}, {}}, Case{"one", "\vMSH|a\x1c\r", {{"MSH|a"}}, {.blocks = 1}},
        Case{"two_in_one_piece", "\va\x1c\r\vb\x1c\r", {{"a"}, {"b"}}, {.blocks = 2}},
        Case{"an_empty_one", "\v\x1c\r", {{""}}, {.blocks = 1}},
        Case{"bytes_before_the_start", "hello\va\x1c\r", {{"a"}}, {.blocks = 1, .discarded_bytes = 5}},
        Case{"bytes_between", "\va\x1c\r\r\n\vb\x1c\r", {{"a"}, {"b"}}, {.blocks = 2, .discarded_bytes = 2}},
        Case{"no_return_before_the_next", "\va\x1c\vb\x1c\r", {{"a"}, {"b"}}, {.blocks = 2, .ends_without_return = 1}},
        Case{"no_return_at_the_end", "\va\x1c", {{"a"}}, {.blocks = 1, .ends_without_return = 1}},
        Case{"a_line_feed_for_the_return",
             "\va\x1c\n\vb\x1c\r",
             {{"a"}, {"b"}},
             {.blocks = 2, .discarded_bytes = 1, .ends_without_return = 1}},
        Case{"a_start_before_the_end", "\vlost\va\x1c\r", {{"a"}}, {.blocks = 1, .resyncs = 1}},
        Case{"starts_in_a_row", "\v\v\va\x1c\r", {{"a"}}, {.blocks = 1, .resyncs = 2}},
        Case{"half_a_block", "\vMSH|a", {}, {}}, Case{"no_block_at_all", "GET / HTTP", {}, {.discarded_bytes = 10}},
        Case{"ends_only", "\x1c\r\x1c\r", {}, {.discarded_bytes = 4}},
        Case{"nul_and_high_bytes", "\va\0\xff\r\x1c\r"s, {{"a\0\xff\r"s}}, {.blocks = 1}},
        Case{"as_long_as_it_may_be", "\v0123456789abcdef\x1c\r", {{"0123456789abcdef"}}, {.blocks = 1}},
        Case{"one_byte_more",
             "\v0123456789abcdefg\x1c\r\vb\x1c\r",
             {{"0123456789abcdef", true}, {"b"}},
             {.blocks = 2, .cut = 1}},
        Case{"given_up_though_too_long", "\v0123456789abcdefg\vb\x1c\r", {{"b"}}, {.blocks = 1, .resyncs = 1}}),
    [](const auto& one) { return one.param.name; });

RC_GTEST_PROP(MllpProperty, any_cut_into_pieces_gives_the_same_blocks_and_counts, ()) {
    // Few distinct bytes, so that marks meet each other often.
    const auto stream =
        *rc::gen::container<std::string>(rc::gen::element('\v', '\x1c', '\r', '\n', 'a', 'b', '\0', '\xff'));
    const auto cuts =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange(std::size_t{0}, stream.size() + 1));
    RC_ASSERT(read(stream, cuts) == read(stream));
}

RC_GTEST_PROP(MllpProperty, messages_put_into_blocks_come_out_again, ()) {
    const auto messages = *rc::gen::container<std::vector<std::string>>(rc::gen::scale(
        0.2, rc::gen::container<std::string>(rc::gen::distinctFrom(rc::gen::element('\r', 'a', '\n'), '\v'))));
    std::string stream;
    std::vector<MllpBlock> expected;
    for (const std::string& message : messages) {
        stream += mllp_block(message);
        expected.push_back({message.substr(0, bytes_max), message.size() > bytes_max});
    }
    RC_ASSERT(read(stream).blocks == expected);
}

TEST(Mllp, a_block_under_way_is_known) {
    MllpReader reader(bytes_max);
    std::string_view piece = "noise";
    EXPECT_EQ(reader.take(piece), std::nullopt);
    EXPECT_FALSE(reader.is_within_block());
    piece = "\vMSH";
    EXPECT_EQ(reader.take(piece), std::nullopt);
    EXPECT_TRUE(reader.is_within_block());
    piece = "|\x1c\rrest";
    EXPECT_EQ(reader.take(piece), MllpBlock{"MSH|"});
    EXPECT_FALSE(reader.is_within_block());
    EXPECT_EQ(piece, "\rrest") << "what follows a block stays where it is until the block is answered";
}

} // namespace
} // namespace bonewatch::ingest
