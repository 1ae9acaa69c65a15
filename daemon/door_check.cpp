#include "daemon/door_check.h"

#include "daemon/clock.h"
#include "daemon/zap.h"
#include "store/model/ensure.h"

#include <array>
#include <cstring>
#include <zmq_addon.hpp>

namespace bonewatch::daemon {

namespace {

/// A door that listens everywhere is reached at loopback.
std::string reachable(std::string endpoint) {
    for (const auto& [everywhere, here] :
         {std::pair{"tcp://0.0.0.0:", "tcp://127.0.0.1:"}, std::pair{"tcp://[::]:", "tcp://[::1]:"}})
        if (endpoint.starts_with(everywhere))
            return here + endpoint.substr(std::string_view(everywhere).size());
    return endpoint;
}

} // namespace

StrangerKey make_stranger() {
    std::array<char, 41> public_key{};
    std::array<char, 41> secret_key{};
    const int status = zmq_curve_keypair(public_key.data(), secret_key.data());
    ENSURE(status == 0, "this libzmq has no CURVE");
    return {public_key.data(), secret_key.data()};
}

Met knock(const std::string& endpoint, bool is_tail, const std::string& server_public_key, const StrangerKey& stranger,
          std::chrono::milliseconds patience) {
    constexpr const char* events_endpoint = "inproc://knock";
    constexpr int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    try {
        zmq::context_t context;
        zmq::socket_t socket(context, is_tail ? zmq::socket_type::sub : zmq::socket_type::dealer);
        socket.set(zmq::sockopt::linger, 0);
        socket.set(zmq::sockopt::ipv6, endpoint.starts_with("tcp://["));
        socket.set(zmq::sockopt::curve_serverkey, server_public_key);
        socket.set(zmq::sockopt::curve_publickey, stranger.public_key);
        socket.set(zmq::sockopt::curve_secretkey, stranger.secret_key);
        if (zmq_socket_monitor(socket.handle(), events_endpoint, events) != 0)
            return Met::unclear;
        zmq::socket_t said(context, zmq::socket_type::pair);
        said.set(zmq::sockopt::linger, 0);
        said.set(zmq::sockopt::rcvhwm, 0);
        said.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()));
        said.connect(events_endpoint);
        socket.connect(reachable(endpoint));
        zmq::message_t event;
        Met met = Met::unclear;
        if (said.recv(event) && event.size() >= sizeof(std::uint16_t)) {
            std::uint16_t kind = 0;
            std::memcpy(&kind, event.data(), sizeof kind);
            met = kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? Met::let_in : Met::refused;
        }
        zmq_socket_monitor(socket.handle(), nullptr, 0);
        return met;
    } catch (const zmq::error_t&) {
        return Met::unclear;
    }
}

Met ask_answerer(zmq::context_t& context, const StrangerKey& stranger, std::chrono::milliseconds patience) {
    constexpr std::size_t answer_parts = 6;
    constexpr std::size_t status_part = 2;
    std::array<std::uint8_t, 32> key{};
    zmq_z85_decode(key.data(), stranger.public_key.c_str());
    try {
        zmq::socket_t asking(context, zmq::socket_type::req);
        asking.set(zmq::sockopt::linger, 0);
        asking.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()));
        asking.set(zmq::sockopt::sndtimeo, static_cast<int>(patience.count()));
        asking.connect(zap_endpoint);
        const std::array<std::string, 6> question{"1.0", "check", "ingest", "127.0.0.1", "", "CURVE"};
        for (const std::string& part : question)
            if (!asking.send(zmq::buffer(part), zmq::send_flags::sndmore))
                return Met::unclear;
        if (!asking.send(zmq::buffer(key), zmq::send_flags::none))
            return Met::unclear;
        std::vector<zmq::message_t> answer;
        if (!zmq::recv_multipart(asking, std::back_inserter(answer)) || answer.size() != answer_parts)
            return Met::unclear;
        return answer[status_part].to_string_view() == "200" ? Met::let_in : Met::refused;
    } catch (const zmq::error_t&) {
        return Met::unclear;
    }
}

} // namespace bonewatch::daemon
