#pragma once

#include "ingest/fhir_element.h"
#include "ingest/product.h"

#include <optional>
#include <string_view>

namespace bonewatch::ingest {

/// As `dose_in`, of its code, else of its words.
[[nodiscard]] std::optional<model::Dose> dose_of(const FhirQuantity& quantity);

/// Reads the only entry of `element` (`dosageInstruction`, `dosage`). Of several entries only the route is taken, where
/// they agree, with the warning `several_dosages`. Fails with `unusable`: `bad_number`, `unknown_route`.
[[nodiscard]] model::Result<Dosage> read_dosage(const FhirResource& resource, std::string_view element,
                                                Warnings& warnings);

/// A Duration in whole days, rounded down, at least 1: unit `d`, `wk`, `mo`, `a` or their words. Nothing where there is
/// no such element. Fails with `unusable`, `bad_days`.
[[nodiscard]] model::Result<std::optional<std::int32_t>> read_days(const FhirResource& resource, const Json* duration,
                                                                   std::string_view element, Warnings& warnings);

/// `timing.repeat.bounds[x]` of the first dosage.
struct Bounds {
    std::optional<model::ClinicalTime> start;
    std::optional<std::int32_t> days; ///< Of a stated duration, or from start to end.
};
[[nodiscard]] model::Result<Bounds> read_bounds(const FhirResource& resource, std::string_view element,
                                                Warnings& warnings);

/// The route a concept names. Nothing where there is none. Fails with `unusable`, `unknown_route`.
[[nodiscard]] model::Result<std::optional<model::Route>> read_route(const FhirResource& resource, const Json* concept_,
                                                                    std::string_view element);

} // namespace bonewatch::ingest
