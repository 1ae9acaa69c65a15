#pragma once

#include "daemon/core.h"
#include "daemon/unmapped.h"
#include "ingest/door.h"

#include <map>
#include <optional>
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
    /// The summary object of `replay` and `publish`; without `seconds` where none are given.
    [[nodiscard]] std::string json(std::optional<double> seconds = {}) const;
};

/// What an error makes of an event: quarantined, not_used or rejected.
[[nodiscard]] std::string_view outcome_of(const model::Error& error);

/// What is to be journalled of it, taken out of it: an event, or what stands above older versions of its fact; nothing
/// of all else.
[[nodiscard]] std::optional<Incoming> incoming_of(ingest::Decoded& decoded);

/// How many events a message, and a commit, may hold.
struct IntakeLimits {
    std::size_t events_max = 4096;
};

/// From a message's bytes to its outcomes: decoded, routed, journalled, or kept on the quarantine's shelf. What it
/// gives may be said only after the core's commit. One thread; the core outlives it.
class Intake {
  public:
    explicit Intake(Core& core, IntakeLimits limits = {}) : core_(core), limits_(limits) {}

    /// A message of more events than a commit may hold is rejected whole, `too_many_events`: its records are journalled
    /// and reconciled together. Commits what is pending where the message does not fit beside it. Fails with
    /// `unavailable` when the store does: nothing may be said then.
    [[nodiscard]] model::Result<ingest::MessageResult> take(std::string_view message, ingest::Format format,
                                                            const ingest::Publisher& publisher, bool is_backfill,
                                                            model::Instant now);

    [[nodiscard]] const IntakeCounts& counts() const { return counts_; }
    /// How often events were disputed, quarantined or rejected, by what to say of it in a log:
    /// `event=quarantined publisher=lab reason=unknown_unit`.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& troubles() const { return troubles_; }
    /// Codes and units that no table knows, since the store was made.
    [[nodiscard]] const Unmapped& unmapped() const { return unmapped_; }
    /// Reads what was counted of them before; call once, first.
    [[nodiscard]] model::Result<void> load_unmapped() { return unmapped_.load(core_.store()); }
    /// Makes their counts durable; nothing may be pending in the core.
    [[nodiscard]] model::Result<void> save_unmapped();

  private:
    /// The message that is being taken.
    struct Arrival {
        std::string_view text;
        ingest::Format format;
        const ingest::Publisher& publisher;
        bool is_backfill;
        model::Instant now;
    };
    /// `event`: what it was to be, where that much could be read.
    model::Result<ingest::EventOutcome> refused(const ingest::Decoded& decoded, const model::Error& error,
                                                const model::Event* event, const Arrival& arrival);
    /// As it is kept in quarantine.
    [[nodiscard]] ShelvedRow shelved(const ingest::Decoded& decoded, const model::Error& error,
                                     const model::Event* event, const Arrival& arrival) const;
    ingest::MessageResult too_many_events(std::size_t count, const ingest::Publisher& publisher);
    void note_trouble(std::string_view what, const ingest::Publisher& publisher, std::string_view reason);

    Core& core_;
    IntakeLimits limits_;
    IntakeCounts counts_;
    std::map<std::string, std::uint64_t> troubles_;
    std::uint64_t last_shelved_ = 0; ///< Number of what was quarantined last.
    Unmapped unmapped_;
};

} // namespace bonewatch::daemon
