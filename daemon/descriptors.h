#pragma once

namespace bonewatch::daemon {

/// Descriptors from this number on are the daemon's own files': a connection that got one is closed at once. So that
/// those who ask what is wrong get in when senders have used up theirs, connections to the command door may have a few
/// more (`is_command`).
[[nodiscard]] int first_reserved_descriptor(bool is_command = false);

} // namespace bonewatch::daemon
