#include "store/model/json_writer.h"

#include <simdjson.h>

#include <utility>

namespace bonewatch::model {

void JsonWriter::comma() {
    if (std::exchange(needs_comma_, true))
        out_ += ',';
}

void JsonWriter::key(std::string_view name) {
    comma();
    quote(name);
    out_ += ':';
}

void JsonWriter::quote(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    const bool is_utf8 = simdjson::validate_utf8(text.data(), text.size());
    out_ += '"';
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (c == '\n') {
            out_ += "\\n";
        } else if (octet < 0x20) {
            out_ += "\\u00";
            out_ += digits[octet >> 4];
            out_ += digits[octet & 15];
        } else {
            out_ += octet > 0x7f && !is_utf8 ? '?' : c;
        }
    }
    out_ += '"';
}

void JsonWriter::begin_object() {
    comma();
    out_ += '{';
    needs_comma_ = false;
}

void JsonWriter::begin_object(std::string_view name) {
    key(name);
    out_ += '{';
    needs_comma_ = false;
}

void JsonWriter::end_object() {
    out_ += '}';
    needs_comma_ = true;
}

void JsonWriter::begin_array() {
    comma();
    out_ += '[';
    needs_comma_ = false;
}

void JsonWriter::begin_array(std::string_view name) {
    key(name);
    out_ += '[';
    needs_comma_ = false;
}

void JsonWriter::end_array() {
    out_ += ']';
    needs_comma_ = true;
}

void JsonWriter::text(std::string_view name, std::string_view value) {
    key(name);
    quote(value);
}

void JsonWriter::number(std::string_view name, std::int64_t value) {
    key(name);
    out_ += std::to_string(value);
}

void JsonWriter::flag(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
}

void JsonWriter::raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
}

void JsonWriter::text(std::string_view value) {
    comma();
    quote(value);
}

void JsonWriter::raw(std::string_view json) {
    comma();
    out_ += json;
}

std::string JsonWriter::take() {
    needs_comma_ = false;
    return std::exchange(out_, {});
}

} // namespace bonewatch::model
