#pragma once

#include "store/model/wire.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// A question, or a person's command. What they mean is the service's; the door carries them.
struct Request {
    enum class Kind : std::uint8_t { query, command };

    Kind kind = Kind::query;
    std::string what; ///< Of a query `what`, of a command `action`.
    model::Meta args; ///< All the other members of the meta.
    model::Address from;
};

struct CommandDoorStats {
    std::uint64_t requests = 0;
    std::uint64_t replies_lost = 0;                ///< The peer was gone or did not read.
    std::map<std::string, std::uint64_t> refusals; ///< By reason.
};

/// Where people's tools come in: QUERY and COMMAND, one answer each. The protocol: README.md, "The command door". Used
/// on one thread; the wire outlives it. Never waits.
class CommandDoor {
  public:
    CommandDoor(model::Wire& wire, const model::FrameLimits& limits, std::string server);

    /// Takes at most `frames_max` frames, and answers all but QUERY and COMMAND itself.
    [[nodiscard]] std::vector<Request> receive(std::size_t frames_max);

    /// Answers a request. `meta` is a JSON object.
    void reply(const Request& request, std::string meta, std::vector<std::string> bodies);
    /// Answers that it was not done. `unavailable` may be tried again.
    void refuse(const Request& request, const model::Error& error);

    [[nodiscard]] const CommandDoorStats& stats() const { return stats_; }

  private:
    void serve(model::Envelope envelope, std::vector<Request>& requests);
    void send(const model::Address& to, model::Frame frame);
    void send_error(const model::Address& to, const model::Error& error);

    model::Wire& wire_;
    model::FrameLimits limits_;
    std::string server_;
    CommandDoorStats stats_;
};

} // namespace bonewatch::daemon
