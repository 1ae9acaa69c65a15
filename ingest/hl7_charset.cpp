#include "ingest/hl7_charset.h"

#include "store/model/ensure.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <iconv.h>
#include <simdjson.h>

namespace bonewatch::ingest {

namespace {

constexpr std::string_view unknown_character = "\xEF\xBF\xBD";

/// Letters in upper case and digits alone: `ISO-8859-1` and `ISO 8859/1` are one name.
std::string bare_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c >= 'a' && c <= 'z')
            out += static_cast<char>(c - 'a' + 'A');
        else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out += c;
    }
    return out;
}

} // namespace

bool is_utf8(std::string_view bytes) {
    return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::optional<std::string> charset_named(std::string_view name) {
    const std::string bare = bare_name(name);
    for (const std::string_view utf8 : {"ASCII", "USASCII", "UTF8", "UNICODEUTF8", "UNICODE", "ISOIR6", "ISOIR192"})
        if (bare == utf8)
            return "UTF-8";
    for (const std::string_view windows : {"CP1252", "WINDOWS1252", "WIN1252", "1252", "ANSI"})
        if (bare == windows)
            return "CP1252";
    std::string_view part = bare;
    if (part.starts_with("ISO"))
        part.remove_prefix(3);
    if (!part.starts_with("8859"))
        return std::nullopt;
    part.remove_prefix(4);
    int number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    // There is no 8859/12.
    const bool is_part =
        error == std::errc{} && end == part.data() + part.size() && number >= 1 && number <= 15 && number != 12;
    return is_part ? std::optional("ISO-8859-" + std::to_string(number)) : std::nullopt;
}

std::string to_utf8(std::string_view bytes, const std::string& charset) {
    const iconv_t converter = iconv_open("UTF-8", charset.c_str());
    ENSURE(converter != reinterpret_cast<iconv_t>(-1), "glibc knows the character sets that charset_named names");
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    // iconv does not write through its input, but its type says that it may.
    char* in = const_cast<char*>(bytes.data());
    std::size_t left = bytes.size();
    std::array<char, 4096> buffer{};
    while (left > 0) {
        char* to = buffer.data();
        std::size_t room = buffer.size();
        const bool is_bad = iconv(converter, &in, &left, &to, &room) == static_cast<std::size_t>(-1) && errno != E2BIG;
        out.append(buffer.data(), buffer.size() - room);
        if (!is_bad)
            continue;
        out += unknown_character;
        ++in;
        --left;
    }
    iconv_close(converter);
    return out;
}

} // namespace bonewatch::ingest
