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
    /// A page of what was tried again, as JSON objects. A line with the counts of all pages follows the last one, and
    /// comes half a minute after a page that no other followed. `which` says what is tried: pages of
    /// one command come over several connections.
    void retried(const std::string& which, const std::vector<std::string>& outcomes, bool has_more);
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
    /// A command to try again that has been answered in part.
    struct Retrying {
        Counts outcomes;
        Moment page_at{};
    };
    static void say(const Retrying& retried);
    void say_abandoned();

    Counts said_;
    std::map<std::string, Retrying> retrying_;
    Moment due_{};
};

/// What went wrong at the MLLP doors, as counts to be said.
[[nodiscard]] ServiceLog::Counts mllp_counts(const std::map<std::string, MllpReport>& reports);

} // namespace bonewatch::daemon
