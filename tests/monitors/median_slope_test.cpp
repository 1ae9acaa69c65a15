#include "monitors/slopes.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <vector>

namespace bonewatch::monitors {
namespace {

using model::Bound;
using model::Rational;
using model::ValueInterval;

/// The same by listing all slopes.
std::optional<Rational> listed(const std::vector<DatedValue>& values, bool is_low) {
    std::vector<std::optional<Rational>> slopes;
    for (const DatedValue& older : values)
        for (const DatedValue& newer : values) {
            if (older.date >= newer.date)
                continue;
            const auto& from = is_low ? older.value.high : older.value.low;
            const auto& to = is_low ? newer.value.low : newer.value.high;
            slopes.push_back(
                from && to ? std::optional((to->value - from->value) * Rational(1, (newer.date - older.date).count()))
                           : std::nullopt);
        }
    std::ranges::sort(slopes, [&](const auto& a, const auto& b) {
        return a && b ? *a < *b : is_low ? !a && b : a && !b;
    });
    const auto& right = slopes[slopes.size() / 2];
    const auto& left = slopes.size() % 2 == 1 ? right : slopes[slopes.size() / 2 - 1];
    return left && right ? std::optional((*left + *right) * Rational(1, 2)) : std::nullopt;
}

std::optional<Rational> value_of(const std::optional<Bound>& bound) {
    return bound ? std::optional(bound->value) : std::nullopt;
}

struct Shape {
    const char* name;
    int values, days;
    int steps; ///< A value is one of so many.
    std::vector<int> denominators;
    int bounded_percent; ///< `<X`, `>X` and ranges.
};

void PrintTo(const Shape& shape, std::ostream* out) {
    *out << shape.name;
}

class MedianSlope : public testing::TestWithParam<Shape> {};

TEST_P(MedianSlope, is_the_middle_of_all_slopes) {
    const Shape& shape = GetParam();
    std::mt19937 random(7);
    const auto drawn = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    for (int round = 0; round < (shape.values > 100 ? 6 : 300); ++round) {
        std::vector<DatedValue> values;
        const int count = 2 + drawn(shape.values - 1);
        for (int i = 0; i < count; ++i) {
            const auto number = [&] {
                return Rational(drawn(shape.steps) - shape.steps / 3,
                                shape.denominators[random() % shape.denominators.size()]);
            };
            const Rational a = number(), b = number();
            ValueInterval value = ValueInterval::exactly(a);
            if (drawn(100) < shape.bounded_percent) {
                value = {Bound{std::min(a, b), true}, Bound{std::max(a, b)}};
                (drawn(2) == 0 ? value.low : value.high).reset();
                if (drawn(3) == 0)
                    value = {};
            }
            // The first and the last day are among them: there are two dates at least.
            const int day = i == 0 ? 0 : i == 1 ? shape.days : drawn(shape.days);
            values.push_back({Date(Days(15'000 + day)), value});
        }
        std::ranges::shuffle(values, random);
        const ValueInterval slope = median_slope(values);
        ASSERT_EQ(value_of(slope.low), listed(values, true)) << "round " << round;
        ASSERT_EQ(value_of(slope.high), listed(values, false)) << "round " << round;
    }
}

INSTANTIATE_TEST_SUITE_P(
    , MedianSlope,
    testing::Values(Shape{"large", 40, 700, 1'000'000'000, {1'000'000'000}, 20}, Shape{"few", 8, 30, 50, {1, 2, 10}, 0},
                    Shape{"bounded", 12, 30, 50, {10}, 40}, Shape{"same_days", 60, 3, 50, {10}, 10},
                    Shape{"same_values", 80, 90, 2, {1}, 5}, Shape{"thirds", 40, 700, 999, {3, 7}, 20},
                    Shape{"many", 700, 730, 4000, {100}, 0}, Shape{"many_bounded", 500, 200, 300, {10}, 30}),
    [](const auto& shape) { return shape.param.name; });

TEST(MedianSlopeBounds, values_without_a_common_denominator_are_not_known) {
    const auto on = [](int day, Rational value) { return DatedValue{Date(Days(day)), ValueInterval::exactly(value)}; };
    const std::vector values{on(0, Rational(1, 999'999'999'989)), on(1, Rational(1, 999'999'999'961))};
    EXPECT_EQ(median_slope(values), ValueInterval{});
}

} // namespace
} // namespace bonewatch::monitors
