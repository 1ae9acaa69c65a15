#pragma once

#include "daemon/intake.h"
#include "store/model/frame.h"

#include <string>
#include <vector>

namespace bonewatch::daemon {

/// What a query answers: a JSON object and bodies, JSON objects or texts.
struct QueryAnswer {
    std::string meta = "{}";
    std::vector<std::string> bodies;
};

/// Answers the questions of the command door: status, alerts, alert, timeline, explain, quarantine, monitors. Their
/// arguments: README.md, "The command door". Reads between commits, on the core's thread. Fails with `malformed` for a
/// question it does not know, `not_found`, or `unavailable`.
[[nodiscard]] model::Result<QueryAnswer> answer_query(Core& core, const Intake& intake, const std::string& what,
                                                      const model::Meta& args, model::Instant now);

} // namespace bonewatch::daemon
