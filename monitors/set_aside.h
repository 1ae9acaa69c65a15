#pragma once

#include "monitors/catalogue.h"

#include <string>
#include <vector>

namespace bonewatch::monitors {

/// A fact that a monitor reads, and that cannot decide anything there.
struct SetAside {
    FactPtr fact;
    std::string reason; ///< For a person: `preliminary`, `disputed: …`, `taken when it cannot be compared: …`.
};

/// The facts that `monitor` reads, that are visible, and that cannot count as they stand, in order of date.
[[nodiscard]] std::vector<SetAside> facts_set_aside(const View& view, const Catalogue& catalogue,
                                                    const Monitor& monitor);

} // namespace bonewatch::monitors
