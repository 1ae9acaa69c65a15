#include "monitors/phrases.h"
#include "monitors/window.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

/// Applies an event's own condition, `where: form is issue`.
Truth eligible(const View& view, const TruthPtr& where, const Occurrence& occurrence) {
    if (!where)
        return Truth::yes;
    return occurrence.fact == nullptr ? Truth::unknown : where->eval(view.about(*occurrence.fact), nullptr).value;
}

/// What is said where nothing is found.
std::string nothing_found(const View& view, const std::string& title, const WindowNodes& window, bool is_choosy) {
    return none_of(title) + (is_choosy ? " that counts" : "") + window_text(view, window);
}

/// Why a window does not exist, or is not known: its anchors say.
std::string window_trouble(const View& view, const WindowNodes& window) {
    Clause anchors;
    for (const DatePtr* node : {&window.from, &window.to})
        if (*node != nullptr)
            static_cast<void>((*node)->eval(view, &anchors));
    return anchors.detail;
}

void say(Clause* clause, const std::string& words) {
    if (clause != nullptr)
        clause->detail += (clause->detail.empty() ? "" : "; ") + words;
}

class CountEvents : public QuantityNode {
  public:
    CountEvents(EventsPtr events, WindowNodes window, TruthPtr where)
        : events_(std::move(events)), window_(std::move(window)), where_(std::move(where)) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        const ResolvedWindow window = resolve(view, window_);
        if (!window.exists) {
            say(clause, window_trouble(view, window_));
            return {{}, window.next};
        }
        if (!window.is_known)
            return {{model::ValueInterval{}}, window.next};
        std::int64_t surely = 0;
        std::int64_t possibly = 0;
        std::vector<Occurrence> counted;
        std::vector<Occurrence> found;
        Instant next = std::min(window.next, events_->collect(view, window.dates, false, found));
        for (const Occurrence& occurrence : found) {
            const Truth is_eligible = eligible(view, where_, occurrence);
            const Occurrence here = placed(view, window, occurrence);
            if (!possibly_in(here, window.dates) || is_eligible == Truth::no)
                continue;
            surely += surely_in(here, window.dates) && is_eligible == Truth::yes ? 1 : 0;
            ++possibly;
            next = std::min(next, moves(view, occurrence, window_));
            counted.push_back(occurrence);
        }
        if (window_.from != nullptr && !view.is_past && window.dates.from > view.today)
            next = std::min(next, Instant(window.dates.from));
        if (clause != nullptr) {
            clause->detail = counted.empty() ? nothing_found(view, events_->title, window_, where_ != nullptr)
                                             : occurrences_text(view, counted, events_->title);
            if (std::ssize(counted) != surely)
                clause->detail += ", of which " + std::to_string(surely) + " for sure";
            for (const Occurrence& occurrence : counted)
                if (occurrence.fact && (clause->evidence.empty() || clause->evidence.back() != occurrence.fact))
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
    Anchor(EventsPtr events, WindowNodes window, TruthPtr where, bool is_last)
        : events_(std::move(events)), window_(std::move(window)), where_(std::move(where)), is_last_(is_last) {}

    DateAnswer eval(const View& view, Clause* clause) const override {
        const ResolvedWindow window = resolve(view, window_);
        DateAnswer answer{DateAnswer::State::none, {}, window.next};
        if (!window.exists) {
            say(clause, window_trouble(view, window_));
            return answer;
        }
        if (!window.is_known) {
            answer.state = DateAnswer::State::unknown;
            return answer;
        }
        std::vector<Occurrence> found;
        answer.next = std::min(answer.next, events_->collect(view, window.dates, is_last_ && !where_, found));
        const Occurrence* best = nullptr;
        bool any_possible = false;
        for (const Occurrence& occurrence : found) {
            const Truth is_eligible = eligible(view, where_, occurrence);
            const Occurrence here = placed(view, window, occurrence);
            if (is_eligible == Truth::no || !possibly_in(here, window.dates))
                continue;
            any_possible = true;
            answer.next = std::min(answer.next, moves(view, occurrence, window_));
            if (is_eligible != Truth::yes || !surely_in(here, window.dates))
                continue;
            if (best == nullptr || (is_last_ ? occurrence.first > best->first : occurrence.first < best->first))
                best = &occurrence;
        }
        if (best == nullptr) {
            answer.state = any_possible ? DateAnswer::State::unknown : DateAnswer::State::none;
            say(clause, any_possible ? "date of " + events_->title + " not known"
                                     : nothing_found(view, events_->title, window_, where_ != nullptr));
            return answer;
        }
        answer.state = DateAnswer::State::known;
        answer.date = view.is_late ? best->last : best->first;
        answer.anchor = answer.date;
        if (best->first != best->last && view.met_partial != nullptr)
            *view.met_partial = true;
        if (best->first != best->last)
            answer.partial = best->fact;
        say(clause, occurrence_text(view, *best, events_->title));
        if (clause != nullptr && best->fact)
            clause->evidence.push_back(best->fact);
        return answer;
    }

  private:
    EventsPtr events_;
    WindowNodes window_;
    TruthPtr where_;
    bool is_last_;
};

class Missing : public TruthNode {
  public:
    Missing(EventsPtr events, WindowNodes window, std::optional<Span> observed)
        : events_(std::move(events)), window_(std::move(window)), observed_(observed) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        ResolvedWindow window = resolve(view, window_);
        if (!window.exists) {
            if (clause != nullptr)
                clause->detail = window_trouble(view, window_);
            return {Truth::no, window.next};
        }
        if (!window.is_known) {
            if (clause != nullptr)
                clause->detail = window_trouble(view, window_);
            return {Truth::unknown, window.next};
        }
        const Date ahead = std::max(window.dates.from, window.dates.to);
        if (ahead > view.today)
            return {Truth::no, std::min<Instant>(window.next, view.is_past ? never : Instant(ahead))};

        std::vector<Occurrence> found;
        window.next = std::min(window.next, events_->collect(view, window.dates, true, found));
        Truth any = Truth::no;
        const Occurrence* newest = nullptr;
        Instant next = window.next;
        for (const Occurrence& occurrence : found) {
            const Occurrence here = placed(view, window, occurrence);
            if (surely_in(here, window.dates)) {
                any = Truth::yes;
                if (newest == nullptr || occurrence.first > newest->first)
                    newest = &occurrence;
            } else if (possibly_in(here, window.dates)) {
                any = any || Truth::unknown;
                next = std::min(next, moves(view, occurrence, window_));
            }
        }
        if (any == Truth::yes) {
            if (clause != nullptr)
                clause->detail = occurrence_text(view, *newest, events_->title);
            const bool is_sliding = window_.within && !view.is_past;
            return {Truth::no, is_sliding ? std::min<Instant>(window.next, first_beyond(newest->first, *window_.within))
                                          : window.next};
        }
        if (clause != nullptr)
            clause->detail = none_of(events_->title) + " from " + model::to_text(window.dates.from) + " to " +
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
        } else if (ends_today) { // Where `from:` moves with now, the window is asked again at every midnight.
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

class Incomplete : public TruthNode {
  public:
    Incomplete(std::vector<TruthPtr> missing, std::vector<std::string> names)
        : missing_(std::move(missing)), names_(std::move(names)) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        TruthAnswer answer{Truth::no, never};
        Instant next_of_true = Instant::min();
        for (std::size_t i = 0; i < missing_.size(); ++i) {
            const TruthAnswer one = eval_part(*missing_[i], view, clause);
            answer.value = answer.value || one.value;
            answer.next = std::min(answer.next, one.next);
            if (one.value == Truth::yes)
                next_of_true = std::max(next_of_true, one.next);
            if (clause != nullptr && one.value == Truth::yes)
                clause->detail += (clause->detail.empty() ? "missing: " : " + ") + names_[i];
        }
        if (answer.value == Truth::yes)
            answer.next = next_of_true;
        if (clause != nullptr && clause->detail.empty())
            clause->detail = answer.value == Truth::no ? "nothing is missing" : "nobody can say what is missing";
        if (clause != nullptr)
            clause->sums_up = true;
        return answer;
    }

  private:
    std::vector<TruthPtr> missing_;
    std::vector<std::string> names_;
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
        Instant next = events_->collect(ahead, window, false, found);
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
            clause->detail = occurrences_text(view, found, events_->title);
        if (view.is_past)
            next = never;
        else
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

QuantityPtr make_count(EventsPtr events, WindowNodes window, TruthPtr where) {
    return std::make_unique<CountEvents>(std::move(events), std::move(window), std::move(where));
}
DatePtr make_first(EventsPtr events, WindowNodes window, TruthPtr where) {
    return std::make_unique<Anchor>(std::move(events), std::move(window), std::move(where), false);
}
DatePtr make_last(EventsPtr events, WindowNodes window, TruthPtr where) {
    return std::make_unique<Anchor>(std::move(events), std::move(window), std::move(where), true);
}
TruthPtr make_incomplete(std::vector<TruthPtr> missing, std::vector<std::string> names) {
    return std::make_unique<Incomplete>(std::move(missing), std::move(names));
}
TruthPtr make_missing(EventsPtr events, WindowNodes window, std::optional<Span> observed) {
    return std::make_unique<Missing>(std::move(events), std::move(window), observed);
}
TruthPtr make_near(EventsPtr events, Span distance) {
    return std::make_unique<Near>(std::move(events), distance);
}

} // namespace bonewatch::monitors
