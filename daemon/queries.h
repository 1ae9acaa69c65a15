#pragma once

#include "daemon/intake.h"
#include "daemon/mllp_door.h"
#include "store/model/frame.h"

#include <string>
#include <vector>

namespace bonewatch::daemon {

/// What a query answers: a JSON object and bodies, JSON objects or texts.
struct QueryAnswer {
    std::string meta = "{}";
    std::vector<std::string> bodies;
};

/// What only the loop knows of itself.
struct Running {
    model::Instant started_at{};
    std::size_t publishers = 0;  ///< Connected.
    std::size_t subscribers = 0; ///< Likewise.
    std::size_t waiting = 0;     ///< Bodies received and not yet answered.
    std::map<std::string, MllpReport> mllp{};
    std::string keys{}; ///< A JSON object: of the doors that take keys. Empty where none does.
};

/// Answers the questions of the command door: status, alerts, timeline, explain, quarantine,
/// quarantine_groups, codes, monitors, monitor_status. Their arguments: README.md, "The command door". Reads between
/// commits, on the core's thread. Fails with `malformed` for a question it does not understand, `not_found`,
/// `refused`, or `unavailable`.
[[nodiscard]] model::Result<QueryAnswer> answer_query(Core& core, const Intake& intake, const Running& running,
                                                      const std::string& what, const model::Meta& args,
                                                      model::Instant now);

/// A list is given in pages: at most so many rows, and about so many bytes.
struct Page {
    std::size_t rows_max = 1000;
    std::size_t bytes_max = 4u << 20;
};
/// The page that `limit` asks for, from 1 to 10,000 rows. Fails with `malformed`, `bad_limit`.
[[nodiscard]] model::Result<Page> page_in(const model::Meta& args);
/// A whole number from 1, where the member is there. Fails with `malformed`, `bad_number`.
[[nodiscard]] model::Result<std::optional<std::uint64_t>> number_from_1(const model::Meta& args,
                                                                        const std::string& name);

} // namespace bonewatch::daemon
