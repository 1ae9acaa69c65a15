#include "ingest/fhir_element.h"

#include "ingest/codes.h"
#include "ingest/fhir_modifier.h"
#include "ingest/native_fields.h"
#include "ingest/value_text.h"

#include <algorithm>
#include <array>

namespace bonewatch::ingest {

using model::ClinicalTime;
using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::fail;
using model::Result;
using model::Version;

std::unexpected<Error> unusable(const FhirResource& resource, std::string_view element, std::string reason,
                                std::string message) {
    return fail(ErrorKind::unusable, std::move(reason), std::move(message),
                element.empty() ? resource.path : resource.path + "." + std::string(element));
}

namespace {

/// A member of the resource, or of what contains it: a contained Observation may leave patient and time to its report.
const Json* find_inherited(const FhirResource& resource, std::string_view element) {
    const Json* own = resource.json.find(element);
    return own != nullptr ? own : resource.holder.find(element);
}

/// What a resource that cannot be used was to be. `what`: the vocabulary's id, where it has one.
Meant meant_by(const FhirResource& resource, std::string_view what) {
    Meant meant;
    if (auto patient = patient_of(find_inherited(resource, "subject"), resource.holder, resource.index))
        meant.patient = std::move(*patient);
    if (model::CodeId code{std::string(what)}; kind_of(resource.message.vocabulary, code))
        meant.code = std::move(code);
    Warnings unheard;
    if (const auto at = read_element_time(resource,
                                          {"effectiveDateTime", "effectiveInstant", "effectivePeriod", "authoredOn",
                                           "whenHandedOver", "whenPrepared", "onsetDateTime", "onsetPeriod",
                                           "performedDateTime", "performedPeriod"},
                                          unheard))
        meant.at = *at;
    return meant;
}

} // namespace

Decoded outcome(const FhirResource& resource, std::string_view what, std::variant<Event, Error> content,
                Warnings warnings) {
    std::string kind(resource.type);
    if (!what.empty())
        kind.append(" ").append(what);
    Decoded decoded{std::move(content), std::move(warnings), std::move(kind), std::string(resource.json.text),
                    std::nullopt};
    if (const auto* error = std::get_if<Error>(&decoded.outcome);
        error != nullptr && error->kind == ErrorKind::unusable)
        decoded.meant = meant_by(resource, what);
    return decoded;
}

Decoded not_used(const FhirResource& resource, std::string_view what, std::string reason, std::string message) {
    return outcome(resource, what, Error{ErrorKind::not_used, std::move(reason), std::move(message), resource.path});
}

Version version_of(const Json& resource) {
    const Json* meta = resource.find("meta");
    const auto milliseconds = [](std::string_view text) -> std::optional<std::int64_t> {
        const auto instant = model::parse_instant(text);
        if (!instant)
            return std::nullopt;
        return instant->time_since_epoch().count();
    };
    std::int64_t number = 0;
    if (meta != nullptr)
        if (const Json* version = meta->find("versionId"))
            number = whole_number(*version).value_or(0);
    if (meta != nullptr)
        if (const auto updated = milliseconds(meta->text_of("lastUpdated")))
            return {{*updated, number}};
    if (number != 0)
        return {{0, number}};
    if (const auto issued = milliseconds(resource.text_of("issued")))
        return {{*issued, 0}};
    return {{1}};
}

Result<Event> event_of(const FhirResource& resource, std::string_view subject_element) {
    if (resource.id.empty())
        return unusable(resource, "id", "missing_id", "a resource needs an id, so that later versions of it are known");
    auto patient = patient_of(find_inherited(resource, subject_element), resource.holder, resource.index);
    if (!patient) {
        patient.error().place = resource.path + "." + std::string(subject_element) + patient.error().place;
        return std::unexpected(std::move(patient.error()));
    }
    Event event;
    event.key = {resource.message.publisher.id, FactId(resource.id)};
    event.version = version_of(resource.holder);
    event.patient = std::move(*patient);
    return event;
}

namespace {

/// A retraction of the fact by the resource, of no version yet. `of`: its patient; empty where it names none.
Event bare_retraction(const FhirResource& resource, const std::string& fact, std::string_view why,
                      model::PatientIdentifier of) {
    Event event;
    event.key = {resource.message.publisher.id, FactId(fact + "#" + std::string(why))};
    event.version = version_of(resource.holder);
    event.patient = std::move(of);
    const Json* meta = resource.holder.find("meta");
    if (const auto at = model::parse_instant(meta == nullptr ? std::string_view{} : meta->text_of("lastUpdated")))
        event.at = model::at_utc(*at);
    event.body = model::RetractionEvent{FactId(fact), std::nullopt};
    return event;
}

bool is_versioned(const Event& event) {
    return event.version != Version{{1}};
}

} // namespace

Decoded retraction_of(const FhirResource& resource, std::string_view what, const std::string& fact) {
    auto named = event_of(resource);
    // What was never true of anybody need not say of whom: it concerns whomever the fact named.
    if (!named && named.error().reason != "missing_subject")
        return outcome(resource, what, std::move(named.error()));
    Event event =
        bare_retraction(resource, fact, "entered-in-error", named ? named->patient : model::PatientIdentifier{});
    if (is_versioned(event))
        std::get<model::RetractionEvent>(event.body).of_version = event.version;
    return outcome(resource, what, std::move(event));
}

Decoded retraction_of_unwatched(const FhirResource& resource, Decoded unwatched) {
    Decoded retraction = retraction_of(resource, {}, resource.id);
    retraction.kind = unwatched.kind;
    auto* event = std::get_if<Event>(&retraction.outcome);
    const auto* error = std::get_if<Error>(&unwatched.outcome);
    if (event == nullptr || error == nullptr || error->kind != ErrorKind::not_used)
        return retraction;
    const bool is_stated = is_versioned(*event);
    unwatched.overtaking = Overtaking{std::move(*event), true, is_stated};
    return unwatched;
}

Decoded overtaking(const FhirResource& resource, Decoded decoded, const std::string& fact, Says says) {
    const auto* error = std::get_if<Error>(&decoded.outcome);
    if (error == nullptr || resource.id.empty())
        return decoded;
    const auto named = event_of(resource);
    Event event = bare_retraction(resource, fact, error->reason, named ? named->patient : model::PatientIdentifier{});
    const bool is_stated = is_versioned(event);
    // Of two that state no version nobody knows which came first; but what is not yet so comes before what is, and
    // what could not be used is sent again under the same version.
    if (!is_stated && (says == Says::not_yet || says == Says::cannot_be_used))
        return decoded;
    if (!is_stated || says == Says::cannot_be_used)
        event.attributes.emplace(model::doubt_attribute, error->reason);
    std::get<model::RetractionEvent>(event.body).of_version =
        is_stated ? event.version : model::just_above(event.version);
    decoded.overtaking = Overtaking{std::move(event), says == Says::not_so || says == Says::not_yet, is_stated};
    return decoded;
}

void refuse_modified(const FhirResource& resource, const std::string& around, std::vector<Decoded>& all) {
    const auto event_in = [](const Decoded& each) -> const Event* {
        if (const auto* event = std::get_if<Event>(&each.outcome))
            return event;
        return each.overtaking && each.overtaking->is_remembered ? &each.overtaking->event : nullptr;
    };
    const bool is_any_event = std::ranges::any_of(all, [&](const Decoded& each) { return event_in(each) != nullptr; });
    if (!is_any_event)
        return;
    const auto modifier = around.empty() ? find_modifier(resource.json, resource.path) : std::optional(around);
    if (!modifier)
        return;
    for (Decoded& each : all) {
        const Event* event = event_in(each);
        if (event == nullptr)
            continue;
        const std::string fact = model::fact_of(*event).id.text;
        const model::CodeId* code = model::code_of(*event);
        each.meant = meant_by(resource, code == nullptr ? std::string_view() : std::string_view(code->text));
        each.outcome = Error{ErrorKind::unusable, "modifier_extension",
                             "an extension that is not understood may change the meaning", *modifier};
        each.overtaking.reset();
        each.reaches_parts = false;
        each.origins.clear();
        if (resource.type != "Patient")
            each = overtaking(resource, std::move(each), fact, Says::cannot_be_used);
    }
}

ConceptMeaning meaning_of(const MessageContext& message, const Json* concept_) {
    ConceptMeaning out;
    if (concept_ == nullptr)
        return out;
    for (const auto& [key, coding] : concept_->items_of("coding")) {
        const auto system = coding.text_of("system");
        const auto code = coding.text_of("code");
        const auto* meaning = code.empty() ? nullptr : message.meaning(system, code);
        if (meaning == nullptr)
            continue;
        if (out.meaning == nullptr) {
            out.meaning = meaning;
            out.code = code;
        }
        const bool is_one_thing = meaning->kind == config::CodeKind::analyte || meaning->kind == config::CodeKind::drug;
        if (is_one_thing && meaning->id != out.meaning->id)
            out.is_contradictory = true;
    }
    return out;
}

std::optional<Error> slip_in(const FhirResource& resource, const Json* concept_, std::string_view element) {
    if (concept_ == nullptr)
        return std::nullopt;
    const auto& codings = concept_->items_of("coding");
    for (std::size_t i = 0; i < codings.size(); ++i) {
        const auto code = codings[i].value.text_of("code");
        if (resource.message.vocabulary.is_slip(codings[i].value.text_of("system"), code))
            return Error{ErrorKind::unusable, "bad_code", bad_code_text(code),
                         resource.path + "." + std::string(element) + ".coding[" + std::to_string(i) + "].code"};
    }
    return std::nullopt;
}

std::string concept_name(const Json* concept_) {
    if (concept_ == nullptr)
        return "without a code";
    for (const auto& [key, coding] : concept_->items_of("coding"))
        if (!coding.text_of("code").empty())
            return std::string(coding.text_of("system").substr(0, 120)) + "|" +
                   std::string(coding.text_of("code").substr(0, 60));
    const auto text = concept_text(concept_);
    return text.empty() ? "without a code" : "'" + std::string(text.substr(0, 80)) + "'";
}

std::string_view concept_text(const Json* concept_) {
    if (concept_ == nullptr)
        return {};
    if (const auto text = concept_->text_of("text"); !text.empty())
        return text;
    for (const auto& [key, coding] : concept_->items_of("coding"))
        if (const auto display = coding.text_of("display"); !display.empty())
            return display;
    return {};
}

std::string concept_as_sent(const Json* concept_) {
    const auto words = concept_text(concept_);
    const std::string name = concept_name(concept_);
    return words.empty() || name.starts_with('\'') ? name : name + " '" + std::string(words.substr(0, 80)) + "'";
}

Decoded unknown_code(const FhirResource& resource, const Json* code) {
    if (auto slip = slip_in(resource, code, "code"))
        return overtaking(resource, outcome(resource, concept_name(code), std::move(*slip)), resource.id,
                          Says::cannot_be_used);
    // What it is may be what it was: an older version is in doubt, not gone.
    if (const auto reason = masked_code(code); !reason.empty())
        return overtaking(resource,
                          not_used(resource, "(" + std::string(reason) + ")", "masked",
                                   "its code is withheld: '" + std::string(reason) + "'"),
                          resource.id, Says::cannot_be_used);
    return overtaking(resource,
                      outcome(resource, concept_name(code),
                              Error{ErrorKind::not_used, "unknown_code", "its code concerns nothing that is watched",
                                    resource.path, concept_as_sent(code)}),
                      resource.id, Says::not_watched);
}

std::string_view concept_code(const Json* concept_) {
    if (concept_ == nullptr)
        return {};
    for (const auto& [key, coding] : concept_->items_of("coding"))
        if (const auto code = coding.text_of("code"); !code.empty())
            return code;
    return {};
}

namespace {

Result<ClinicalTime> read_one_time(const FhirResource& resource, std::string_view element, const Json& value,
                                   bool is_end, Warnings& warnings) {
    const auto refuse = [&](Error error) -> std::unexpected<Error> {
        error.place = resource.path + "." + std::string(element);
        return std::unexpected(std::move(error));
    };
    const auto& zone = resource.message.zone;
    if (!zone)
        return refuse(zone.error());
    if (!value.is_string())
        return refuse({ErrorKind::unusable, "bad_time", "a time is a text", {}});
    auto time = read_time(value.text, *zone, warnings);
    if (!time)
        return refuse(std::move(time.error()));
    // What ends far ahead has begun all the same.
    if (auto refused = refuse_time(*time, is_end ? std::nullopt : resource.message.received))
        return refuse(std::move(*refused));
    return time;
}

} // namespace

Result<std::optional<ClinicalTime>>
read_element_time(const FhirResource& resource, std::initializer_list<std::string_view> elements, Warnings& warnings) {
    for (const auto element : elements) {
        const Json* value = find_inherited(resource, element);
        if (value == nullptr)
            continue;
        const Json* start = value->is_object() ? value->find("start") : value;
        if (start == nullptr)
            continue;
        auto time = read_one_time(resource, element, *start, element == "end", warnings);
        if (!time)
            return std::unexpected(std::move(time.error()));
        const Json* end = value->is_object() ? value->find("end") : nullptr;
        if (end == nullptr)
            return *time;
        const auto last = read_one_time(resource, element, *end, true, warnings);
        if (!last)
            return std::unexpected(last.error());
        if (is_before(*last, *time))
            return unusable(resource, element, "bad_time", "the period ends before it starts");
        time->date_last = last->date_last;
        if (time->is_partial())
            time->clock = std::nullopt;
        return *time;
    }
    return std::nullopt;
}

Result<ClinicalTime> read_time_at(const FhirResource& resource, std::string_view element, const Json& value,
                                  Warnings& warnings) {
    return read_one_time(resource, element, value, false, warnings);
}

Result<std::optional<FhirQuantity>> read_quantity(const Json* quantity, Warnings& warnings) {
    const Json* value = quantity == nullptr ? nullptr : quantity->find("value");
    if (value == nullptr)
        return std::nullopt;
    auto number = value->is_number() ? read_number(value->text)
                                     : fail(ErrorKind::malformed, "bad_number", "a quantity's value is a number");
    if (!number) {
        number.error().kind = ErrorKind::unusable;
        number.error().place = ".value";
        return std::unexpected(std::move(number.error()));
    }
    if (number->is_rounded)
        warnings.emplace_back("rounded: a number has more digits than anyone measures; 9 are kept");
    return FhirQuantity{number->value, quantity->text_of("comparator"), quantity->text_of("unit"),
                        quantity->text_of("code")};
}

} // namespace bonewatch::ingest
