#pragma once

#include "config/key_text.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// With what a client shows who it is, and by what it knows the server.
struct ClientKeys {
    config::SecretKey own;
    std::string server; ///< Public, Z85.
};

/// From what a person gave: `key` a secret key's file, `server` the server's public key or a file that has it. Nothing
/// where both are empty. Fails with `config`, or with `refused`, `half_of_keys`, where only one was given.
[[nodiscard]] model::Result<std::optional<ClientKeys>> load_client_keys(const std::string& key,
                                                                        const std::string& server);

/// Whether a reason says that whoever asked may not, whatever was asked: exit code 77.
[[nodiscard]] bool is_not_allowed(std::string_view reason);

/// Before `connect`.
void use_keys(zmq::socket_t& socket, const std::optional<ClientKeys>& keys);

/// How the handshakes of one connecting socket went. libzmq tells nobody else: to a client whose key is refused a
/// message seems to be sent. On the socket's thread; ends before the socket.
class HandshakeWatch {
  public:
    /// Before `connect`. `keys` are those that the socket uses.
    HandshakeWatch(zmq::context_t& context, zmq::socket_t& socket, const std::string& endpoint,
                   const std::optional<ClientKeys>& keys);
    ~HandshakeWatch();
    HandshakeWatch(const HandshakeWatch&) = delete;
    HandshakeWatch& operator=(const HandshakeWatch&) = delete;

    /// For zmq_poll.
    [[nodiscard]] void* handle() { return events_.handle(); }
    /// Takes what has happened. What is certain: the server refused this key (`key_refused`), one side asks for keys
    /// and the other does not (`key_needed`, `door_is_plain`). Nothing as long as the connection may still come about.
    [[nodiscard]] std::optional<model::Error> refusal();
    /// What may be the matter where nothing is certain and no connection came about: the server closes the handshake,
    /// as it does when this is not its key, when it asks for keys and is the first to see that there are none, and when
    /// it is ending (`unavailable`, `server_key_wrong` or `key_needed`). Nothing where there was no server.
    [[nodiscard]] std::optional<model::Error> suspicion() const;

  private:
    void* watched_;
    zmq::socket_t events_;
    std::string endpoint_;
    std::optional<ClientKeys> keys_;
    bool was_closed_ = false; ///< By the server, in the handshake; and none has come about since.
    std::optional<model::Error> refusal_;
};

} // namespace bonewatch::daemon
