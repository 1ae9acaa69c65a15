#include "tests/reference/evaluate.h"

#include <algorithm>
#include <map>

namespace bonewatch::reference {

namespace {

using model::Rational;

/// What every question on events does with the events of one world in one window.
struct Ask {
    const Look& look;
    ExprPtr where;

    /// Whether an event counts: in the window, and `where:` holds on its date.
    [[nodiscard]] Truth counts(const Occurrence& event, const Window& window) const {
        const Occurrence here = placed(event, window);
        const Truth inside = is_in_window(here, window.from, window.to);
        if (inside == Truth::no || !where)
            return inside;
        return both(inside, agreed(std::vector{event.date, event.date_last},
                                   [&](Date day) { return truth(look.about(event.fact, day), *where); }));
    }
};

Truth any_event(const Ask& ask, const Events& events, const Window& window) {
    const Truth found = agreed(events.worlds, [&](const EventWorld& world) {
        Truth answer = Truth::no;
        for (const Occurrence& event : world.events)
            answer = either(answer, ask.counts(event, window));
        return answer;
    });
    return found == Truth::no && events.anything_else ? Truth::unknown : found;
}

Truth missing_of(const Look& look, const Expr& call, const Expr& what) {
    const Windows asked = windows(look, call);
    if (asked.exists != Truth::yes)
        return asked.exists;
    const Events found = events(look, what);
    return agreed(asked.ways, [&](const Window& window) {
        if (window.from > look.today() || window.to > look.today())
            return Truth::no;
        const Truth any = any_event({look, nullptr}, found, window);
        if (any != Truth::no)
            return negated(any);
        return agreed(durations(look, call.argument("observed"), {}), [&](const Duration& observed) {
            const Date from =
                call.argument("observed") ? std::max(window.from, before(window.to, observed)) : window.from;
            return look.view->is_observable(from, window.to) ? Truth::yes : Truth::unknown;
        });
    });
}

} // namespace

Quantity count(const Look& look, const Expr& call) {
    const Windows asked = windows(look, call);
    if (asked.exists != Truth::yes)
        return asked.exists == Truth::no ? nothing("") : anything("");
    const Vocabulary& vocabulary = *look.catalogue.vocabulary;
    const Events found = events(look, *call.argument(0));
    const Ask ask{look, call.argument("where")};
    return agreed(vocabulary, asked.ways, [&](const Window& window) {
        std::int64_t surely = 0;
        std::int64_t perhaps = 0;
        std::map<Date, std::size_t> worlds_with; // Of events over several worlds: certain if all of them have it.
        for (const EventWorld& world : found.worlds)
            for (const Occurrence& event : world.events) {
                const Truth so = ask.counts(event, window);
                if (found.worlds.size() == 1) {
                    surely += so == Truth::yes ? 1 : 0;
                    perhaps += so != Truth::no ? 1 : 0;
                } else if (so != Truth::no) {
                    perhaps += worlds_with.try_emplace(event.date, 0).second ? 1 : 0;
                    surely += so == Truth::yes && ++worlds_with[event.date] == found.worlds.size() ? 1 : 0;
                }
            }
        model::ValueInterval number{model::Bound{Rational(surely)}, model::Bound{Rational(perhaps)}};
        if (found.anything_else)
            number.high.reset();
        return single({number, false, nullptr}, "");
    });
}

Anchor first_or_last(const Look& look, const Expr& call) {
    constexpr Anchor nobody_can_say{Truth::unknown, {}, {}, nullptr};
    const Windows asked = windows(look, call);
    if (asked.exists != Truth::yes)
        return {asked.exists, {}, {}, nullptr};
    const Events found = events(look, *call.argument(0));
    const Ask ask{look, call.argument("where")};
    if (found.anything_else)
        return nobody_can_say;
    std::optional<Anchor> answer;
    for (const Window& window : asked.ways)
        for (const EventWorld& world : found.worlds) {
            Anchor here;
            for (const Occurrence& event : world.events) {
                const Truth so = ask.counts(event, window);
                const bool is_better = call.text == "last" ? event.date >= here.date : event.date < here.date;
                if (so == Truth::yes && (here.exists != Truth::yes || is_better))
                    here = {Truth::yes, event.date, event.date_last,
                            event.date != event.date_last ? event.fact : nullptr};
                else if (so == Truth::unknown && here.exists == Truth::no)
                    here.exists = Truth::unknown;
            }
            if (answer && *answer != here)
                return nobody_can_say;
            answer = here;
        }
    return *answer;
}

Truth missing(const Look& look, const Expr& call) {
    return missing_of(look, call, *call.argument(0));
}

Truth incomplete(const Look& look, const Expr& call) {
    const ExprPtr members = call.argument(0);
    if (members->kind != Kind::set)
        throw Unreadable("'incomplete' takes a list in braces");
    Truth answer = Truth::no;
    for (const ExprPtr& one : members->parts)
        answer = either(answer, missing_of(look, call, *one));
    return answer;
}

Truth near(const Look& look, const Expr& call) {
    if (!call.argument("within"))
        throw Unreadable("'near' needs 'within:'");
    Look ahead = look;
    ahead.view = &look.view->real();
    const Events found = events(ahead, *call.argument(0));
    return agreed(durations(look, call.argument("within"), {}), [&](const Duration& within) {
        return any_event({look, nullptr}, found, {before(look.today(), within), after(look.today(), within)});
    });
}

} // namespace bonewatch::reference
