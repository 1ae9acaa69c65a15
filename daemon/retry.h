#pragma once

#include "daemon/intake.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// What became of one thing in quarantine that was tried again.
struct Retried {
    std::uint64_t number = 0;
    /// `applied`, `duplicate`, `superseded`, `disputed`, `not_used`, `replaced`: it waits no longer. `quarantined`,
    /// `rejected`: it does. `resolved`: it had been before, and nothing was done.
    std::string outcome;
    std::string reason, place, message; ///< Why it still waits.
};

/// Tries things in quarantine again: what is kept of them is decoded with the mappings, vocabulary and time of now, as
/// of the same publisher, format and backfill flag, and what comes out is journalled as if it had arrived now, with the
/// number that it had. Event and row change in the same commit, which is the caller's. One thread; the core outlives
/// it.
class Retry {
  public:
    using SettingsOf = std::function<const config::PublisherSettings&(std::string_view publisher)>;

    /// A commit holds at most `events_max` events.
    Retry(Core& core, SettingsOf settings_of, std::size_t events_max)
        : core_(core), settings_of_(std::move(settings_of)), events_max_(events_max) {}

    /// Fails with `not_found` where nothing has the number, and with `unavailable` when the store does.
    ///
    /// An event whose version is known by now with another content was published again in good order meanwhile: it
    /// stays out (`replaced`), for it would put in doubt what its publisher has mended.
    [[nodiscard]] model::Result<Retried> again(std::uint64_t number, model::Instant now);
    /// Bytes decoded so far.
    [[nodiscard]] std::size_t decoded_bytes() const { return decoded_bytes_; }

  private:
    model::Result<std::vector<ingest::Decoded>> decode(const ShelvedRow& row, model::Instant now);
    struct Found {
        std::string outcome;
        model::Error error; ///< Of what cannot be used still.
    };
    model::Result<Found> admit(std::vector<ingest::Decoded> decoded, const ShelvedRow& row, std::uint64_t number,
                               model::Instant now);

    Core& core_;
    SettingsOf settings_of_;
    std::size_t events_max_;
    std::string decoded_key_;              ///< Publisher, format and message that were decoded last.
    std::vector<ingest::Decoded> decoded_; ///< Rows of one message follow each other.
    std::size_t decoded_bytes_ = 0;
};

} // namespace bonewatch::daemon
