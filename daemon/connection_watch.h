#pragma once

#include "daemon/curve_server.h"

#include <memory>
#include <thread>
#include <utility>
#include <vector>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// Watches the connections made to doors that take no keys, on a thread of its own, so that those that are too many are
/// turned away also while the loop is at work. Of doors that take keys the gatekeeper does. Made once the sockets
/// listen, and gone after them.
class ConnectionWatch {
  public:
    using Listening = std::vector<std::pair<DoorName, void*>>; ///< Sockets of libzmq.

    /// Fails with `unavailable`.
    [[nodiscard]] static model::Result<std::unique_ptr<ConnectionWatch>> start(zmq::context_t& context,
                                                                               const Listening& sockets);
    ~ConnectionWatch();

    [[nodiscard]] AccessLog& log() { return log_; }

  private:
    explicit ConnectionWatch(int end) : end_(end) {}
    void run();

    AccessLog log_;
    int end_; ///< A descriptor that can be read once the thread must end.
    std::vector<std::unique_ptr<HandshakeWatcher>> connections_;
    std::jthread thread_;
};

} // namespace bonewatch::daemon
