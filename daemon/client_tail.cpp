#include "daemon/client.h"

#include <zmq.hpp>
#include <zmq_addon.hpp>

namespace bonewatch::daemon {

model::Result<void> look_at_tail(const std::string& endpoint, const std::string& monitor,
                                 std::chrono::milliseconds idle,
                                 const std::function<void(std::string_view entry)>& on_entry) {
    constexpr std::size_t parts_of_entry = 3; // Topic, position, entry.
    constexpr auto for_ever = std::chrono::milliseconds(-1);
    try {
        zmq::context_t context;
        zmq::socket_t socket(context, zmq::socket_type::sub);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::ipv6, endpoint.starts_with("tcp://["));
        socket.set(zmq::sockopt::subscribe, "BWP1 " + monitor);
        try {
            socket.connect(endpoint);
        } catch (const zmq::error_t& error) {
            return bad_endpoint(endpoint, error.what());
        }
        socket.set(zmq::sockopt::rcvtimeo, static_cast<int>((idle.count() > 0 ? idle : for_ever).count()));
        for (;;) {
            std::vector<zmq::message_t> parts;
            if (!zmq::recv_multipart(socket, std::back_inserter(parts)))
                return {};
            if (parts.size() == parts_of_entry)
                on_entry(parts[2].to_string_view());
        }
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "not_reachable",
                           "Nothing can be heard from " + endpoint + ": " + error.what() + ".");
    }
}

} // namespace bonewatch::daemon
