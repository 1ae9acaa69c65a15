#pragma once

#include "store/model/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bonewatch::config {

/// Where something stands in a file; both count from 1.
struct Place {
    int line = 1;
    int column = 1;
};

struct Entry;

/// A value of a TOML document that knows where it was written. Dates and times, which no file of ours has, are `Other`.
struct Value {
    struct Other {};
    using Array = std::vector<Value>;
    using Table = std::vector<Entry>; ///< In the order of the file.

    std::variant<Other, std::string, std::int64_t, double, bool, Array, Table> content;
    Place place;
};

/// A key of a table, with its value.
struct Entry {
    std::string key;
    Place place;
    Value value;
};

/// Reads a TOML text; the answer holds a Table. Fails with `config`, naming `file`, line and column.
[[nodiscard]] model::Result<Value> parse_document(std::string_view file, std::string_view text);

/// `vocabulary/drugs.toml:12:5`.
[[nodiscard]] std::string to_text(std::string_view file, Place place);

/// `text`, `a whole number`, …: what the value is, for messages.
[[nodiscard]] std::string_view kind_word(const Value& value);

} // namespace bonewatch::config
