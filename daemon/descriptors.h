#pragma once

namespace bonewatch::daemon {

/// Descriptors from this number on are the daemon's own files': a connection that got one is closed at once.
[[nodiscard]] int first_reserved_descriptor();

} // namespace bonewatch::daemon
