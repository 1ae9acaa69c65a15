#include "monitors/questions.h"
#include "monitors/spells.h"

#include <algorithm>
#include <functional>
#include <set>

namespace bonewatch::monitors {

namespace {

/// Gives what one resolution of the disputed facts has to say, and when that could change.
using Collect = std::function<Instant(const Exposure&, std::vector<Occurrence>&)>;

/// Collects in every way that an exposure can be resolved. Certain is what every way says for certain; where it cannot
/// be resolved, anything may have happened.
Instant collect_in_every_way(const View& view, std::size_t set, Window window, std::vector<Occurrence>& out,
                             const Collect& collect) {
    const auto ways = view.ways(set);
    if (ways.empty())
        out.push_back({window.from, window.to, false, nullptr});
    Instant next = never;
    std::vector<std::vector<Occurrence>> found(ways.size());
    for (std::size_t i = 0; i < ways.size(); ++i)
        next = std::min(next, collect(*ways[i], found[i]));
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
    return next;
}

Span gap_of(const View& view, std::size_t set, const std::optional<Span>& gap) {
    return gap.value_or(Span{0, static_cast<int>(view.exposures.set(set).gap.count())});
}

/// An event of an exposure on a date: its evidence is what was taken from that date on.
Occurrence on_date(const Exposure& exposure, Date date) {
    const auto facts = exposure.facts_between(date, date + Days(1));
    return {date, date, true, facts.empty() ? nullptr : facts.front()};
}

class Started : public EventsNode {
  public:
    Started(std::size_t set, std::optional<Span> gap) : set_(set), gap_(gap) {}
    Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        const Span gap = gap_of(view, set_, gap_);
        return collect_in_every_way(view, set_, window, out, [&](const Exposure& exposure, auto& found) {
            const Segments& segments = exposure.segments();
            for (std::ptrdiff_t at = last_begun(segments, window.to); at >= 0;) {
                const Spell spell = spell_back(segments, at, gap, distant_past);
                if (spell.from < window.from)
                    break;
                found.push_back(on_date(exposure, spell.from));
                if (newest_only)
                    break;
                at = spell.first - 1;
            }
            return view.next_edge(exposure, Days(0));
        });
    }

  private:
    std::size_t set_;
    std::optional<Span> gap_;
};

class Stopped : public EventsNode {
  public:
    Stopped(std::size_t set, std::optional<Span> gap) : set_(set), gap_(gap) {}
    Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        const Span gap = gap_of(view, set_, gap_);
        return collect_in_every_way(view, set_, window, out, [&](const Exposure& exposure, auto& found) {
            const Segments& segments = exposure.segments();
            Instant next = never;
            for (std::ptrdiff_t at = last_begun(segments, view.today); at >= 0; --at) {
                const Date end = segments[static_cast<std::size_t>(at)].to;
                if (end < window.from)
                    break;
                const bool is_newest = static_cast<std::size_t>(at + 1) == segments.size() ||
                                       segments[static_cast<std::size_t>(at + 1)].from > view.today;
                if (is_newest && end + gap > view.today) {
                    next = view.is_past ? never : Instant(end + gap);
                    continue;
                }
                const bool is_bridged = !is_newest && end + gap >= segments[static_cast<std::size_t>(at + 1)].from;
                if (is_bridged || end > window.to)
                    continue;
                const auto facts = exposure.facts_between(end - Days(1), end);
                found.push_back({end, end, true, facts.empty() ? nullptr : facts.back()});
                if (newest_only)
                    break;
            }
            return std::min(next, view.next_edge(exposure, Days(0)));
        });
    }

  private:
    std::size_t set_;
    std::optional<Span> gap_;
};

class DoseChange : public EventsNode {
  public:
    DoseChange(std::size_t set, Rational by) : set_(set), by_(by) {}
    Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        const Days gap = view.exposures.set(set_).gap;
        return collect_in_every_way(view, set_, window, out, [&](const Exposure& exposure, auto& found) {
            const Segments segments = exposure.bridged(window.from - gap - Days(1), view.today, gap);
            for (std::ptrdiff_t at = last_begun(segments, window.to); at > 0; --at) {
                const DoseSegment& after = segments[static_cast<std::size_t>(at)];
                const DoseSegment& before = segments[static_cast<std::size_t>(at - 1)];
                if (after.from < window.from)
                    break;
                if (after.from - before.to > gap)
                    continue;
                const auto rise = Rational::checked_sum(after.dose, -before.dose);
                const bool is_known = after.is_dose_known && before.is_dose_known && rise;
                if (is_known && *rise < by_ && -*rise < by_)
                    continue;
                found.push_back(on_date(exposure, after.from));
                found.back().is_certain = is_known;
                if (newest_only && is_known)
                    break;
            }
            return view.next_edge(exposure, gap);
        });
    }

  private:
    std::size_t set_;
    Rational by_;
};

class Courses : public EventsNode {
  public:
    explicit Courses(CourseNodes nodes) : nodes_(nodes) {}
    Instant collect(const View& view, Window window, bool, std::vector<Occurrence>& out) const override {
        return collect_in_every_way(view, nodes_.set, window, out, [&](const Exposure& exposure, auto& found) {
            Instant next = view.next_edge(exposure, Days(0));
            for (const Course& course : courses(view, exposure, window.from)) {
                const Date to = std::min(view.today, course.to);
                const bool is_long_enough = course.holds_dose || course.from + nodes_.at_least <= to;
                if (is_long_enough && to <= course.from + nodes_.at_most && course.from >= window.from &&
                    course.from <= window.to)
                    found.push_back({course.from, course.from, true, course.fact});
                if (!view.is_past)
                    for (const Date turn : {course.from + nodes_.at_least, course.from + nodes_.at_most + Days(1)})
                        if (turn > view.today && turn <= course.to)
                            next = std::min<Instant>(next, turn);
            }
            return next;
        });
    }

  private:
    struct Course {
        Date from{};
        Date to{};
        bool holds_dose = false;
        FactPtr fact;
    };

    /// All that may begin on or after `from` and have begun today.
    std::vector<Course> courses(const View& view, const Exposure& exposure, Date from) const {
        std::vector<Course> pieces;
        const Segments& segments = exposure.segments();
        for (std::ptrdiff_t at = last_begun(segments, view.today); at >= 0; --at) {
            const DoseSegment& segment = segments[static_cast<std::size_t>(at)];
            const auto facts = exposure.facts_between(segment.from, segment.from + Days(1));
            pieces.push_back({segment.from, segment.to, false, facts.empty() ? nullptr : facts.front()});
            // What ends so early is apart from all that begins in the window: what lies before cannot reach it.
            if (segment.to + nodes_.apart < from)
                break;
        }
        for (const FactPtr& dose : exposure.uncovering_doses())
            if (view.sees(*dose)) {
                const Date date = view.date_of_fact(*dose);
                pieces.push_back({date, date + Days(1), true, dose});
            }
        std::ranges::sort(pieces, {}, &Course::from);
        std::vector<Course> joined;
        for (const Course& piece : pieces) {
            if (joined.empty() || joined.back().to + nodes_.apart <= piece.from) {
                joined.push_back(piece);
                continue;
            }
            joined.back().to = std::max(joined.back().to, piece.to);
            joined.back().holds_dose = joined.back().holds_dose || piece.holds_dose;
        }
        return joined;
    }

    CourseNodes nodes_;
};

} // namespace

EventsPtr make_started(std::size_t set, std::optional<Span> gap) {
    return std::make_unique<Started>(set, gap);
}
EventsPtr make_stopped(std::size_t set, std::optional<Span> gap) {
    return std::make_unique<Stopped>(set, gap);
}
EventsPtr make_dose_change(std::size_t set, Rational by) {
    return std::make_unique<DoseChange>(set, by);
}
EventsPtr make_course(CourseNodes nodes) {
    return std::make_unique<Courses>(nodes);
}

} // namespace bonewatch::monitors
