#pragma once

#include "ingest/hl7_element.h"

#include <vector>

namespace bonewatch::ingest {

/// Whether a message is about drugs: RDE, RDS, RAS, OMP, and an ORM with RXO.
[[nodiscard]] bool is_hl7_medication(const Hl7Message& message);

/// Orders (RXE, RXO) and dispenses (RXD): a supply of known days; of a drug given as single doses an administration,
/// `form` = `issue`. Doses given (RXA): an administration, `form` = `administered`. An order that ends early: a stop.
/// Facts are `order/N`, `stop/N` (ORC-2, else ORC-3, else RXE-15), `dispense/N/RXD-1` and
/// `administration/N/RXA-1.RXA-2` (ORC-3, else RXD-7, else ORC-2).
[[nodiscard]] std::vector<Decoded> decode_hl7_medication(const Hl7Context& context);

} // namespace bonewatch::ingest
