#pragma once

#include "daemon/core.h"

#include <string>

namespace bonewatch::daemon {

/// Why an event that was admitted, and is kept, changes nothing: what stands above it, in a sentence for its publisher.
/// Names no other patient, and nothing that another version says. Fails with `unavailable`.
[[nodiscard]] model::Result<std::string> why_superseded(Core& core, const model::Event& event);

} // namespace bonewatch::daemon
