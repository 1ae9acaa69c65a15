#pragma once

#include "ingest/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// Path of the first modifierExtension or `implicitRules`, which may turn the meaning of what they stand in; nothing
/// where there is none. What is contained is a resource of its own and not looked into.
[[nodiscard]] std::optional<std::string> find_modifier(const Json& value, const std::string& path);

/// Why `element` of `holder` is absent, as the data-absent-reason extension says (`masked`, `unknown`), which may stand
/// in the element itself, in its sibling `_element`, in `holder`, or, of a concept, in place of its code; empty where
/// it does not say.
[[nodiscard]] std::string_view absent_reason(const Json& holder, std::string_view element);
/// The same of a concept that may be nothing: why its code is not said.
[[nodiscard]] std::string_view masked_code(const Json* concept_);

} // namespace bonewatch::ingest
