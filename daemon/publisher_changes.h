#pragma once

#include "config/settings.h"

#include <string>
#include <vector>

namespace bonewatch::daemon {

/// What is otherwise between two readings of publishers' settings, a line for each publisher that changed, for a log:
/// `publisher=lab changed=zone,units`, `publisher=ward changed=added`.
[[nodiscard]] std::vector<std::string> changes_between(const config::Publishers& before,
                                                       const config::Publishers& after);

} // namespace bonewatch::daemon
