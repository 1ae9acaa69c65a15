#pragma once

#include "ingest/json.h"
#include "ingest/message_context.h"

namespace bonewatch::ingest {

/// Decodes one native event, a line's whole JSON object. Everything but `raw` is set; places are JSON paths.
[[nodiscard]] Decoded decode_native(const Json& line, const MessageContext& context);

} // namespace bonewatch::ingest
