#include "store/model/interval.h"

#include <gtest/gtest.h>

#include <random>

namespace bonewatch::model {
namespace {

/// `[0,5)`, `(5,)`, `[3]`.
ValueInterval interval(std::string_view text) {
    const auto comma = text.find(',');
    const std::string_view inner = text.substr(1, text.size() - 2);
    if (comma == std::string_view::npos)
        return ValueInterval::exactly(parse_decimal(inner).value());
    const std::string_view low = inner.substr(0, comma - 1);
    const std::string_view high = inner.substr(comma);
    ValueInterval value;
    if (!low.empty())
        value.low = Bound{parse_decimal(low).value(), text.front() == '('};
    if (!high.empty())
        value.high = Bound{parse_decimal(high).value(), text.back() == ')'};
    return value;
}

struct ComparisonCase {
    const char* value;
    Comparison comparison;
    const char* other;
    Truth truth;
};

class Comparisons : public testing::TestWithParam<ComparisonCase> {};

TEST_P(Comparisons, are_true_of_all_or_of_none_or_unknown) {
    const auto& [value, comparison, other, truth] = GetParam();
    EXPECT_EQ(compare(interval(value), comparison, interval(other)), truth) << value << " against " << other;
}

using enum Comparison;
using enum Truth;

INSTANTIATE_TEST_SUITE_P(
    Interval, Comparisons,
    testing::Values(ComparisonCase{"[0.1]", less, "[0.1]", no}, ComparisonCase{"[0.09]", less, "[0.1]", yes},
                    ComparisonCase{"[0.1]", less_equal, "[0.1]", yes},
                    ComparisonCase{"[0.11]", less_equal, "[0.1]", no}, ComparisonCase{"[0,0.1)", less, "[0.1]", yes},
                    ComparisonCase{"[0,0.1]", less, "[0.1]", unknown},
                    ComparisonCase{"[0,0.11)", less, "[0.1]", unknown}, ComparisonCase{"[0.1,1]", less, "[0.1]", no},
                    ComparisonCase{"(0.1,1]", less_equal, "[0.1]", no},
                    ComparisonCase{"[0.1,1]", less_equal, "[0.1]", unknown},
                    ComparisonCase{"[90,)", greater, "[90]", unknown}, ComparisonCase{"(90,)", greater, "[90]", yes},
                    ComparisonCase{"[90,)", greater_equal, "[90]", yes}, ComparisonCase{"[90,)", less, "[90]", no},
                    ComparisonCase{"(,0.01)", less, "[0.01]", yes},
                    ComparisonCase{"(,0.01)", greater_equal, "[0.01]", no}, ComparisonCase{"(,)", less, "[0]", unknown},
                    ComparisonCase{"[5]", equal, "[5]", yes}, ComparisonCase{"[5]", equal, "[6]", no},
                    ComparisonCase{"[0,5]", equal, "[5]", unknown}, ComparisonCase{"[0,5)", equal, "[5]", no},
                    ComparisonCase{"[0,5)", not_equal, "[5]", yes}, ComparisonCase{"[0,5]", not_equal, "[5]", unknown},
                    ComparisonCase{"[5]", not_equal, "[5]", no}, ComparisonCase{"[1,2]", less, "[2,3]", unknown},
                    ComparisonCase{"[1,2)", less, "[2,3]", yes}, ComparisonCase{"[2,3]", less, "[1,2]", no}));

/// Every value of a fine grid inside both intervals, tried one by one.
Truth by_trying(const ValueInterval& a, Comparison comparison, const ValueInterval& b) {
    const auto holds = [](const ValueInterval& interval, const Rational& value) {
        const bool above =
            !interval.low || value > interval.low->value || (value == interval.low->value && !interval.low->is_open);
        const bool below = !interval.high || value < interval.high->value ||
                           (value == interval.high->value && !interval.high->is_open);
        return above && below;
    };
    bool some = false;
    bool some_not = false;
    for (std::int64_t i = -20; i <= 40; ++i)
        for (std::int64_t j = -20; j <= 40; ++j) {
            const Rational x(i, 4), y(j, 4);
            if (!holds(a, x) || !holds(b, y))
                continue;
            const bool is = comparison == less            ? x < y
                            : comparison == less_equal    ? x <= y
                            : comparison == greater       ? x > y
                            : comparison == greater_equal ? x >= y
                            : comparison == equal         ? x == y
                                                          : x != y;
            (is ? some : some_not) = true;
        }
    return some && !some_not ? yes : !some ? no : unknown;
}

TEST(Interval, comparisons_agree_with_trying_every_value) {
    std::mt19937_64 random(1);
    const auto any = [&]() -> ValueInterval {
        const Rational low(static_cast<std::int64_t>(random() % 4));
        if (random() % 3 == 0)
            return ValueInterval::exactly(low);
        ValueInterval value;
        if (random() % 4 != 0)
            value.low = Bound{low, random() % 2 == 0};
        if (random() % 4 != 0)
            value.high = Bound{low + Rational(1 + static_cast<std::int64_t>(random() % 3)), random() % 2 == 0};
        return value;
    };
    for (int i = 0; i < 1000; ++i) {
        const ValueInterval a = any(), b = any();
        for (const Comparison comparison : {less, less_equal, greater, greater_equal, equal, not_equal})
            ASSERT_EQ(compare(a, comparison, b), by_trying(a, comparison, b)) << to_text(a) << " " << to_text(b);
    }
}

TEST(Interval, text_is_as_a_person_writes_it) {
    EXPECT_EQ(to_text(interval("[0.05]")), "0.05");
    EXPECT_EQ(to_text(interval("[0,0.01)")), "<0.01");
    EXPECT_EQ(to_text(interval("(,0.01]")), "<=0.01");
    EXPECT_EQ(to_text(interval("[90,)")), ">=90");
    EXPECT_EQ(to_text(interval("(90,)")), ">90");
    EXPECT_EQ(to_text(interval("[100,200]")), "100 to 200");
}

TEST(Interval, sums_and_products_go_bound_by_bound) {
    EXPECT_EQ(interval("[1,2)") + interval("[3,4]"), interval("[4,6)"));
    EXPECT_EQ(interval("[1,2)") - interval("[3,4]"), interval("[-3,-1)"));
    EXPECT_EQ(interval("[1,2)") * Rational(-2), interval("(-4,-2]"));
    EXPECT_EQ(interval("[1,)") + interval("[1,2]"), interval("[2,)"));
}

} // namespace
} // namespace bonewatch::model
