#include "daemon/tail_socket.h"

#include "config/settings.h"
#include "ingest/json.h"

namespace bonewatch::daemon {

namespace {

constexpr int entries_queued_max = 10'000; ///< For one who looks and does not read; then entries pass it by.
constexpr int linger_ms = 0;

/// `BWP1 tsh-suppressed`: who looks may ask for one monitor's entries by the beginning of the topic.
std::string topic_of(const alerts::FeedEntry& entry) {
    const auto parsed = ingest::parse_json(entry.bytes);
    return "BWP1 " + (parsed ? std::string(parsed->root.text_of("monitor")) : std::string());
}

} // namespace

model::Result<std::unique_ptr<TailSocket>> TailSocket::bind(zmq::context_t& context, const std::string& endpoint,
                                                            const alerts::FeedSource& source) {
    if (auto refusal = config::refusal_of_endpoint(endpoint); !refusal.empty())
        return model::fail(model::ErrorKind::config, "refused_endpoint", std::move(refusal));
    try {
        zmq::socket_t socket(context, zmq::socket_type::pub);
        socket.set(zmq::sockopt::linger, linger_ms);
        socket.set(zmq::sockopt::ipv6, endpoint.starts_with("tcp://["));
        socket.set(zmq::sockopt::sndhwm, entries_queued_max);
        socket.bind(endpoint);
        return std::unique_ptr<TailSocket>(new TailSocket(std::move(socket), source));
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "cannot_bind",
                           "The tail cannot listen at " + endpoint + ": " + error.what() + ".");
    }
}

model::Result<bool> TailSocket::send_entries(std::size_t entries_max) {
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
