#pragma once

#include "store/model/event.h"

#include <string>
#include <string_view>

namespace bonewatch::store {

/// The canonical bytes of an event: equal events have equal bytes, and only they. Format: store/README.md.
[[nodiscard]] std::string encode(const model::Event& event);
/// Fails with `malformed` on bytes that `encode` would not have written.
[[nodiscard]] model::Result<model::Event> decode_event(std::string_view bytes);

} // namespace bonewatch::store
