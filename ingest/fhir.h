#pragma once

#include "ingest/native.h"

#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// Decodes a FHIR R4 resource, a Bundle or NDJSON of either. Every resource yields at least one outcome.
[[nodiscard]] std::vector<Decoded> decode_fhir(std::string_view message, const MessageContext& context);

} // namespace bonewatch::ingest
