#include "daemon/live_peers.h"

#include <sys/socket.h>
#include <sys/stat.h>

namespace bonewatch::daemon {

namespace {

/// Of the open socket with this number; 0 where there is none.
std::uint64_t inode_of(int descriptor) {
    struct stat status{};
    return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

} // namespace

std::string LivePeers::note(zmq::message_t& part, std::string_view routing_id) {
    const char* user = zmq_msg_gets(part.handle(), "User-Id");
    if (user == nullptr || *user == '\0')
        return {};
    const int descriptor = zmq_msg_get(part.handle(), ZMQ_SRCFD);
    if (descriptor < 0)
        return user;
    Peer& peer = peers_[descriptor];
    if (peer.key != user || peer.routing_id != routing_id)
        peer = {user, std::string(routing_id), inode_of(descriptor)};
    return user;
}

std::size_t LivePeers::close(const std::function<bool(Peer&)>& is_to_close) {
    std::size_t closed = 0;
    for (auto peer = peers_.begin(); peer != peers_.end();) {
        if (!is_to_close(peer->second)) {
            ++peer;
            continue;
        }
        // libzmq's own thread sees the end of the stream, and takes the connection down.
        if (peer->second.inode != 0 && inode_of(peer->first) == peer->second.inode &&
            shutdown(peer->first, SHUT_RDWR) == 0)
            ++closed;
        peer = peers_.erase(peer);
    }
    return closed;
}

} // namespace bonewatch::daemon
