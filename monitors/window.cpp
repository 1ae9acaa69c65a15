#include "monitors/window.h"

#include <algorithm>

namespace bonewatch::monitors {

ResolvedWindow resolve(const View& view, const WindowNodes& nodes) {
    ResolvedWindow window{{distant_past, view.today}, true, true, never, {}};
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
        if (answer.partial)
            window.anchored.push_back(answer.partial);
        *date = node == &nodes.from ? std::max(*date, answer.date) : answer.date;
        if ((*node)->moves_with_now() && !view.is_past)
            window.next = std::min<Instant>(window.next, view.today + Days(1));
    }
    return window;
}

Occurrence placed(const View& view, const ResolvedWindow& window, Occurrence occurrence) {
    if (std::ranges::find(window.anchored, occurrence.fact) != window.anchored.end())
        occurrence.first = occurrence.last = view.is_late ? occurrence.last : occurrence.first;
    return occurrence;
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

} // namespace bonewatch::monitors
