#pragma once

#include "monitors/questions.h"

namespace bonewatch::monitors {

/// The window as dates; `exists` is false where an anchor does not, `is_known` where it is not known.
struct ResolvedWindow {
    Window dates;
    bool exists = true;
    bool is_known = true;
    Instant next = never;
};

[[nodiscard]] ResolvedWindow resolve(const View& view, const WindowNodes& nodes);

[[nodiscard]] bool surely_in(const Occurrence& occurrence, Window window);
[[nodiscard]] bool possibly_in(const Occurrence& occurrence, Window window);

/// The first day on which a date that moves with now lies beyond `date`; `never` where it stands still, or has passed
/// it.
[[nodiscard]] Instant passes(const View& view, const DatePtr& moving, Date date);

/// When an occurrence goes further into, or out of, a window that moves with today.
[[nodiscard]] Instant moves(const View& view, const Occurrence& occurrence, const WindowNodes& nodes);

/// When something that lies behind the window's end could come into it: tomorrow, where there is something.
[[nodiscard]] Instant enters(const View& view, const EventsNode& events, const WindowNodes& nodes, Window window);

/// A visible fact as something that happened.
[[nodiscard]] Occurrence occurrence_of(const View& view, const FactPtr& fact);

} // namespace bonewatch::monitors
