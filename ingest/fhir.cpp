#include "ingest/fhir.h"

#include "ingest/fhir_condition.h"
#include "ingest/fhir_element.h"
#include "ingest/fhir_entry.h"
#include "ingest/fhir_medication.h"
#include "ingest/fhir_observation.h"
#include "ingest/fhir_origins.h"
#include "ingest/fhir_person.h"
#include "ingest/fhir_version.h"
#include "ingest/lines.h"

#include <algorithm>
#include <limits>
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
    refuse_modified(resource, {}, all);
    for (Decoded& each : all)
        if (each.origins.empty())
            add_origins(resource, {}, each);
    return all;
}

Decoded without_resource(const FhirEntry& entry, std::string kind, Error error) {
    return {std::move(error), {}, std::move(kind), std::string(entry.source), std::nullopt};
}

/// A deletion names no patient: it concerns whomever the fact's versions named, and the resource's parts. A history
/// says when it was: what is newer was made anew. Else it is final.
Decoded decode_deletion(const FhirEntry& entry, const MessageContext& context) {
    const std::string name = fact_of(entry);
    const auto type = std::string_view(name).substr(0, name.find_first_of("/?"));
    Decoded decoded = without_resource(entry, "DELETE " + std::string(type), {});
    if (name.size() <= type.size() + 1) {
        decoded.outcome =
            Error{ErrorKind::unusable, "missing_id", "it does not say what is to be deleted", entry.path + ".request"};
        return decoded;
    }
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
    event.key = {context.publisher.id, model::FactId(name + "#deleted")};
    const auto modified = model::parse_instant(entry.modified);
    if (const auto at = modified ? modified : model::parse_instant(entry.said))
        event.at = model::at_utc(*at);
    model::RetractionEvent retraction{model::FactId(name), std::nullopt};
    if (modified) {
        event.version =
            model::Version{{modified->time_since_epoch().count(), std::numeric_limits<std::int64_t>::max()}};
        retraction.of_version = event.version;
    }
    event.body = std::move(retraction);
    if (context.is_explained) {
        const auto tell = [&](const char* field, const char* element, std::string_view text) {
            decoded.origins.push_back({field, entry.path + element, std::string(text), {}});
        };
        tell("id", ".request.url", entry.url);
        if (modified)
            tell("version", ".response.lastModified", entry.modified);
        else
            decoded.origins.push_back({"version", "default", {}, "no lastModified is stated"});
        if (modified)
            tell("at", ".response.lastModified", entry.modified);
        else if (event.at != model::ClinicalTime{})
            decoded.origins.push_back({"at", "$.timestamp", std::string(entry.said), "of the Bundle"});
    }
    decoded.outcome = std::move(event);
    decoded.reaches_parts = true;
    return decoded;
}

/// What a search, or a server, says of itself: diagnostics of the sender's, told to a person.
std::string issue_of(const Json& outcome_) {
    for (const auto& [key, issue] : outcome_.items_of("issue")) {
        const Json* details = issue.find("details");
        const auto words = issue.text_of("diagnostics").empty() && details != nullptr ? details->text_of("text")
                                                                                      : issue.text_of("diagnostics");
        return std::string(issue.text_of("severity")) + ": " + std::string(words.substr(0, 200));
    }
    return {};
}

/// Each part of a resource, and each link of a Patient, keeps the resource whole.
std::size_t bytes_kept_with_parts(const Json& resource) {
    std::size_t parts = resource.items_of("component").size() + resource.items_of("link").size();
    for (const auto& [key, contained] : resource.items_of("contained"))
        parts += 1 + contained.items_of("component").size();
    return parts * resource.text.size();
}

/// `room`: what may still be kept of the body; less by what the entry's resource may keep.
std::vector<Decoded> decode_named(const FhirEntry& entry, std::string_view type, const FhirIndex& index,
                                  const MessageContext& context, std::size_t& room) {
    const std::size_t kept = bytes_kept_with_parts(*entry.resource);
    if (kept > room)
        return only(
            rejected({ErrorKind::malformed, "too_large",
                      "the resource, kept with each of its parts, would be more than 256 MiB; divide it", entry.path},
                     std::string(type), entry.resource->text));
    room -= kept;
    const FhirResource resource{*entry.resource, entry.path, type, fact_of(entry), *entry.resource, index, context};
    if (type == "OperationOutcome") {
        auto decoded = not_used(resource, {}, "unknown_resource", "it concerns nothing that is watched");
        if (const auto issue = issue_of(*entry.resource); !issue.empty())
            decoded.warnings.push_back("sender_says: " + issue);
        return only(std::move(decoded));
    }
    if (type == "Bundle")
        return only(
            rejected({ErrorKind::malformed, "too_deep",
                      "Bundles are looked into to a depth of 3; send what is in this one by itself", entry.path},
                     std::string(type), entry.resource->text));
    auto all = decode_resource(resource);
    if (!entry.modifier.empty())
        refuse_modified(resource, entry.modifier, all);
    if (type == "Patient" || !index.is_ambiguous(resource.id))
        return all;
    for (Decoded& each : all)
        if (std::holds_alternative<Event>(each.outcome))
            each = outcome(resource, {},
                           Error{ErrorKind::unusable, "ambiguous_id",
                                 "two servers' resources of the message are '" + resource.id.substr(0, 80) +
                                     "'; publish each server's under a name of its own",
                                 entry.path + ".id"});
    return all;
}

std::vector<Decoded> decode_entry(const FhirEntry& entry, const FhirIndex& index, const MessageContext& context,
                                  std::size_t& room) {
    const bool asks = entry.method == "DELETE" || entry.method == "PATCH";
    if (asks && !entry.modifier.empty())
        return only(without_resource(entry, std::string(entry.method),
                                     {ErrorKind::unusable, "modifier_extension",
                                      "an extension that is not understood may change the meaning", entry.modifier}));
    if (entry.method == "DELETE")
        return only(decode_deletion(entry, context));
    if (entry.method == "PATCH")
        return only(without_resource(entry, "PATCH",
                                     {ErrorKind::unusable, "not_supported_yet",
                                      "a PATCH cannot be applied; send the whole resource", entry.path}));
    if (entry.resource == nullptr)
        return only(without_resource(entry, "Bundle entry",
                                     {ErrorKind::not_used, "no_resource", "the entry holds no resource", entry.path}));
    const auto type = entry.resource->text_of("resourceType");
    if (type.empty())
        return only(rejected({ErrorKind::malformed, "not_fhir", "'resourceType' is missing: it is no FHIR resource",
                              entry.path + ".resourceType"},
                             "FHIR", entry.resource->text));
    return decode_named(entry, type, index, context, room);
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

std::vector<Decoded> decode_document(const Json& document, const MessageContext& context, std::size_t& room) {
    const std::vector<FhirEntry> entries = entries_of(document);
    // One resource of another version says what the whole Bundle is: the rest of it may only look like R4.
    if (document.text_of("resourceType") == "Bundle")
        for (const FhirEntry& entry : entries)
            if (auto mark = entry.resource == nullptr ? std::nullopt : other_version_mark(*entry.resource, entry.path))
                return only(rejected(std::move(*mark), "Bundle", document.text));
    FhirIndex found;
    for (const FhirEntry& entry : entries)
        if (entry.resource != nullptr)
            found.add(*entry.resource, entry.full_url, fact_of(entry));
    std::vector<Decoded> all;
    // A history lists the newest first: what it deletes has to be known before.
    for (const bool deletes : {false, true})
        for (const FhirEntry& entry : entries)
            if ((entry.method == "DELETE") == deletes)
                append(all, decode_entry(entry, found, context, room));
    const auto sent = sent_at(document, context);
    for (Decoded& each : all)
        each.recorded = sent;
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
            found.add(kept.back().root, {}, {});
        }
    }
    std::vector<Decoded> all;
    std::size_t room = kept_bytes_max;
    Lines lines(message);
    while (const auto line = lines.next()) {
        if (context.publisher.is_file)
            room = kept_bytes_max; // Its lines are messages of their own.
        auto json = parse_json(line->text, line_limits);
        if (!json) {
            json.error().place = place_in_line(line->number, json.error().place);
            all.push_back(rejected(std::move(json.error()), "FHIR line", line->text));
            continue;
        }
        std::vector<Decoded> of_line;
        if (json->root.text_of("resourceType") == "Bundle")
            of_line = decode_document(json->root, context, room);
        else
            of_line = decode_entry(entries_of(json->root).front(), found, context, room);
        for (Decoded& each : of_line) {
            if (auto* error = std::get_if<Error>(&each.outcome))
                error->place = place_in_line(line->number, error->place);
            for (Origin& origin : each.origins)
                if (origin.place.starts_with('$'))
                    origin.place = place_in_line(line->number, origin.place);
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
    std::size_t room = kept_bytes_max;
    return decode_document(json->root, context, room);
}

} // namespace bonewatch::ingest
