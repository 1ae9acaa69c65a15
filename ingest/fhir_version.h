#pragma once

#include "ingest/json.h"
#include "store/model/result.h"

#include <optional>
#include <string_view>

namespace bonewatch::ingest {

/// A mark of another FHIR version than R4, with the field that gives it away; nothing where there is none. No resource
/// says which version it is: these are fields that R4 does not have, or has with another shape.
[[nodiscard]] std::optional<model::Error> other_version_mark(const Json& resource, std::string_view path);

} // namespace bonewatch::ingest
