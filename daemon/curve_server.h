#pragma once

#include "config/key_text.h"
#include "daemon/access_log.h"
#include "daemon/permit.h"

#include <string>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// What makes a listening socket take the owners of known keys only.
struct CurveDoor {
    DoorName door = DoorName::ingest;
    config::SecretKey server;
    AccessLog* log = nullptr; ///< Outlives the socket.
};

/// Before `bind`. Fails with `config`, `bad_key_file` for a key that is none, and with `unavailable`,
/// `not_enforceable`, where this libzmq would let everybody in as soon as nobody answers for the keys.
[[nodiscard]] model::Result<void> take_keys_only(zmq::socket_t& socket, const CurveDoor& curve);

/// Watches the connections that are made to a door that takes keys: counts them, and the handshakes that come to
/// nothing. Turns those away that would leave the daemon without descriptors for its store: anybody can connect, also
/// without a key. One thread at a time; outlives the watched socket.
class HandshakeWatcher {
  public:
    /// `watched` is the listening socket. Throws zmq::error_t.
    HandshakeWatcher(zmq::context_t& context, void* watched, DoorName door, AccessLog& log);

    /// For zmq_poll.
    [[nodiscard]] void* handle() { return events_.handle(); }
    /// Takes what has happened, at most `events_max`.
    void count(int events_max);

  private:
    zmq::socket_t events_;
    DoorName door_;
    AccessLog& log_;
    int descriptor_max_; ///< A connection with a number from here on is turned away.
};

} // namespace bonewatch::daemon
