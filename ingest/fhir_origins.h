#pragma once

#include "ingest/fhir_element.h"

#include <string>

namespace bonewatch::ingest {

/// Says of each field of the event where in the resource it came from, where that is asked for; nothing of an Error.
/// `element`: before the names of the fields that stand in a component (`component[0].`), else empty.
void add_origins(const FhirResource& resource, const std::string& element, Decoded& decoded);

} // namespace bonewatch::ingest
