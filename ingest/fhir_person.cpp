#include "ingest/fhir_person.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using model::Event;
using model::PatientEvent;
using model::Result;
using model::Sex;

Sex sex_of(std::string_view gender) {
    if (gender == "female")
        return Sex::female;
    if (gender == "male")
        return Sex::male;
    return gender == "other" ? Sex::other : Sex::unknown;
}

/// The practice: the identifier's value of the first general practitioner, else what it refers to.
std::string practice_of(const Json& patient) {
    for (const auto& [key, practitioner] : patient.items_of("generalPractitioner")) {
        const Json* identifier = practitioner.find("identifier");
        if (identifier != nullptr && !identifier->text_of("value").empty())
            return std::string(identifier->text_of("value").substr(0, 128));
        const auto reference = type_and_id(practitioner.text_of("reference"));
        if (!reference.empty())
            return std::string(reference.substr(0, 128));
    }
    return {};
}

void read_death(const FhirResource& resource, Event& event, Warnings& warnings) {
    const Json* deceased = resource.json.find("deceasedBoolean");
    if (deceased == nullptr || deceased->text != "true")
        return;
    event.attributes.emplace("deceased", "true");
    warnings.emplace_back("death_date_unknown: the patient is said to have died, but not when");
}

Result<std::optional<model::ClinicalTime>> read_life_time(const FhirResource& resource, std::string_view element,
                                                          Warnings& warnings) {
    auto time = read_element_time(resource, {element}, warnings);
    if (time && *time)
        if (const auto refused = refuse_life_time(**time, resource.message.received))
            return unusable(resource, element, refused->reason, refused->message);
    return time;
}

Result<Event> read_patient(const FhirResource& resource, Warnings& warnings) {
    auto identifiers = identifiers_of(resource.json, resource.index.full_url_of(resource.json), warnings);
    if (identifiers.empty())
        return unusable(resource, "id", "missing_id", "a Patient needs an id or an identifier that is known here");
    PatientEvent person;
    person.sex = sex_of(resource.json.text_of("gender"));
    auto born = read_life_time(resource, "birthDate", warnings);
    if (!born)
        return std::unexpected(std::move(born.error()));
    person.born = *born;
    auto died = read_life_time(resource, "deceasedDateTime", warnings);
    if (!died)
        return std::unexpected(std::move(died.error()));
    person.died = *died;
    if (person.born && person.died && is_before(*person.died, *person.born))
        return unusable(resource, "deceasedDateTime", "bad_time", "the patient died before being born");
    person.practice = practice_of(resource.json);

    Event event;
    event.patient = identifiers.front();
    event.key = {resource.message.publisher.id, model::FactId(model::to_text(event.patient))};
    event.version = version_of(resource.json);
    read_death(resource, event, warnings);
    if (!resource.json.items_of("link").empty())
        warnings.emplace_back("link_not_followed: links between Patient resources are not acted on yet");
    person.identifiers.assign(identifiers.begin() + 1, identifiers.end());
    std::ranges::sort(person.identifiers);
    event.body = std::move(person);
    return event;
}

} // namespace

std::vector<Decoded> decode_patient(const FhirResource& resource) {
    std::vector<Decoded> out;
    Warnings warnings;
    auto event = read_patient(resource, warnings);
    if (event)
        out.push_back(outcome(resource, {}, std::move(*event), std::move(warnings)));
    else
        out.push_back(outcome(resource, {}, std::move(event.error()), std::move(warnings)));
    return out;
}

} // namespace bonewatch::ingest
