#pragma once

#include "daemon/core.h"
#include "ingest/door.h"

#include <map>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

/// How many of what came in: the parts add up to `records`.
struct IntakeCounts {
    std::uint64_t messages = 0;
    std::uint64_t records = 0;
    std::uint64_t applied = 0, duplicate = 0, superseded = 0, disputed = 0;
    std::uint64_t not_used = 0, quarantined = 0, rejected = 0;

    void count(store::Outcome outcome);
    void count(const model::Error& error);
    /// `applied`, …, `rejected`: the words of EventOutcome.
    void count(std::string_view outcome);
    /// The summary object of `replay` and `publish`.
    [[nodiscard]] std::string json(double seconds) const;
};

/// What an error makes of an event: quarantined, not_used or rejected.
[[nodiscard]] std::string_view outcome_of(const model::Error& error);

/// From a message's bytes to its outcomes: decoded, routed, journalled, or kept on the quarantine's shelf. What it
/// gives may be said only after the core's commit. One thread; the core outlives it.
class Intake {
  public:
    explicit Intake(Core& core) : core_(core) {}

    /// Fails with `unavailable` when the store does: nothing may be said then.
    [[nodiscard]] model::Result<ingest::MessageResult> take(std::string_view message, ingest::Format format,
                                                            const ingest::Publisher& publisher, bool is_backfill,
                                                            model::Instant now);

    [[nodiscard]] const IntakeCounts& counts() const { return counts_; }
    /// What was not used, by kind: the commonest tell which mapping is missing.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& not_used() const { return not_used_; }

  private:
    model::Result<ingest::EventOutcome> refused(const ingest::Decoded& decoded, const model::Error& error,
                                                const ingest::Publisher& publisher, model::Instant now);

    Core& core_;
    IntakeCounts counts_;
    std::map<std::string, std::uint64_t> not_used_;
};

} // namespace bonewatch::daemon
