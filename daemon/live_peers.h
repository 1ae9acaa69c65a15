#pragma once

#include "config/keys.h"

#include <functional>
#include <map>
#include <string>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// The connections of one door that have said something, by their file descriptor, so that one can be closed: libzmq
/// has no call for it. As large as there are descriptors: a new connection takes the place of the one whose number it
/// has. One thread.
class LivePeers {
  public:
    struct Peer {
        std::string key; ///< Public, Z85.
        std::string routing_id;
        std::uint64_t inode = 0; ///< Of the socket: a number that is in use again is another connection's.
        bool is_told = false;    ///< That it will be closed.
    };

    /// Notes from whom a part of a message came, and gives the key that libzmq vouched for; empty where it did not.
    std::string note(zmq::message_t& part, std::string_view routing_id);
    /// Calls `is_to_close` for each, and closes those for which it is true. How many.
    std::size_t close(const std::function<bool(Peer&)>& is_to_close);

  private:
    std::map<int, Peer> peers_;
};

} // namespace bonewatch::daemon
