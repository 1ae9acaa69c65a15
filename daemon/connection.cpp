#include "daemon/connection.h"

#include "daemon/clock.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <array>

namespace bonewatch::daemon {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_first{100};
constexpr milliseconds pause_max{5'000};
/// What a client takes from its own daemon.
constexpr model::FrameLimits answer_limits{.bodies_max = 1u << 20, .bytes_max = 1u << 30, .meta_max = 1u << 30};

zmq::socket_t make_socket(zmq::context_t& context, const ConnectionSettings& settings) {
    zmq::socket_t socket(context, zmq::socket_type::dealer);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::immediate, true);
    socket.set(zmq::sockopt::ipv6, settings.endpoint.starts_with("tcp://["));
    socket.set(zmq::sockopt::reconnect_ivl, 100);
    socket.set(zmq::sockopt::reconnect_ivl_max, 5'000);
    socket.set(zmq::sockopt::heartbeat_ivl, 10'000);
    socket.set(zmq::sockopt::heartbeat_timeout, 30'000);
    use_keys(socket, settings.keys);
    return socket;
}

/// An ERROR says by a word what the daemon's own Error said by its kind.
model::ErrorKind kind_of(std::string_view reason) {
    using Words = std::initializer_list<std::string_view>;
    const auto is_one_of = [&](Words words) { return std::ranges::find(words, reason) != words.end(); };
    if (is_one_of({"no_patient", "no_alert", "no_open_alert", "no_monitor", "no_such_number"}))
        return model::ErrorKind::not_found;
    if (is_one_of({"too_large", "too_many_bodies", "meta_too_large"}))
        return model::ErrorKind::malformed;
    return model::ErrorKind::refused;
}

} // namespace

std::unexpected<model::Error> bad_endpoint(const std::string& endpoint, const std::string& why) {
    return model::fail(model::ErrorKind::refused, "bad_endpoint", "Not an endpoint: " + endpoint + " (" + why + ").");
}

Connection::Connection(ConnectionSettings settings)
    : settings_(std::move(settings)), context_(std::make_unique<zmq::context_t>(1)) {}

model::Result<Connection> Connection::open(ConnectionSettings settings) {
    Connection connection(std::move(settings));
    if (const auto greeted = connection.greet(); !greeted)
        return std::unexpected(greeted.error());
    return connection;
}

model::Result<void> Connection::reopen() {
    const auto deadline = steady_now() + settings_.give_up_after;
    for (auto pause = pause_first;; pause = std::min(2 * pause, pause_max)) {
        const auto greeted = greet();
        if (greeted || greeted.error().kind != model::ErrorKind::unavailable || steady_now() + pause >= deadline)
            return greeted;
        pause_for(pause);
    }
}

model::Result<void> Connection::greet() {
    try {
        handshake_.reset();
        socket_ = make_socket(*context_, settings_);
        handshake_ = std::make_unique<HandshakeWatch>(*context_, socket_, settings_.endpoint, settings_.keys);
        socket_.connect(settings_.endpoint);
    } catch (const zmq::error_t& error) {
        return bad_endpoint(settings_.endpoint, error.what());
    }
    model::JsonWriter hello;
    hello.begin_object();
    hello.text("client", settings_.client);
    if (!settings_.publisher.empty())
        hello.text("publisher", settings_.publisher);
    hello.end_object();

    const auto deadline = steady_now() + settings_.connect_timeout;
    const auto connected = wait_for(ZMQ_POLLOUT, settings_.connect_timeout);
    if (!connected || !*connected)
        return std::unexpected(!connected ? connected.error() : not_reachable());
    const auto request_id = next_request_id();
    model::Frame frame{.command = model::Command::hello, .request_id = request_id, .meta = hello.take(), .bodies = {}};
    if (const auto sent = send(std::move(frame)); !sent)
        return sent;
    while (true) {
        auto answer = receive(left_until(deadline));
        if (!answer)
            return std::unexpected(answer.error());
        if (!*answer)
            return std::unexpected(not_reachable());
        if ((*answer)->request_id != request_id)
            continue;
        if ((*answer)->command != model::Command::welcome)
            return std::unexpected(error_in(**answer));
        welcome_ = std::move((*answer)->meta);
        return {};
    }
}

model::Error Connection::not_reachable() const {
    if (const auto suspicion = handshake_ ? handshake_->suspicion() : std::nullopt)
        return *suspicion;
    return {model::ErrorKind::unavailable, "not_reachable",
            "No daemon answers at " + settings_.endpoint + ". Is bonewatchd running, and is this its endpoint?",
            settings_.endpoint};
}

model::Result<bool> Connection::wait_for(short events, milliseconds timeout) {
    const auto deadline = steady_now() + timeout;
    while (true) {
        std::array items{zmq::pollitem_t{socket_.handle(), 0, events, 0},
                         zmq::pollitem_t{handshake_->handle(), 0, ZMQ_POLLIN, 0}};
        // An interruption by a signal counts as no.
        if (zmq_poll(items.data(), items.size(), std::max<long>(0, left_until(deadline).count())) <= 0)
            return false;
        if (items[0].revents != 0)
            return true;
        if (auto refusal = handshake_->refusal())
            return std::unexpected(*std::move(refusal));
    }
}

model::Result<void> Connection::send(model::Frame frame) {
    const auto parts = model::parts_of(std::move(frame));
    const auto deadline = steady_now() + settings_.reply_timeout;
    try {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto flags =
                zmq::send_flags::dontwait | (i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
            while (!socket_.send(zmq::buffer(parts[i]), flags)) {
                const auto ready = wait_for(ZMQ_POLLOUT, left_until(deadline));
                if (!ready)
                    return std::unexpected(ready.error());
                if (!*ready && steady_now() >= deadline)
                    return std::unexpected(not_reachable());
            }
        }
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "not_reachable",
                           "The connection to " + settings_.endpoint + " failed: " + error.what() + ".");
    }
    return {};
}

model::Result<std::optional<model::Frame>> Connection::receive(milliseconds timeout) {
    const auto ready = wait_for(ZMQ_POLLIN, timeout);
    if (!ready)
        return std::unexpected(ready.error());
    if (!*ready)
        return std::nullopt;
    model::Envelope envelope;
    try {
        zmq::message_t part;
        do {
            if (!socket_.recv(part, zmq::recv_flags::dontwait))
                return std::nullopt;
            envelope.parts.push_back(part.to_string());
            envelope.byte_count += part.size();
        } while (part.more());
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "not_reachable",
                           "The connection to " + settings_.endpoint + " failed: " + error.what() + ".");
    }
    envelope.part_count = envelope.parts.size();
    auto frame = model::parse_frame(std::move(envelope), answer_limits);
    if (!frame)
        return model::fail(model::ErrorKind::malformed, "not_bonewatch",
                           "What answers at " + settings_.endpoint + " does not speak BWP1. " +
                               frame.error().error.message);
    return std::move(*frame);
}

model::Error error_in(const model::Frame& frame) {
    const auto meta = model::read_meta(frame.meta).value_or(model::Meta{});
    if (frame.command != model::Command::error)
        return {model::ErrorKind::malformed,
                "unexpected_answer",
                "The daemon answered with " + std::string(model::name_of(frame.command)) + ".",
                {}};
    auto reason = model::text_in(meta, "reason").value_or("unknown");
    return {model::flag_in(meta, "retry") ? model::ErrorKind::unavailable : kind_of(reason), std::move(reason),
            model::text_in(meta, "message").value_or("The daemon refused, and did not say why."),
            model::text_in(meta, "place").value_or("")};
}

} // namespace bonewatch::daemon
