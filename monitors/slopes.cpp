#include "monitors/slopes.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

namespace bonewatch::monitors {

namespace {

using model::Bound;
using model::Rational;

__extension__ using Wide = __int128;

/// Values over their common denominator, and days between them, stay below these: the products of slopes fit. Most
/// values are small, and small numbers are faster.
template <typename Number>
constexpr Number value_max = static_cast<Number>(1) << (sizeof(Number) == 16 ? 100 : 40);
constexpr std::int64_t days_max = 1 << 20;

/// Of so many values the slopes are looked at one by one to find where the middle is.
constexpr std::size_t sampled = 16;

/// Rise over the common denominator, and positive run in days; not reduced.
template <typename Number>
struct Slope {
    Number rise = 0;
    std::int64_t run = 1;
    friend bool operator<(const Slope& a, const Slope& b) { return a.rise * b.run < b.rise * a.run; }
};

/// One end of a value, on a day.
template <typename Number>
struct Point {
    std::int64_t day = 0;
    Number value = 0;
    friend Slope<Number> operator-(const Point& newer, const Point& older) {
        return {newer.value - older.value, newer.day - older.day};
    }
};

/// How many of one newer value's slopes lie below a slope, and how many not above it.
struct Tally {
    std::size_t below = 0;
    std::size_t not_above = 0;
};

/// The slopes from each of `older` to each of `newer` of a later day; never listed. Both are sorted by day.
template <typename Number>
class Slopes {
  public:
    using Points = std::vector<Point<Number>>;

    Slopes(Points older, Points newer) : older_(std::move(older)), newer_(std::move(newer)) {
        for (const auto& point : newer_)
            starts_.push_back(static_cast<std::size_t>(
                std::ranges::lower_bound(older_, point.day, {}, &Point<Number>::day) - older_.begin()));
    }

    [[nodiscard]] std::size_t count() const { return std::accumulate(starts_.begin(), starts_.end(), std::size_t{0}); }

    /// The one with so many before it, in order of size, and the next; both must be there.
    [[nodiscard]] std::pair<Slope<Number>, Slope<Number>> two_at(std::size_t rank) const { return search(rank, 2); }
    [[nodiscard]] Slope<Number> at(std::size_t rank) const { return search(rank, 1).first; }

  private:
    [[nodiscard]] std::pair<Slope<Number>, Slope<Number>> search(std::size_t rank, std::size_t wanted) const;
    [[nodiscard]] std::vector<Tally> tally(const Slope<Number>& slope) const;

    Points older_, newer_;
    std::vector<std::size_t> starts_; ///< Of each newer one: so many are older.
};

/// A line through each value with the given slope: the older values whose lines lie above that of a newer one have
/// lesser slopes to it. They are counted in order of day, by a tree of counts over the lines' order.
template <typename Number>
std::vector<Tally> Slopes<Number>::tally(const Slope<Number>& slope) const {
    const auto line = [&](const Point<Number>& point) { return point.value * slope.run - slope.rise * point.day; };
    std::vector<std::pair<Number, std::size_t>> lines;
    lines.reserve(older_.size());
    for (std::size_t i = 0; i < older_.size(); ++i)
        lines.emplace_back(line(older_[i]), i);
    std::ranges::sort(lines);
    std::vector<std::size_t> place(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
        place[lines[i].second] = i + 1;

    std::vector<std::size_t> counts(lines.size() + 1);
    const auto counted_to = [&](std::size_t end) {
        std::size_t sum = 0;
        for (; end > 0; end &= end - 1)
            sum += counts[end];
        return sum;
    };
    std::vector<Tally> out;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < newer_.size(); ++i) {
        for (; taken < starts_[i]; ++taken)
            for (std::size_t at = place[taken]; at < counts.size(); at += at & (~at + 1))
                ++counts[at];
        const auto same =
            std::ranges::equal_range(lines, line(newer_[i]), {}, [](const auto& entry) { return entry.first; });
        const auto position = [&](auto at) { return static_cast<std::size_t>(at - lines.begin()); };
        out.push_back({taken - counted_to(position(same.end())), taken - counted_to(position(same.begin()))});
    }
    return out;
}

/// Narrows an interval around the slope until only few newer values have any in it. Each round tries one that some
/// values, evenly spread over all that are left, let expect near the rank; it is one of them, so none is tried twice.
template <typename Number>
std::pair<Slope<Number>, Slope<Number>> Slopes<Number>::search(std::size_t rank, std::size_t wanted) const {
    std::vector<std::size_t> first(newer_.size()); // Of each newer value's slopes in order: those from here
    std::vector<std::size_t> end = starts_;        // to here are left,
    std::optional<Slope<Number>> low, high;        // and lie between these.
    for (;;) {
        std::vector<std::size_t> live;
        std::size_t left = 0, before = 0;
        for (std::size_t i = 0; i < newer_.size(); ++i) {
            before += first[i];
            left += end[i] - first[i];
            if (end[i] > first[i])
                live.push_back(i);
        }
        const bool is_all = live.size() <= sampled;
        std::vector<Slope<Number>> looked_at;
        for (std::size_t i = 0; i < std::min(sampled, live.size()); ++i) {
            const std::size_t newer = live[is_all ? i : i * (live.size() - 1) / (sampled - 1)];
            for (std::size_t older = 0; older < starts_[newer]; ++older) {
                const Slope<Number> slope = newer_[newer] - older_[older];
                if ((!low || *low < slope) && (!high || slope < *high))
                    looked_at.push_back(slope);
            }
        }
        const auto share = static_cast<std::size_t>(static_cast<Wide>(rank - before) * looked_at.size() / left);
        const auto tried = looked_at.begin() + static_cast<std::ptrdiff_t>(share);
        std::ranges::nth_element(looked_at, tried, std::less<>{});
        if (is_all && wanted == 1)
            return {*tried, *tried};
        if (is_all && share + 1 < looked_at.size())
            return {*tried, *std::min_element(tried + 1, looked_at.end())};
        if (is_all)
            return {*tried, at(rank + 1)};

        const std::vector<Tally> tallies = tally(*tried);
        Tally all;
        for (const Tally& one : tallies) {
            all.below += one.below;
            all.not_above += one.not_above;
        }
        if (all.below <= rank && rank < all.not_above)
            return {*tried, rank + wanted <= all.not_above ? *tried : at(rank + 1)};
        const bool is_low = all.not_above <= rank;
        (is_low ? low : high) = *tried;
        for (std::size_t i = 0; i < tallies.size(); ++i)
            (is_low ? first : end)[i] = is_low ? tallies[i].not_above : tallies[i].below;
    }
}

std::optional<Rational> rational(Wide numerator, Wide denominator) {
    Wide a = numerator < 0 ? -numerator : numerator, b = denominator;
    while (b != 0) {
        const Wide rest = a % b;
        a = b;
        b = rest;
    }
    numerator /= a;
    denominator /= a;
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    if (numerator < -most || numerator > most || denominator > most)
        return std::nullopt;
    return Rational(static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator));
}

/// What all values are multiples of one over; nothing where it has more than 63 bits.
std::optional<std::int64_t> common_denominator(std::span<const DatedValue> values) {
    Wide common = 1;
    for (const DatedValue& one : values)
        for (const auto* end : {&one.value.low, &one.value.high}) {
            if (!*end)
                continue;
            const std::int64_t denominator = (*end)->value.denominator();
            common *= denominator / std::gcd(static_cast<std::int64_t>(common), denominator);
            if (common > std::numeric_limits<std::int64_t>::max())
                return std::nullopt;
        }
    return static_cast<std::int64_t>(common);
}

/// The ends of values as points, sorted by day; those not known are left out. Nothing where one is too large.
template <typename Number>
std::optional<std::vector<Point<Number>>> points_of(std::span<const DatedValue> values,
                                                    std::optional<Bound> model::ValueInterval::* end, Date first,
                                                    std::int64_t denominator) {
    std::vector<Point<Number>> out;
    for (const DatedValue& one : values) {
        const std::optional<Bound>& bound = one.value.*end;
        if (!bound)
            continue;
        const Wide value = static_cast<Wide>(bound->value.numerator()) * (denominator / bound->value.denominator());
        if (value >= value_max<Number> || value <= -value_max<Number>)
            return std::nullopt;
        out.push_back({(one.date - first).count(), static_cast<Number>(value)});
    }
    std::ranges::sort(out, {}, &Point<Number>::day);
    return out;
}

/// The middle of `count` slopes, of which those that are not known are beyond all others; nothing where the middle is.
template <typename Number>
std::optional<Bound> middle(const Slopes<Number>& slopes, std::size_t count, bool absent_is_least,
                            std::int64_t denominator) {
    const std::size_t known = slopes.count();
    const std::size_t absent_before = absent_is_least ? count - known : 0;
    const std::size_t first = (count - 1) / 2, last = count / 2;
    if (first < absent_before || last - absent_before >= known)
        return std::nullopt;
    const auto [lesser, greater] = first == last ? std::pair(slopes.at(first - absent_before), Slope<Number>{})
                                                 : slopes.two_at(first - absent_before);
    const auto mean =
        first == last
            ? rational(lesser.rise, static_cast<Wide>(lesser.run) * denominator)
            : rational(static_cast<Wide>(lesser.rise) * greater.run + static_cast<Wide>(greater.rise) * lesser.run,
                       static_cast<Wide>(2 * lesser.run * greater.run) * denominator);
    return mean ? std::optional(Bound{*mean}) : std::nullopt;
}

/// How many pairs of values have different dates.
std::size_t pairs_of(std::vector<Date> dates) {
    std::ranges::sort(dates);
    std::size_t pairs = 0;
    for (auto at = dates.begin(); at != dates.end();) {
        const auto next = std::ranges::upper_bound(at, dates.end(), *at);
        pairs += static_cast<std::size_t>(at - dates.begin()) * static_cast<std::size_t>(next - at);
        at = next;
    }
    return pairs;
}

/// Nothing where the values are too large for these numbers.
template <typename Number>
std::optional<model::ValueInterval> median_in(std::span<const DatedValue> values, Date first, std::size_t pairs,
                                              std::int64_t denominator) {
    auto lows = points_of<Number>(values, &model::ValueInterval::low, first, denominator);
    auto highs = points_of<Number>(values, &model::ValueInterval::high, first, denominator);
    if (!lows || !highs)
        return std::nullopt;
    const auto least = middle(Slopes<Number>(*highs, *lows), pairs, true, denominator);
    if (std::ranges::all_of(values, [](const DatedValue& one) { return one.value.is_exact(); }))
        return model::ValueInterval{least, least};
    return model::ValueInterval{least,
                                middle(Slopes<Number>(std::move(*lows), std::move(*highs)), pairs, false, denominator)};
}

} // namespace

model::ValueInterval median_slope(std::span<const DatedValue> values) {
    std::vector<Date> dates;
    for (const DatedValue& one : values)
        dates.push_back(one.date);
    const auto [first, last] = std::ranges::minmax(dates);
    const auto denominator = common_denominator(values);
    if (!denominator || (last - first).count() > days_max)
        return {};
    const std::size_t pairs = pairs_of(std::move(dates));
    if (const auto small = median_in<std::int64_t>(values, first, pairs, *denominator))
        return *small;
    return median_in<Wide>(values, first, pairs, *denominator).value_or(model::ValueInterval{});
}

} // namespace bonewatch::monitors
