#pragma once

#include "daemon/monitor_tests.h"
#include "monitors/clauses.h"

#include <optional>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// A change to a monitor's file, so small that only a timeline meant for it notices: a clause becomes `true` or
/// `false`, a threshold moves one step, a choice becomes another one.
struct SmallChange {
    std::string name; ///< `true`, `false`, `lower`, `higher` or the choice.
    monitors::Place place;
    std::string from, to;
};

/// Always true, always false: `(CLAUSE or true)`, `(CLAUSE and false)`, so that a sample's condition still names its
/// series.
[[nodiscard]] std::vector<SmallChange> changes_of(const monitors::AtomicClause& clause);

/// One step each way, by what is written: counts, days and months by one; years below 18 by a month, which are lengths
/// of time, else by a year, which are ages; everything else by one in its last digit, or by a tenth of that where it is
/// more than a tenth of the number. So `0.1 mU/L` moves to 0.09 and 0.11, `7.5 mg` to 7.4 and 7.6, `5 mg` to 4.9.
[[nodiscard]] std::vector<SmallChange> changes_of(const monitors::Threshold& threshold);

/// The files with the change made; a limit that the threshold's default stands at moves with it. Fails with `config`
/// where the place holds something else.
[[nodiscard]] model::Result<config::Files> with_change(config::Files files, const SmallChange& change);

/// Finds which of a monitor's own timelines notices a change: comes out otherwise than it does now.
class ChangedFiles {
  public:
    /// The revision outlives this; its timelines come out as written.
    explicit ChangedFiles(const Revision& revision) : revision_(revision) {}

    /// The name of the first, in the file's order; nothing where none does. Fails with `config` where the changed files
    /// do not load.
    [[nodiscard]] model::Result<std::optional<std::string>> noticed_by(const monitors::Definition& monitor,
                                                                       const SmallChange& change) const;

  private:
    /// All that the monitor's timelines read: the vocabulary, what is shared, its file and those it asks whether open.
    [[nodiscard]] config::Files read_by(const monitors::Definition& monitor) const;

    const Revision& revision_;
};

} // namespace bonewatch::daemon
