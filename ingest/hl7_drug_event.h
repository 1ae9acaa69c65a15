#pragma once

#include "ingest/hl7_drug_order.h"

namespace bonewatch::ingest {

/// What an order, one of its dispenses or one of its doses is: a supply, a single dose, a stop, or why it is none.
[[nodiscard]] Decoded decode_hl7_drug_order(const Hl7Context& context, const Hl7DrugOrder& order);

} // namespace bonewatch::ingest
