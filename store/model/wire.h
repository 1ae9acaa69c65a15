#pragma once

#include "store/model/frame.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::model {

/// What became of a frame that was to be sent.
enum class Sent : std::uint8_t {
    sent, ///< Handed to the connection.
    full, ///< The peer does not read: its queue is at its limit, and the frame was not queued.
    gone, ///< No such peer any more.
};

/// A listening socket as a door sees it: many peers, each with a routing id. Never waits. One thread.
class Wire {
  public:
    virtual ~Wire() = default;

    /// The next message that has arrived; nothing when there is none now.
    [[nodiscard]] virtual std::optional<Envelope> receive() = 0;
    virtual Sent send(std::string_view peer, Frame frame) = 0;
};

/// Where an answer goes, and which request it answers.
struct Address {
    std::string peer;
    bool has_delimiter = false;
    std::string request_id{no_request_id};
};

[[nodiscard]] Frame answer(const Address& to, Command command, std::string meta = "{}");
/// ERROR: nothing of the request was done. `retry` tells whether the same request may succeed later.
[[nodiscard]] Frame error_answer(const Address& to, const Error& error, bool retry);

/// Nothing tells a door that a peer has left. Where a table of peers is full, this writes to a few of them, each call
/// to the next ones (a PONG that nobody asked for), and removes those that are gone; true when any was.
template <typename Peer>
bool forget_gone(Wire& wire, std::map<std::string, Peer>& peers, std::string& probed_to) {
    constexpr std::size_t probes_max = 16;
    const std::size_t before = peers.size();
    for (std::size_t probes = 0; probes < probes_max && !peers.empty(); ++probes) {
        auto peer = peers.upper_bound(probed_to);
        if (peer == peers.end())
            peer = peers.begin();
        probed_to = peer->first;
        if (wire.send(peer->first, answer({.peer = peer->first}, Command::pong)) == Sent::gone)
            peers.erase(peer);
    }
    return peers.size() < before;
}

} // namespace bonewatch::model
