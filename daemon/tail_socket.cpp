#include "daemon/tail_socket.h"

#include "config/settings.h"
#include "daemon/clock.h"
#include "daemon/permit.h"
#include "ingest/json.h"

namespace bonewatch::daemon {

namespace {

constexpr int entries_queued_max = 10'000; ///< For one who looks and does not read; then entries pass it by.
constexpr int linger_ms = 0;
constexpr int heartbeat_ms = 10'000;
constexpr int heartbeat_timeout_ms = 30'000;
constexpr int handshake_ms = 10'000;
constexpr std::int64_t subscription_bytes_max = 4'096; ///< All that one who looks may send.

/// `BWP1 tsh-suppressed`: who looks may ask for one monitor's entries by the beginning of the topic.
std::string topic_of(const alerts::FeedEntry& entry) {
    const auto parsed = ingest::parse_json(entry.bytes);
    return "BWP1 " + (parsed ? std::string(parsed->root.text_of("monitor")) : std::string());
}

} // namespace

model::Result<std::unique_ptr<TailSocket>> TailSocket::bind(zmq::context_t& context, const std::string& endpoint,
                                                            const alerts::FeedSource& source, Gatekeeper* keeper) {
    if (auto refusal = config::refusal_of_endpoint(endpoint, keeper != nullptr); !refusal.empty())
        return model::fail(model::ErrorKind::config, "refused_endpoint", std::move(refusal));
    try {
        zmq::socket_t socket(context, zmq::socket_type::xpub);
        socket.set(zmq::sockopt::linger, linger_ms);
        socket.set(zmq::sockopt::ipv6, endpoint.starts_with("tcp://["));
        socket.set(zmq::sockopt::sndhwm, entries_queued_max);
        socket.set(zmq::sockopt::xpub_verbose, true); // Every subscription is told, not only the first of a topic.
        socket.set(zmq::sockopt::maxmsgsize, subscription_bytes_max);
        socket.set(zmq::sockopt::handshake_ivl, handshake_ms);
        socket.set(zmq::sockopt::heartbeat_ivl, heartbeat_ms);
        socket.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
        const std::optional<CurveDoor> curve =
            keeper != nullptr ? std::optional(CurveDoor{DoorName::tail, keeper->server_key(), &keeper->log()})
                              : std::nullopt;
        if (curve)
            if (const auto guarded = take_keys_only(socket, *curve); !guarded)
                return std::unexpected(guarded.error());
        std::unique_ptr<TailSocket> tail(new TailSocket(std::move(socket), source, keeper));
        tail->socket_.bind(endpoint);
        return tail;
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "cannot_bind",
                           "The tail cannot listen at " + endpoint + ": " + error.what() + ".");
    }
}

void TailSocket::take_subscriptions() {
    constexpr int subscriptions_max = 1'024; // Of those who send on and on the rest waits, and entries go out.
    zmq::message_t said;
    for (int i = 0; i < subscriptions_max && socket_.recv(said, zmq::recv_flags::dontwait); ++i)
        if (keeper_ != nullptr && live_peers_.note(said, {}).empty())
            keeper_->log().count(word_of(DoorName::tail), "nameless");
}

void TailSocket::sweep() {
    take_subscriptions();
    if (keeper_ == nullptr)
        return;
    const auto ring = keeper_->ring();
    const auto now = wall_now();
    const std::size_t closed = live_peers_.close([&](const LivePeers::Peer& peer) {
        const config::KeyRing::Key* key = ring->find(peer.key);
        return key == nullptr || key->standing(now) != config::Standing::good ||
               !permit(DoorName::tail, *key->client, model::Command::subscribe, "{}");
    });
    for (std::size_t i = 0; i < closed; ++i)
        keeper_->log().count(word_of(DoorName::tail), "connection_closed");
}

model::Result<bool> TailSocket::send_entries(std::size_t entries_max) {
    take_subscriptions();
    const auto entries = source_.read(sent_, entries_max);
    if (!entries)
        return std::unexpected(entries.error());
    for (const alerts::FeedEntry& entry : *entries) {
        const std::string position = std::to_string(entry.partition) + ":" + std::to_string(entry.position);
        constexpr auto now = zmq::send_flags::dontwait;
        socket_.send(zmq::buffer(topic_of(entry)), now | zmq::send_flags::sndmore);
        socket_.send(zmq::buffer(position), now | zmq::send_flags::sndmore);
        socket_.send(zmq::buffer(entry.bytes), now);
        sent_.positions[entry.partition] = entry.position;
    }
    return entries->size() == entries_max;
}

} // namespace bonewatch::daemon
