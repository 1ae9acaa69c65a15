#include "ingest/decode.h"

#include "ingest/fhir.h"
#include "ingest/gzip.h"
#include "ingest/hl7.h"
#include "ingest/hl7_batch.h"
#include "ingest/lines.h"
#include "ingest/message_context.h"
#include "ingest/native.h"
#include "ingest/origins.h"

#include <algorithm>
#include <map>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;
using model::Event;

constexpr JsonLimits native_limits{.bytes_max = std::size_t{1} << 20, .depth_max = 32, .values_max = 4096};

Decoded decode_native_line(const Line& line, const MessageContext& context) {
    auto json = parse_json(line.text, native_limits);
    if (json && !json->root.is_object())
        json = model::fail(ErrorKind::malformed, "bad_json", "a line is one JSON object", "$");
    if (!json) {
        json.error().place = place_in_line(line.number, json.error().place);
        return rejected(std::move(json.error()), "native line", line.text);
    }
    Decoded decoded = decode_native(json->root, context);
    decoded.raw = line.text;
    if (auto* error = std::get_if<Error>(&decoded.outcome))
        error->place = place_in_line(line.number, error->place);
    for (Origin& origin : decoded.origins)
        if (origin.place.starts_with('$'))
            origin.place = place_in_line(line.number, origin.place);
    return decoded;
}

const Event* event_of(const Decoded& decoded) {
    return std::get_if<Event>(&decoded.outcome);
}

bool is_patient(const Decoded& decoded) {
    const Event* event = event_of(decoded);
    return event != nullptr && std::holds_alternative<model::PatientEvent>(event->body);
}

/// Moves what is said of a person before the first other fact of that person; everything else stays in its order.
void put_patients_first(std::vector<Decoded>& all) {
    if (all.size() < 2 || std::ranges::none_of(all, is_patient))
        return;
    struct Place {
        std::size_t before;
        bool is_fact;
        std::size_t index;
        auto operator<=>(const Place&) const = default;
    };
    std::map<model::PatientIdentifier, std::size_t> first_fact;
    std::vector<Place> places;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (const Event* event = event_of(all[i]))
            first_fact.emplace(event->patient, i);
    for (std::size_t i = 0; i < all.size(); ++i)
        places.push_back(is_patient(all[i]) ? Place{first_fact.at(event_of(all[i])->patient), false, i}
                                            : Place{i, true, i});
    std::ranges::sort(places);
    std::vector<Decoded> sorted;
    sorted.reserve(all.size());
    for (const Place& place : places)
        sorted.push_back(std::move(all[place.index]));
    all = std::move(sorted);
}

/// Why the bytes are no text in UTF-8 that could be read, where that shows at their beginning.
std::optional<Error> foreign_encoding(std::string_view message) {
    const auto refuse = [](std::string what) {
        return Error{ErrorKind::malformed, "bad_encoding", std::move(what), {}};
    };
    if (is_gzip(message))
        return refuse("the message is packed with gzip and the meta does not say so: send \"encoding\":\"gzip\"");
    const bool has_mark = message.starts_with("\xFF\xFE") || message.starts_with("\xFE\xFF");
    // Every other octet of ASCII is NUL there; in UTF-8 none is.
    const bool has_nul = message.size() >= 2 && (message[0] == '\0') != (message[1] == '\0');
    if (has_mark || has_nul)
        return refuse("the message is in UTF-16; send UTF-8");
    return std::nullopt;
}

} // namespace

std::string_view to_text(Format format) {
    switch (format) {
    case Format::native:
        return "native";
    case Format::fhir:
        return "fhir";
    case Format::hl7v2:
        return "hl7v2";
    }
    return {};
}

std::optional<Format> format_named(std::string_view word) {
    for (const Format format : {Format::native, Format::fhir, Format::hl7v2})
        if (to_text(format) == word)
            return format;
    return std::nullopt;
}

const config::PublisherSettings& default_publisher_settings() {
    static const config::PublisherSettings settings;
    return settings;
}

const config::CodeMeaning* MessageContext::meaning(std::string_view system, std::string_view code) const {
    if (const auto& own = publisher.settings->codes; !own.empty())
        if (const auto found = own.find(vocabulary.comparable(system, code)); found != own.end())
            return &found->second;
    return vocabulary.meaning(system, code);
}

bool is_publisher_name(std::string_view text) {
    constexpr std::size_t bytes_max = 64;
    const auto is_plain = [](char c) { return c > ' ' && c < 0x7f; };
    return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, is_plain);
}

std::vector<Decoded> decode(Format format, std::string_view message, const Publisher& publisher,
                            const config::Vocabulary& vocabulary, const std::optional<model::Instant>& received,
                            bool is_explained) {
    if (auto foreign = foreign_encoding(message)) {
        std::vector<Decoded> only;
        only.push_back(rejected(std::move(*foreign), "unreadable message", {}));
        return only;
    }
    const auto zone = Zone::named(publisher.settings->zone);
    const MessageContext context{publisher, zone, vocabulary, received, is_explained};
    std::vector<Decoded> all;
    if (format == Format::fhir) {
        all = decode_fhir(message, context);
    } else if (format == Format::hl7v2) {
        all = decode_hl7(message, context);
    } else {
        constexpr std::size_t usual_line_bytes = 128;
        all.reserve(message.size() / usual_line_bytes + 1);
        Lines lines(message);
        while (const auto line = lines.next())
            all.push_back(decode_native_line(*line, context));
    }
    if (is_explained)
        for (Decoded& each : all)
            add_common_origins(context, each);
    // HL7 v2 says who somebody is before what is said of him, message by message: another message's place is its own.
    if (format != Format::hl7v2)
        put_patients_first(all);
    return all;
}

std::optional<Format> recognise(std::string_view message) {
    if (is_hl7(message))
        return Format::hl7v2;
    // The first object may run over many lines; only its opening keys are asked for.
    const auto has_key = [&](std::string_view key) {
        for (auto at = message.find(key); at != std::string_view::npos; at = message.find(key, at + 1)) {
            const auto colon = message.find_first_not_of(" \t\r\n", at + key.size());
            if (colon != std::string_view::npos && message[colon] == ':')
                return true;
        }
        return false;
    };
    Lines lines(message);
    const auto first = lines.next();
    if (!first || first->text[first->text.find_first_not_of(" \t\r")] != '{')
        return std::nullopt;
    if (const auto json = parse_json(first->text, native_limits)) {
        if (json->root.find("resourceType") != nullptr)
            return Format::fhir;
        return json->root.find("type") != nullptr ? std::optional(Format::native) : std::nullopt;
    }
    if (has_key("\"resourceType\""))
        return Format::fhir;
    return has_key("\"type\"") ? std::optional(Format::native) : std::nullopt;
}

} // namespace bonewatch::ingest
