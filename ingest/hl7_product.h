#pragma once

#include "ingest/hl7_element.h"
#include "ingest/product.h"

#include <optional>
#include <span>
#include <string>

namespace bonewatch::ingest {

/// A coded drug, and the strength stated beside it: RXE-2 with RXE-25 and 26, RXD-2 with RXD-16 and 17.
struct Hl7DrugField {
    const Hl7Segment* segment = nullptr;
    std::size_t code = 0;
    std::size_t strength = 0, strength_unit = 0;
    std::size_t volume = 0, volume_unit = 0; ///< In which the strength is.
};

/// The drug by its code, of either triplet, else by its words; its strength by the fields, else by the words. Its drug
/// is nothing where it concerns nothing that is watched. Fails with `unusable`: `missing_medication`,
/// `combination_product`, `unclear_product`, `contradictory_codes`, `bad_code`.
[[nodiscard]] model::Result<Product> read_hl7_product(const Hl7Context& context, const Hl7DrugField& field,
                                                      Warnings& warnings);

/// By which route the first RXR says (table 0162, or its words); nothing where there is none. Fails with `unusable`,
/// `unknown_route`, also where several RXR name different ones.
[[nodiscard]] model::Result<std::optional<model::Route>> read_hl7_route(const Hl7Context& context,
                                                                        std::span<const Hl7Segment* const> rxr);

} // namespace bonewatch::ingest
