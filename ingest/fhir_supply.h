#pragma once

#include "ingest/fhir_dosage.h"
#include "ingest/fhir_product.h"

#include <optional>

namespace bonewatch::ingest {

enum class MedicationType : unsigned char { request, dispense, statement, administration };

/// What a status says of the drug's being taken.
enum class MedicationStanding : unsigned char { counts, stopped, not_yet, does_not, in_error, unknown };

/// One medication resource, taken apart.
struct Medication {
    MedicationType type;
    MedicationStanding standing;
    const Product& product;
    Dosage dosage;
    Bounds bounds;
    model::Route route = model::Route::unstated;
};

/// The items handed over or ordered; nothing where they are not counted in items. Fails with `unusable`, `bad_number`.
[[nodiscard]] model::Result<std::optional<model::Rational>> items_of(const FhirResource& resource, MedicationType type,
                                                                     Warnings& warnings);

/// The supply that a request, dispense or statement is: its days, its daily dose and how they are known. Fails with
/// `unusable`: `missing_days`, `bad_days`, `missing_stop_date`, `bad_number`.
[[nodiscard]] model::Result<model::EventBody> read_supply(const FhirResource& resource, const Medication& medication,
                                                          const model::ClinicalTime& start, Warnings& warnings);

} // namespace bonewatch::ingest
