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

/// When an occurrence goes further into, or out of, a window that moves with today.
[[nodiscard]] Instant moves(const View& view, const Occurrence& occurrence, const WindowNodes& nodes);

/// A visible fact as something that happened.
[[nodiscard]] Occurrence occurrence_of(const View& view, const FactPtr& fact);

} // namespace bonewatch::monitors
