#pragma once

#include "alerts/feed_door.h"
#include "daemon/curve_server.h"
#include "daemon/gatekeeper.h"
#include "daemon/live_peers.h"

#include <memory>
#include <string>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// The feed's tail: a ZeroMQ PUB for those who only want to look. Every entry that becomes durable from now on is sent
/// once; nothing is kept for anybody, and who reads too slowly misses some. The frames: alerts/README.md, "The tail".
/// (An XPUB in truth: it says who asks for entries.) Belongs to the thread that made it; source and keeper outlive it.
class TailSocket {
  public:
    /// `keeper`: of whom it takes keys; null: it asks for none. Fails with `config`, `refused_endpoint`, or
    /// `unavailable`, `cannot_bind`, as a door does.
    [[nodiscard]] static model::Result<std::unique_ptr<TailSocket>>
    bind(zmq::context_t& context, const std::string& endpoint, const alerts::FeedSource& source, Gatekeeper* keeper);

    /// Sends at most `entries_max` of what has become durable; true where there is more. Never waits. Fails when the
    /// source does.
    [[nodiscard]] model::Result<bool> send_entries(std::size_t entries_max);

    /// Closes the connections of those whose key is not good any more, or may not look. Once a second.
    void sweep();
    [[nodiscard]] void* handle() { return socket_.handle(); }

    [[nodiscard]] std::string endpoint() const { return socket_.get(zmq::sockopt::last_endpoint); }

  private:
    TailSocket(zmq::socket_t socket, const alerts::FeedSource& source, Gatekeeper* keeper)
        : socket_(std::move(socket)), keeper_(keeper), source_(source), sent_(source.latest()) {}
    void take_subscriptions();

    zmq::socket_t socket_;
    Gatekeeper* keeper_;
    LivePeers live_peers_;
    const alerts::FeedSource& source_;
    store::Cursor sent_;
};

} // namespace bonewatch::daemon
