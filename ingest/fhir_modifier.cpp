#include "ingest/fhir_modifier.h"

namespace bonewatch::ingest {

std::optional<std::string> find_modifier(const Json& value, const std::string& path) {
    for (std::size_t i = 0; i < value.members.size(); ++i) {
        const auto& [key, inner] = value.members[i];
        if (key == "modifierExtension" || key == "implicitRules")
            return path + "." + std::string(key);
        if (key == "contained" || inner.members.empty())
            continue;
        if (auto found = find_modifier(inner, value.is_array() ? path + "[" + std::to_string(i) + "]"
                                                               : path + "." + std::string(key)))
            return found;
    }
    return std::nullopt;
}

namespace {

std::string_view reason_in(const Json* element) {
    if (element == nullptr)
        return {};
    for (const auto& [key, extension] : element->items_of("extension"))
        if (extension.text_of("url") == "http://hl7.org/fhir/StructureDefinition/data-absent-reason")
            return extension.text_of("valueCode");
    return {};
}

} // namespace

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
