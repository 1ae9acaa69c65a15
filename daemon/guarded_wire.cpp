#include "daemon/guarded_wire.h"

#include "daemon/clock.h"
#include "store/model/ensure.h"

namespace bonewatch::daemon {

namespace {

using config::Standing;

constexpr std::size_t grant_bytes = 16;

/// The parts of a frame that say what is asked for, and where the answer goes. Nothing of what is no frame.
struct Head {
    model::Command command;
    std::string_view meta;
    model::Address from;
};

std::optional<Head> head_of(const model::Envelope& envelope) {
    const auto& parts = envelope.parts;
    const std::size_t first = !parts.empty() && parts.front().empty() ? 1 : 0;
    if (parts.size() < first + 4 || parts[first + 1].size() != 1)
        return std::nullopt;
    return Head{static_cast<model::Command>(parts[first + 1].front()),
                parts[first + 3],
                {envelope.peer, first == 1, parts[first + 2].substr(0, model::request_id_bytes_max)}};
}

model::Error refusal_of_standing(Standing standing) {
    const bool is_over = standing == Standing::expired;
    return {model::ErrorKind::refused,
            is_over ? "key_expired" : "key_revoked",
            is_over ? "The time of this key is over. Make a new one, and ask those who run the daemon to take it."
                    : "This key is not taken any more. Ask those who run the daemon.",
            {}};
}

} // namespace

std::optional<model::Error> GuardedWire::refusal_of(const model::Envelope& envelope,
                                                    const config::KeyRing::Key* key) const {
    const Standing standing = key == nullptr ? Standing::unknown : key->standing(wall_now());
    if (standing != Standing::good)
        return refusal_of_standing(standing);
    const auto head = head_of(envelope);
    if (!head)
        return std::nullopt; // The door says what is wrong with it.
    auto permitted = permit(door_, *key->client, head->command, head->meta);
    return permitted ? std::nullopt : std::optional(std::move(permitted.error()));
}

std::optional<model::Envelope> GuardedWire::receive() {
    // Of what is refused no more is looked at in one go than this: others wait meanwhile.
    constexpr int refused_max = 256;
    const auto ring = keeper_.ring();
    for (int refused = 0; refused < refused_max; ++refused) {
        auto envelope = socket_.receive();
        if (!envelope)
            return std::nullopt;
        const config::KeyRing::Key* key = ring->find(socket_.last_key());
        const auto refusal = refusal_of(*envelope, key);
        if (!refusal) {
            envelope->peer = key->grant + envelope->peer;
            return envelope;
        }
        keeper_.log().count(word_of(door_), refusal->reason,
                            "fingerprint=" + config::fingerprint(socket_.last_key()) +
                                (key == nullptr ? "" : " key=" + key->client->name));
        const auto head = head_of(*envelope);
        const model::Address to = head ? head->from : model::Address{.peer = envelope->peer};
        socket_.send(envelope->peer, model::error_answer(to, *refusal, false));
    }
    return std::nullopt;
}

model::Sent GuardedWire::send(std::string_view peer, model::Frame frame) {
    ENSURE(peer.size() > grant_bytes, "a peer of a guarded door begins with its grant");
    if (!keeper_.ring()->is_granted(peer.substr(0, grant_bytes), wall_now()))
        return model::Sent::gone;
    return socket_.send(peer.substr(grant_bytes), std::move(frame));
}

void GuardedWire::sweep() {
    for (; nameless_ < socket_.stats().nameless; ++nameless_)
        keeper_.log().count(word_of(door_), "nameless");
    const auto ring = keeper_.ring();
    const auto now = wall_now();
    const std::size_t closed = socket_.live_peers().close([&](LivePeers::Peer& peer) {
        const Standing standing = ring->standing(peer.key, now);
        if (standing == Standing::good)
            return false;
        if (peer.is_told)
            return true;
        peer.is_told = true;
        socket_.send(peer.routing_id,
                     model::error_answer({.peer = peer.routing_id}, refusal_of_standing(standing), false));
        return false;
    });
    for (std::size_t i = 0; i < closed; ++i)
        keeper_.log().count(word_of(door_), "connection_closed");
}

} // namespace bonewatch::daemon
