#include "daemon/curve_server.h"

#include "daemon/descriptors.h"

#include <cstring>
#include <sys/socket.h>

namespace bonewatch::daemon {

namespace {

/// ZMQ_ZAP_ENFORCE_DOMAIN: not in the header of Debian's libzmq, which has it nevertheless.
constexpr int zap_enforce_domain = 93;

constexpr int watched_events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_ACCEPT_FAILED;

/// How a count is called; one that is refused by its key is counted where that is decided.
std::string_view word_of_event(std::uint16_t event) {
    switch (event) {
    case ZMQ_EVENT_ACCEPTED:
        return AccessLog::accepted;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        return "handshake_broken"; // Another mechanism, another server's key, bytes replayed.
    default:
        return "handshake_unfinished"; // It closed, or said nothing in time.
    }
}

} // namespace

model::Result<void> take_keys_only(zmq::socket_t& socket, const CurveDoor& curve) {
    const int enforced = 1;
    if (zmq_setsockopt(socket.handle(), zap_enforce_domain, &enforced, sizeof enforced) != 0)
        return model::fail(model::ErrorKind::unavailable, "not_enforceable",
                           "This libzmq cannot be told to let nobody in when nobody answers for the keys; the doors "
                           "stay shut.");
    try {
        socket.set(zmq::sockopt::zap_domain, std::string(word_of(curve.door)));
        socket.set(zmq::sockopt::curve_server, true);
        socket.set(zmq::sockopt::curve_publickey, curve.server.public_key);
        socket.set(zmq::sockopt::curve_secretkey, curve.server.secret_key);
    } catch (const zmq::error_t&) {
        return model::fail(model::ErrorKind::config, "bad_key_file", "The server's key cannot be used.");
    }
    return {};
}

HandshakeWatcher::HandshakeWatcher(zmq::context_t& context, void* watched, DoorName door, AccessLog& log)
    : events_(context, zmq::socket_type::pair), door_(door), log_(log),
      descriptor_max_(first_reserved_descriptor(door == DoorName::command)) {
    const std::string endpoint = "inproc://handshakes." + std::string(word_of(door)) + "." +
                                 std::to_string(reinterpret_cast<std::uintptr_t>(watched));
    if (zmq_socket_monitor(watched, endpoint.c_str(), watched_events) != 0)
        throw zmq::error_t();
    // Without limit: libzmq's own thread would wait for this one.
    events_.set(zmq::sockopt::rcvhwm, 0);
    events_.set(zmq::sockopt::linger, 0);
    events_.connect(endpoint);
}

void HandshakeWatcher::count(int events_max) {
    zmq::message_t event;
    for (int i = 0; i < events_max && events_.recv(event, zmq::recv_flags::dontwait); ++i) {
        std::uint16_t kind = 0;
        std::int32_t value = 0;
        if (event.size() >= sizeof kind + sizeof value) {
            std::memcpy(&kind, event.data(), sizeof kind);
            std::memcpy(&value, static_cast<const char*>(event.data()) + sizeof kind, sizeof value);
        }
        while (event.more())
            if (!events_.recv(event, zmq::recv_flags::none))
                return;
        log_.count(word_of(door_), word_of_event(kind));
        if (kind == ZMQ_EVENT_ACCEPTED && value >= descriptor_max_ && shutdown(value, SHUT_RDWR) == 0)
            log_.count(word_of(door_), "turned_away");
    }
}

} // namespace bonewatch::daemon
