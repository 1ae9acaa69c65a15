#include "monitors/questions.h"

#include <algorithm>
#include <ranges>

namespace bonewatch::monitors {

namespace {

using model::Fact;

/// The window as dates; `exists` is false where an anchor does not, `is_known` where it is not known.
struct ResolvedWindow {
    Window dates;
    bool exists = true;
    bool is_known = true;
    Instant next = never;
};

ResolvedWindow resolve(const View& view, const WindowNodes& nodes) {
    ResolvedWindow window{{distant_past, view.today}, true, true, never};
    if (nodes.within)
        window.dates.from = view.today - *nodes.within;
    for (const auto& [node, date] :
         {std::pair{&nodes.from, &window.dates.from}, std::pair{&nodes.to, &window.dates.to}}) {
        if (*node == nullptr)
            continue;
        const DateAnswer answer = (*node)->eval(view, nullptr);
        window.next = std::min(window.next, answer.next);
        window.exists = window.exists && answer.state != DateAnswer::State::none;
        window.is_known = window.is_known && answer.state == DateAnswer::State::known;
        *date = answer.date;
    }
    return window;
}

bool surely_in(const Occurrence& occurrence, Window window) {
    return occurrence.is_certain && occurrence.first >= window.from && occurrence.last <= window.to;
}

bool possibly_in(const Occurrence& occurrence, Window window) {
    return occurrence.last >= window.from && occurrence.first <= window.to;
}

/// When an occurrence goes further into, or out of, a window that moves with today.
Instant moves(const View& view, const Occurrence& occurrence, const WindowNodes& nodes) {
    if (view.is_past)
        return never;
    Instant next = nodes.to == nullptr && occurrence.last > view.today ? Instant(occurrence.last) : never;
    if (nodes.within)
        for (const Date end : {occurrence.first, occurrence.last})
            if (const Date beyond = first_beyond(end, *nodes.within); beyond > view.today)
                next = std::min<Instant>(next, beyond);
    return next;
}

Occurrence occurrence_of(const View& view, const FactPtr& fact) {
    const Date first = view.date_of_fact(*fact);
    const Date last = fact->event.at.is_partial() ? std::max(first, fact->event.at.date_last) : first;
    return {first, last, !fact->disputed, fact};
}

/// What a list of codes means as events: see CodeSet.
class CodeOccurrences : public EventsNode {
  public:
    explicit CodeOccurrences(CodeSet codes) : codes_(std::move(codes)) {}

    void collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
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
        for (const std::size_t set : codes_.exposures)
            collect_days(view, set, window, out);
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
                // Partial dates may reach into the window from before it; a series holds few of them.
                if (!std::ranges::any_of(series, [](const FactPtr& f) { return f->event.at.is_partial(); }))
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

    /// The newest covered day in the window stands for all of them; where ways differ, one of theirs.
    static void collect_days(const View& view, std::size_t set, Window window, std::vector<Occurrence>& out) {
        const auto ways = view.exposures.ways(set, view.timeline, view.now);
        if (ways.empty())
            out.push_back({window.from, window.to, false, nullptr});
        std::optional<Occurrence> joined;
        std::size_t found = 0;
        for (const auto& way : ways) {
            const std::optional<Occurrence> newest = newest_day(view, *way, window);
            if (!newest)
                continue;
            ++found;
            if (!joined)
                joined = newest;
            joined->first = std::min(joined->first, newest->first);
            joined->last = std::max(joined->last, newest->last);
        }
        if (!joined)
            return;
        joined->is_certain = found == ways.size();
        out.push_back(std::move(*joined));
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

    void collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
        const auto& series = view.timeline.results(analyte_);
        for (auto at = series.rbegin(); at != series.rend();) {
            if (!is_counted(view, **at)) {
                ++at;
                continue;
            }
            if (occurrence_of(view, *at).last < window.from)
                break;
            for (const Occurrence& occurrence : next_day(view, at, series.rend())) {
                if (!possibly_in(occurrence, window))
                    continue;
                out.push_back(occurrence);
                if (newest_only && surely_in(occurrence, window))
                    return;
            }
        }
    }

  private:
    /// The results of one date that meet the condition, from the back of the series; where the harder way is asked,
    /// only if all results of the date meet it.
    std::vector<Occurrence> next_day(const View& view, auto& at, const auto& end) const {
        std::vector<Occurrence> day;
        std::optional<Date> date;
        Truth all_meet = Truth::yes;
        for (; at != end; ++at) {
            if (!is_counted(view, **at))
                continue;
            Occurrence occurrence = occurrence_of(view, *at);
            if (date && occurrence.first != *date)
                break;
            date = occurrence.first;
            const View about = view.about(**at);
            const Truth takes_part = where_ ? where_->eval(about, nullptr).value : Truth::yes;
            if (takes_part == Truth::no)
                continue;
            const Truth meets = condition_->eval(about, nullptr).value;
            all_meet = all_meet && (takes_part == Truth::yes ? meets : Truth::unknown);
            if (meets == Truth::no)
                continue;
            occurrence.is_certain = occurrence.is_certain && (meets && takes_part) == Truth::yes;
            day.push_back(std::move(occurrence));
        }
        if (is_harder_ && all_meet == Truth::no)
            day.clear();
        if (is_harder_ && all_meet == Truth::unknown)
            for (Occurrence& occurrence : day)
                occurrence.is_certain = false;
        return day;
    }

    CodeId analyte_;
    TruthPtr condition_, where_;
    bool is_harder_;
};

class Given : public EventsNode {
  public:
    Given(std::vector<CodeId> drugs, std::optional<model::Dose> dose, std::optional<model::Route> route)
        : drugs_(std::move(drugs)), dose_(dose), route_(route) {}

    void collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const override {
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

/// Applies an event's own condition, `where: form is issue`.
Truth eligible(const View& view, const TruthPtr& where, const Occurrence& occurrence) {
    if (!where)
        return Truth::yes;
    return occurrence.fact == nullptr ? Truth::unknown : where->eval(view.about(*occurrence.fact), nullptr).value;
}

std::string dates_text(const std::vector<Occurrence>& occurrences) {
    std::string text;
    for (const Occurrence& occurrence : occurrences)
        text += (text.empty() ? "" : ", ") + model::to_text(occurrence.first);
    return text;
}

class CountEvents : public QuantityNode {
  public:
    CountEvents(EventsPtr events, WindowNodes window, TruthPtr where)
        : events_(std::move(events)), window_(std::move(window)), where_(std::move(where)) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        const ResolvedWindow window = resolve(view, window_);
        std::int64_t surely = 0;
        std::int64_t possibly = 0;
        Instant next = window.next;
        std::vector<Occurrence> counted;
        if (window.exists) {
            std::vector<Occurrence> found;
            events_->collect(view, window.dates, false, found);
            for (const Occurrence& occurrence : found) {
                const Truth is_eligible = eligible(view, where_, occurrence);
                if (!possibly_in(occurrence, window.dates) || is_eligible == Truth::no)
                    continue;
                const bool is_sure =
                    surely_in(occurrence, window.dates) && is_eligible == Truth::yes && window.is_known;
                surely += is_sure ? 1 : 0;
                ++possibly;
                next = std::min(next, moves(view, occurrence, window_));
                counted.push_back(occurrence);
            }
            if (window_.from != nullptr && !view.is_past && window.dates.from > view.today)
                next = std::min(next, Instant(window.dates.from));
        }
        if (clause != nullptr) {
            clause->detail = std::to_string(surely) + " of " + events_->source + (counted.empty() ? "" : " on ") +
                             dates_text(counted);
            for (const Occurrence& occurrence : counted)
                if (occurrence.fact)
                    clause->evidence.push_back(occurrence.fact);
        }
        model::ValueInterval value{model::Bound{Rational(surely)}, model::Bound{Rational(possibly)}};
        return {{value}, next};
    }

  private:
    EventsPtr events_;
    WindowNodes window_;
    TruthPtr where_;
};

/// The first, or the last, of some events.
class Anchor : public DateNode {
  public:
    Anchor(EventsPtr events, WindowNodes window, bool is_last)
        : events_(std::move(events)), window_(std::move(window)), is_last_(is_last) {}

    DateAnswer eval(const View& view, Clause* clause) const override {
        const ResolvedWindow window = resolve(view, window_);
        DateAnswer answer{DateAnswer::State::none, {}, window.next};
        if (!window.exists)
            return answer;
        std::vector<Occurrence> found;
        events_->collect(view, window.dates, is_last_, found);
        const Occurrence* best = nullptr;
        bool any_possible = false;
        for (const Occurrence& occurrence : found) {
            any_possible = any_possible || possibly_in(occurrence, window.dates);
            if (possibly_in(occurrence, window.dates))
                answer.next = std::min(answer.next, moves(view, occurrence, window_));
            if (!surely_in(occurrence, window.dates) || occurrence.first != occurrence.last)
                continue;
            if (best == nullptr || (is_last_ ? occurrence.first > best->first : occurrence.first < best->first))
                best = &occurrence;
        }
        if (best == nullptr) {
            answer.state = any_possible ? DateAnswer::State::unknown : DateAnswer::State::none;
            return answer;
        }
        answer.state = DateAnswer::State::known;
        answer.date = best->first;
        if (clause != nullptr) {
            clause->detail +=
                (clause->detail.empty() ? "" : "; ") + events_->source + " on " + model::to_text(best->first);
            if (best->fact)
                clause->evidence.push_back(best->fact);
        }
        return answer;
    }

  private:
    EventsPtr events_;
    WindowNodes window_;
    bool is_last_;
};

class Missing : public TruthNode {
  public:
    Missing(EventsPtr events, WindowNodes window, std::optional<Span> observed)
        : events_(std::move(events)), window_(std::move(window)), observed_(observed) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        const ResolvedWindow window = resolve(view, window_);
        if (!window.exists) {
            if (clause != nullptr)
                clause->detail = "no such date";
            return {Truth::no, window.next};
        }
        if (!window.is_known)
            return {Truth::unknown, window.next};
        const Date ahead = std::max(window.dates.from, window.dates.to);
        if (ahead > view.today)
            return {Truth::no, std::min<Instant>(window.next, view.is_past ? never : Instant(ahead))};

        std::vector<Occurrence> found;
        events_->collect(view, window.dates, true, found);
        Truth any = Truth::no;
        Date newest = distant_past;
        Instant next = window.next;
        for (const Occurrence& occurrence : found) {
            if (surely_in(occurrence, window.dates)) {
                any = Truth::yes;
                newest = std::max(newest, occurrence.first);
            } else if (possibly_in(occurrence, window.dates)) {
                any = any || Truth::unknown;
                next = std::min(next, moves(view, occurrence, window_));
            }
        }
        if (any == Truth::yes) {
            if (clause != nullptr)
                clause->detail = events_->source + " found on " + model::to_text(newest);
            const bool is_sliding = window_.within && !view.is_past;
            return {Truth::no, is_sliding ? Instant(first_beyond(newest, *window_.within)) : window.next};
        }
        if (clause != nullptr)
            clause->detail = "no " + events_->source + " from " + model::to_text(window.dates.from) + " to " +
                             model::to_text(window.dates.to);
        if (any == Truth::unknown)
            return {Truth::unknown, next};
        return observed(view, window, clause);
    }

  private:
    /// An absence counts only where it would have been seen: the patient was observable for the whole window.
    TruthAnswer observed(const View& view, const ResolvedWindow& window, Clause* clause) const {
        const Date needed_from =
            observed_ ? std::max(window.dates.from, window.dates.to - *observed_) : window.dates.from;
        Date since = distant_future;
        Date until = distant_past;
        if (!view.person.registered.empty()) {
            for (const model::Registration& r : view.person.registered)
                if (r.from <= window.dates.to && (!r.to || window.dates.to < *r.to)) {
                    since = r.from;
                    until = r.to.value_or(distant_future);
                }
        } else if (view.person.first_fact) {
            since = *view.person.first_fact;
            until = distant_future;
        }
        Instant next = window.next;
        const bool is_sliding = window_.within && !view.is_past;
        const bool ends_today = window_.to == nullptr && !view.is_past;
        if (ends_today && until != distant_future && until > view.today)
            next = std::min<Instant>(next, until);
        if (since <= needed_from)
            return {Truth::yes, next};
        if (clause != nullptr)
            clause->detail +=
                since == distant_future ? "; not registered then" : "; known only since " + model::to_text(since);
        if (is_sliding && since != distant_future) {
            const Span length = observed_.value_or(*window_.within);
            // The first day whose window begins on or after the first observable one.
            Date covered = since + length;
            while (covered - length >= since && covered > view.today)
                covered -= Days(1);
            while (covered - length < since)
                covered += Days(1);
            next = std::min<Instant>(next, std::max(covered, view.today + Days(1)));
        } else if (ends_today) {
            for (const model::Registration& r : view.person.registered)
                if (r.from > view.today)
                    next = std::min<Instant>(next, r.from);
        }
        return {Truth::unknown, next};
    }

    EventsPtr events_;
    WindowNodes window_;
    std::optional<Span> observed_;
};

class Near : public TruthNode {
  public:
    Near(EventsPtr events, Span distance) : events_(std::move(events)), distance_(distance) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        const Window window{view.today - distance_, view.today + distance_};
        View ahead = view;
        ahead.today = std::max(view.today, model::date_of(view.now));
        ahead.is_past = false;
        std::vector<Occurrence> found;
        events_->collect(ahead, window, false, found);
        Truth value = Truth::no;
        for (const Occurrence& occurrence : found) {
            if (surely_in(occurrence, window))
                value = Truth::yes;
            else if (possibly_in(occurrence, window))
                value = value || Truth::unknown;
            if (clause != nullptr && occurrence.fact)
                clause->evidence.push_back(occurrence.fact);
        }
        if (clause != nullptr && !found.empty())
            clause->detail = events_->source + " on " + dates_text(found);
        Instant next = never;
        if (!view.is_past)
            for (const Occurrence& occurrence : found) {
                if (const Date beyond = first_beyond(occurrence.first, distance_); beyond > view.today)
                    next = std::min<Instant>(next, beyond);
                if (occurrence.last != occurrence.first && first_beyond(occurrence.last, distance_) > view.today)
                    next = std::min<Instant>(next, view.today + Days(1));
            }
        return {value, next};
    }

  private:
    EventsPtr events_;
    Span distance_;
};

} // namespace

EventsPtr make_occurrences(CodeSet codes) {
    return std::make_unique<CodeOccurrences>(std::move(codes));
}
EventsPtr make_result_events(CodeId analyte, TruthPtr condition, TruthPtr where, bool is_harder) {
    return std::make_unique<ResultEvents>(std::move(analyte), std::move(condition), std::move(where), is_harder);
}
EventsPtr make_given(std::vector<CodeId> drugs, std::optional<model::Dose> dose, std::optional<model::Route> route) {
    return std::make_unique<Given>(std::move(drugs), dose, route);
}
QuantityPtr make_count(EventsPtr events, WindowNodes window, TruthPtr where) {
    return std::make_unique<CountEvents>(std::move(events), std::move(window), std::move(where));
}
DatePtr make_first(EventsPtr events, WindowNodes window) {
    return std::make_unique<Anchor>(std::move(events), std::move(window), false);
}
DatePtr make_last(EventsPtr events, WindowNodes window) {
    return std::make_unique<Anchor>(std::move(events), std::move(window), true);
}
TruthPtr make_missing(EventsPtr events, WindowNodes window, std::optional<Span> observed) {
    return std::make_unique<Missing>(std::move(events), std::move(window), observed);
}
TruthPtr make_near(EventsPtr events, Span distance) {
    return std::make_unique<Near>(std::move(events), distance);
}

} // namespace bonewatch::monitors
