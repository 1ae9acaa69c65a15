#pragma once

#include "alerts/feed_door.h"

#include <memory>
#include <string>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// The feed's tail: a ZeroMQ PUB for those who only want to look. Every entry that becomes durable from now on is sent
/// once; nothing is kept for anybody, and who reads too slowly misses some. The frames: alerts/README.md, "The tail".
/// Belongs to the thread that made it; the source outlives it.
class TailSocket {
  public:
    /// Fails with `config`, `refused_endpoint`, or `unavailable`, `cannot_bind`, as a door does.
    [[nodiscard]] static model::Result<std::unique_ptr<TailSocket>>
    bind(zmq::context_t& context, const std::string& endpoint, const alerts::FeedSource& source);

    /// Sends at most `entries_max` of what has become durable; true where there is more. Never waits. Fails when the
    /// source does.
    [[nodiscard]] model::Result<bool> send_entries(std::size_t entries_max);

    [[nodiscard]] std::string endpoint() const { return socket_.get(zmq::sockopt::last_endpoint); }

  private:
    TailSocket(zmq::socket_t socket, const alerts::FeedSource& source)
        : socket_(std::move(socket)), source_(source), sent_(source.latest()) {}

    zmq::socket_t socket_;
    const alerts::FeedSource& source_;
    store::Cursor sent_;
};

} // namespace bonewatch::daemon
