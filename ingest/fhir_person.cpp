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

/// That somebody has died, without a date: from the day on which it was said, as far as that is stated. Whoever was
/// dead then is dead after it.
void read_death(const FhirResource& resource, PatientEvent& person, Event& event, Warnings& warnings) {
    const Json* deceased = resource.json.find("deceasedBoolean");
    if (deceased == nullptr || deceased->text != "true")
        return;
    event.attributes.emplace("deceased", "true");
    const Json* meta = resource.json.find("meta");
    const auto said = model::parse_instant(meta == nullptr ? std::string_view{} : meta->text_of("lastUpdated"));
    const auto day = said ? std::optional(model::on_date(model::date_of(*said))) : std::nullopt;
    const bool may_be =
        day && !refuse_life_time(*day, resource.message.received) && !(person.born && is_before(*day, *person.born));
    if (!may_be) {
        warnings.emplace_back("death_date_unknown: the patient is said to have died, but not when");
        return;
    }
    person.died = day;
    warnings.emplace_back("death_date_assumed: the patient is said to have died, but not when; counted from "
                          "meta.lastUpdated, the day on which it was said");
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
    auto identifiers = identifiers_of(resource.json, resource.index, warnings);
    if (identifiers.empty())
        return unusable(resource, "id", "missing_id", "a Patient needs an id or an identifier that is known here");
    if (has_two_numbers(resource.json))
        return unusable(resource, "identifier", "identity_conflict",
                        "it has two NHS numbers in use; of one that was replaced, 'use' is 'old'");
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
    read_death(resource, person, event, warnings);
    if (const Json* active = resource.json.find("active"); active != nullptr && active->text == "false")
        warnings.emplace_back(
            "inactive: the record is said not to be in use any more; it names the patient all the same");
    person.identifiers.assign(identifiers.begin() + 1, identifiers.end());
    std::ranges::sort(person.identifiers);
    event.body = std::move(person);
    return event;
}

/// All that a Patient resource says of its links has this in its facts' ids: `Patient/OLD#link#replaced-by`,
/// `Patient/NEW#link#replaces-Patient:OLD`. Each of two records says it for itself, in versions of its own.
constexpr std::string_view link_part = "#link";

/// The merge that one link says; nothing where it says none.
std::optional<Result<Event>> merge_of(const FhirResource& resource, const Json& link, const std::string& place) {
    const auto type = link.text_of("type");
    const Json* other = link.find("other");
    const bool is_old = type == "replaced-by";
    if (!is_old && type != "replaces")
        return std::nullopt;
    if (other == nullptr)
        return unusable(resource, place + ".other", "missing_field", "a link names the other record");
    auto linked = linked_record(*other, resource.json, resource.index);
    if (!linked) {
        linked.error().place = resource.path + "." + place + ".other" + linked.error().place;
        return std::unexpected(std::move(linked.error()));
    }
    const auto own = record_of(resource.json, resource.index);
    if (!own)
        return unusable(resource, "id", "missing_id", "a record that is linked to another one needs an id");
    if (*own == *linked)
        return unusable(resource, place + ".other", "bad_patient", "a record cannot replace itself");
    Event event;
    event.key = {resource.message.publisher.id,
                 model::FactId(resource.id + std::string(link_part) +
                               (is_old ? "#replaced-by" : "#replaces-" + model::to_text(*linked)))};
    event.version = version_of(resource.json);
    event.patient = is_old ? *linked : *own;
    const Json* meta = resource.json.find("meta");
    if (const auto at = model::parse_instant(meta == nullptr ? std::string_view{} : meta->text_of("lastUpdated")))
        event.at = model::at_utc(*at);
    event.body = model::MergeEvent{is_old ? *own : *linked};
    return event;
}

/// The merges that the record says, and that older versions of it said and this one does not: those are undone, where
/// anybody has them. Only a stated version tells which is older.
void add_links(const FhirResource& resource, std::vector<Decoded>& out) {
    const auto& links = resource.json.items_of("link");
    for (std::size_t i = 0; i < links.size(); ++i)
        if (auto merge = merge_of(resource, links[i].value, "link[" + std::to_string(i) + "]")) {
            const auto type = links[i].value.text_of("type");
            if (*merge)
                out.push_back(outcome(resource, type, std::move(**merge)));
            else
                out.push_back(outcome(resource, type, std::move(merge->error())));
        }
    model::Version before = version_of(resource.json);
    if (before == model::Version{{1}} || resource.id.empty())
        return;
    --before.parts.back();
    Event event;
    event.key = {resource.message.publisher.id, model::FactId(resource.id + std::string(link_part) + "#not_linked")};
    event.version = version_of(resource.json);
    event.body = model::RetractionEvent{model::FactId(resource.id + std::string(link_part)), before};
    Decoded undone = not_used(resource, "(other links)", "not_linked", "it replaces no other record");
    undone.overtaking = Overtaking{std::move(event), false, true};
    undone.reaches_parts = true;
    out.push_back(std::move(undone));
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
    add_links(resource, out);
    return out;
}

} // namespace bonewatch::ingest
