#include "ingest/fhir_reference.h"

#include "ingest/identity.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using model::ErrorKind;
using model::fail;
using model::PatientIdentifier;
using model::Result;

bool is_nhs_system(std::string_view system) {
    return system == "https://fhir.nhs.uk/Id/nhs-number" || system == "http://fhir.nhs.uk/Id/nhs-number" ||
           system == "https://fhir.nhs.net/Id/nhs-number" || system == "http://fhir.nhs.net/Id/nhs-number";
}

std::string_view without_history(std::string_view reference) {
    return reference.substr(0, reference.find("/_history/"));
}

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// A valid NHS number of one Identifier; nothing where it is of another system. A wrong one is warned of.
std::optional<PatientIdentifier> strong_identifier(const Json& identifier, std::vector<std::string>& warnings) {
    if (!is_nhs_system(identifier.text_of("system")))
        return std::nullopt;
    std::string plain = plain_nhs_number(identifier.text_of("value"));
    if (is_nhs_number(plain))
        return PatientIdentifier{std::string(nhs_system), std::move(plain)};
    warnings.emplace_back("bad_check_digit: the patient's NHS number is not one that was ever issued; left out");
    return std::nullopt;
}

/// `Patient?identifier=system|value`: a conditional reference names the identifier itself.
Result<PatientIdentifier> conditional(std::string_view reference) {
    constexpr std::string_view marker = "Patient?identifier=";
    const auto token = reference.substr(reference.find(marker) + marker.size());
    const auto bar = token.find('|');
    std::string plain = bar == std::string_view::npos ? std::string() : plain_nhs_number(token.substr(bar + 1));
    if (bar != std::string_view::npos && is_nhs_system(token.substr(0, bar)) && is_nhs_number(plain))
        return PatientIdentifier{std::string(nhs_system), std::move(plain)};
    return fail(ErrorKind::unusable, "unresolved_reference",
                "the subject is a search by an identifier that is not known here", ".reference");
}

Result<PatientIdentifier> unresolved(std::string_view reference) {
    const auto name = type_and_id(reference);
    const bool is_url = reference.starts_with("http://") || reference.starts_with("https://");
    if (is_url && name.starts_with("Patient/"))
        return PatientIdentifier{std::string(resource_system), std::string(without_history(reference))};
    if (name.starts_with("Patient/"))
        return PatientIdentifier{std::string(resource_system), std::string(name.substr(name.find('/') + 1))};
    if (!name.empty())
        return fail(ErrorKind::unusable, "not_a_patient",
                    "the subject is a " + std::string(name.substr(0, name.find('/'))), ".reference");
    return fail(ErrorKind::unusable, "unresolved_reference",
                "the subject '" + std::string(reference.substr(0, 80)) + "' is not in the message", ".reference");
}

} // namespace

void FhirIndex::add(const Json& resource, std::string_view full_url) {
    const auto type = resource.text_of("resourceType");
    const auto id = resource.text_of("id");
    if (!type.empty() && !id.empty())
        by_name_.emplace(std::string(type) + "/" + std::string(id), &resource);
    if (full_url.empty())
        return;
    by_name_.emplace(without_history(full_url), &resource);
    full_urls_.emplace(&resource, without_history(full_url));
}

const Json* FhirIndex::find(std::string_view reference, const Json& holder) const {
    if (reference.starts_with('#')) {
        for (const auto& [key, resource] : holder.items_of("contained"))
            if (resource.text_of("id") == reference.substr(1))
                return &resource;
        return nullptr;
    }
    reference = without_history(reference);
    if (const auto found = by_name_.find(reference); found != by_name_.end())
        return found->second;
    // An absolute reference that is not a fullUrl may be to another server, whose ids mean somebody else.
    return nullptr;
}

std::string_view FhirIndex::full_url_of(const Json& resource) const {
    const auto found = full_urls_.find(&resource);
    return found == full_urls_.end() ? std::string_view{} : std::string_view(found->second);
}

std::string fact_id_of(const Json& resource, std::string_view full_url) {
    const auto id = resource.text_of("id");
    if (id.empty())
        return std::string(full_url);
    return std::string(resource.text_of("resourceType")) + "/" + std::string(id);
}

std::string_view type_and_id(std::string_view reference) {
    reference = without_history(reference);
    const auto stroke = reference.rfind('/');
    if (stroke == std::string_view::npos || stroke == 0 || stroke + 1 == reference.size())
        return {};
    const auto before = reference.rfind('/', stroke - 1);
    const auto from = before == std::string_view::npos ? 0 : before + 1;
    const auto type = reference.substr(from, stroke - from);
    if (type.empty() || type.front() < 'A' || type.front() > 'Z' || !std::ranges::all_of(type, is_letter))
        return {};
    return reference.substr(from);
}

std::vector<PatientIdentifier> identifiers_of(const Json& patient, std::string_view full_url,
                                              std::vector<std::string>& warnings) {
    std::vector<PatientIdentifier> out;
    const auto add = [&](PatientIdentifier identifier) {
        if (std::ranges::find(out, identifier) == out.end())
            out.push_back(std::move(identifier));
    };
    // A number in use names the person before an old one does.
    for (const bool is_old : {false, true})
        for (const auto& [key, identifier] : patient.items_of("identifier"))
            if ((identifier.text_of("use") == "old") == is_old)
                if (auto strong = strong_identifier(identifier, warnings))
                    add(std::move(*strong));
    if (const auto id = patient.text_of("id"); !id.empty())
        add({std::string(resource_system), std::string(id)});
    else if (full_url.starts_with("urn:"))
        add({std::string(resource_system), std::string(full_url)});
    if (full_url.starts_with("http"))
        add({std::string(resource_system), std::string(full_url)});
    return out;
}

Result<PatientIdentifier> patient_of(const Json* subject, const Json& holder, const FhirIndex& index) {
    if (subject == nullptr || !subject->is_object())
        return fail(ErrorKind::unusable, "missing_subject", "it does not say of which patient it is");
    std::vector<std::string> warnings;
    const auto reference = subject->text_of("reference");
    if (const Json* found = reference.empty() ? nullptr : index.find(reference, holder)) {
        const auto type = found->text_of("resourceType");
        if (type != "Patient")
            return fail(ErrorKind::unusable, "not_a_patient", "the subject is a " + std::string(type), ".reference");
        // A contained patient's id means nothing outside of its holder.
        const bool is_contained = reference.starts_with('#');
        const auto all = identifiers_of(*found, index.full_url_of(*found), warnings);
        if (!all.empty() && (!is_contained || all.front().system == nhs_system))
            return all.front();
        return fail(ErrorKind::unusable, "unresolved_reference",
                    "the contained patient has no identifier that is known here", ".reference");
    }
    if (const Json* identifier = subject->find("identifier"))
        if (auto strong = strong_identifier(*identifier, warnings))
            return *strong;
    if (reference.find("Patient?identifier=") != std::string_view::npos)
        return conditional(reference);
    if (!reference.empty())
        return unresolved(reference);
    const bool has_identifier = subject->find("identifier") != nullptr;
    return fail(ErrorKind::unusable, has_identifier ? "unresolved_reference" : "missing_subject",
                has_identifier ? "the subject's identifier is of no system that is known here"
                               : "the subject has neither a reference nor an identifier");
}

} // namespace bonewatch::ingest
