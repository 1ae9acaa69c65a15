#include "store/model/rational.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace bonewatch::model {
namespace {

struct Decimal {
    const char* name;
    const char* text;
    Rational value;
};

class Decimals : public testing::TestWithParam<Decimal> {};

TEST_P(Decimals, are_read_exactly) {
    EXPECT_EQ(parse_decimal(GetParam().text).value(), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(Rational, Decimals,
                         testing::Values(Decimal{"whole", "12", 12}, Decimal{"negative", "-0.05", {-1, 20}},
                                         Decimal{"plus", "+3.10", {31, 10}}, Decimal{"exponent", "1.2E-2", {3, 250}},
                                         Decimal{"exponent_plus", "5e+3", 5000}, Decimal{"no_whole_part", ".5", {1, 2}},
                                         Decimal{"no_decimals", "5.", 5}, Decimal{"minus_zero", "-0.000", 0},
                                         Decimal{"leading_zeros", "000000000000000000012", 12},
                                         Decimal{"fifteen_digits", "123456789012345", 123456789012345},
                                         Decimal{"exponent_12", "1e12", 1'000'000'000'000},
                                         Decimal{"exponent_minus_12", "1e-12", {1, 1'000'000'000'000}}),
                         [](const auto& tested) { return tested.param.name; });

struct NoDecimal {
    const char* name;
    const char* text;
};

class NoDecimals : public testing::TestWithParam<NoDecimal> {};

TEST_P(NoDecimals, are_malformed) {
    const auto value = parse_decimal(GetParam().text);
    ASSERT_FALSE(value.has_value());
    EXPECT_EQ(value.error().kind, ErrorKind::malformed);
}

INSTANTIATE_TEST_SUITE_P(
    Rational, NoDecimals,
    testing::Values(NoDecimal{"empty", ""}, NoDecimal{"sign_alone", "-"}, NoDecimal{"point_alone", "."},
                    NoDecimal{"two_points", "1.2.3"}, NoDecimal{"comma", "1,2"}, NoDecimal{"space", " 1"},
                    NoDecimal{"space_after", "1 "}, NoDecimal{"two_signs", "--1"}, NoDecimal{"hex", "0x10"},
                    NoDecimal{"infinity", "inf"}, NoDecimal{"not_a_number", "nan"}, NoDecimal{"exponent_empty", "1e"},
                    NoDecimal{"exponent_13", "1e13"}, NoDecimal{"exponent_minus_13", "1e-13"},
                    NoDecimal{"sixteen_digits", "1234567890123456"}, NoDecimal{"beyond_bounds", "123456789012345e9"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Rational, a_tenth_is_a_tenth_and_not_below_it) {
    EXPECT_EQ(parse_decimal("0.10").value(), parse_decimal("0.1").value());
    EXPECT_FALSE(parse_decimal("0.10").value() < parse_decimal("0.1").value());
    EXPECT_LT(parse_decimal("0.099").value(), parse_decimal("0.1").value());
}

TEST(Rational, fractions_are_read) {
    EXPECT_EQ(parse_rational("20/3").value(), Rational(20, 3));
    EXPECT_EQ(parse_rational("0.5/0.25").value(), Rational(2));
    EXPECT_EQ(parse_rational("7").value(), Rational(7));
    for (const char* text : {"1/0", "1/", "/2", "1/2/3", "a/b"})
        EXPECT_FALSE(parse_rational(text).has_value()) << text;
}

TEST(Rational, is_kept_in_lowest_terms_with_a_positive_denominator) {
    const Rational value(6, -4);
    EXPECT_EQ(value.numerator(), -3);
    EXPECT_EQ(value.denominator(), 2);
    EXPECT_EQ(Rational(0, -7), Rational(0));
}

TEST(Rational, computes_exactly) {
    EXPECT_EQ(Rational(1, 10) + Rational(2, 10), Rational(3, 10));
    EXPECT_EQ(Rational(20, 3) * Rational(3, 4), Rational(5));
    EXPECT_EQ(Rational(1, 3) - Rational(1, 3), Rational(0));
    EXPECT_EQ(Rational(5) / Rational(20, 3), Rational(3, 4));
    EXPECT_EQ(-Rational(1, 2), Rational(-1, 2));
    EXPECT_LT(Rational(-1, 2), Rational(-1, 3));
}

TEST(Rational, what_does_not_fit_is_nothing_where_checked_and_ends_the_process_elsewhere) {
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(Rational::checked_product(greatest, 1), Rational(greatest));
    EXPECT_EQ(Rational::checked_product(greatest, 2), std::nullopt);
    EXPECT_EQ(Rational::checked_sum(greatest, 1), std::nullopt);
    EXPECT_EQ(Rational::checked_sum(greatest, -1), Rational(greatest - 1));
    EXPECT_DEATH((void)(Rational(greatest) + Rational(1)), "outgrew");
    EXPECT_DEATH((void)(Rational(1) / Rational(0)), "division by zero");
    EXPECT_DEATH(Rational(1, 0), "denominator");
}

TEST(Rational, bounds_for_outside_numbers) {
    EXPECT_TRUE(Rational(1'000'000'000'000'000).within_bounds());
    EXPECT_FALSE(Rational(1'000'000'000'000'001).within_bounds());
    EXPECT_TRUE(Rational(-1'000'000'000'000'000).within_bounds());
    EXPECT_FALSE(Rational(-1'000'000'000'000'001).within_bounds());
    EXPECT_TRUE(Rational(1, 1'000'000'000'000'000).within_bounds());
    EXPECT_FALSE(Rational(1, 1'000'000'000'000'001).within_bounds());
}

TEST(Rational, text_is_the_shortest_decimal_or_marked) {
    EXPECT_EQ(to_text(Rational(1, 20)), "0.05");
    EXPECT_EQ(to_text(Rational(-5, 2)), "-2.5");
    EXPECT_EQ(to_text(Rational(20, 3)), "~6.666667");
    EXPECT_EQ(to_text(Rational(100)), "100");
    EXPECT_EQ(to_text(Rational(1, 1024)), "0.0009765625");
}

TEST(Rational, rounding_is_half_away_from_zero) {
    EXPECT_EQ(to_text_rounded({149, 1000}, 1), "0.1");
    EXPECT_EQ(to_text_rounded({15, 100}, 1), "0.2");
    EXPECT_EQ(to_text_rounded({-15, 100}, 1), "-0.2");
    EXPECT_EQ(to_text_rounded({-4, 100}, 1), "0");
    EXPECT_EQ(to_text_rounded({5, 2}, 0), "3");
    EXPECT_EQ(to_text_rounded({99, 100}, 1), "1");
}

TEST(Rational, every_decimal_text_is_read_back) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::int64_t scale = 1;
        for (auto places = random() % 7; places > 0; --places)
            scale *= 10;
        const Rational value(static_cast<std::int64_t>(random() % 2'000'000'000) - 1'000'000'000, scale);
        ASSERT_EQ(parse_decimal(to_text(value)).value(), value);
    }
}

} // namespace
} // namespace bonewatch::model
