#include "daemon/client.h"

#include <array>
#include <zmq.hpp>
#include <zmq_addon.hpp>

namespace bonewatch::daemon {

model::Result<void> look_at_tail(const ConnectionSettings& settings, const std::string& monitor,
                                 std::chrono::milliseconds idle,
                                 const std::function<void(std::string_view entry)>& on_entry) {
    constexpr std::size_t parts_of_entry = 3; // Topic, position, entry.
    constexpr long for_ever = -1;
    try {
        zmq::context_t context;
        zmq::socket_t socket(context, zmq::socket_type::sub);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::ipv6, settings.endpoint.starts_with("tcp://["));
        socket.set(zmq::sockopt::subscribe, "BWP1 " + monitor);
        use_keys(socket, settings.keys);
        HandshakeWatch handshake(context, socket, settings.endpoint, settings.keys);
        try {
            socket.connect(settings.endpoint);
        } catch (const zmq::error_t& error) {
            return bad_endpoint(settings.endpoint, error.what());
        }
        for (auto heard = steady_now();;) {
            std::array items{zmq::pollitem_t{socket.handle(), 0, ZMQ_POLLIN, 0},
                             zmq::pollitem_t{handshake.handle(), 0, ZMQ_POLLIN, 0}};
            const long wait = idle.count() > 0 ? static_cast<long>(left_until(heard + idle).count()) : for_ever;
            zmq::poll(items.data(), items.size(), std::chrono::milliseconds(wait));
            if (auto refusal = handshake.refusal())
                return std::unexpected(*std::move(refusal));
            std::vector<zmq::message_t> parts;
            if (zmq::recv_multipart(socket, std::back_inserter(parts), zmq::recv_flags::dontwait)) {
                heard = steady_now();
                if (parts.size() == parts_of_entry)
                    on_entry(parts[2].to_string_view());
            } else if (idle.count() > 0 && steady_now() >= heard + idle) {
                if (auto suspicion = handshake.suspicion())
                    return std::unexpected(*std::move(suspicion));
                return {};
            }
        }
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "not_reachable",
                           "Nothing can be heard from " + settings.endpoint + ": " + error.what() + ".");
    }
}

} // namespace bonewatch::daemon
