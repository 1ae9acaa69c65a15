#pragma once

#include "ingest/message_context.h"

namespace bonewatch::ingest {

/// Where those fields of an event came from that are no decoder's own affair: its publisher, its type, and what is
/// computed from other fields. Only where nothing is said of the field yet.
void add_common_origins(const MessageContext& context, Decoded& decoded);

} // namespace bonewatch::ingest
