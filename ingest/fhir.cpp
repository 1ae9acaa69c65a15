#include "ingest/fhir.h"

#include "ingest/fhir_condition.h"
#include "ingest/fhir_element.h"
#include "ingest/fhir_medication.h"
#include "ingest/fhir_observation.h"
#include "ingest/fhir_person.h"
#include "ingest/lines.h"

#include <algorithm>
#include <list>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;
using model::Event;

constexpr JsonLimits document_limits{
    .bytes_max = std::size_t{64} << 20, .depth_max = 64, .values_max = std::size_t{8} << 20};
constexpr JsonLimits line_limits{
    .bytes_max = std::size_t{16} << 20, .depth_max = 64, .values_max = std::size_t{1} << 20};

using Decoder = std::vector<Decoded> (*)(const FhirResource&);

Decoder decoder_of(std::string_view type) {
    if (is_medication_type(type))
        return decode_medication;
    if (type == "Observation")
        return decode_observation;
    if (type == "DiagnosticReport")
        return decode_report;
    if (type == "Condition")
        return decode_condition;
    if (type == "Procedure")
        return decode_procedure;
    return type == "Patient" ? decode_patient : nullptr;
}

std::vector<Decoded> only(Decoded decoded) {
    std::vector<Decoded> out;
    out.push_back(std::move(decoded));
    return out;
}

/// What would be an event, or say that something is not so, does neither where a modifierExtension may say the
/// opposite.
void refuse_modified(const FhirResource& resource, std::vector<Decoded>& all) {
    const auto event_in = [](const Decoded& each) -> const Event* {
        if (const auto* event = std::get_if<Event>(&each.outcome))
            return event;
        return each.overtaking && each.overtaking->is_remembered ? &each.overtaking->event : nullptr;
    };
    const bool is_any_event = std::ranges::any_of(all, [&](const Decoded& each) { return event_in(each) != nullptr; });
    const auto modifier = is_any_event ? find_modifier(resource.json, resource.path) : std::nullopt;
    if (!modifier)
        return;
    for (Decoded& each : all) {
        const Event* event = event_in(each);
        if (event == nullptr)
            continue;
        const std::string fact = model::fact_of(*event).id.text;
        each.outcome = Error{ErrorKind::unusable, "modifier_extension",
                             "an extension that is not understood may change the meaning", *modifier};
        each.overtaking.reset();
        each.reaches_parts = false;
        if (resource.type != "Patient")
            each = overtaking(resource, std::move(each), fact, Says::cannot_be_used);
    }
}

std::vector<Decoded> decode_resource(const FhirResource& resource) {
    if (auto mark = other_version_mark(resource.json, resource.path))
        return only(rejected(std::move(*mark), std::string(resource.type), resource.json.text));
    const Decoder decoder = decoder_of(resource.type);
    if (decoder == nullptr)
        return only(
            not_used(resource, {}, "unknown_resource", "resources of this type concern nothing that is watched"));
    if (const auto empty = find_empty(resource.json, resource.path))
        return only(rejected(
            {ErrorKind::malformed, "empty_element", "null, \"\", [] and {} say nothing in FHIR; leave it out", *empty},
            std::string(resource.type), resource.json.text));
    auto all = decoder(resource);
    refuse_modified(resource, all);
    return all;
}

/// One resource found in a message.
struct Entry {
    const Json* resource = nullptr; ///< Nothing for an entry that only asks for something.
    std::string_view source;        ///< Of the whole entry.
    std::string_view full_url;
    std::string_view method; ///< Of a Bundle entry's request.
    std::string_view url;
    std::string_view modified; ///< When it was deleted, of a history; else the Bundle's own time.
    std::string path;
};

void add_entries(const Json& document, const std::string& path, std::size_t depth, std::vector<Entry>& entries) {
    if (document.text_of("resourceType") != "Bundle" || depth > 3) {
        entries.push_back({&document, document.text, {}, {}, {}, {}, path});
        return;
    }
    const auto& items = document.items_of("entry");
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Json& item = items[i].value;
        const Json* request = item.find("request");
        const Json* response = item.find("response");
        const Json* resource = item.find("resource");
        const std::string place = path + ".entry[" + std::to_string(i) + "]";
        if (resource != nullptr && resource->text_of("resourceType") == "Bundle") {
            add_entries(*resource, place + ".resource", depth + 1, entries);
            continue;
        }
        const bool is_answer = response != nullptr && resource == nullptr && request == nullptr;
        const auto modified = response == nullptr ? std::string_view{} : response->text_of("lastModified");
        if (!is_answer)
            entries.push_back({resource, item.text, item.text_of("fullUrl"),
                               request == nullptr ? "" : request->text_of("method"),
                               request == nullptr ? "" : request->text_of("url"),
                               modified.empty() ? document.text_of("timestamp") : modified,
                               resource == nullptr ? place : place + ".resource"});
    }
}

/// A deletion names no patient: it concerns whomever the fact's versions named.
Decoded decode_deletion(const Entry& entry, const MessageContext& context) {
    const auto name = type_and_id(entry.url);
    const auto type = name.substr(0, name.find('/'));
    const std::string kind = "DELETE " + std::string(type);
    Decoded decoded{Error{}, {}, kind, std::string(entry.source), std::nullopt};
    if (decoder_of(type) == nullptr) {
        decoded.outcome = Error{ErrorKind::not_used, "unknown_resource",
                                "resources of this type concern nothing that is watched", entry.path + ".request.url"};
        return decoded;
    }
    if (type == "Patient") {
        decoded.outcome =
            Error{ErrorKind::unusable, "not_supported_yet",
                  "deleting a patient is an erasure, which is not supported yet", entry.path + ".request"};
        return decoded;
    }
    Event event;
    event.key = {context.publisher.id, model::FactId(std::string(name) + "#deleted")};
    if (const auto at = model::parse_instant(entry.modified))
        event.at = model::at_utc(*at);
    event.body = model::RetractionEvent{model::FactId(std::string(name)), std::nullopt};
    decoded.outcome = std::move(event);
    return decoded;
}

std::vector<Decoded> decode_entry(const Entry& entry, const FhirIndex& index, const MessageContext& context) {
    if (entry.method == "DELETE")
        return only(decode_deletion(entry, context));
    if (entry.method == "PATCH")
        return only({Error{ErrorKind::unusable, "not_supported_yet",
                           "a PATCH cannot be applied; send the whole resource", entry.path},
                     {},
                     "PATCH",
                     std::string(entry.source),
                     std::nullopt});
    if (entry.resource == nullptr)
        return only({Error{ErrorKind::not_used, "no_resource", "the entry holds no resource", entry.path},
                     {},
                     "Bundle entry",
                     std::string(entry.source),
                     std::nullopt});
    const auto type = entry.resource->text_of("resourceType");
    if (type.empty())
        return only(rejected({ErrorKind::malformed, "not_fhir", "'resourceType' is missing: it is no FHIR resource",
                              entry.path + ".resourceType"},
                             "FHIR", entry.resource->text));
    return decode_resource({*entry.resource, entry.path, type, fact_id_of(*entry.resource, entry.full_url),
                            *entry.resource, index, context});
}

void append(std::vector<Decoded>& all, std::vector<Decoded> more) {
    std::ranges::move(more, std::back_inserter(all));
}

/// When a Bundle that asks for something was sent: in a file that is replayed its contents became known then. Of an
/// extract (searchset, collection) its time says nothing of that.
std::optional<model::Instant> sent_at(const Json& document, const MessageContext& context) {
    const auto type = document.text_of("type");
    const bool is_sent = type == "transaction" || type == "batch" || type == "message";
    if (!context.publisher.is_file || document.text_of("resourceType") != "Bundle" || !is_sent)
        return std::nullopt;
    const auto sent = model::parse_instant(document.text_of("timestamp"));
    return sent ? std::optional(*sent) : std::nullopt;
}

std::vector<Decoded> decode_document(const Json& document, const MessageContext& context) {
    std::vector<Entry> entries;
    add_entries(document, "$", 0, entries);
    // One resource of another version says what the whole Bundle is: the rest of it may only look like R4.
    if (document.text_of("resourceType") == "Bundle")
        for (const Entry& entry : entries)
            if (auto mark = entry.resource == nullptr ? std::nullopt : other_version_mark(*entry.resource, entry.path))
                return only(rejected(std::move(*mark), "Bundle", document.text));
    FhirIndex found;
    for (const Entry& entry : entries)
        if (entry.resource != nullptr)
            found.add(*entry.resource, entry.full_url);
    std::vector<Decoded> all;
    // A history lists the newest first: what it deletes has to be known before.
    for (const bool deletes : {false, true})
        for (const Entry& entry : entries)
            if ((entry.method == "DELETE") == deletes)
                append(all, decode_entry(entry, found, context));
    for (Decoded& each : all)
        each.recorded = sent_at(document, context);
    if (all.empty())
        all.push_back({Error{ErrorKind::not_used, "no_resource", "the Bundle holds no resource", "$"},
                       {},
                       "Bundle (empty)",
                       std::string(document.text),
                       std::nullopt});
    return all;
}

/// Whether the message is one resource a line rather than one resource over many lines.
bool is_ndjson(std::string_view message) {
    Lines lines(message);
    const auto first = lines.next();
    const auto second = first ? lines.next() : std::nullopt;
    if (!second)
        return false;
    const auto begins_object = [](std::string_view line) {
        return line.starts_with("{\"") || line.starts_with("{ \"");
    };
    const bool is_whole = first->text.find_last_of('}') == first->text.find_last_not_of(" \t\r");
    if (!begins_object(first->text) || (!is_whole && !begins_object(second->text)))
        return false;
    // A Bundle may be written with an entry a line, and a line of NDJSON may be broken: only the whole text tells.
    return (is_whole && begins_object(second->text)) || !parse_json(message, document_limits);
}

/// Whether a line may be a resource of that type (`Patient"`: capitals are rare, so they are quickly looked for).
bool may_be(std::string_view line, std::string_view end_of_type) {
    return line.find(end_of_type) != std::string_view::npos;
}

std::vector<Decoded> decode_ndjson(std::string_view message, const MessageContext& context) {
    // Two walks: a patient or a medication may follow the lines that refer to it, and a file is too large to keep
    // parsed.
    std::list<JsonText> kept;
    FhirIndex found;
    Lines ahead(message);
    while (const auto line = ahead.next()) {
        if (!may_be(line->text, "Patient\"") && !may_be(line->text, "Medication\""))
            continue;
        auto json = parse_json(line->text, line_limits);
        if (!json)
            continue;
        if (const auto type = json->root.text_of("resourceType"); type == "Patient" || type == "Medication") {
            kept.push_back(std::move(*json));
            found.add(kept.back().root, {});
        }
    }
    std::vector<Decoded> all;
    Lines lines(message);
    while (const auto line = lines.next()) {
        auto json = parse_json(line->text, line_limits);
        if (!json) {
            json.error().place = place_in_line(line->number, json.error().place);
            all.push_back(rejected(std::move(json.error()), "FHIR line", line->text));
            continue;
        }
        std::vector<Decoded> of_line;
        if (json->root.text_of("resourceType") == "Bundle")
            of_line = decode_document(json->root, context);
        else
            of_line = decode_entry({&json->root, json->root.text, {}, {}, {}, {}, "$"}, found, context);
        for (Decoded& each : of_line) {
            if (auto* error = std::get_if<Error>(&each.outcome))
                error->place = place_in_line(line->number, error->place);
            all.push_back(std::move(each));
        }
    }
    return all;
}

} // namespace

std::vector<Decoded> decode_fhir(std::string_view message, const MessageContext& context) {
    if (message.starts_with("\xEF\xBB\xBF"))
        message.remove_prefix(3);
    if (message.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return {};
    if (is_ndjson(message))
        return decode_ndjson(message, context);
    auto json = parse_json(message, document_limits);
    if (json && !json->root.is_object())
        json = model::fail(ErrorKind::malformed, "bad_json", "a message is one JSON object, or one a line", "$");
    if (!json)
        return only(rejected(std::move(json.error()), "FHIR", message));
    return decode_document(json->root, context);
}

} // namespace bonewatch::ingest
