#pragma once

#include "store/model/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace bonewatch::store {

/// How far a subscriber has read the feed: of each partition the position of the last entry taken. Opaque to
/// subscribers; its text is theirs to keep.
struct Cursor {
    std::uint64_t epoch = 0;                         ///< Of the store that numbered the positions.
    std::map<std::uint8_t, std::uint64_t> positions; ///< Partition -> position; 0, or missing: nothing taken yet.
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// `bw1-…`: store/README.md, "Cursor text". Positions of 0 leave no trace in it.
[[nodiscard]] std::string to_text(const Cursor& cursor);
/// Fails with `malformed` on any text that `to_text` would not have written.
[[nodiscard]] model::Result<Cursor> parse_cursor(std::string_view text);

} // namespace bonewatch::store
