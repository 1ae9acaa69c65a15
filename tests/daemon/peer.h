#pragma once

#include "daemon/router_socket.h"
#include "store/model/frame.h"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <zmq.hpp>

/// Test peers for the doors: real sockets on this machine, one thread, deadlines instead of sleeps.
namespace bonewatch::tests {

using Parts = std::vector<std::string>;
constexpr std::chrono::seconds patience{10};

inline Parts frame(model::Command command, std::string id, std::string meta, Parts bodies = {}) {
    return model::parts_of(
        {.command = command, .request_id = std::move(id), .meta = std::move(meta), .bodies = std::move(bodies)});
}

/// One client socket, which speaks raw parts: what a stranger's program would do.
class Peer {
  public:
    Peer(zmq::context_t& context, const std::string& endpoint, zmq::socket_type type = zmq::socket_type::dealer,
         int receive_queue = 0)
        : socket_(context, type) {
        socket_.set(zmq::sockopt::linger, 0);
        if (receive_queue > 0) {
            socket_.set(zmq::sockopt::rcvhwm, receive_queue);
            socket_.set(zmq::sockopt::rcvbuf, 4096);
        }
        socket_.connect(endpoint);
    }

    void send(const Parts& parts) {
        for (std::size_t i = 0; i < parts.size(); ++i)
            (void)socket_.send(zmq::buffer(parts[i]),
                               i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }

    std::optional<Parts> receive_now() {
        Parts parts;
        zmq::message_t part;
        do {
            if (!socket_.recv(part, zmq::recv_flags::dontwait))
                return std::nullopt;
            parts.push_back(part.to_string());
        } while (part.more());
        return parts;
    }

    /// Calls `serve` until a message is here; nothing when patience ends.
    std::optional<Parts> receive(const std::function<void()>& serve, std::chrono::milliseconds wait = patience) {
        const auto deadline = std::chrono::steady_clock::now() + wait;
        do {
            serve();
            if (auto parts = receive_now())
                return parts;
            std::array items{zmq::pollitem_t{socket_.handle(), 0, ZMQ_POLLIN, 0}};
            zmq_poll(items.data(), 1, 1);
        } while (std::chrono::steady_clock::now() < deadline);
        return std::nullopt;
    }

    /// A received frame, parsed; a PONG with request id `absent` where none came.
    model::Frame answer(const std::function<void()>& serve) {
        auto parts = receive(serve);
        if (!parts)
            return {.command = model::Command::pong, .request_id = "absent", .bodies = {}};
        model::Envelope envelope;
        envelope.part_count = parts->size();
        envelope.parts = *std::move(parts);
        auto parsed = model::parse_frame(std::move(envelope), {.bodies_max = 10'000, .bytes_max = 1u << 30});
        return parsed ? *std::move(parsed) : model::Frame{.request_id = "unreadable", .bodies = {}};
    }

  private:
    zmq::socket_t socket_;
};

inline std::string reason_in(const model::Frame& frame) {
    if (frame.command != model::Command::error)
        return std::string(model::name_of(frame.command)) + " " + frame.request_id + " " + frame.meta;
    return model::text_in(model::read_meta(frame.meta).value_or(model::Meta{}), "reason").value_or("none");
}

} // namespace bonewatch::tests
