#include "store/cursor.h"

#include <gtest/gtest.h>

#include <random>

namespace bonewatch::store {
namespace {

struct CursorCase {
    const char* name;
    Cursor cursor;
    std::string_view text;
};

class Cursors : public testing::TestWithParam<CursorCase> {};

TEST_P(Cursors, have_one_text) {
    EXPECT_EQ(to_text(GetParam().cursor), GetParam().text);
    EXPECT_EQ(parse_cursor(GetParam().text).value(), GetParam().cursor);
}

INSTANTIATE_TEST_SUITE_P(Cursor, Cursors,
                         testing::Values(CursorCase{"nothing_taken", {1, {}}, "bw1-AQ"},
                                         CursorCase{"two_partitions", {1, {{0, 1}, {47, 300}}}, "bw1-AQABL6wC"},
                                         CursorCase{"last_partition", {0, {{63, 1}}}, "bw1-AD8B"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Cursor, a_position_of_0_leaves_no_trace) {
    EXPECT_EQ(to_text(Cursor{1, {{5, 0}}}), "bw1-AQ");
}

TEST(Cursor, the_longest_survives) {
    Cursor cursor{~0ull, {}};
    for (std::uint8_t partition = 0; partition < 64; ++partition)
        cursor.positions[partition] = ~0ull;
    EXPECT_EQ(parse_cursor(to_text(cursor)).value(), cursor);
}

struct RefusedCursor {
    const char* name;
    std::string_view text;
};

class RefusedCursors : public testing::TestWithParam<RefusedCursor> {};

TEST_P(RefusedCursors, are_malformed) {
    const auto read = parse_cursor(GetParam().text);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().kind, model::ErrorKind::malformed);
}

INSTANTIATE_TEST_SUITE_P(
    Cursor, RefusedCursors,
    testing::Values(RefusedCursor{"empty", ""}, RefusedCursor{"no_bytes", "bw1-"},
                    RefusedCursor{"another_version", "bw2-AQ"}, RefusedCursor{"padding", "bw1-AQ=="},
                    RefusedCursor{"space", "bw1-AQ "}, RefusedCursor{"standard_alphabet", "bw1-AQ+/"},
                    RefusedCursor{"loose_bits", "bw1-AR"}, RefusedCursor{"partition_64", "bw1-AUAB"},
                    RefusedCursor{"position_0", "bw1-AQUA"}, RefusedCursor{"partition_twice", "bw1-AQUBBQE"},
                    RefusedCursor{"partitions_descend", "bw1-AQUBBAE"}, RefusedCursor{"no_position", "bw1-AQU"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Cursor, ascending_partitions_are_accepted) {
    EXPECT_EQ(parse_cursor("bw1-AQQBBQE").value(), (Cursor{1, {{4, 1}, {5, 1}}}));
}

TEST(Cursor, garbage_never_crashes) {
    std::mt19937_64 random(1);
    constexpr std::string_view alphabet = "ABCDEFGHabcdefgh0123456789-_=+/ \x80";
    for (int i = 0; i < 50'000; ++i) {
        std::string text = "bw1-";
        for (auto left = random() % 20; left > 0; --left)
            text.push_back(alphabet[random() % alphabet.size()]);
        if (const auto read = parse_cursor(text)) {
            ASSERT_EQ(to_text(*read), text);
        }
    }
    EXPECT_FALSE(parse_cursor("bw1-" + std::string(100'000, 'A')).has_value());
}

} // namespace
} // namespace bonewatch::store
