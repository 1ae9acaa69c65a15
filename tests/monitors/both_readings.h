#pragma once

#include "monitors/watch.h"
#include "tests/reference/episodes.h"

#include <string>
#include <vector>

namespace bonewatch::monitors {

/// Sets all that stands of a patient, as the reference reads it.
void set_all(Watch& watch, const std::vector<model::Fact>& facts);

/// The reference's episodes, written as `told_in_short` writes the engine's.
[[nodiscard]] std::string text_of(const std::vector<reference::Spell>& spells);

/// Every fact in a line, for whoever looks into a disagreement.
[[nodiscard]] std::string text_of(const std::vector<model::Fact>& facts);
/// What the engine says of a monitor at a time, clause by clause.
[[nodiscard]] std::string explained(Watch& watch, std::size_t monitor, model::Instant at);

} // namespace bonewatch::monitors
