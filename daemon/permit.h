#pragma once

#include "config/keys.h"
#include "store/model/frame.h"

namespace bonewatch::daemon {

/// The doors by the names that settings, log and ZAP domains give them.
enum class DoorName : std::uint8_t { ingest, feed, command, tail };
[[nodiscard]] std::string_view word_of(DoorName door);
[[nodiscard]] std::optional<DoorName> door_of(std::string_view word);

/// Whether the owner of a key may have this frame served at this door: config/README.md, "Keys", says who may what.
/// Reads the meta of HELLO, SUBSCRIBE, QUERY and COMMAND alone. What is no request of the door is let through: the door
/// refuses it. Fails with `refused`: `not_allowed`, `other_publisher`, `other_consumer`.
[[nodiscard]] model::Result<void> permit(DoorName door, const config::ClientKey& client, model::Command command,
                                         std::string_view meta);

} // namespace bonewatch::daemon
