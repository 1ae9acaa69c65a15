#pragma once

#include "monitors/watch.h"

#include <string>
#include <vector>

namespace bonewatch::monitors {

/// The episodes of one monitor, a line each, with all that later layers read of them. Equal texts, equal episodes.
[[nodiscard]] std::string told_in_full(const Watch& watch, const Catalogue& catalogue, std::size_t monitor);

/// The same without what the naive reading does not know: opened, closed, excluded, severities, tags.
[[nodiscard]] std::string told_in_short(const Watch& watch, std::size_t monitor);

} // namespace bonewatch::monitors
