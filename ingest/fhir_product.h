#pragma once

#include "ingest/fhir_element.h"
#include "ingest/product.h"

#include <string>

namespace bonewatch::ingest {

/// The drug of `medicationCodeableConcept` or `medicationReference`: by code first, else by name. Its drug is nothing
/// where it concerns nothing that is watched. Fails with `unusable`: `unresolved_reference`, `combination_product`,
/// `unclear_product`, `contradictory_codes`.
[[nodiscard]] model::Result<Product> read_product(const FhirResource& resource);

/// What the product is, for counting: its code or its words.
[[nodiscard]] std::string product_name(const FhirResource& resource);

} // namespace bonewatch::ingest
