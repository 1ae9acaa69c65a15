#pragma once

#include "daemon/queries.h"

namespace bonewatch::daemon {

/// A page of the alerts that are meant, the most urgent first, of equals the one that is open longest; each as the feed
/// last said it. The answer's meta: `total`, and where more follow `next`, to be given as `after`.
[[nodiscard]] model::Result<QueryAnswer> list_alerts(Core& core, const model::Meta& args);

} // namespace bonewatch::daemon
