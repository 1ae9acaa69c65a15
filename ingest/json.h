#pragma once

#include "store/model/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

enum class JsonKind : unsigned char { null, boolean, number, string, array, object };

/// One value of a parsed text. Views point into the JsonText that it belongs to and die with it.
struct Json {
    struct Member;

    JsonKind kind = JsonKind::null;
    /// A string unescaped; everything else as it stands in the source: a number keeps each digit that was sent.
    std::string_view text;
    std::vector<Member> members; ///< Of an object, in order; of an array with empty keys.

    /// Nothing where this is no object or has no such member.
    [[nodiscard]] const Json* find(std::string_view key) const;
    /// The text of a string member; empty where there is none or it is something else.
    [[nodiscard]] std::string_view text_of(std::string_view key) const;
    /// The whole number that a member begins with; 0 where there is none.
    [[nodiscard]] std::uint64_t number_of(std::string_view key) const;
    /// The elements of an array member; nothing in it where there is none.
    [[nodiscard]] const std::vector<Member>& items_of(std::string_view key) const;

    [[nodiscard]] bool is_object() const { return kind == JsonKind::object; }
    [[nodiscard]] bool is_array() const { return kind == JsonKind::array; }
    [[nodiscard]] bool is_string() const { return kind == JsonKind::string; }
    [[nodiscard]] bool is_number() const { return kind == JsonKind::number; }
};

struct Json::Member {
    std::string_view key;
    Json value;
};

/// What a text may hold before it is refused.
struct JsonLimits {
    std::size_t bytes_max = std::size_t{1} << 20;
    std::size_t depth_max = 32;
    std::size_t values_max = std::size_t{1} << 20;
};

/// A parsed text and all that its values point into. Movable; the views stay valid.
struct JsonText {
    Json root;
    std::unique_ptr<char[]> texts; ///< The source, and behind it the strings unescaped.
};

/// Parses one whole JSON object or array. Strict: valid UTF-8, no duplicate keys, no NUL, nothing after it. Fails with
/// `malformed`: `too_large`, `too_deep`, `bad_encoding`, `duplicate_key`, `bad_json`; the place is a JSON path.
[[nodiscard]] model::Result<JsonText> parse_json(std::string_view text, const JsonLimits& limits = {});

/// From a value to the one inside it at `index`, in a JSON path: `.key`, or `[2]` of an array.
[[nodiscard]] std::string path_step(const Json& value, std::size_t index);

/// Path of the first null, empty string, empty array or empty object below `value`, which FHIR forbids; nulls that only
/// hold a place in an array of primitives are allowed.
[[nodiscard]] std::optional<std::string> find_empty(const Json& value, const std::string& path = "$");

} // namespace bonewatch::ingest
