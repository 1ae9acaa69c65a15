#include "daemon/shelved_row.h"

#include "ingest/json.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <charconv>
#include <simdjson.h>
#include <sodium.h>

namespace bonewatch::daemon {

namespace {

using model::Result;

constexpr std::size_t tries_max = 20;
constexpr std::size_t text_bytes_max = 200;

std::string base64(std::string_view bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    out.pop_back(); // The NUL.
    return out;
}

Result<std::string> from_base64(std::string_view text) {
    std::string out(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                          &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
        return model::fail(model::ErrorKind::malformed, "bad_shelved_row", "raw_base64 is no base64");
    out.resize(size);
    return out;
}

void write_where_any(model::JsonWriter& json, std::string_view name, std::string_view text) {
    if (!text.empty())
        json.text(name, text);
}

} // namespace

void ShelvedRow::add_try(ShelvedTry one) {
    ++tried;
    if (tries.size() >= tries_max)
        tries.erase(tries.begin());
    tries.push_back(std::move(one));
}

void note_why(ShelvedRow& row, std::string_view raw, const model::Error& error) {
    row.reason = error.reason;
    row.place = error.place;
    row.message = error.message;
    row.text = text_at_place(raw, error.place);
    if (row.text.empty())
        row.text = error.unmapped;
}

void note_meant(ShelvedRow& row, const ingest::Meant& meant) {
    row.code = meant.code.text;
    row.date = meant.at ? model::to_text(*meant.at) : std::string();
}

std::string encode(const ShelvedRow& row) {
    model::JsonWriter json;
    json.begin_object();
    json.text("received_at", row.received_at);
    json.text("publisher", row.publisher);
    json.text("state", row.state);
    json.text("reason", row.reason);
    json.text("place", row.place);
    write_where_any(json, "text", row.text);
    json.text("message", row.message);
    json.text("kind", row.kind);
    write_where_any(json, "id", row.id);
    write_where_any(json, "code", row.code);
    write_where_any(json, "date", row.date);
    write_where_any(json, "format", row.format);
    if (row.is_backfill)
        json.flag("backfill", true);
    write_where_any(json, "outcome", row.outcome);
    write_where_any(json, "dismissed_at", row.dismissed_at);
    write_where_any(json, "dismissed_by", row.dismissed_by);
    write_where_any(json, "note", row.note);
    if (row.tried > 0) {
        json.number("tried", static_cast<std::int64_t>(row.tried));
        json.begin_array("tries");
        for (const ShelvedTry& one : row.tries) {
            model::JsonWriter element;
            element.begin_object();
            element.text("at", one.at);
            element.text("outcome", one.outcome);
            write_where_any(element, "reason", one.reason);
            write_where_any(element, "place", one.place);
            write_where_any(element, "message", one.message);
            element.end_object();
            json.raw(element.take());
        }
        json.end_array();
    }
    write_where_any(json, "within", row.within);
    write_where_any(json, "patient", row.patient);
    json.text("raw", row.raw);
    if (!simdjson::validate_utf8(row.raw))
        json.text("raw_base64", base64(row.raw));
    json.end_object();
    return json.take();
}

Result<ShelvedRow> decode_shelved_row(std::string_view text) {
    const auto parsed = ingest::parse_json(text, {.bytes_max = text.size() + 1});
    if (!parsed)
        return std::unexpected(parsed.error());
    const ingest::Json& json = parsed->root;
    const auto member = [&](std::string_view name) { return std::string(json.text_of(name)); };
    ShelvedRow row;
    row.received_at = member("received_at");
    row.publisher = member("publisher");
    row.format = member("format");
    row.is_backfill = json.find("backfill") != nullptr;
    row.kind = member("kind");
    row.id = member("id");
    row.code = member("code");
    row.date = member("date");
    row.reason = member("reason");
    row.place = member("place");
    row.message = member("message");
    row.text = member("text");
    if (json.find("state") != nullptr)
        row.state = member("state");
    row.outcome = member("outcome");
    row.dismissed_by = member("dismissed_by");
    row.dismissed_at = member("dismissed_at");
    row.note = member("note");
    row.tried = json.number_of("tried");
    for (const auto& [none, one] : json.items_of("tries"))
        row.tries.push_back({std::string(one.text_of("at")), std::string(one.text_of("outcome")),
                             std::string(one.text_of("reason")), std::string(one.text_of("place")),
                             std::string(one.text_of("message"))});
    row.within = member("within");
    row.patient = member("patient");
    row.raw = member("raw");
    if (json.find("raw_base64") != nullptr) {
        auto raw = from_base64(json.text_of("raw_base64"));
        if (!raw)
            return std::unexpected(raw.error());
        row.raw = std::move(*raw);
    }
    return row;
}

std::string place_in_resource(std::string_view place) {
    if (place.starts_with("line "))
        if (const auto comma = place.find(", "); comma != std::string_view::npos)
            place.remove_prefix(comma + 2);
    constexpr std::string_view entry_end = "].resource";
    if (place.starts_with("$.entry["))
        if (const auto at = place.rfind(entry_end); at != std::string_view::npos)
            return "$" + std::string(place.substr(at + entry_end.size()));
    return std::string(place);
}

std::string place_without_indices(std::string_view place) {
    std::string out;
    bool is_index = false;
    for (const char c : place_in_resource(place)) {
        if (c == '[')
            is_index = true;
        if (!is_index)
            out += c;
        if (c == ']')
            is_index = false;
    }
    constexpr std::size_t bytes_max = 120;
    out.resize(std::min(out.size(), bytes_max));
    return out;
}

std::string text_at_place(std::string_view raw, std::string_view place) {
    const std::string whole = place_in_resource(place);
    if (!whole.starts_with('$'))
        return {};
    std::string_view path = std::string_view(whole).substr(1);
    const auto parsed = ingest::parse_json(raw, {.bytes_max = raw.size() + 1});
    if (!parsed)
        return {};
    const ingest::Json* value = &parsed->root;
    while (value != nullptr && !path.empty()) {
        const bool is_index = path.front() == '[';
        path.remove_prefix(1);
        const std::string_view step = path.substr(0, is_index ? path.find(']') : path.find_first_of(".["));
        path.remove_prefix(step.size() + (is_index && step.size() < path.size() ? 1 : 0));
        if (!is_index) {
            value = value->find(step);
            continue;
        }
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
        const bool is_there = error == std::errc() && value->is_array() && index < value->members.size();
        value = is_there ? &value->members[index].value : nullptr;
    }
    if (value == nullptr || value == &parsed->root)
        return {};
    std::string_view text = value->text.substr(0, text_bytes_max);
    // No character is cut in two.
    while (text.size() < value->text.size() && !text.empty() &&
           (static_cast<unsigned char>(value->text[text.size()]) & 0xC0) == 0x80)
        text.remove_suffix(1);
    return std::string(text);
}

} // namespace bonewatch::daemon
