#pragma once

#include "daemon/curve_server.h"
#include "daemon/live_peers.h"
#include "store/model/wire.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace bonewatch::daemon {

struct RouterSettings {
    std::string endpoint; ///< `ipc://PATH`, or `tcp://127.0.0.1:PORT`; the system chooses a port for 0.
    model::FrameLimits limits;
    std::optional<CurveDoor> curve{}; ///< Who must have a key. Then any address will do.
    int replies_queued_max = 1000;    ///< Messages waiting for one peer that does not read.
    int requests_queued_max = 256;    ///< Messages of one peer waiting for us; then its connection waits.
};

struct RouterStats {
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t oversized = 0;
    std::uint64_t sent = 0;
    std::uint64_t sends_full = 0; ///< Not queued: the peer does not read.
    std::uint64_t sends_gone = 0;
    std::uint64_t nameless = 0; ///< Dropped: libzmq vouched for nobody, though the door takes keys only.
};

/// A ZeroMQ ROUTER, bound. Belongs to the thread that made it.
///
/// What is above the limits is received, cut off and handed on, so that a door can refuse it in words; a single part
/// above four times `bytes_max` makes libzmq drop the connection instead.
class RouterSocket final : public model::Wire {
  public:
    /// Fails with `config`, `refused_endpoint`, for an endpoint that is not local where the door takes no keys, with
    /// `unavailable`, `cannot_bind`, for one that is taken, and as `take_keys_only` does. `context` outlives the
    /// socket.
    [[nodiscard]] static model::Result<std::unique_ptr<RouterSocket>> bind(zmq::context_t& context,
                                                                           const RouterSettings& settings);

    [[nodiscard]] std::optional<model::Envelope> receive() override;
    model::Sent send(std::string_view peer, model::Frame frame) override;

    /// For zmq_poll.
    [[nodiscard]] void* handle() { return socket_.handle(); }
    /// Where it is bound, with the port that the system chose.
    [[nodiscard]] std::string endpoint() const { return socket_.get(zmq::sockopt::last_endpoint); }
    [[nodiscard]] const RouterStats& stats() const { return stats_; }

    /// The key of whoever sent what was received last, Z85. Empty where the door takes no keys.
    [[nodiscard]] const std::string& last_key() const { return last_key_; }
    /// The connections that have said something, by their key. None where the door takes no keys.
    [[nodiscard]] LivePeers& live_peers() { return live_peers_; }

  private:
    RouterSocket(zmq::socket_t socket, const model::FrameLimits& limits)
        : socket_(std::move(socket)), limits_(limits) {}
    [[nodiscard]] std::optional<model::Envelope> receive_any();

    zmq::socket_t socket_;
    bool is_guarded_ = false; ///< The door takes keys.
    model::FrameLimits limits_;
    LivePeers live_peers_;
    std::string last_key_;
    RouterStats stats_;
};

} // namespace bonewatch::daemon
