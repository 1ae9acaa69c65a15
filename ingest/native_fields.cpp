#include "ingest/native_fields.h"

#include <charconv>

namespace bonewatch::ingest {

using model::Error;
using model::ErrorKind;
using model::Result;
using model::Version;

std::unexpected<Error> refuse_field(std::string_view key, std::string reason, std::string message) {
    return model::fail(ErrorKind::unusable, std::move(reason), std::move(message), "$." + std::string(key));
}

std::unexpected<Error> at_field(std::string_view key, Error error) {
    error.kind = ErrorKind::unusable;
    error.place = "$." + std::string(key) + error.place;
    return std::unexpected(std::move(error));
}

Result<std::optional<std::string_view>> optional_text(const Json& line, std::string_view key, std::size_t bytes_max) {
    const Json* value = line.find(key);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_string() || value->text.empty() || value->text.size() > bytes_max)
        return refuse_field(key, "bad_field",
                            "'" + std::string(key) + "' must be a text of 1 to " + std::to_string(bytes_max) +
                                " bytes");
    return value->text;
}

Result<std::string_view> required_text(const Json& line, std::string_view key, std::size_t bytes_max) {
    auto text = optional_text(line, key, bytes_max);
    if (!text)
        return std::unexpected(std::move(text.error()));
    if (!*text)
        return refuse_field(key, "missing_field", "'" + std::string(key) + "' is missing");
    return **text;
}

Result<std::optional<std::string_view>> optional_value_text(const Json& line, std::string_view key) {
    const Json* value = line.find(key);
    if (value != nullptr && value->is_number())
        return value->text;
    return optional_text(line, key);
}

std::optional<std::int64_t> whole_number(const Json& value) {
    if (!value.is_number() && !value.is_string())
        return std::nullopt;
    std::int64_t number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [at, error] = std::from_chars(value.text.data(), end, number);
    if (error != std::errc() || at != end)
        return std::nullopt;
    return number;
}

Result<std::optional<Version>> optional_version(const Json& line, std::string_view key) {
    const Json* value = line.find(key);
    if (value == nullptr)
        return std::nullopt;
    Version version;
    if (value->is_array()) {
        for (const auto& [none, part] : value->members)
            if (const auto number = whole_number(part))
                version.parts.push_back(*number);
    } else if (const auto number = whole_number(*value)) {
        version.parts.push_back(*number);
    }
    const std::size_t wanted = value->is_array() ? value->members.size() : 1;
    if (version.parts.size() != wanted || wanted == 0 || wanted > 8)
        return refuse_field(key, "bad_version",
                            "'" + std::string(key) + "' must be a whole number, or one to eight in a list");
    return version;
}

} // namespace bonewatch::ingest
