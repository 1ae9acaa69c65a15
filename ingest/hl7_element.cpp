#include "ingest/hl7_element.h"

#include "ingest/codes.h"
#include "ingest/hl7_code.h"
#include "ingest/identity.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace bonewatch::ingest {

using model::ClinicalTime;
using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::PatientIdentifier;
using model::Result;
using model::Version;

std::string hl7_place(const Hl7Context& context, const Hl7Segment& segment, std::size_t field, std::size_t repetition,
                      std::size_t component) {
    return context.place_prefix + hl7_place(segment, field, repetition, component);
}

std::unexpected<Error> hl7_unusable(std::string place, std::string reason, std::string message) {
    return model::fail(ErrorKind::unusable, std::move(reason), std::move(message), std::move(place));
}

Decoded hl7_outcome(const Hl7Context& context, std::initializer_list<const Hl7Segment*> segments,
                    std::span<const Hl7Segment> more, std::string kind, std::variant<Event, Error> content,
                    Warnings warnings) {
    Decoded decoded{std::move(content), std::move(warnings), std::move(kind), {}, std::nullopt};
    decoded.warnings.insert(decoded.warnings.end(), context.message.warnings().begin(),
                            context.message.warnings().end());
    if (context.context.publisher.is_file && context.sent)
        decoded.recorded = model::Instant(std::chrono::milliseconds(*context.sent));
    if (const auto* error = std::get_if<Error>(&decoded.outcome);
        error != nullptr && error->kind == ErrorKind::not_used)
        return decoded;
    std::size_t size = context.message.msh().bytes().size();
    for (const Hl7Segment* segment : segments)
        size += segment == nullptr ? 0 : segment->bytes().size() + 1;
    for (const Hl7Segment& segment : more)
        size += segment.bytes().size() + 1;
    decoded.raw.reserve(size + 1);
    decoded.raw += context.message.msh().bytes();
    const auto add = [&](const Hl7Segment& segment) { decoded.raw.append("\r").append(segment.bytes()); };
    for (const Hl7Segment* segment : segments)
        if (segment != nullptr)
            add(*segment);
    for (const Hl7Segment& segment : more)
        add(segment);
    return decoded;
}

Decoded hl7_outcome(const Hl7Context& context, std::initializer_list<const Hl7Segment*> segments, std::string kind,
                    std::variant<Event, Error> content, Warnings warnings) {
    return hl7_outcome(context, segments, {}, std::move(kind), std::move(content), std::move(warnings));
}

void hl7_origin(const Hl7Context& context, std::vector<Origin>& origins, std::string field, std::string place,
                const Hl7Text& text, std::string made) {
    if (context.context.is_explained && text.has_value())
        origins.push_back({std::move(field), std::move(place), text.text(), std::move(made)});
}

namespace {

/// As the type of an identifier, and as the authority that gave it; the longer ones are one vendor's.
constexpr std::array<std::string_view, 3> nhs_types{"NH", "NHSNMBR", "NHSNBR"};
constexpr std::array<std::string_view, 5> nhs_authorities{nhs_system, "NHSNBR", "NHSNMBR", "2.16.840.1.113883.2.1.4.1",
                                                          "https://fhir.nhs.uk/Id/nhs-number"};

bool is_one_of(std::span<const std::string_view> words, const Hl7Text& text) {
    return std::ranges::any_of(words, [&](std::string_view word) { return text.is(word); });
}

/// The name of an authority: its namespace, else its universal id.
Hl7Text authority_of(const Hl7Text& hierarchic) {
    const Hl7Text name = hierarchic.subcomponent(1);
    return name.has_value() ? name : hierarchic.subcomponent(2);
}

bool is_nhs(const Hl7Text& cx) {
    for (const std::size_t part : {4, 6})
        for (const std::size_t name : {1, 2})
            if (is_one_of(nhs_authorities, cx.component(part).subcomponent(name)))
                return true;
    return is_one_of(nhs_types, cx.component(5));
}

/// The numbers of a stay or an account are no person's.
bool is_no_person(const Hl7Text& cx) {
    constexpr std::array<std::string_view, 2> types{"AN", "VN"};
    return is_one_of(types, cx.component(5));
}

std::string system_of(const Hl7Text& cx) {
    if (is_nhs(cx))
        return std::string(nhs_system);
    for (const std::size_t part : {4, 6})
        if (const Hl7Text authority = authority_of(cx.component(part)); authority.has_value())
            return authority.text();
    return cx.component(5).has_value() ? cx.component(5).text() : "pid";
}

} // namespace

Hl7Identifiers hl7_identifiers(const Hl7Text& field, Warnings& warnings) {
    Hl7Identifiers out;
    std::size_t i = 0;
    for (const Hl7Text& cx : field.repetitions()) {
        ++i;
        if (!cx.component(1).has_value() || is_no_person(cx))
            continue;
        auto identifier = identify(system_of(cx), cx.component(1).text());
        if (!identifier) {
            warnings.push_back((is_nhs(cx) ? "bad_check_digit: '" : "bad_identifier: '") +
                               cx.component(1).text().substr(0, 40) + "' is left out: " + identifier.error().message);
            continue;
        }
        if (std::ranges::find(out.all, *identifier) != out.all.end())
            continue;
        const auto at = identifier->system == nhs_system
                            ? std::ranges::find_if(out.all, [](const auto& each) { return each.system != nhs_system; })
                            : out.all.end();
        out.repetitions.insert(out.repetitions.begin() + (at - out.all.begin()), i);
        out.all.insert(at, std::move(*identifier));
    }
    return out;
}

Hl7Person hl7_person(const Hl7Context& context, const Hl7Segment* pid) {
    Hl7Person person{.pid = pid, .named = {}, .place = {}, .text = {}, .others = {}, .warnings = {}};
    if (pid == nullptr) {
        person.place = context.place_prefix + "PID";
        person.named = hl7_unusable(person.place, "missing_subject", "no PID before it says of which patient it is");
        return person;
    }
    std::size_t field = 3;
    Hl7Identifiers found = hl7_identifiers((*pid)[field], person.warnings);
    for (const std::size_t legacy : {2, 4, 19})
        if (found.all.empty() && !(*pid)[3].has_value()) {
            field = legacy;
            found = hl7_identifiers((*pid)[field], person.warnings);
        }
    if (found.all.empty()) {
        const bool is_said = (*pid)[3].has_value();
        person.place = hl7_place(context, *pid, 3);
        person.named = hl7_unusable(person.place, is_said ? "bad_patient" : "missing_subject",
                                    is_said ? "PID-3 holds no identifier that can name a person"
                                            : "PID-3 names the patient; it is empty");
        return person;
    }
    const std::size_t repetition = found.repetitions.front();
    // One person has one: to take both would unite two.
    if (found.all.size() > 1 && found.all[1].system == nhs_system) {
        person.place = hl7_place(context, *pid, field, found.repetitions[1], 1);
        person.named = hl7_unusable(person.place, "identity_conflict", "it names two NHS numbers: a person has one");
        return person;
    }
    person.place = hl7_place(context, *pid, field, (*pid)[field].repetition_count() > 1 ? repetition : 0, 1);
    person.text = (*pid)[field].repetition(repetition).raw();
    person.named = std::move(found.all.front());
    person.others.assign(found.all.begin() + 1, found.all.end());
    std::ranges::sort(person.others);
    return person;
}

Hl7Meaning hl7_meaning(const Hl7Context& context, const Hl7Text& code) {
    Hl7Meaning out;
    for (const std::size_t first : hl7_triplets) {
        const std::string text = code.component(first).text();
        if (text.empty())
            continue;
        const std::string system = code.component(first + 2).text();
        const auto* meaning = context.context.meaning(system, text);
        if (meaning == nullptr) {
            out.is_slip = out.is_slip || context.context.vocabulary.is_slip(system, text);
            continue;
        }
        if (out.meaning == nullptr) {
            out.meaning = meaning;
            out.component = first;
            continue;
        }
        const bool is_one_thing = meaning->kind == config::CodeKind::analyte || meaning->kind == config::CodeKind::drug;
        out.is_contradictory = out.is_contradictory || (is_one_thing && meaning->id != out.meaning->id);
    }
    return out;
}

std::string hl7_code_name(const Hl7Text& code) {
    for (const std::size_t first : hl7_triplets)
        if (const std::string text = code.component(first).text(); !text.empty())
            return code.component(first + 2).text().substr(0, 120) + "|" + text.substr(0, 60);
    const std::string words = code.component(2).text();
    return words.empty() ? "without a code" : "'" + words.substr(0, 80) + "'";
}

std::string hl7_code_as_sent(const Hl7Text& code) {
    const std::string name = hl7_code_name(code);
    const std::string words = code.component(2).text();
    return words.empty() || name.starts_with('\'') ? name : name + " '" + words.substr(0, 80) + "'";
}

std::string hl7_entity(const Hl7Text& entity) {
    std::string out;
    std::size_t last = 0;
    std::size_t i = 0;
    for (const Hl7Text& component : entity.components()) {
        const std::string text = component.text();
        if (++i == 1 && text.empty())
            return {};
        if (text.empty())
            continue;
        out.append(i - std::max<std::size_t>(last, 1), '^').append(text);
        last = i;
    }
    return out;
}

std::string hl7_weak_number(std::string_view what) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : what)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    char hex[24];
    std::snprintf(hex, sizeof hex, "weak-%016llx", static_cast<unsigned long long>(hash));
    return hex;
}

Result<ClinicalTime> hl7_clinical_time(const Hl7Context& context, const Hl7Text& text, const std::string& place,
                                       Warnings& warnings) {
    auto time = read_hl7_time(text, context.clock, warnings);
    if (time)
        if (auto refused = refuse_time(*time, context.context.received))
            time = std::unexpected(std::move(*refused));
    if (!time)
        time.error().place = place;
    return time;
}

Version hl7_version(const Hl7Context& context, const Hl7Text& status_change, std::int64_t rank) {
    const std::int64_t sent = context.sent.value_or(0);
    return {{hl7_milliseconds(status_change, context.clock).value_or(sent), sent, rank}};
}

bool is_stated(const Version& version) {
    return version.parts.front() != 0;
}

void hl7_retract(const Hl7Context& context, Event& event, FactId fact) {
    if (context.sent)
        event.at = model::at_utc(model::Instant(std::chrono::milliseconds(*context.sent)));
    const bool is_of_version = is_stated(event.version);
    event.body = model::RetractionEvent{std::move(fact), is_of_version ? std::optional(event.version) : std::nullopt};
}

void hl7_overtake(const Hl7Context& context, Decoded& decoded, const std::string& fact, const Hl7Person& person,
                  const Version& version, Hl7Says says) {
    const auto* error = std::get_if<Error>(&decoded.outcome);
    if (error == nullptr || fact.empty())
        return;
    // Of two that state no time nobody knows which came first, but for what comes before what has happened.
    if (!is_stated(version) && says != Hl7Says::not_so)
        return;
    Event event;
    event.key = {context.context.publisher.id, FactId(fact + "#" + error->reason)};
    event.version = version;
    event.patient = person.named ? *person.named : PatientIdentifier{};
    if (context.sent)
        event.at = model::at_utc(model::Instant(std::chrono::milliseconds(*context.sent)));
    event.body = model::RetractionEvent{FactId(fact), is_stated(version) ? version : model::just_above(version)};
    if (!is_stated(version) || says == Hl7Says::cannot_be_used)
        event.attributes.emplace(model::doubt_attribute, error->reason);
    decoded.overtaking = Overtaking{std::move(event), says != Hl7Says::cannot_be_used, is_stated(version)};
}

void hl7_mean(const Hl7Context& context, Decoded& decoded, const Hl7Person& person, const model::CodeId& code,
              const Hl7Text& at) {
    const auto* error = std::get_if<Error>(&decoded.outcome);
    if (error == nullptr || error->kind != ErrorKind::unusable)
        return;
    if (person.named)
        decoded.meant.patient = *person.named;
    decoded.meant.code = code;
    Warnings unheard;
    if (at.has_value())
        if (const auto time = hl7_clinical_time(context, at, {}, unheard))
            decoded.meant.at = *time;
}

} // namespace bonewatch::ingest
