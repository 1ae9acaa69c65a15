#pragma once

#include "config/vocabulary.h"

namespace bonewatch::config {

/// The vocabulary that this tree ships, loaded once for all tests. Ends the process, printing every problem, if it does
/// not load.
[[nodiscard]] const Vocabulary& shipped_vocabulary();

} // namespace bonewatch::config
