#include "daemon/clock.h"
#include "daemon/commands.h"
#include "daemon/event_fields.h"
#include "daemon/intake.h"
#include "daemon/render.h"
#include "daemon/shelved_row.h"
#include "daemon/tables.h"
#include "ingest/json.h"
#include "ingest/remedy.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <cstdio>

namespace bonewatch::daemon {

namespace {

using ingest::Decoded;
using ingest::Json;
using ingest::Origin;
using model::Error;
using model::Event;

/// Members of a resource that nothing was read from are named up to so many.
constexpr std::size_t unread_max = 40;

/// What would become of it: `stored`, or what an arriving message is told.
std::string outcome_word(const Decoded& decoded) {
    const auto* error = std::get_if<Error>(&decoded.outcome);
    return error == nullptr ? "stored" : std::string(outcome_of(*error));
}

struct FieldRow {
    std::string field, value, place, text, made;
};

/// The event's fields, each with where it came from; then what was read and is no field of it.
std::vector<FieldRow> rows_of(const Decoded& decoded) {
    std::vector<FieldRow> rows;
    std::vector<bool> is_told(decoded.origins.size());
    if (const auto* event = std::get_if<Event>(&decoded.outcome)) {
        for (const EventField& field : fields_of(*event)) {
            bool is_first = true;
            for (std::size_t i = 0; i < decoded.origins.size(); ++i) {
                const Origin& origin = decoded.origins[i];
                if (origin.field != field.name)
                    continue;
                is_told[i] = true;
                rows.push_back(
                    {is_first ? field.name : "", is_first ? field.value : "", origin.place, origin.text, origin.made});
                is_first = false;
            }
            if (is_first)
                rows.push_back({field.name, field.value, {}, {}, {}});
        }
    }
    for (std::size_t i = 0; i < decoded.origins.size(); ++i)
        if (const Origin& origin = decoded.origins[i]; !is_told[i] && !origin.field.empty())
            rows.push_back({origin.field, {}, origin.place, origin.text, origin.made});
    return rows;
}

/// Whether one place is the other, or within it.
bool is_within(std::string_view place, std::string_view outer) {
    return place.starts_with(outer) && (place.size() == outer.size() || place[outer.size()] == '.' ||
                                        place[outer.size()] == '[' || place[outer.size()] == '-');
}

void add_unread(const Json& value, const std::string& path, const std::vector<std::string>& read,
                std::vector<std::string>& out) {
    const bool is_read = std::ranges::any_of(read, [&](const std::string& place) { return is_within(path, place); });
    if (is_read)
        return;
    const bool holds_read = std::ranges::any_of(read, [&](const std::string& place) { return is_within(place, path); });
    if (!holds_read || value.members.empty()) {
        out.push_back(path);
        return;
    }
    for (std::size_t i = 0; i < value.members.size(); ++i) {
        const auto& [key, member] = value.members[i];
        add_unread(member, key.empty() ? path + "[" + std::to_string(i) + "]" : path + "." + std::string(key), read,
                   out);
    }
}

/// JSON members that nothing of the event was read from; of HL7, with the message's last outcome, fields that nobody
/// looked at.
std::vector<std::string> unread_of(const Decoded& decoded) {
    std::vector<std::string> out;
    for (const Origin& origin : decoded.origins)
        if (origin.field.empty())
            out.push_back(origin.place);
    if (!out.empty() || decoded.origins.empty() || !std::holds_alternative<Event>(decoded.outcome))
        return out;
    const auto parsed = ingest::parse_json(decoded.raw, {.bytes_max = decoded.raw.size() + 1});
    if (!parsed)
        return out;
    std::vector<std::string> read{"$.resourceType"};
    for (const Origin& origin : decoded.origins)
        read.push_back(place_in_resource(origin.place));
    add_unread(parsed->root, "$", read, out);
    if (out.size() > unread_max)
        out.resize(unread_max);
    return out;
}

/// Of a FHIR resource it is only known what no field came from: what decides whether it counts, as `intent`, is read.
bool is_resource(const Decoded& decoded) {
    return decoded.raw.starts_with('{') && decoded.raw.find("\"resourceType\"") != std::string::npos;
}

/// A line for each segment, `OBX[2]-1, -8`; of JSON one line.
std::string unread_lines(const Decoded& decoded) {
    std::string out;
    std::string segment;
    for (const std::string& place : unread_of(decoded)) {
        const auto dash = place.starts_with('$') ? std::string::npos : place.find('-', place.rfind(", ") + 1);
        const bool is_json = place.starts_with('$');
        const std::string of = is_json ? "$" : place.substr(0, dash);
        const bool goes_on = of == segment && dash != std::string::npos;
        if (!out.empty() && (goes_on || (is_json && of == segment)))
            out += ", " + plain(is_json ? place : place.substr(dash));
        else
            out += std::string(out.empty() ? "" : "\n") +
                   (is_resource(decoded) ? "    in no field   " : "    not read      ") + plain(place);
        segment = of;
    }
    return out.empty() ? out : out + "\n";
}

/// What stands where it went wrong, as far as that can be told.
std::string offending_text(const Decoded& decoded, const Error& error) {
    std::string text = text_at_place(decoded.raw, error.place);
    for (const Origin& origin : decoded.origins)
        if (text.empty() && origin.place == error.place)
            text = origin.text;
    return text.empty() ? error.unmapped : text;
}

std::string id_of(const Decoded& decoded) {
    const auto* event = std::get_if<Event>(&decoded.outcome);
    return event == nullptr ? std::string() : event->key.id.text;
}

std::string as_json(std::size_t number, const Decoded& decoded, bool is_explained) {
    const auto* error = std::get_if<Error>(&decoded.outcome);
    model::JsonWriter json;
    json.begin_object();
    json.number("number", static_cast<std::int64_t>(number));
    json.text("outcome", outcome_word(decoded));
    json.text("kind", decoded.kind);
    json.text("id", id_of(decoded));
    if (error != nullptr) {
        json.text("reason", error->reason);
        json.text("place", error->place);
        json.text("text", offending_text(decoded, *error));
        json.text("message", error->message);
        json.text("remedy", ingest::remedy_of(error->reason));
    }
    json.begin_array("warnings");
    for (const std::string& warning : decoded.warnings)
        json.text(warning);
    json.end_array();
    if (is_explained) {
        json.begin_array("fields");
        for (const FieldRow& row : rows_of(decoded)) {
            model::JsonWriter field;
            field.begin_object();
            for (const auto& [name, text] :
                 {std::pair{"field", &row.field}, std::pair{"value", &row.value}, std::pair{"place", &row.place},
                  std::pair{"text", &row.text}, std::pair{"made", &row.made}})
                field.text(name, *text);
            field.end_object();
            json.raw(field.take());
        }
        json.end_array();
        json.begin_array(is_resource(decoded) ? "in_no_field" : "not_read");
        for (const std::string& path : unread_of(decoded))
            json.text(path);
        json.end_array();
    }
    json.end_object();
    return json.take();
}

/// On one line: what would become of it, what it is, its patient and time.
std::string as_line(std::size_t number, const Decoded& decoded) {
    std::string out = std::to_string(number) + "  " + outcome_word(decoded) + "  " + decoded.kind;
    if (const auto* event = std::get_if<Event>(&decoded.outcome))
        out += "  " + event->key.id.text + "  " +
               (event->patient.system.empty() ? "" : model::to_text(event->patient)) + "  " +
               (event->at == model::ClinicalTime{} ? "" : model::to_text(event->at)) + "  " +
               model::content_text(*event);
    else if (const auto& error = std::get<Error>(decoded.outcome); true)
        out += "  " + error.reason + (error.place.empty() ? "" : " at ") + error.place;
    return plain(out) + "\n";
}

void add_column(std::string& line, std::string_view text, std::size_t width) {
    line += plain(text);
    line.resize(std::max(line.size() + 2, width), ' ');
}

std::string as_explained(std::size_t number, const Decoded& decoded) {
    std::string out = as_line(number, decoded);
    if (const auto* error = std::get_if<Error>(&decoded.outcome)) {
        const std::string text = offending_text(decoded, *error);
        if (!text.empty())
            out += "    there stands  " + plain(text) + "\n";
        if (!error->message.empty())
            out += "    because       " + plain(error->message) + "\n";
        if (const auto remedy = ingest::remedy_of(error->reason); !remedy.empty())
            out += "    remedy        " + std::string(remedy) + "\n";
    }
    for (const FieldRow& row : rows_of(decoded)) {
        std::string line = "    ";
        add_column(line, row.field, 18);
        add_column(line, row.value, 44);
        add_column(line, row.place, 70);
        if (!row.text.empty())
            line += "'" + plain(row.text.substr(0, 120)) + "'  ";
        line += plain(row.made);
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    for (const std::string& warning : decoded.warnings)
        out += "    warning       " + plain(warning) + "\n";
    out += unread_lines(decoded);
    return out;
}

} // namespace

int parse_files(const ParseOptions& options) {
    auto tables = load_tables(options.tables);
    if (!tables)
        return failed(tables.error());
    if (!ingest::is_publisher_name(options.publisher)) {
        std::fprintf(stderr, "bonewatch: --publisher is 1 to 64 printable ASCII characters without spaces\n");
        return exit_usage;
    }
    const ingest::Publisher publisher{model::PublisherId(options.publisher),
                                      &tables->settings.publisher(options.publisher)};
    std::map<std::string, std::uint64_t> counts;
    std::size_t number = 0;
    bool is_any_empty = false;
    for (const std::string& path : options.input.files) {
        const auto text = read_input(path);
        if (!text)
            return failed(text.error());
        const auto format = format_of(options.input, path, *text);
        if (!format)
            return failed(format.error());
        const auto all =
            ingest::decode(*format, *text, publisher, tables->revision->vocabulary, wall_now(), options.is_explained);
        if (all.empty()) {
            is_any_empty = true;
            std::fprintf(stderr, "bonewatch: %s: there is nothing in it\n", plain(path).c_str());
        }
        for (const Decoded& decoded : all) {
            ++counts[outcome_word(decoded)];
            ++number;
            std::fputs((options.output == Output::ndjson ? as_json(number, decoded, options.is_explained) + "\n"
                        : options.is_explained           ? as_explained(number, decoded)
                                                         : as_line(number, decoded))
                           .c_str(),
                       stdout);
        }
    }
    std::fflush(stdout);
    std::string summary;
    for (const auto& [outcome, count] : counts)
        summary += (summary.empty() ? "" : ", ") + std::to_string(count) + " " + outcome;
    if (!summary.empty())
        std::fprintf(stderr, "%s\n", summary.c_str());
    return is_any_empty || counts.contains("rejected") ? exit_bad_data
           : counts.contains("quarantined")            ? exit_problems
                                                       : 0;
}

} // namespace bonewatch::daemon
