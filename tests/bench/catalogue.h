#pragma once

#include "daemon/revision.h"

#include <memory>
#include <string>

namespace bonewatch::bench {

/// The shipped monitors; the twelve that came first, beside which the cost of the others is told; only what they share
/// (nothing is watched for); or the two rules of the equal workload.
enum class Watched { shipped, first_twelve, nothing, rules };

/// With the shipped vocabulary. A problem ends the bench.
[[nodiscard]] std::shared_ptr<const daemon::Revision> load_revision(Watched watched);

} // namespace bonewatch::bench
