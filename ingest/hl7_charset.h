#pragma once

#include "store/model/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// Whether the bytes are strict UTF-8.
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// What iconv calls the character set that a message or a setting names, however its words are joined: `8859/1` …
/// `8859/15`, `CP1252`; `ASCII` and `UNICODE UTF-8`, both of which are UTF-8; `GB 18030-2000`, `BIG-5`, `KS X 1001`
/// (EUC-KR), `CNS 11643-1992` (EUC-TW); `ISO IR87` and `ISO IR159` (ISO-2022-JP: JIS X 0208 and 0212 by escape
/// sequences), `ISO IR14` (JISX0201: these, and half-width katakana in eight bits). Nothing for any other.
[[nodiscard]] std::optional<std::string> charset_named(std::string_view name);

/// The set of a message whose MSH-18 is `names`: of its repetitions the one of most characters. Nothing where none is
/// known.
[[nodiscard]] std::optional<std::string> charset_of_names(std::string_view names, char repetition);

/// Whether a character of the set (as `charset_named` gives it) may take several octets, that may be those of
/// delimiters: a text with an octet that is none of the set's cannot be read.
[[nodiscard]] bool is_multibyte(std::string_view charset);

/// Whether the bytes have an escape sequence of ISO 2022 that chooses a Japanese set: they say themselves what they
/// are, though all of them are ASCII too.
[[nodiscard]] bool has_japanese_escapes(std::string_view bytes);

struct Utf8 {
    std::string text;
    std::size_t bad_octets = 0; ///< Of no character in the set; each became U+FFFD.
};

/// The bytes in UTF-8. `charset`: as `charset_named` gives it. Of JIS X 0201 the signs 5C and 7E are those of ASCII, as
/// HL7 uses them.
[[nodiscard]] Utf8 to_utf8(std::string_view bytes, const std::string& charset);

/// The fields of an MSH as they came, whose separator is its fourth octet: [0] is `MSH`, [1] MSH-2, so that MSH-18 is
/// [17]. An octet of a character of several is no separator, in the set that MSH-18 itself names or escapes announce.
[[nodiscard]] std::vector<std::string_view> msh_fields(std::string_view msh);

/// Whether a text is HL7 v2 in UTF-16: its first letters are MSH, FHS or BHS, behind a byte order mark or not.
[[nodiscard]] bool is_utf16_hl7(std::string_view text);
/// Why a door does not take it: octets of UTF-16 may be those that frame messages or end segments.
[[nodiscard]] model::Error utf16_refusal();
/// Such a text in UTF-8. Fails with `malformed`, `bad_encoding`, where it is no strict UTF-16.
[[nodiscard]] model::Result<std::string> utf16_hl7_to_utf8(std::string_view text);

} // namespace bonewatch::ingest
