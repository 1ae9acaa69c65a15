#include "ingest/fhir_modifier.h"

namespace bonewatch::ingest {

namespace {

/// Its path from `value` on: written on the way back, so that nothing is written where nothing is found.
std::optional<std::string> find_modifier_within(const Json& value) {
    for (std::size_t i = 0; i < value.members.size(); ++i) {
        const auto& [key, inner] = value.members[i];
        if (key == "modifierExtension" || key == "implicitRules")
            return path_step(value, i);
        if (key == "contained" || inner.members.empty())
            continue;
        if (const auto found = find_modifier_within(inner))
            return path_step(value, i) + *found;
    }
    return std::nullopt;
}

std::string_view reason_in(const Json* element) {
    if (element == nullptr)
        return {};
    for (const auto& [key, extension] : element->items_of("extension"))
        if (extension.text_of("url") == "http://hl7.org/fhir/StructureDefinition/data-absent-reason")
            return extension.text_of("valueCode");
    return {};
}

} // namespace

std::optional<std::string> find_modifier(const Json& value, const std::string& path) {
    auto found = find_modifier_within(value);
    return found ? std::optional(path + *found) : std::nullopt;
}

std::string_view absent_reason(const Json& holder, std::string_view element) {
    for (const Json* place : {holder.find(element), holder.find("_" + std::string(element)), &holder})
        if (const auto reason = reason_in(place); !reason.empty())
            return reason;
    return masked_code(holder.find(element));
}

std::string_view masked_code(const Json* concept_) {
    if (concept_ == nullptr)
        return {};
    for (const auto& [key, coding] : concept_->items_of("coding"))
        if (coding.text_of("system") == "http://terminology.hl7.org/CodeSystem/data-absent-reason")
            return coding.text_of("code");
    return reason_in(concept_);
}

} // namespace bonewatch::ingest
