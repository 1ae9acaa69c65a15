#pragma once

#include "daemon/curve_client.h"
#include "store/model/frame.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace bonewatch::daemon {

struct ConnectionSettings {
    std::string endpoint;
    std::string client = "bonewatch"; ///< What this program is called.
    std::string publisher;            ///< For the ingest door: whose facts these are.
    std::optional<ClientKeys> keys{}; ///< For a door that takes keys.
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds reply_timeout{10'000}; ///< Silence after which a connection is made anew.
    std::chrono::milliseconds give_up_after{60'000}; ///< Without any progress.
};

/// A client's connection to one door: a ZeroMQ DEALER, greeted. One thread.
class Connection {
  public:
    Connection(Connection&&) = default;
    Connection& operator=(Connection&&) = delete;

    /// Connects and says HELLO. Fails with `unavailable`, `not_reachable`, when no daemon answers in
    /// `connect_timeout`, with `refused` when the handshake was (HandshakeWatch), and with the door's own words when it
    /// refuses.
    [[nodiscard]] static model::Result<Connection> open(ConnectionSettings settings);

    /// Drops the connection and makes a new one, trying again with growing pauses (100 ms, doubled up to 5 s) until
    /// `give_up_after`. What was unanswered stays unanswered.
    [[nodiscard]] model::Result<void> reopen();

    /// Sends a frame; the request id is the caller's (see `next_request_id`) and may be one used before.
    [[nodiscard]] model::Result<void> send(model::Frame frame);
    /// The next frame, or nothing where none came in time.
    [[nodiscard]] model::Result<std::optional<model::Frame>> receive(std::chrono::milliseconds timeout);
    /// Never gives the same one twice.
    [[nodiscard]] std::string next_request_id() { return std::to_string(++requests_); }

    /// The meta of the door's WELCOME.
    [[nodiscard]] const std::string& welcome() const { return welcome_; }
    [[nodiscard]] const ConnectionSettings& settings() const { return settings_; }

  private:
    explicit Connection(ConnectionSettings settings);
    [[nodiscard]] model::Result<void> greet();
    [[nodiscard]] model::Error not_reachable() const;
    /// Waits for the socket, and for the handshake to be refused.
    [[nodiscard]] model::Result<bool> wait_for(short events, std::chrono::milliseconds timeout);

    ConnectionSettings settings_;
    std::unique_ptr<zmq::context_t> context_; ///< Ends after the socket, and so stands before it.
    zmq::socket_t socket_;
    std::unique_ptr<HandshakeWatch> handshake_; ///< Ends before the socket.
    std::uint64_t requests_ = 0;
    std::string welcome_;
};

/// What ZeroMQ cannot connect to: a wrong argument.
[[nodiscard]] std::unexpected<model::Error> bad_endpoint(const std::string& endpoint, const std::string& why);

/// What an ERROR frame says: `unavailable` where the same request may be tried again, `not_found` where nothing has
/// that id, number or name, `malformed` for a message that no door takes, otherwise `refused`.
[[nodiscard]] model::Error error_in(const model::Frame& frame);

} // namespace bonewatch::daemon
