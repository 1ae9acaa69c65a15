#pragma once

#include "store/model/dose.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// A name of a product or route made comparable: lower case; brands in brackets, zero-width and no-break spaces gone.
[[nodiscard]] std::string plain_name(std::string_view name);

/// The route that words like `Oral route (qualifier value)`, `PO`, `SC` or `inhalation` name.
[[nodiscard]] std::optional<model::Route> route_of_words(std::string_view words);

} // namespace bonewatch::ingest
