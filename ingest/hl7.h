#pragma once

#include "ingest/message_context.h"

#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// Decodes HL7 v2 (2.1 to 2.8, by position): a message, a batch, or messages one after the other. Every message yields
/// at least one outcome, and so does what is wrong with a batch.
[[nodiscard]] std::vector<Decoded> decode_hl7(std::string_view body, const MessageContext& context);

} // namespace bonewatch::ingest
