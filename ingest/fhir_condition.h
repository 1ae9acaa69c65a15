#pragma once

#include "ingest/fhir_element.h"

namespace bonewatch::ingest {

/// Condition: onset and abatement. What is refuted, or not confirmed, is not used.
[[nodiscard]] std::vector<Decoded> decode_condition(const FhirResource& resource);

/// Procedure: what was completed.
[[nodiscard]] std::vector<Decoded> decode_procedure(const FhirResource& resource);

} // namespace bonewatch::ingest
