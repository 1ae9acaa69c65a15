#pragma once

#include "ingest/decode.h"
#include "ingest/json.h"
#include "ingest/time_text.h"

namespace bonewatch::ingest {

/// What a message brings with it: the same for each of its lines or resources.
struct MessageContext {
    const Publisher& publisher;
    const model::Result<Zone>& zone;
    const config::Vocabulary& vocabulary;
    const std::optional<model::Instant>& received;
};

/// Decodes one native event, a line's whole JSON object. Everything but `raw` is set; places are JSON paths.
[[nodiscard]] Decoded decode_native(const Json& line, const MessageContext& context);

} // namespace bonewatch::ingest
