#include "monitors/runs.h"
#include "monitors/window.h"

#include <algorithm>
#include <map>
#include <ranges>

namespace bonewatch::monitors {

namespace {

using model::Fact;

/// Partial dates may reach into a window from before it; a series holds few of them.
bool any_partial(const View& view, const Timeline::Series& series) {
    return view.timeline.has_partial_dates() &&
           std::ranges::any_of(series, [](const FactPtr& fact) { return fact->event.at.is_partial(); });
}

/// What a list of codes means as events: see CodeSet.
class CodeOccurrences : public EventsNode {
  public:
    explicit CodeOccurrences(CodeSet codes) : codes_(std::move(codes)) {}

    Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        for (const CodeId& code : codes_.conditions) {
            collect_from(view, view.timeline.conditions(code), window, newest_only, out);
            collect_from(view, view.timeline.procedures(code), window, newest_only, out);
        }
        for (const CodeId& analyte : codes_.analytes)
            collect_from(view, view.timeline.results(analyte), window, newest_only, out);
        for (const CodeId& drug : codes_.doses) {
            collect_from(view, view.timeline.administrations(drug), window, newest_only, out);
            collect_from(view, view.timeline.supplies(drug), window, newest_only, out);
        }
        Instant next = never;
        for (const std::size_t set : codes_.exposures)
            next = std::min(next, newest_only ? collect_newest_day(view, set, window, out)
                                              : collect_days(view, set, window, out));
        return next;
    }

  private:
    static void collect_from(const View& view, const Timeline::Series& series, Window window, bool newest_only,
                             std::vector<Occurrence>& out) {
        for (const FactPtr& fact : series | std::views::reverse) {
            if (!view.sees(*fact))
                continue;
            if (std::holds_alternative<model::ResultEvent>(fact->event.body) && !is_counted(view, *fact))
                continue;
            const Occurrence occurrence = occurrence_of(view, fact);
            if (occurrence.first < window.from && !fact->event.at.is_partial()) {
                if (!any_partial(view, series))
                    break;
                continue;
            }
            if (!possibly_in(occurrence, window))
                continue;
            out.push_back(occurrence);
            if (newest_only && surely_in(occurrence, window))
                break;
        }
    }

    /// Every covered day in the window, of today and before; certain are those that every way has.
    static Instant collect_days(const View& view, std::size_t set, Window window, std::vector<Occurrence>& out) {
        const auto ways = view.ways(set);
        if (ways.empty())
            out.push_back({window.from, window.to, false, nullptr});
        const Date end = std::min(window.to, view.today) + Days(1);
        Instant next = never;
        std::map<Date, std::size_t> ways_with;
        std::map<Date, FactPtr> taken;
        for (const auto& way : ways) {
            next = std::min(next, view.next_edge(*way, Days(0)));
            for (const DoseSegment& segment : way->segments())
                for (Date day = std::max(segment.from, window.from); day < std::min(segment.to, end); day += Days(1)) {
                    ++ways_with[day];
                    const auto facts = way->facts_between(day, day + Days(1));
                    taken.try_emplace(day, facts.empty() ? nullptr : facts.back());
                }
        }
        for (const auto& [day, count] : ways_with)
            out.push_back({day, day, count == ways.size(), taken.at(day)});
        if (!view.is_past && ways_with.contains(view.today)) // Tomorrow may be one more.
            next = std::min<Instant>(next, view.today + Days(1));
        return next;
    }

    /// The newest covered day in the window stands for all of them; where ways differ, one of theirs.
    static Instant collect_newest_day(const View& view, std::size_t set, Window window, std::vector<Occurrence>& out) {
        const auto ways = view.ways(set);
        if (ways.empty())
            out.push_back({window.from, window.to, false, nullptr});
        Instant next = never;
        std::optional<Occurrence> joined;
        std::size_t found = 0;
        for (const auto& way : ways) {
            next = std::min(next, view.next_edge(*way, Days(0)));
            const std::optional<Occurrence> newest = newest_day(view, *way, window);
            if (!newest)
                continue;
            ++found;
            if (!joined)
                joined = newest;
            joined->first = std::min(joined->first, newest->first);
            joined->last = std::max(joined->last, newest->last);
        }
        if (joined) {
            joined->is_certain = found == ways.size();
            out.push_back(std::move(*joined));
        }
        return next;
    }

    static std::optional<Occurrence> newest_day(const View& view, const Exposure& exposure, Window window) {
        for (const DoseSegment& segment : exposure.segments() | std::views::reverse) {
            const Date last = std::min(segment.to - Days(1), std::min(window.to, view.today));
            if (last < segment.from)
                continue;
            if (last < window.from)
                break;
            const auto facts = exposure.facts_between(last, last + Days(1));
            return Occurrence{last, last, true, facts.empty() ? nullptr : facts.back()};
        }
        return std::nullopt;
    }

    CodeSet codes_;
};

class ResultEvents : public EventsNode {
  public:
    ResultEvents(CodeId analyte, TruthPtr condition, TruthPtr where, bool is_harder)
        : analyte_(std::move(analyte)), condition_(std::move(condition)), where_(std::move(where)),
          is_harder_(is_harder) {}

    Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        const Timeline::Series& series = view.timeline.results(analyte_);
        for (auto at = series.rbegin(); at != series.rend(); ++at) {
            const FactPtr& fact = *at;
            if (!is_counted(view, *fact))
                continue;
            Occurrence occurrence = occurrence_of(view, fact);
            if (occurrence.last < window.from) {
                if (!any_partial(view, series))
                    break;
                continue;
            }
            if (!possibly_in(occurrence, window))
                continue;
            Truth meets = judge(view, *fact);
            if (is_harder_ && meets != Truth::no)
                meets = meets && whole_day(view, occurrence.first, at, series);
            if (meets == Truth::no)
                continue;
            occurrence.is_certain = occurrence.is_certain && meets == Truth::yes;
            out.push_back(occurrence);
            if (newest_only && surely_in(occurrence, window))
                break;
        }
        return never;
    }

  private:
    Truth judge(const View& view, const Fact& fact) const {
        const View about = view.about(fact);
        const Truth meets = condition_->eval(about, nullptr).value;
        return where_ ? meets && where_->eval(about, nullptr).value : meets;
    }

    /// Whether every result of one date that `where` does not leave out meets the condition; `at` is one of them.
    Truth whole_day(const View& view, Date date, Timeline::Series::const_reverse_iterator at,
                    const Timeline::Series& series) const {
        const auto is_other_day = [&](const FactPtr& fact) { return view.date_of_fact(*fact) != date; };
        const auto last = std::find_if(at, series.rend(), is_other_day);
        const auto first = std::find_if(at.base(), series.end(), is_other_day);
        Truth all = Truth::yes;
        for (auto one = std::reverse_iterator(first); one != last; ++one) {
            if (!is_counted(view, **one))
                continue;
            const View about = view.about(**one);
            const Truth eligible = where_ ? where_->eval(about, nullptr).value : Truth::yes;
            all = all && (!eligible || condition_->eval(about, nullptr).value);
        }
        return all;
    }

    CodeId analyte_;
    TruthPtr condition_, where_;
    bool is_harder_; ///< In `clears`: of two results of one date the one that does not meet it decides.
};

class Given : public EventsNode {
  public:
    Given(std::vector<CodeId> drugs, std::optional<model::Dose> dose, std::optional<model::Route> route)
        : drugs_(std::move(drugs)), dose_(dose), route_(route) {}

    Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        for (const CodeId& drug : drugs_)
            for (const auto* series : {&view.timeline.administrations(drug), &view.timeline.supplies(drug)})
                for (const FactPtr& fact : *series | std::views::reverse) {
                    if (!view.sees(*fact))
                        continue;
                    Occurrence occurrence = occurrence_of(view, fact);
                    const Truth matches = matches_dose(*fact);
                    if (matches == Truth::no || !possibly_in(occurrence, window))
                        continue;
                    occurrence.is_certain = occurrence.is_certain && matches == Truth::yes;
                    out.push_back(occurrence);
                    if (newest_only && surely_in(occurrence, window))
                        break;
                }
        return never;
    }

  private:
    Truth matches_dose(const Fact& fact) const {
        std::optional<model::Dose> dose;
        model::Route route = model::Route::unstated;
        if (const auto* given = std::get_if<model::AdministrationEvent>(&fact.event.body)) {
            dose = given->dose;
            route = given->route;
        } else if (const auto* supply = std::get_if<model::SupplyEvent>(&fact.event.body)) {
            if (const auto strength = model::parse_dose(supply->strength))
                dose = *strength;
            route = supply->route;
        }
        const Truth by_dose = !dose_ ? Truth::yes : !dose ? Truth::unknown : truth_of(*dose == *dose_);
        const Truth by_route = !route_                           ? Truth::yes
                               : route == model::Route::unstated ? Truth::unknown
                                                                 : truth_of(route == *route_);
        return by_dose && by_route;
    }

    std::vector<CodeId> drugs_;
    std::optional<model::Dose> dose_;
    std::optional<model::Route> route_;
};

/// Events of any of several kinds.
class AnyOf : public EventsNode {
  public:
    explicit AnyOf(std::vector<EventsPtr> members) : members_(std::move(members)) {}

    Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        Instant next = never;
        for (const EventsPtr& member : members_) {
            const auto found = std::ssize(out);
            next = std::min(next, member->collect(view, window, newest_only, out));
            for (Occurrence& occurrence : std::ranges::subrange(out.begin() + found, out.end()))
                occurrence.title = &member->title;
        }
        return next;
    }

  private:
    std::vector<EventsPtr> members_;
};

/// The sample-days of the latest unbroken run.
class RunEvents : public EventsNode {
  public:
    explicit RunEvents(RunNodes nodes) : nodes_(std::move(nodes)) {}

    Instant collect(const View& view, Window window, bool, std::vector<Occurrence>& out) const override {
        const Runs runs = read_runs(view, nodes_, {});
        for (const SampleDay& day : runs.days) {
            const Occurrence occurrence{day.date, day.date, day.is_surely_in, day.facts.front()};
            if ((day.is_surely_in || day.is_possibly_in) && possibly_in(occurrence, window))
                out.push_back(occurrence);
        }
        return never;
    }

  private:
    RunNodes nodes_;
};

} // namespace

EventsPtr make_occurrences(CodeSet codes) {
    return std::make_unique<CodeOccurrences>(std::move(codes));
}
EventsPtr make_result_events(CodeId analyte, TruthPtr condition, TruthPtr where, bool is_harder) {
    return std::make_unique<ResultEvents>(std::move(analyte), std::move(condition), std::move(where), is_harder);
}
EventsPtr make_any_of(std::vector<EventsPtr> members) {
    return std::make_unique<AnyOf>(std::move(members));
}
EventsPtr make_run(RunNodes nodes) {
    return std::make_unique<RunEvents>(std::move(nodes));
}
EventsPtr make_given(std::vector<CodeId> drugs, std::optional<model::Dose> dose, std::optional<model::Route> route) {
    return std::make_unique<Given>(std::move(drugs), dose, route);
}

} // namespace bonewatch::monitors
