#pragma once

#include "config/vocabulary.h"
#include "monitors/catalogue.h"

#include <memory>

namespace bonewatch::monitors {

/// The vocabulary and the monitors that the product ships with.
struct ShippedCatalogue {
    config::Vocabulary vocabulary;
    std::unique_ptr<Catalogue> catalogue;
};

/// Loaded once. A problem in the shipped files ends the test program.
[[nodiscard]] const ShippedCatalogue& shipped_catalogue();
/// The same with every monitor enabled, by settings.
[[nodiscard]] const ShippedCatalogue& all_enabled();

} // namespace bonewatch::monitors
