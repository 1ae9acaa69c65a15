#pragma once

#include "ingest/fhir_element.h"

namespace bonewatch::ingest {

/// MedicationRequest, MedicationDispense and MedicationStatement: a supply of known days; of a drug given as single
/// doses an administration, `form` = `issue`. MedicationAdministration: an administration, `form` = `administered`.
[[nodiscard]] std::vector<Decoded> decode_medication(const FhirResource& resource);

/// What each of the four says where: the first entry that is there counts.
[[nodiscard]] bool is_medication_type(std::string_view type);

} // namespace bonewatch::ingest
