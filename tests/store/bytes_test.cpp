#include "store/bytes.h"

#include <gtest/gtest.h>

#include <limits>

namespace bonewatch::store {
namespace {

using namespace std::string_view_literals;

struct VarintCase {
    const char* name;
    std::uint64_t value;
    std::string_view bytes;
};

class Varints : public testing::TestWithParam<VarintCase> {};

TEST_P(Varints, are_written_and_read_in_their_one_spelling) {
    ByteWriter out;
    out.varint(GetParam().value);
    EXPECT_EQ(out.bytes(), GetParam().bytes);
    ByteReader in(GetParam().bytes);
    EXPECT_EQ(in.varint(), GetParam().value);
    EXPECT_TRUE(in.at_end() && !in.failed());
}

INSTANTIATE_TEST_SUITE_P(Bytes, Varints,
                         testing::Values(VarintCase{"zero", 0, "\x00"sv}, VarintCase{"one_byte_greatest", 127, "\x7f"},
                                         VarintCase{"two_bytes_least", 128, "\x80\x01"},
                                         VarintCase{"two_bytes_greatest", 16383, "\xff\x7f"},
                                         VarintCase{"three_bytes_least", 16384, "\x80\x80\x01"},
                                         VarintCase{"greatest", std::numeric_limits<std::uint64_t>::max(),
                                                    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}),
                         [](const auto& tested) { return tested.param.name; });

struct RefusedVarint {
    const char* name;
    std::string_view bytes;
};

class RefusedVarints : public testing::TestWithParam<RefusedVarint> {};

TEST_P(RefusedVarints, yield_zero_and_fail) {
    ByteReader in(GetParam().bytes);
    EXPECT_EQ(in.varint(), 0u);
    EXPECT_TRUE(in.failed());
    EXPECT_EQ(in.text(), "");
}

INSTANTIATE_TEST_SUITE_P(Bytes, RefusedVarints,
                         testing::Values(RefusedVarint{"empty", ""}, RefusedVarint{"cut_short", "\x80"},
                                         RefusedVarint{"padded_zero", "\x80\x00"sv},
                                         RefusedVarint{"padded_one", "\x81\x00"sv},
                                         RefusedVarint{"past_64_bits", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"},
                                         RefusedVarint{"eleven_bytes", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Bytes, signed_numbers_survive_at_both_ends) {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, least, greatest}) {
        ByteWriter out;
        out.signed_varint(value);
        ByteReader in(out.bytes());
        EXPECT_EQ(in.signed_varint(), value);
        EXPECT_TRUE(in.at_end() && !in.failed());
    }
}

TEST(Bytes, fixed_numbers_sort_as_numbers) {
    std::string last;
    for (const std::uint64_t value : {0ull, 1ull, 255ull, 256ull, 1ull << 32, ~0ull}) {
        ByteWriter out;
        out.fixed64(value);
        EXPECT_EQ(out.bytes().size(), 8u);
        EXPECT_LT(last, out.bytes());
        last = out.bytes();
        ByteReader in(last);
        EXPECT_EQ(in.fixed64(), value);
    }
}

TEST(Bytes, text_longer_than_the_rest_fails) {
    ByteReader enough("\x03"
                      "abc");
    EXPECT_EQ(enough.text(), "abc");
    EXPECT_FALSE(enough.failed());
    ByteReader short_of_one("\x04"
                            "abc");
    EXPECT_EQ(short_of_one.text(), "");
    EXPECT_TRUE(short_of_one.failed());
}

TEST(Bytes, a_flag_is_0_or_1) {
    EXPECT_FALSE(ByteReader("\x00"sv).flag());
    EXPECT_TRUE(ByteReader("\x01").flag());
    ByteReader in("\x02");
    (void)in.flag();
    EXPECT_TRUE(in.failed());
}

TEST(Bytes, a_count_never_exceeds_what_is_left) {
    ByteReader fits("\x02zz");
    EXPECT_EQ(fits.count(), 2u);
    ByteReader too_many("\x03zz");
    EXPECT_EQ(too_many.count(), 0u);
    EXPECT_TRUE(too_many.failed());
}

struct RationalCase {
    const char* name;
    std::int64_t numerator;
    std::uint64_t denominator;
    bool is_accepted;
};

class Rationals : public testing::TestWithParam<RationalCase> {};

TEST_P(Rationals, are_read_only_in_lowest_terms) {
    ByteWriter out;
    out.signed_varint(GetParam().numerator);
    out.varint(GetParam().denominator);
    ByteReader in(out.bytes());
    const model::Rational value = in.rational();
    EXPECT_EQ(!in.failed(), GetParam().is_accepted);
    if (GetParam().is_accepted) {
        ByteWriter again;
        again.rational(value);
        EXPECT_EQ(again.bytes(), out.bytes());
    }
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, Rationals,
    testing::Values(RationalCase{"zero", 0, 1, true}, RationalCase{"tenth", 1, 10, true},
                    RationalCase{"negative", -20, 3, true}, RationalCase{"not_lowest", 2, 20, false},
                    RationalCase{"zero_over_two", 0, 2, false}, RationalCase{"no_denominator", 1, 0, false},
                    RationalCase{"denominator_greatest", 1, std::numeric_limits<std::int64_t>::max(), true},
                    RationalCase{"denominator_too_big", 1, 1ull << 63, false},
                    RationalCase{"numerator_least", std::numeric_limits<std::int64_t>::min() + 1, 1, true},
                    RationalCase{"numerator_has_no_opposite", std::numeric_limits<std::int64_t>::min(), 1, false}),
    [](const auto& tested) { return tested.param.name; });

} // namespace
} // namespace bonewatch::store
