#include "monitors/questions.h"

#include <algorithm>
#include <functional>
#include <ranges>
#include <set>

namespace bonewatch::monitors {

namespace {

using model::Comparison;
using model::ValueInterval;
using Segments = std::vector<DoseSegment>;

/// Asks one question in every way that disputed facts can be resolved: the same answer, or unknown.
TruthAnswer in_every_way(const View& view, std::size_t set, const std::function<TruthAnswer(const Exposure&)>& ask) {
    const auto ways = view.exposures.ways(set, view.timeline, view.now);
    if (ways.empty())
        return {Truth::unknown, view.is_past ? never : Instant(model::date_of(view.now) + Days(1))};
    TruthAnswer joined = ask(*ways.front());
    for (std::size_t i = 1; i < ways.size(); ++i) {
        const TruthAnswer more = ask(*ways[i]);
        joined.value = joined.value == more.value ? joined.value : Truth::unknown;
        joined.next = std::min(joined.next, more.next);
    }
    return joined;
}

/// Index of the last segment that begins on or before `date`; -1 where none does.
std::ptrdiff_t last_begun(const Segments& segments, Date date) {
    const auto after = std::ranges::upper_bound(segments, date, {}, &DoseSegment::from);
    return (after - segments.begin()) - 1;
}

/// A bridged exposure: segments first..last, with no gap above the tolerated one between neighbours.
struct Spell {
    std::ptrdiff_t first = 0;
    Date from{};
    Date to{};
};

/// The bridged exposure that the segment at `last` belongs to, looking back, until it reaches `enough`.
Spell spell_back(const Segments& segments, std::ptrdiff_t last, Span gap, Date enough) {
    Spell spell{last, segments[static_cast<std::size_t>(last)].from, segments[static_cast<std::size_t>(last)].to};
    while (spell.first > 0 && spell.from > enough) {
        const DoseSegment& before = segments[static_cast<std::size_t>(spell.first - 1)];
        if (before.to + gap < spell.from)
            break;
        --spell.first;
        spell.from = before.from;
    }
    return spell;
}

class On : public TruthNode {
  public:
    explicit On(OnNodes nodes) : nodes_(nodes) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        bool explained = false;
        return in_every_way(view, nodes_.set, [&](const Exposure& exposure) {
            const TruthAnswer answer = ask(view, exposure);
            if (clause != nullptr && !explained) {
                explained = true;
                explain(view, exposure, *clause);
            }
            return answer;
        });
    }

  private:
    Span gap(const View& view) const {
        return nodes_.gap.value_or(Span{0, static_cast<int>(view.exposures.set(nodes_.set).gap.count())});
    }
    Span tail(const View& view) const { return nodes_.within.value_or(gap(view)); }

    TruthAnswer ask(const View& view, const Exposure& exposure) const {
        const Segments& segments = exposure.segments();
        const Date today = view.today;
        const std::ptrdiff_t at = last_begun(segments, today);
        Instant next = never;
        if (static_cast<std::size_t>(at + 1) < segments.size())
            next = segments[static_cast<std::size_t>(at + 1)].from;
        if (at < 0)
            return {Truth::no, next};
        const DoseSegment& segment = segments[static_cast<std::size_t>(at)];
        const Date last_day = std::min(segment.to - Days(1), today);
        if (last_day < today - tail(view))
            return {Truth::no, next};
        const Date leaves = first_beyond(segment.to - Days(1), tail(view));
        next = std::min<Instant>(next, leaves);
        if (!nodes_.min_length)
            return {Truth::yes, next};

        const Date covered_to = std::min(today, segment.to);
        const Spell spell = spell_back(segments, at, gap(view), covered_to - *nodes_.min_length);
        const Date reached = spell.from + *nodes_.min_length;
        if (reached <= covered_to)
            return {Truth::yes, next};
        // The calendar makes it uncertain by a few days when spell.from + length is reached; both are asked again.
        if (reached <= segment.to && reached > today)
            next = std::min<Instant>(next, reached);
        return {Truth::no, next};
    }

    void explain(const View& view, const Exposure& exposure, Clause& clause) const {
        const std::string& name = view.exposures.set(nodes_.set).name;
        const Segments& segments = exposure.segments();
        const std::ptrdiff_t at = last_begun(segments, view.today);
        if (at < 0) {
            clause.detail = "never on " + name;
            return;
        }
        const Spell spell = spell_back(segments, at, gap(view), distant_past);
        const Date covered_to = std::min(view.today, spell.to);
        // How long the tablets in hand would last is not said: a later supply, not seen yet, may cut that short.
        const bool is_over = covered_to < view.today;
        clause.detail = name + (is_over ? " from " : " since ") + model::to_text(spell.from) +
                        (is_over ? " to " + model::to_text(covered_to) : "") + ", " +
                        std::to_string((covered_to - spell.from).count()) + " days";
        const Date evidence_from =
            nodes_.min_length ? std::max(spell.from, covered_to - *nodes_.min_length) : covered_to - Days(1);
        const auto facts = exposure.facts_between(evidence_from, std::max(covered_to, evidence_from + Days(1)));
        clause.evidence.insert(clause.evidence.end(), facts.begin(), facts.end());
        for (const FactPtr& fact : facts)
            if (const auto* supply = std::get_if<model::SupplyEvent>(&fact->event.body);
                supply != nullptr && supply->basis != model::Basis::stated) {
                clause.detail += supply->basis == model::Basis::computed ? " (length computed)" : " (length assumed)";
                break;
            }
    }

    OnNodes nodes_;
};

/// Doses over the last so many dates, and how the sum moves on as days pass: both ends of the window move over
/// stretches of constant dose, so the sum is linear between their edges and a crossing is solved, not stepped.
class DoseWindow {
  public:
    DoseWindow(const Segments& segments, Date today, Span length)
        : segments_(&segments), today_(today), length_(length) {
        for (std::ptrdiff_t i = last_begun(segments, today); i >= 0; --i) {
            const DoseSegment& segment = segments[static_cast<std::size_t>(i)];
            const Date from = std::max(segment.from, first_date(today));
            const Date to = std::min(segment.to, today + Days(1));
            if (segment.to <= first_date(today))
                break;
            add(segment, (to - from).count());
        }
    }

    [[nodiscard]] bool is_known() const { return unknown_days_ == 0; }
    [[nodiscard]] std::int64_t covered_days() const { return days_; }
    [[nodiscard]] Rational sum() const { return sum_; }

    /// The first later date on which `value(sum, covered days)` compared with the constant comes out otherwise.
    /// `holds(sum, days)` is that comparison; it must be monotone along a stretch.
    [[nodiscard]] Instant next_crossing(const std::function<Truth(const DoseWindow&)>& holds) const {
        const Truth value = holds(*this);
        DoseWindow window = *this;
        for (int stretches = 0; stretches < 4096; ++stretches) {
            const auto length = window.stretch();
            if (!length)
                return never;
            DoseWindow end = window;
            end.advance(*length);
            if (holds(end) != value)
                return first_within(window, *length, value, holds);
            window = std::move(end);
        }
        return Instant(window.today_);
    }

  private:
    /// The sum moves one way along a stretch: halve until the first day is found.
    static Instant first_within(const DoseWindow& window, std::int64_t length, Truth value,
                                const std::function<Truth(const DoseWindow&)>& holds) {
        std::int64_t low = 0;
        std::int64_t high = length;
        while (high - low > 1) {
            const std::int64_t middle = low + (high - low) / 2;
            DoseWindow there = window;
            there.advance(middle);
            (holds(there) == value ? low : high) = middle;
        }
        return Instant(window.today_ + Days(high));
    }

    [[nodiscard]] Date first_date(Date today) const { return today - length_ + Days(1); }

    void add(const DoseSegment& segment, std::int64_t days) {
        if (!segment.is_dose_known)
            unknown_days_ += days;
        sum_ += segment.dose * Rational(days);
        days_ += days;
    }

    [[nodiscard]] const DoseSegment* covering(Date date) const {
        const std::ptrdiff_t at = last_begun(*segments_, date);
        if (at < 0 || (*segments_)[static_cast<std::size_t>(at)].to <= date)
            return nullptr;
        return &(*segments_)[static_cast<std::size_t>(at)];
    }

    /// Days from `date` on for which it is covered, or not, as on `date` itself; nothing where that is for ever.
    [[nodiscard]] std::optional<std::int64_t> constant_from(Date date) const {
        const std::ptrdiff_t at = last_begun(*segments_, date);
        if (at >= 0 && (*segments_)[static_cast<std::size_t>(at)].to > date)
            return ((*segments_)[static_cast<std::size_t>(at)].to - date).count();
        if (static_cast<std::size_t>(at + 1) < segments_->size())
            return ((*segments_)[static_cast<std::size_t>(at + 1)].from - date).count();
        return std::nullopt;
    }

    /// Days by which the window can move on while its sum changes by the same amount each day.
    [[nodiscard]] std::optional<std::int64_t> stretch() const {
        const auto entering = constant_from(today_ + Days(1));
        const auto leaving = constant_from(first_date(today_));
        if (!entering && !leaving)
            return std::nullopt;
        return std::min(entering.value_or(INT32_MAX), leaving.value_or(INT32_MAX));
    }

    void advance(std::int64_t days) {
        if (const DoseSegment* entering = covering(today_ + Days(1)))
            add(*entering, days);
        if (const DoseSegment* leaving = covering(first_date(today_)))
            add(*leaving, -days);
        today_ += Days(days);
    }

    const Segments* segments_;
    Date today_;
    Span length_;
    Rational sum_{0};
    std::int64_t days_ = 0;
    std::int64_t unknown_days_ = 0;
};

/// The least interval that holds both: what a sum may be, when it can be worked out in several ways.
ValueInterval hull_of(const ValueInterval& a, const ValueInterval& b) {
    ValueInterval out;
    if (a.low && b.low)
        out.low = a.low->value < b.low->value ? a.low : b.low;
    if (a.high && b.high)
        out.high = a.high->value < b.high->value ? b.high : a.high;
    return out;
}

class WindowDose : public QuantityNode {
  public:
    WindowDose(std::size_t set, Span length, bool is_average) : set_(set), length_(length), is_average_(is_average) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        QuantityAnswer answer;
        const auto ways = view.exposures.ways(set_, view.timeline, view.now);
        if (ways.empty())
            answer.values.push_back({});
        bool any_nothing = false;
        std::optional<ValueInterval> hull;
        for (const auto& way : ways) {
            const auto one = value_of(DoseWindow(way->segments(), view.today, length_));
            any_nothing = any_nothing || !one;
            if (one)
                hull = hull ? hull_of(*hull, *one) : *one;
        }
        if (hull)
            answer.values.push_back(any_nothing ? ValueInterval{} : *hull);
        if (!view.is_past)
            answer.next = Instant(view.today + Days(1)); // Refined by next_crossing; never late.
        if (clause != nullptr && !ways.empty())
            explain(view, *ways.front(), answer, *clause);
        return answer;
    }

    Instant next_crossing(const View& view, Comparison comparison, const ValueInterval& constant) const override {
        if (view.is_past)
            return never;
        const auto ways = view.exposures.ways(set_, view.timeline, view.now);
        Instant next = ways.empty() ? Instant(view.today + Days(1)) : never;
        for (const auto& way : ways)
            next =
                std::min(next, DoseWindow(way->segments(), view.today, length_).next_crossing([&](const DoseWindow& w) {
                    const auto value = value_of(w);
                    return value ? model::compare(*value, comparison, constant) : Truth::no;
                }));
        return next;
    }

  private:
    std::optional<ValueInterval> value_of(const DoseWindow& window) const {
        if (is_average_ && window.covered_days() == 0)
            return std::nullopt;
        const Rational known = is_average_ ? window.sum() / Rational(window.covered_days()) : window.sum();
        // A dose that nobody states can only add.
        return window.is_known() ? ValueInterval::exactly(known) : ValueInterval{model::Bound{known}, std::nullopt};
    }

    void explain(const View& view, const Exposure& exposure, const QuantityAnswer& answer, Clause& clause) const {
        const ExposureSet& set = view.exposures.set(set_);
        const std::string unit = set.sums_equivalents ? " mg prednisolone equivalent" : " mg";
        const bool is_known = !answer.values.empty() && answer.values.front().is_exact();
        const std::string amount =
            is_known ? model::to_text_rounded(answer.values.front().low->value, 2) + unit : "not known";
        if (is_average_)
            clause.detail = answer.values.empty() ? "no day on " + set.name + " in the last " + to_text(length_)
                                                  : "mean daily dose over the last " + to_text(length_) + ": " + amount;
        else
            clause.detail = set.name + " in the last " + to_text(length_) + ": " + amount;
        const auto facts = exposure.facts_between(view.today - length_ + Days(1), view.today + Days(1));
        clause.evidence.insert(clause.evidence.end(), facts.begin(), facts.end());
    }

    std::size_t set_;
    Span length_;
    bool is_average_;
};

/// Collects in every way that an exposure can be resolved. Certain is what every way says for certain; where it cannot
/// be resolved, anything may have happened.
void collect_in_every_way(const View& view, std::size_t set, Window window, std::vector<Occurrence>& out,
                          const std::function<void(const Exposure&, std::vector<Occurrence>&)>& collect) {
    const auto ways = view.exposures.ways(set, view.timeline, view.now);
    if (ways.empty())
        out.push_back({window.from, window.to, false, nullptr});
    std::vector<std::vector<Occurrence>> found(ways.size());
    for (std::size_t i = 0; i < ways.size(); ++i)
        collect(*ways[i], found[i]);
    std::set<Date> seen;
    for (const auto& way : found)
        for (Occurrence occurrence : way) {
            const auto is_same = [&](const Occurrence& o) { return o.is_certain && o.first == occurrence.first; };
            if (!seen.insert(occurrence.first).second)
                continue;
            occurrence.is_certain =
                std::ranges::all_of(found, [&](const auto& other) { return std::ranges::any_of(other, is_same); });
            out.push_back(std::move(occurrence));
        }
}

class Started : public EventsNode {
  public:
    Started(std::size_t set, std::optional<Span> gap) : set_(set), gap_(gap) {}
    void collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        const Span gap = gap_.value_or(Span{0, static_cast<int>(view.exposures.set(set_).gap.count())});
        collect_in_every_way(view, set_, window, out, [&](const Exposure& exposure, std::vector<Occurrence>& found) {
            const Segments& segments = exposure.segments();
            for (std::ptrdiff_t at = last_begun(segments, window.to); at >= 0;) {
                const Spell spell = spell_back(segments, at, gap, distant_past);
                if (spell.from < window.from)
                    break;
                const auto facts = exposure.facts_between(spell.from, spell.from + Days(1));
                found.push_back({spell.from, spell.from, true, facts.empty() ? nullptr : facts.front()});
                if (newest_only)
                    break;
                at = spell.first - 1;
            }
        });
    }

  private:
    std::size_t set_;
    std::optional<Span> gap_;
};

class DoseChange : public EventsNode {
  public:
    DoseChange(std::size_t set, Rational by) : set_(set), by_(by) {}
    void collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        const Days gap = view.exposures.set(set_).gap;
        collect_in_every_way(view, set_, window, out, [&](const Exposure& exposure, std::vector<Occurrence>& found) {
            const Segments& segments = exposure.segments();
            for (std::ptrdiff_t at = last_begun(segments, window.to); at > 0; --at) {
                const DoseSegment& after = segments[static_cast<std::size_t>(at)];
                const DoseSegment& before = segments[static_cast<std::size_t>(at - 1)];
                if (after.from < window.from)
                    break;
                if (after.from - before.to > gap)
                    continue;
                const bool is_known = after.is_dose_known && before.is_dose_known;
                if (is_known) {
                    const Rational change =
                        after.dose > before.dose ? after.dose - before.dose : before.dose - after.dose;
                    if (change < by_)
                        continue;
                }
                const auto facts = exposure.facts_between(after.from, after.from + Days(1));
                found.push_back({after.from, after.from, is_known, facts.empty() ? nullptr : facts.front()});
                if (newest_only && is_known)
                    break;
            }
        });
    }

  private:
    std::size_t set_;
    Rational by_;
};

} // namespace

TruthPtr make_on(OnNodes nodes) {
    return std::make_unique<On>(nodes);
}
QuantityPtr make_average_dose(std::size_t set, Span over) {
    return std::make_unique<WindowDose>(set, over, true);
}
QuantityPtr make_total_dose(std::size_t set, Span within) {
    return std::make_unique<WindowDose>(set, within, false);
}
EventsPtr make_started(std::size_t set, std::optional<Span> gap) {
    return std::make_unique<Started>(set, gap);
}
EventsPtr make_dose_change(std::size_t set, Rational by) {
    return std::make_unique<DoseChange>(set, by);
}

} // namespace bonewatch::monitors
