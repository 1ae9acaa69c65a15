#include "monitors/window.h"

#include <algorithm>

namespace bonewatch::monitors {

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

Instant passes(const View& view, const DatePtr& moving, Date date) {
    if (view.is_past || !moving || !moving->moves_with_now())
        return never;
    const Date at = moving->eval(view, nullptr).date;
    if (at > date)
        return never;
    // It moves a day a day, but for calendar steps, which are not all of one length.
    constexpr Days calendar_slack{16};
    Date day = std::max(view.today + Days(1), view.today + (date - at) - calendar_slack);
    while (moving->eval(view.on(day), nullptr).date <= date)
        day += Days(1);
    return day;
}

Instant moves(const View& view, const Occurrence& occurrence, const WindowNodes& nodes) {
    if (view.is_past)
        return never;
    Instant next = nodes.to == nullptr && occurrence.last > view.today ? Instant(occurrence.last) : never;
    if (nodes.within)
        for (const Date end : {occurrence.first, occurrence.last})
            if (const Date beyond = first_beyond(end, *nodes.within); beyond > view.today)
                next = std::min<Instant>(next, beyond);
    for (const Date end : {occurrence.first, occurrence.last})
        next = std::min(next, passes(view, nodes.from, end));
    // Of a partial date the rest has still to come in.
    if (occurrence.last > occurrence.first)
        next = std::min(next, passes(view, nodes.to, occurrence.last - Days(1)));
    return next;
}

Instant enters(const View& view, const EventsNode& events, const WindowNodes& nodes, Window window) {
    if (view.is_past || !nodes.to || !nodes.to->moves_with_now() || window.to >= view.today)
        return never;
    const Window behind{std::max(window.from, window.to + Days(1)), view.today};
    std::vector<Occurrence> found;
    const Instant next = events.collect(view, behind, true, found);
    const auto is_behind = [&](const Occurrence& occurrence) { return possibly_in(occurrence, behind); };
    return std::ranges::any_of(found, is_behind) ? std::min<Instant>(next, view.today + Days(1)) : next;
}

Occurrence occurrence_of(const View& view, const FactPtr& fact) {
    const Date first = view.date_of_fact(*fact);
    const Date last = fact->event.at.is_partial() ? std::max(first, fact->event.at.date_last) : first;
    return {first, last, !fact->disputed, fact};
}

} // namespace bonewatch::monitors
