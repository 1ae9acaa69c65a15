#pragma once

#include "config/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// A drug as a product's name tells it: `predniSONE 5 MG Oral Tablet`, `1 ML denosumab 60 MG/ML Prefilled Syringe`.
struct ProductName {
    const config::Drug* drug = nullptr;
    bool is_combination = false;          ///< Several ingredients, of which at least one is known: `drug` is that one.
    bool is_plain = true;                 ///< No word is left over that might be another ingredient.
    std::string strength;                 ///< As Strength::text: `5 mg`, `60 mg/ml`; empty where none is plain.
    std::optional<model::Dose> item_dose; ///< In one tablet, capsule, puff or whole syringe.
    std::optional<model::Route> route;    ///< Nothing where the name does not tell.
    bool is_injection = false;            ///< By some injection, the name does not say which.
};

/// Reads a product's name by the vocabulary's words: ids, titles and other names of drugs, whole words only, in any
/// case. `drug` is nothing where no ingredient is known.
[[nodiscard]] ProductName read_product_name(const config::Vocabulary& vocabulary, std::string_view name);

} // namespace bonewatch::ingest
