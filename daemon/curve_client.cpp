#include "daemon/curve_client.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace bonewatch::daemon {

namespace {

constexpr int watched_events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;

model::Error refused(std::string reason, std::string message) {
    return {model::ErrorKind::refused, std::move(reason), std::move(message), {}};
}

} // namespace

model::Result<std::optional<ClientKeys>> load_client_keys(const std::string& key, const std::string& server) {
    if (key.empty() && server.empty())
        return std::nullopt;
    if (key.empty() || server.empty())
        return model::fail(model::ErrorKind::refused, "half_of_keys",
                           "Keys come in pairs: --key FILE is your secret key, --server-key the server's public one "
                           "(or BONEWATCH_KEY and BONEWATCH_SERVER_KEY).");
    auto own = config::load_secret_key(key);
    if (!own)
        return std::unexpected(own.error());
    auto server_key = config::public_key_of(server);
    if (!server_key)
        return std::unexpected(server_key.error());
    return ClientKeys{*std::move(own), *std::move(server_key)};
}

bool is_not_allowed(std::string_view reason) {
    constexpr std::array<std::string_view, 10> reasons{
        "key_refused", "key_needed",  "door_is_plain",   "server_key_wrong", "key_revoked",
        "key_expired", "not_allowed", "other_publisher", "other_consumer",   "tls_refused"};
    return std::ranges::find(reasons, reason) != reasons.end();
}

void use_keys(zmq::socket_t& socket, const std::optional<ClientKeys>& keys) {
    if (!keys)
        return;
    socket.set(zmq::sockopt::curve_serverkey, keys->server);
    socket.set(zmq::sockopt::curve_publickey, keys->own.public_key);
    socket.set(zmq::sockopt::curve_secretkey, keys->own.secret_key);
}

HandshakeWatch::HandshakeWatch(zmq::context_t& context, zmq::socket_t& socket, const std::string& endpoint,
                               const std::optional<ClientKeys>& keys)
    : watched_(socket.handle()), events_(context, zmq::socket_type::pair), endpoint_(endpoint), keys_(keys) {
    const std::string events = "inproc://handshakes." + std::to_string(reinterpret_cast<std::uintptr_t>(watched_));
    if (zmq_socket_monitor(watched_, events.c_str(), watched_events) != 0)
        throw zmq::error_t();
    events_.set(zmq::sockopt::rcvhwm, 0);
    events_.set(zmq::sockopt::linger, 0);
    events_.connect(events);
}

HandshakeWatch::~HandshakeWatch() {
    zmq_socket_monitor(watched_, nullptr, 0);
}

std::optional<model::Error> HandshakeWatch::refusal() {
    zmq::message_t event;
    while (events_.recv(event, zmq::recv_flags::dontwait)) {
        std::uint16_t kind = 0;
        std::uint32_t value = 0;
        if (event.size() >= sizeof kind + sizeof value) {
            std::memcpy(&kind, event.data(), sizeof kind);
            std::memcpy(&value, static_cast<const char*>(event.data()) + sizeof kind, sizeof value);
        }
        while (event.more())
            if (!events_.recv(event, zmq::recv_flags::none))
                return refusal_;
        const bool is_other_mechanism =
            kind == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL && value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH;
        was_closed_ = kind != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (kind == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && keys_)
            refusal_ = refused("key_refused", "The server at " + endpoint_ + " refused this key (fingerprint " +
                                                  config::fingerprint(keys_->own.public_key) +
                                                  "): it is unknown, revoked, expired or without the role for this "
                                                  "door. Ask operations to run `bonewatch key add` with your .pub "
                                                  "file.");
        else if (is_other_mechanism && keys_)
            refusal_ = refused("door_is_plain", "The door at " + endpoint_ +
                                                    " takes no keys, so nothing sent there would be secret: leave "
                                                    "--key and --server-key out if it is a door of this machine.");
        else if (is_other_mechanism)
            refusal_ = refused("key_needed", "The door at " + endpoint_ +
                                                 " takes the owners of known keys only: give --key and --server-key, "
                                                 "or make a key with `bonewatch key generate NAME`.");
    }
    return refusal_;
}

std::optional<model::Error> HandshakeWatch::suspicion() const {
    if (!was_closed_)
        return std::nullopt;
    if (!keys_)
        return model::Error{model::ErrorKind::unavailable,
                            "key_needed",
                            "What answers at " + endpoint_ +
                                " closes each connection before it is made: it takes the owners of known keys only, "
                                "has more connections than it can hold, or has closed its doors. Give --key and "
                                "--server-key.",
                            {}};
    return model::Error{model::ErrorKind::unavailable,
                        "server_key_wrong",
                        "What answers at " + endpoint_ +
                            " is not the server with the key that --server-key names (fingerprint " +
                            config::fingerprint(keys_->server) +
                            "), takes no keys, or has closed its doors. Ask operations for the server's key.",
                        {}};
}

} // namespace bonewatch::daemon
