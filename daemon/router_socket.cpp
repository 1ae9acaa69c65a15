#include "daemon/router_socket.h"

#include "config/settings.h"
#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

constexpr int heartbeat_ms = 10'000;
constexpr int heartbeat_timeout_ms = 30'000;
constexpr int heartbeat_ttl_ms = 40'000; ///< Told to the peer: it may take us for gone after so long a silence.
constexpr int handshake_ms = 10'000;
constexpr int linger_ms = 1'000;
constexpr std::size_t dropped_at = 4;     ///< Times `bytes_max`: from there libzmq drops the connection.
constexpr std::size_t head_parts_max = 5; ///< Delimiter, version, command, request id, meta.

} // namespace

model::Result<std::unique_ptr<RouterSocket>> RouterSocket::bind(zmq::context_t& context,
                                                                const RouterSettings& settings) {
    if (auto refusal = config::refusal_of_endpoint(settings.endpoint, settings.curve.has_value()); !refusal.empty())
        return model::fail(model::ErrorKind::config, "refused_endpoint", std::move(refusal));
    try {
        zmq::socket_t socket(context, zmq::socket_type::router);
        socket.set(zmq::sockopt::router_mandatory, true);
        socket.set(zmq::sockopt::router_handover, false); // A newcomer does not take over another's routing id.
        socket.set(zmq::sockopt::linger, linger_ms);
        socket.set(zmq::sockopt::ipv6, settings.endpoint.starts_with("tcp://["));
        socket.set(zmq::sockopt::sndhwm, settings.replies_queued_max);
        socket.set(zmq::sockopt::rcvhwm, settings.requests_queued_max);
        socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(dropped_at * settings.limits.bytes_max));
        socket.set(zmq::sockopt::handshake_ivl, handshake_ms);
        socket.set(zmq::sockopt::heartbeat_ivl, heartbeat_ms);
        socket.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
        socket.set(zmq::sockopt::heartbeat_ttl, heartbeat_ttl_ms);
        if (settings.curve)
            if (const auto guarded = take_keys_only(socket, *settings.curve); !guarded)
                return std::unexpected(guarded.error());
        std::unique_ptr<RouterSocket> router(new RouterSocket(std::move(socket), settings.limits));
        router->is_guarded_ = settings.curve.has_value();
        router->socket_.bind(settings.endpoint);
        return router;
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "cannot_bind",
                           "The door cannot listen at " + settings.endpoint + ": " + error.what() + ".");
    }
}

std::optional<model::Envelope> RouterSocket::receive() {
    // Of what comes without a name no more is looked at in one go than this: others wait meanwhile.
    constexpr int nameless_max = 256;
    for (int nameless = 0; nameless < nameless_max; ++nameless) {
        auto envelope = receive_any();
        const bool is_nameless = envelope && is_guarded_ && last_key_.empty();
        if (!is_nameless)
            return envelope;
        ++stats_.nameless;
    }
    return std::nullopt;
}

std::optional<model::Envelope> RouterSocket::receive_any() {
    zmq::message_t part;
    try {
        if (!socket_.recv(part, zmq::recv_flags::dontwait))
            return std::nullopt;
        model::Envelope envelope;
        envelope.peer = part.to_string();
        last_key_.clear();
        while (part.more()) {
            // The parts of one message arrive together: this one is there.
            const auto size = socket_.recv(part, zmq::recv_flags::none);
            ENSURE(size, "a multipart message ended before its last part");
            if (is_guarded_ && envelope.part_count == 0)
                last_key_ = live_peers_.note(part, envelope.peer);
            ++envelope.part_count;
            envelope.byte_count += *size;
            const bool is_within =
                envelope.byte_count <= limits_.bytes_max && envelope.part_count <= limits_.bodies_max + head_parts_max;
            if (is_within)
                envelope.parts.push_back(part.to_string());
            else
                envelope.parts.resize(std::min(envelope.parts.size(), head_parts_max));
        }
        ++stats_.received;
        stats_.received_bytes += envelope.byte_count;
        if (envelope.parts.size() < envelope.part_count)
            ++stats_.oversized;
        return envelope;
    } catch (const zmq::error_t& error) {
        ENSURE(error.num() == EINTR, "a door's socket was used wrongly");
        return std::nullopt;
    }
}

model::Sent RouterSocket::send(std::string_view peer, model::Frame frame) {
    const auto parts = model::parts_of(std::move(frame));
    try {
        constexpr auto more = zmq::send_flags::sndmore | zmq::send_flags::dontwait;
        if (!socket_.send(zmq::buffer(peer), more)) {
            ++stats_.sends_full;
            return model::Sent::full;
        }
        // Whether there is room is settled with the routing id: the other parts go the same way.
        for (std::size_t i = 0; i < parts.size(); ++i)
            ENSURE(socket_.send(zmq::buffer(parts[i]), i + 1 < parts.size() ? more : zmq::send_flags::dontwait),
                   "a message was accepted in part");
        ++stats_.sent;
        return model::Sent::sent;
    } catch (const zmq::error_t& error) {
        ENSURE(error.num() == EHOSTUNREACH, "a door's socket was used wrongly");
        ++stats_.sends_gone;
        return model::Sent::gone;
    }
}

} // namespace bonewatch::daemon
