#pragma once

#include "ingest/hl7_element.h"

#include <vector>

namespace bonewatch::ingest {

/// Decodes the observations of a message, whichever it is: each OBX by the OBR and PID before it, a procedure of OBR-4
/// where that is one (DXA), and orders that were cancelled. Before them what the PIDs say of the persons. Empty where
/// the message has no order.
[[nodiscard]] std::vector<Decoded> decode_hl7_results(const Hl7Context& context);

} // namespace bonewatch::ingest
