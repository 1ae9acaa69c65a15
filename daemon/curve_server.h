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

/// Counts handshakes that came to nothing: garbage, a wrong server key, replayed bytes, connections that say nothing.
/// On the socket's thread; ends before the socket.
class HandshakeCounter {
  public:
    HandshakeCounter(zmq::context_t& context, zmq::socket_t& socket, const CurveDoor& curve);
    ~HandshakeCounter();
    HandshakeCounter(const HandshakeCounter&) = delete;
    HandshakeCounter& operator=(const HandshakeCounter&) = delete;

    /// Takes what has happened since it was called last.
    void count();

  private:
    void* watched_;
    zmq::socket_t events_;
    DoorName door_;
    AccessLog& log_;
};

} // namespace bonewatch::daemon
