#pragma once

#include "daemon/gatekeeper.h"
#include "daemon/permit.h"
#include "daemon/router_socket.h"

namespace bonewatch::daemon {

/// A door's socket where the door takes keys: hands on only what the key of its sender allows now, and answers the rest
/// with the reason. Every message is held against the keys as they stand, so a key that is taken away counts for
/// nothing from then on, whatever its connection was before.
///
/// A peer's routing id, as the door sees it, begins with what its key grants. So a greeting, or a subscription, belongs
/// to one key with one set of rights: another key with the same routing id, or the same key with other rights, is a
/// stranger to the door, and what is sent to a peer whose key is not good any more finds it gone. One thread; keeper
/// and socket outlive it.
class GuardedWire final : public model::Wire {
  public:
    GuardedWire(DoorName door, Gatekeeper& keeper, RouterSocket& socket)
        : door_(door), keeper_(keeper), socket_(socket) {}

    [[nodiscard]] std::optional<model::Envelope> receive() override;
    model::Sent send(std::string_view peer, model::Frame frame) override;

    /// Tells those whose key is not good any more, and closes their connections when called again. Once a second.
    void sweep();

  private:
    /// Why the message is not handed on; nothing where it is.
    [[nodiscard]] std::optional<model::Error> refusal_of(const model::Envelope& envelope,
                                                         const config::KeyRing::Key* key) const;

    DoorName door_;
    Gatekeeper& keeper_;
    RouterSocket& socket_;
    std::uint64_t nameless_ = 0; ///< Counted so far.
};

} // namespace bonewatch::daemon
