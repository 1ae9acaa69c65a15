#pragma once

#include "ingest/json.h"
#include "ingest/message_context.h"

#include <vector>

namespace bonewatch::ingest {

/// Where the fields of a native line's event came from: a member of the line, the connection, or a default. `event`:
/// what was made of it; null where it could not be.
[[nodiscard]] std::vector<Origin> native_origins(const Json& line, const model::Event* event,
                                                 const MessageContext& context);

} // namespace bonewatch::ingest
