#pragma once

#include "ingest/json.h"
#include "store/model/event.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// A failure to read the field `key`, with its place.
[[nodiscard]] std::unexpected<model::Error> refuse_field(std::string_view key, std::string reason, std::string message);

/// An error with the field's place, where it has none.
[[nodiscard]] std::unexpected<model::Error> at_field(std::string_view key, model::Error error);

/// The member's text, or nothing where there is none. Fails with `unusable`, `bad_field`, where it is no string, is
/// empty or longer than `bytes_max`.
[[nodiscard]] model::Result<std::optional<std::string_view>> optional_text(const Json& line, std::string_view key,
                                                                           std::size_t bytes_max = 256);

/// As `optional_text`, for a member that must be there: else `missing_field`.
[[nodiscard]] model::Result<std::string_view> required_text(const Json& line, std::string_view key,
                                                            std::size_t bytes_max = 256);

/// A string or a number, as written: `"<0.01"`, `0.71`.
[[nodiscard]] model::Result<std::optional<std::string_view>> optional_value_text(const Json& line,
                                                                                 std::string_view key);

/// A whole number, or a list of one to eight of them.
[[nodiscard]] model::Result<std::optional<model::Version>> optional_version(const Json& line, std::string_view key);

/// A whole number as a number or a string.
[[nodiscard]] std::optional<std::int64_t> whole_number(const Json& value);

} // namespace bonewatch::ingest
