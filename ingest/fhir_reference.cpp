#include "ingest/fhir_reference.h"

#include "ingest/fhir_modifier.h"
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

/// Whether the number was traced in the national register, as far as it is said. UK Core says so in an extension of the
/// Identifier: `01`, in newer releases `number-present-and-verified`; every other code says that it was not.
bool is_verified(const Json& identifier) {
    for (const auto& [key, extension] : identifier.items_of("extension")) {
        if (!extension.text_of("url").ends_with("NHSNumberVerificationStatus"))
            continue;
        const Json* status = extension.find("valueCodeableConcept");
        if (status == nullptr)
            continue;
        for (const auto& [index, coding] : status->items_of("coding"))
            if (const auto code = coding.text_of("code"); !code.empty())
                return code == "01" || code == "number-present-and-verified";
    }
    return true;
}

/// A valid NHS number of one Identifier; nothing where it is of another system. A wrong one is warned of.
std::optional<PatientIdentifier> strong_identifier(const Json& identifier, std::vector<std::string>& warnings) {
    if (!is_nhs_system(identifier.text_of("system")))
        return std::nullopt;
    std::string plain = plain_nhs_number(identifier.text_of("value"));
    if (is_nhs_number(plain) && !is_verified(identifier)) {
        warnings.emplace_back("not_verified: the patient's NHS number is said not to be verified; left out");
        return std::nullopt;
    }
    if (is_nhs_number(plain))
        return PatientIdentifier{std::string(nhs_system), std::move(plain)};
    if (plain.empty())
        return std::nullopt;
    warnings.emplace_back("bad_check_digit: the patient's NHS number is not one that was ever issued; left out");
    return std::nullopt;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// `%7C` as `|`; what is no such escape stays as it is.
std::string without_escapes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape =
            text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        out += is_escape ? static_cast<char>(16 * hex_digit(text[i + 1]) + hex_digit(text[i + 2])) : text[i];
        i += is_escape ? 2 : 0;
    }
    return out;
}

/// `Patient?identifier=system|value`: a conditional reference names the identifier itself.
Result<PatientIdentifier> conditional(std::string_view reference) {
    constexpr std::string_view marker = "Patient?identifier=";
    const std::string token = without_escapes(reference.substr(reference.find(marker) + marker.size()));
    const auto bar = token.find('|');
    std::string plain = bar == std::string::npos ? std::string() : plain_nhs_number(token.substr(bar + 1));
    if (bar != std::string::npos && is_nhs_system(token.substr(0, bar)) && is_nhs_number(plain))
        return PatientIdentifier{std::string(nhs_system), std::move(plain)};
    return fail(ErrorKind::unusable, "unresolved_reference",
                "the subject is a search by an identifier that is not known here", ".reference");
}

bool is_url(std::string_view reference) {
    return reference.starts_with("http://") || reference.starts_with("https://");
}

/// Of a reference to something that is not in the message. `base`: of the server that says so.
Result<PatientIdentifier> unresolved(std::string_view reference, std::string_view base) {
    const auto name = type_and_id(reference);
    const bool is_elsewhere =
        is_url(reference) && (base.empty() || without_history(reference).size() != base.size() + name.size() ||
                              !reference.starts_with(base));
    if (name.starts_with("Patient/") && is_elsewhere)
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

void FhirIndex::add(const Json& resource, std::string_view full_url, const std::string& fact) {
    const std::string url(without_history(full_url));
    const auto type = resource.text_of("resourceType");
    const auto id = resource.text_of("id");
    places_.emplace(&resource, Place{url, fact});
    if (!url.empty()) {
        const auto [at, is_new] = by_url_.emplace(url, &resource);
        const Json* first = at->second;
        const bool is_another = !is_new && first != nullptr &&
                                (first->text_of("resourceType") != type || first->text_of("id") != id || id.empty());
        if (is_another)
            at->second = nullptr;
    }
    if (type == "Patient")
        for (const auto& [key, identifier] : resource.items_of("identifier")) {
            const auto [at, is_new] =
                by_identifier_.emplace(std::pair(identifier.text_of("system"), identifier.text_of("value")), &resource);
            if (!is_new && at->second != nullptr && at->second->text_of("id") != id)
                at->second = nullptr;
        }
    if (type.empty() || id.empty())
        return;
    const std::string name = std::string(type) + "/" + std::string(id);
    const auto [at, is_new] = by_name_.emplace(name, &resource);
    if (!is_new && !base_of(*at->second).empty() && !base_of(resource).empty() &&
        base_of(*at->second) != base_of(resource))
        ambiguous_.insert(name);
}

const Json* FhirIndex::find(std::string_view reference, const Json& holder) const {
    if (reference.starts_with('#')) {
        for (const auto& [key, resource] : holder.items_of("contained"))
            if (resource.text_of("id") == reference.substr(1))
                return &resource;
        return nullptr;
    }
    reference = without_history(reference);
    if (const auto found = by_url_.find(reference); found != by_url_.end())
        return found->second;
    // An absolute reference that is not a fullUrl may be to another server, whose ids mean somebody else.
    if (reference.empty() || type_and_id(reference).size() != reference.size())
        return nullptr;
    const auto base = base_of(holder);
    if (!base.empty())
        if (const auto found = by_url_.find(std::string(base) + std::string(reference)); found != by_url_.end())
            return found->second;
    const auto found = by_name_.find(reference);
    const bool is_found =
        found != by_name_.end() && (base.empty() || base_of(*found->second).empty() || base == base_of(*found->second));
    return is_found ? found->second : nullptr;
}

const Json* FhirIndex::patient_with(const Json& identifier) const {
    const auto system = identifier.text_of("system");
    const auto value = identifier.text_of("value");
    if (system.empty() || value.empty())
        return nullptr;
    const auto found = by_identifier_.find(std::pair(system, value));
    return found == by_identifier_.end() ? nullptr : found->second;
}

std::string_view FhirIndex::full_url_of(const Json& resource) const {
    const auto found = places_.find(&resource);
    return found == places_.end() ? std::string_view{} : std::string_view(found->second.full_url);
}

std::string_view FhirIndex::fact_of(const Json& resource) const {
    const auto found = places_.find(&resource);
    return found == places_.end() ? std::string_view{} : std::string_view(found->second.fact);
}

std::string_view FhirIndex::base_of(const Json& resource) const {
    const auto url = full_url_of(resource);
    const auto name = type_and_id(url);
    return is_url(url) && !name.empty() ? url.substr(0, url.size() - name.size()) : std::string_view{};
}

std::string_view type_and_id(std::string_view reference) {
    reference = without_history(reference);
    const auto stroke = reference.rfind('/');
    if (stroke == std::string_view::npos || stroke == 0 || stroke + 1 == reference.size())
        return {};
    const auto before = reference.rfind('/', stroke - 1);
    const auto from = before == std::string_view::npos ? 0 : before + 1;
    const auto type = reference.substr(from, stroke - from);
    // What follows an id is no part of it, and would make another one of it.
    const bool is_followed = reference.substr(stroke).find_first_of("?#| \t") != std::string_view::npos;
    if (type.empty() || type.front() < 'A' || type.front() > 'Z' || !std::ranges::all_of(type, is_letter) ||
        is_followed)
        return {};
    return reference.substr(from);
}

std::vector<PatientIdentifier> identifiers_of(const Json& patient, const FhirIndex& index,
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
    if (auto record = record_of(patient, index))
        add(std::move(*record));
    if (const auto full_url = index.full_url_of(patient); is_url(full_url))
        add({std::string(resource_system), std::string(full_url)});
    return out;
}

bool has_two_numbers(const Json& patient) {
    std::vector<std::string> warnings;
    std::optional<PatientIdentifier> first;
    for (const auto& [key, identifier] : patient.items_of("identifier")) {
        const auto strong = identifier.text_of("use") == "old" ? std::nullopt : strong_identifier(identifier, warnings);
        if (strong && first && *strong != *first)
            return true;
        if (strong)
            first = strong;
    }
    return false;
}

std::optional<PatientIdentifier> record_of(const Json& patient, const FhirIndex& index) {
    const auto id = patient.text_of("id");
    if (!id.empty())
        return PatientIdentifier{std::string(resource_system), std::string(id)};
    const auto full_url = index.full_url_of(patient);
    if (full_url.empty())
        return std::nullopt;
    return PatientIdentifier{std::string(resource_system), std::string(full_url)};
}

namespace {

/// A Patient resource of the message, or one contained in a resource, as whom a reference to it names.
Result<PatientIdentifier> resolved(const Json& found, bool is_contained, const FhirIndex& index) {
    const auto type = found.text_of("resourceType");
    if (type != "Patient")
        return fail(ErrorKind::unusable, "not_a_patient", "the subject is a " + std::string(type), ".reference");
    if (find_modifier(found, {}))
        return fail(ErrorKind::unusable, "modifier_extension",
                    "the Patient that it names has an extension that is not understood and may change who it is",
                    ".reference");
    if (has_two_numbers(found))
        return fail(ErrorKind::unusable, "identity_conflict", "the Patient that it names has two NHS numbers in use",
                    ".reference");
    std::vector<std::string> warnings;
    const auto all = identifiers_of(found, index, warnings);
    // A contained patient's id means nothing outside of its holder.
    if (all.empty() || (is_contained && all.front().system != nhs_system))
        return fail(ErrorKind::unusable, "unresolved_reference",
                    "the contained patient has no identifier that is known here", ".reference");
    if (all.front().system != nhs_system && index.is_ambiguous("Patient/" + std::string(found.text_of("id"))))
        return fail(ErrorKind::unusable, "ambiguous_id",
                    "two servers' Patients of the message have that id; publish each server's under a name of its own",
                    ".reference");
    return all.front();
}

/// Whether the reference says another NHS number beside the Patient than any of the Patient's own.
bool is_contradicted(const Json& subject, const Json& found, const PatientIdentifier& named, const FhirIndex& index) {
    std::vector<std::string> warnings;
    const Json* identifier = subject.find("identifier");
    const auto strong = identifier == nullptr ? std::nullopt : strong_identifier(*identifier, warnings);
    if (!strong || named.system != nhs_system || *strong == named)
        return false;
    const auto all = identifiers_of(found, index, warnings);
    return std::ranges::find(all, *strong) == all.end();
}

} // namespace

Result<PatientIdentifier> FhirIndex::person_of(const Json& patient) const {
    const auto known = persons_.find(&patient);
    return known != persons_.end() ? known->second
                                   : persons_.emplace(&patient, resolved(patient, false, *this)).first->second;
}

Result<PatientIdentifier> patient_of(const Json* subject, const Json& holder, const FhirIndex& index) {
    if (subject == nullptr || !subject->is_object())
        return fail(ErrorKind::unusable, "missing_subject", "it does not say of which patient it is");
    const auto type = subject->text_of("type");
    if (!type.empty() && type != "Patient" && !type.ends_with("/Patient"))
        return fail(ErrorKind::unusable, "not_a_patient", "the subject is a " + std::string(type.substr(0, 80)),
                    ".type");
    const auto reference = subject->text_of("reference");
    if (const Json* found = reference.empty() ? nullptr : index.find(reference, holder)) {
        auto named = reference.starts_with('#') ? resolved(*found, true, index) : index.person_of(*found);
        if (named && is_contradicted(*subject, *found, *named, index))
            return fail(ErrorKind::unusable, "identity_conflict",
                        "the subject's identifier is another person's NHS number than the Patient's that it refers to",
                        ".identifier");
        return named;
    }
    std::vector<std::string> warnings;
    const Json* identifier = subject->find("identifier");
    if (identifier != nullptr)
        if (auto strong = strong_identifier(*identifier, warnings))
            return *strong;
    if (reference.find("Patient?identifier=") != std::string_view::npos)
        return conditional(reference);
    if (!reference.empty())
        return unresolved(reference, index.base_of(holder));
    if (const Json* found = identifier == nullptr ? nullptr : index.patient_with(*identifier))
        return index.person_of(*found);
    if (identifier != nullptr)
        return fail(ErrorKind::unusable, "unresolved_reference",
                    "the subject's identifier is no NHS number, and no one Patient of the message has it",
                    ".identifier");
    if (const auto reason = absent_reason(*subject, "reference"); !reason.empty())
        return fail(ErrorKind::unusable, "missing_subject",
                    "it does not say of which patient it is: '" + std::string(reason) + "'");
    return fail(ErrorKind::unusable, "missing_subject", "the subject has neither a reference nor an identifier");
}

Result<PatientIdentifier> linked_record(const Json& other, const Json& holder, const FhirIndex& index) {
    const auto reference = other.text_of("reference");
    const Json* found = reference.empty() ? nullptr : index.find(reference, holder);
    const bool is_patient = found != nullptr && found->text_of("resourceType") == "Patient";
    if (is_patient && !reference.starts_with('#') &&
        !index.is_ambiguous("Patient/" + std::string(found->text_of("id"))))
        if (auto record = record_of(*found, index))
            return *record;
    return patient_of(&other, holder, index);
}

} // namespace bonewatch::ingest
