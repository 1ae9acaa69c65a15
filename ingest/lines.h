#pragma once

#include "ingest/decode.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace bonewatch::ingest {

/// A line of a message, without its line end.
struct Line {
    std::string_view text;
    std::size_t number = 0; ///< From 1, blank ones counted.
};

/// Walks the lines of a message, LF or CRLF, leaving out blank ones and a byte order mark at the front.
class Lines {
  public:
    explicit Lines(std::string_view message);
    /// Nothing after the last.
    [[nodiscard]] std::optional<Line> next();

  private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

/// What the outcomes of one body may keep of it, all together: each keeps what it came from, and some of that many
/// times.
inline constexpr std::size_t kept_bytes_max = std::size_t{256} << 20;

/// A message that could not be read at that place, or only a line of it.
[[nodiscard]] Decoded rejected(model::Error error, std::string kind, std::string_view raw);

/// `line 3, $.at`: where in the message a place of a line's own is.
[[nodiscard]] std::string place_in_line(std::size_t number, std::string_view place);

} // namespace bonewatch::ingest
