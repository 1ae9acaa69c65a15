#pragma once

#include "monitors/questions.h"

namespace bonewatch::monitors {

/// The window as dates; `exists` is false where an anchor does not, `is_known` where it is not known.
struct ResolvedWindow {
    Window dates;
    bool exists = true;
    bool is_known = true;
    Instant next = never;
    std::vector<FactPtr> anchored{}; ///< The facts of partial dates that its ends were reckoned from.
};

[[nodiscard]] ResolvedWindow resolve(const View& view, const WindowNodes& nodes);

/// An occurrence as a window sees it: a fact of a partial date that the window itself is reckoned from stands, there
/// too, on the day from which it was reckoned.
[[nodiscard]] Occurrence placed(const View& view, const ResolvedWindow& window, Occurrence occurrence);

[[nodiscard]] bool surely_in(const Occurrence& occurrence, Window window);
[[nodiscard]] bool possibly_in(const Occurrence& occurrence, Window window);

/// When an occurrence goes further into, or out of, a window that moves with today.
[[nodiscard]] Instant moves(const View& view, const Occurrence& occurrence, const WindowNodes& nodes);

/// A visible fact as something that happened.
[[nodiscard]] Occurrence occurrence_of(const View& view, const FactPtr& fact);

} // namespace bonewatch::monitors
