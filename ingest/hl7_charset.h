#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// Whether the bytes are strict UTF-8.
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// What iconv calls the character set that a message or a setting names: `8859/1` … `8859/15`, `CP1252`, `ASCII` and
/// `UNICODE UTF-8`, both of which are UTF-8, however their words are joined. Nothing for any other.
[[nodiscard]] std::optional<std::string> charset_named(std::string_view name);

/// The bytes in UTF-8. `charset`: as `charset_named` gives it. A byte that it lacks becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view bytes, const std::string& charset);

} // namespace bonewatch::ingest
