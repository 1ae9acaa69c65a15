#pragma once

#include "ingest/fhir_element.h"

namespace bonewatch::ingest {

/// Patient: sex, dates of birth and death, practice, and every identifier that links it.
[[nodiscard]] std::vector<Decoded> decode_patient(const FhirResource& resource);

} // namespace bonewatch::ingest
