#pragma once

#include "ingest/hl7_element.h"

#include <vector>

namespace bonewatch::ingest {

/// Diagnoses (DG1) and procedures (PR1) of ADT and BAR, each of a watched code a condition or procedure. DG1-21 and
/// PR1-20 `D` retract it; a DG1-6 other than F is provisional. The fact is `diagnosis/DG1-20`, `procedure/PR1-19`; one
/// without a number is known again by the same patient, code and time (`weak_key`). Empty where there is neither.
[[nodiscard]] std::vector<Decoded> decode_hl7_diagnoses(const Hl7Context& context);

} // namespace bonewatch::ingest
