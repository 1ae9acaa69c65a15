#pragma once

#include "daemon/clock.h"
#include "daemon/mllp_door.h"
#include "ingest/door.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

/// What the loop writes to the log: a line an event, and of what may come in floods a line a second for each kind. No
/// identifier of a patient, no value, no note.
class ServiceLog {
  public:
    using Counts = std::map<std::string, std::uint64_t>;

    void greeted(const ingest::Greeting& greeting, std::size_t peers) const;
    void connected(const MllpConnected& connected) const;
    /// `outcomes`: JSON objects, of what was tried again.
    void retried(const std::vector<std::string>& outcomes) const;
    void dismissed(std::string_view number, std::string_view actor) const;
    void acknowledged(std::string_view alert, std::string_view actor, std::string_view actor_before) const;
    /// A part of a round that made everybody wait.
    void took(std::string_view part, std::chrono::milliseconds time) const;

    /// Whether a second has passed since this was last answered with yes.
    [[nodiscard]] bool is_due();
    /// A line for each count that has grown, whose key says what is counted: `event=refused door=ingest
    /// reason=too_large`.
    void say_growth(const Counts& counts);

  private:
    Counts said_;
    Moment due_{};
};

/// What went wrong at the MLLP doors, as counts to be said.
[[nodiscard]] ServiceLog::Counts mllp_counts(const std::map<std::string, MllpReport>& reports);

} // namespace bonewatch::daemon
