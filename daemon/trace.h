#pragma once

#include "daemon/small_changes.h"
#include "monitors/statements.h"

#include <optional>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// A small change, and the first timeline that notices it.
struct Exercised {
    SmallChange change;
    std::optional<std::string> by;
};

struct TracedClause {
    monitors::AtomicClause clause;
    std::vector<Exercised> changes;
};

struct TracedThreshold {
    monitors::Threshold threshold;
    std::vector<Exercised> changes;
};

/// Of each kind of timeline that every monitor has, the first one's name; empty where there is none.
struct Kinds {
    std::string opens;   ///< Something is raised.
    std::string clears;  ///< What was raised is resolved.
    std::string late;    ///< A fact is recorded after the day it is of, or replaced or retracted by its id.
    std::string unknown; ///< Named so, and on some day, as known at the end, `when` is unknown.
};

struct TracedMonitor {
    const monitors::Definition* definition = nullptr;
    std::vector<TracedClause> clauses;
    std::vector<TracedThreshold> thresholds;
    Kinds kinds;
};

/// From each statement to the monitor, clauses and thresholds that carry it, and the timelines that hold them.
struct Trace {
    std::vector<TracedMonitor> monitors; ///< In the order of chapters, then ids.
    std::vector<TracedClause> common;    ///< Of `_common.toml`; any monitor's timeline may notice.
    std::vector<std::string> problems;   ///< What does not hold, a sentence each.
};

/// Makes every small change to every monitor, in memory, and runs the monitor's own timelines. Takes seconds. The
/// revision must outlive the trace.
[[nodiscard]] Trace trace(const Revision& revision, const monitors::Statements& statements);

/// The table `monitors/traceability.md`.
[[nodiscard]] std::string to_text(const Trace& trace, const monitors::Statements& statements);

} // namespace bonewatch::daemon
