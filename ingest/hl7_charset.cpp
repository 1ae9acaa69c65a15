#include "ingest/hl7_charset.h"

#include "store/model/ensure.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <iconv.h>
#include <simdjson.h>
#include <utility>

namespace bonewatch::ingest {

namespace {

constexpr std::string_view unknown_character = "\xEF\xBF\xBD";
constexpr std::string_view iso_2022_jp = "ISO-2022-JP";
constexpr std::string_view jis_x_0201 = "JISX0201";
constexpr char escape = '\x1B';

unsigned octet(char c) {
    return static_cast<unsigned char>(c);
}

bool is_between(char c, unsigned first, unsigned last) {
    return octet(c) >= first && octet(c) <= last;
}

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

/// The sets that ISO 2022 changes between.
enum class Plane : unsigned char { ascii, katakana, jis_x_0208, jis_x_0212 };

struct Designation {
    std::string_view sequence;
    Plane plane;
};
/// Of 1978 and 1983 the characters of JIS X 0208 stand in one table; JIS X 0201's Latin letters are those of ASCII.
constexpr std::array<Designation, 7> designations{{{"\x1B(B", Plane::ascii},
                                                   {"\x1B(J", Plane::ascii},
                                                   {"\x1B(I", Plane::katakana},
                                                   {"\x1B$B", Plane::jis_x_0208},
                                                   {"\x1B$@", Plane::jis_x_0208},
                                                   {"\x1B$(B", Plane::jis_x_0208},
                                                   {"\x1B$(D", Plane::jis_x_0212}}};

/// Nothing where no escape sequence that is known begins the text.
const Designation* designation_at(std::string_view text) {
    const auto found =
        std::ranges::find_if(designations, [&](const Designation& each) { return text.starts_with(each.sequence); });
    return found == designations.end() ? nullptr : &*found;
}

/// How many octets the character at the front of `text` takes in a set of one plane, by its first octets.
std::size_t character_size(std::string_view text, std::string_view charset) {
    const bool is_lead = is_between(text[0], 0x81, 0xFE);
    std::size_t size = 1;
    if (is_lead && (charset == "BIG5" || charset == "GB18030"))
        size = charset == "GB18030" && text.size() > 1 && is_between(text[1], '0', '9') ? 4 : 2;
    return std::min(size, text.size());
}

/// Walks a text of ISO 2022 and gives each character's octets, or an escape sequence, with the plane it stands in. Ends
/// of lines are ASCII again.
class Iso2022 {
  public:
    explicit Iso2022(std::string_view text) : rest_(text) {}
    struct Step {
        std::string_view octets; ///< Empty at the end.
        Plane plane = Plane::ascii;
        bool is_escape = false;
    };
    Step next() {
        if (rest_.empty())
            return {};
        if (const Designation* chosen = rest_.front() == escape ? designation_at(rest_) : nullptr) {
            plane_ = chosen->plane;
            return {take(chosen->sequence.size()), plane_, true};
        }
        if (rest_.front() == '\r' || rest_.front() == '\n')
            plane_ = Plane::ascii;
        // A blank and control characters stand for themselves in every plane.
        if (plane_ == Plane::ascii || !is_between(rest_.front(), 0x21, 0x7E))
            return {take(1), Plane::ascii, false};
        const bool is_pair = plane_ != Plane::katakana;
        return {take(is_pair ? std::min<std::size_t>(2, rest_.size()) : 1), plane_, false};
    }

  private:
    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::string_view rest_;
    Plane plane_ = Plane::ascii;
};

/// What cannot be in EUC-JP, so that iconv counts it as bad.
constexpr char no_octet = '\xFF';

/// The characters of ISO 2022 in EUC-JP, which has the same three sets in eight bits.
std::string in_euc_jp(std::string_view bytes, bool has_katakana) {
    std::string out;
    out.reserve(bytes.size());
    const auto high = [](char c) { return static_cast<char>(octet(c) | 0x80U); };
    Iso2022 walk(bytes);
    for (auto step = walk.next(); !step.octets.empty(); step = walk.next()) {
        if (step.is_escape)
            continue;
        const std::string_view octets = step.octets;
        if (step.plane == Plane::ascii) {
            const bool is_katakana = has_katakana && is_between(octets[0], 0xA1, 0xDF);
            out += is_katakana ? "\x8E" : "";
            out += is_katakana || (octet(octets[0]) < 0x80 && octets[0] != escape) ? octets[0] : no_octet;
        } else if (step.plane == Plane::katakana) {
            out += is_between(octets[0], 0x21, 0x5F) ? std::string{'\x8E', high(octets[0])} : std::string(1, no_octet);
        } else if (octets.size() == 2 && is_between(octets[1], 0x21, 0x7E)) {
            out += step.plane == Plane::jis_x_0212 ? "\x8F" : "";
            out += {high(octets[0]), high(octets[1])};
        } else {
            out += no_octet;
        }
    }
    return out;
}

Utf8 converted(std::string_view bytes, const char* charset) {
    const iconv_t converter = iconv_open("UTF-8", charset);
    ENSURE(converter != reinterpret_cast<iconv_t>(-1), "glibc knows the character sets that charset_named names");
    Utf8 out;
    out.text.reserve(bytes.size() + bytes.size() / 8);
    // iconv does not write through its input, but its type says that it may.
    char* in = const_cast<char*>(bytes.data());
    std::size_t left = bytes.size();
    std::array<char, 4096> buffer{};
    while (left > 0) {
        char* to = buffer.data();
        std::size_t room = buffer.size();
        const bool is_bad = iconv(converter, &in, &left, &to, &room) == static_cast<std::size_t>(-1) && errno != E2BIG;
        out.text.append(buffer.data(), buffer.size() - room);
        if (!is_bad)
            continue;
        out.text += unknown_character;
        ++out.bad_octets;
        ++in;
        --left;
    }
    // Some sets hold a character back until they know that nothing combines with it.
    char* to = buffer.data();
    std::size_t room = buffer.size();
    iconv(converter, nullptr, nullptr, &to, &room);
    out.text.append(buffer.data(), buffer.size() - room);
    iconv_close(converter);
    return out;
}

/// The fields between separators that are characters of their own in that set.
std::vector<std::string_view> split_fields(std::string_view line, char separator, std::string_view charset) {
    std::vector<std::string_view> fields;
    std::size_t begin = 0;
    std::size_t at = 0;
    const auto pass = [&](std::size_t size, bool is_single) {
        if (is_single && line[at] == separator) {
            fields.push_back(line.substr(begin, at - begin));
            begin = at + 1;
        }
        at += size;
    };
    if (charset == iso_2022_jp) {
        Iso2022 walk(line);
        for (auto step = walk.next(); !step.octets.empty(); step = walk.next())
            pass(step.octets.size(), !step.is_escape && step.plane == Plane::ascii);
    } else {
        while (at < line.size()) {
            const std::size_t size = character_size(line.substr(at), charset);
            pass(size, size == 1);
        }
    }
    fields.push_back(line.substr(begin));
    return fields;
}

/// A unit of UTF-16 at an octet.
unsigned unit_at(std::string_view text, std::size_t at, bool is_big_endian) {
    const unsigned first = octet(text[at]);
    const unsigned second = octet(text[at + 1]);
    return is_big_endian ? first << 8U | second : second << 8U | first;
}

/// Which UTF-16 a text of HL7 is in, and behind which mark it begins; nothing where it is in none.
std::optional<std::pair<bool, std::size_t>> utf16_of(std::string_view text) {
    for (const bool is_big_endian : {false, true}) {
        constexpr std::size_t unit = 2;
        const bool has_mark = text.size() >= unit && unit_at(text, 0, is_big_endian) == 0xFEFF;
        const std::string_view rest = text.substr(has_mark ? unit : 0);
        std::string name;
        for (std::size_t at = 0; at + unit <= rest.size() && name.size() < 3; at += unit)
            name += static_cast<char>(std::min(unit_at(rest, at, is_big_endian), 0x7FU));
        if (rest.size() > 3 * unit && (name == "MSH" || name == "FHS" || name == "BHS"))
            return std::pair(is_big_endian, text.size() - rest.size());
    }
    return std::nullopt;
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
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> east_asian{{{"ISOIR87", iso_2022_jp},
                                                                                        {"ISOIR159", iso_2022_jp},
                                                                                        {"ISOIR14", jis_x_0201},
                                                                                        {"GB180302000", "GB18030"},
                                                                                        {"GB18030", "GB18030"},
                                                                                        {"BIG5", "BIG5"},
                                                                                        {"KSX1001", "EUC-KR"},
                                                                                        {"CNS116431992", "EUC-TW"},
                                                                                        {"CNS11643", "EUC-TW"},
                                                                                        {"ISO2022JP", iso_2022_jp}}};
    for (const auto& [known, charset] : east_asian)
        if (bare == known)
            return std::string(charset);
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

std::optional<std::string> charset_of_names(std::string_view names, char repetition) {
    std::optional<std::string> best;
    const auto rank = [](const std::string& charset) {
        return charset == jis_x_0201 ? 2 : is_multibyte(charset) ? 1 : 0;
    };
    // Of further components nothing is known, and what divides them differs.
    constexpr std::string_view of_names = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 /._-";
    while (true) {
        const auto end = repetition == '\0' ? std::string_view::npos : names.find(repetition);
        const std::string_view name = names.substr(0, end);
        if (auto named = charset_named(name.substr(0, name.find_first_not_of(of_names)));
            named && (!best || rank(*named) > rank(*best)))
            best = std::move(named);
        if (end == std::string_view::npos)
            return best;
        names.remove_prefix(end + 1);
    }
}

bool is_multibyte(std::string_view charset) {
    constexpr std::array<std::string_view, 6> sets{iso_2022_jp, jis_x_0201, "GB18030", "BIG5", "EUC-KR", "EUC-TW"};
    return std::ranges::find(sets, charset) != sets.end();
}

bool has_japanese_escapes(std::string_view bytes) {
    for (auto at = bytes.find(escape); at != std::string_view::npos; at = bytes.find(escape, at + 1))
        if (const Designation* chosen = designation_at(bytes.substr(at)); chosen && chosen->plane != Plane::ascii)
            return true;
    return false;
}

Utf8 to_utf8(std::string_view bytes, const std::string& charset) {
    if (charset == iso_2022_jp || charset == jis_x_0201)
        return converted(in_euc_jp(bytes, charset == jis_x_0201), "EUC-JP");
    return converted(bytes, charset.c_str());
}

std::vector<std::string_view> msh_fields(std::string_view msh) {
    constexpr std::size_t separator_at = 3;
    constexpr std::size_t charset_at = 17;
    if (msh.size() <= separator_at)
        return {msh};
    const char separator = msh[separator_at];
    if (has_japanese_escapes(msh))
        return split_fields(msh, separator, iso_2022_jp);
    if (!is_utf8(msh))
        for (const std::string_view charset : {"GB18030", "BIG5"}) {
            auto fields = split_fields(msh, separator, charset);
            if (fields.size() > charset_at && bare_name(fields[charset_at]).contains(bare_name(charset)))
                return fields;
        }
    return split_fields(msh, separator, {});
}

bool is_utf16_hl7(std::string_view text) {
    return utf16_of(text).has_value();
}

model::Error utf16_refusal() {
    return {model::ErrorKind::malformed,
            "bad_encoding",
            "the message is in UTF-16, which only our client reads, of files; send UTF-8",
            "MSH",
            {}};
}

model::Result<std::string> utf16_hl7_to_utf8(std::string_view text) {
    const auto found = utf16_of(text);
    ENSURE(found, "the caller has looked whether it is UTF-16");
    const auto [is_big_endian, begin] = *found;
    const Utf8 read = converted(text.substr(begin), is_big_endian ? "UTF-16BE" : "UTF-16LE");
    if (read.bad_octets > 0)
        return model::fail(model::ErrorKind::malformed, "bad_encoding",
                           "it begins in UTF-16, and " + std::to_string(read.bad_octets) +
                               " octets of it are no characters of that");
    return read.text;
}

} // namespace bonewatch::ingest
