#pragma once

#include "ingest/fhir_element.h"

namespace bonewatch::ingest {

/// Observation: its own value and each component of a known code, `Observation/ID#component-CODE`.
[[nodiscard]] std::vector<Decoded> decode_observation(const FhirResource& resource);

/// DiagnosticReport: something done, where its code says so (DXA); else only the Observations that it contains. Its
/// conclusion is not read.
[[nodiscard]] std::vector<Decoded> decode_report(const FhirResource& resource);

} // namespace bonewatch::ingest
