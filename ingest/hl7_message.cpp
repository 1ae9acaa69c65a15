#include "ingest/hl7_message.h"

#include "ingest/hl7_charset.h"
#include "ingest/hl7_lines.h"
#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;

std::unexpected<model::Error> bad_msh(std::string message, std::string place) {
    return fail(ErrorKind::malformed, "bad_msh", std::move(message), std::move(place));
}

/// What MSH-1 and MSH-2 say. `line`: of the MSH segment.
Result<Hl7Encoding> encoding_of(std::string_view line) {
    constexpr std::size_t separator_at = 3;
    Hl7Encoding encoding;
    encoding.field = line[separator_at];
    const std::string_view rest = line.substr(separator_at + 1);
    const std::string_view signs = rest.substr(0, rest.find(encoding.field));
    // The later ones may be left out by a message that does without them.
    char* const places[] = {&encoding.component, &encoding.repetition, &encoding.escape, &encoding.subcomponent,
                            &encoding.truncation};
    if (signs.empty() || signs.size() > std::size(places))
        return bad_msh("MSH-2 holds the message's delimiters, as in ^~\\&", "MSH-2");
    for (std::size_t i = 0; i < std::size(places); ++i) {
        *places[i] = i < signs.size() ? signs[i] : '\0';
        const bool is_taken = i < signs.size() && (signs.substr(0, i).find(signs[i]) != std::string_view::npos);
        if (i < signs.size() && (is_taken || !is_hl7_delimiter(signs[i])))
            return bad_msh("MSH-2 '" + std::string(signs) + "' names no delimiters: each is another sign", "MSH-2");
    }
    return encoding;
}

std::string in_capitals(std::string text) {
    for (char& c : text)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

/// MSH-18, from the octets of MSH.
std::string_view stated_charset(std::string_view msh) {
    constexpr std::size_t charset_at = 17;
    const auto fields = msh_fields(msh);
    const std::string_view stated = charset_at < fields.size() ? fields[charset_at] : std::string_view{};
    return stated == R"("")" ? std::string_view{} : stated;
}

/// How a message's octets are read.
struct Reading {
    std::string charset;      ///< As `charset_named` gives it.
    bool is_converted = true; ///< Else they are UTF-8.
    std::string warning;
};

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_japanese(const std::optional<std::string>& charset) {
    return charset && (*charset == charset_named("ISO IR87") || *charset == charset_named("ISO IR14"));
}

Result<Reading> reading_of(std::string_view text, std::string_view stated, char repetition, std::string_view fallback) {
    const auto named = charset_of_names(stated, repetition);
    const auto assumed = charset_named(fallback);
    const std::string words = "'" + std::string(stated.substr(0, 40)) + "'";
    if (has_japanese_escapes(text)) {
        if (is_japanese(named))
            return Reading{*named, true, {}};
        return Reading{
            is_japanese(assumed) ? *assumed : *charset_named("ISO IR87"), true,
            "charset_assumed: it has escape sequences of ISO 2022, which MSH-18 does not name; they are heeded"};
    }
    if (is_utf8(text)) {
        const bool is_other = named && is_multibyte(*named) && !is_ascii(text);
        return Reading{named.value_or("UTF-8"), false,
                       is_other ? "charset_assumed: its bytes are UTF-8, and read so, though MSH-18 says " + words
                                : ""};
    }
    if (!stated.empty() && !named)
        return fail(ErrorKind::malformed, "bad_encoding",
                    "the message is in " + words +
                        ", which is not read here; send UTF-8, or another set of HL7 table 0211 that README.md names",
                    "MSH-18");
    if (named && *named != "UTF-8")
        return Reading{*named, true, {}};
    const std::string charset = assumed && *assumed != "UTF-8" ? *assumed : "CP1252";
    return Reading{charset, true, "charset_assumed: its bytes are no UTF-8; they are read as " + charset};
}

} // namespace

Hl7Text Hl7Segment::operator[](std::size_t field) const {
    if (looked_at_ != nullptr && field < fields_.size())
        looked_at_[field] = true;
    return field < fields_.size() ? Hl7Text(fields_[field], *encoding_) : Hl7Text();
}

Result<Hl7Message> Hl7Message::read(std::string_view text, std::string_view fallback) {
    Hl7Lines lines(text);
    const auto msh = lines.next();
    if (!msh || !msh->starts_with("MSH") || msh->size() < 5 || !is_hl7_delimiter((*msh)[3]))
        return bad_msh("a message begins with the segment MSH, as in MSH|^~\\&|", "MSH");
    auto encoding = encoding_of(*msh);
    if (!encoding)
        return std::unexpected(std::move(encoding.error()));
    Hl7Message message;
    message.encoding_ = std::make_unique<Hl7Encoding>(std::move(*encoding));
    auto reading = reading_of(text, stated_charset(*msh), message.encoding_->repetition, fallback);
    if (!reading)
        return std::unexpected(std::move(reading.error()));
    message.encoding_->charset = reading->charset == "UTF-8" ? std::string() : reading->charset;
    if (!reading->warning.empty())
        message.warnings_.push_back(std::move(reading->warning));
    if (!reading->is_converted)
        message.split(text);
    else if (auto converted = message.convert(text); !converted)
        return std::unexpected(std::move(converted.error()));
    message.type_ = in_capitals(message.msh()[9].component(1).text());
    message.event_ = in_capitals(message.msh()[9].component(2).text());
    // Old senders name the event in EVN alone, and some the structure (`ORU_R01`) in place of the type.
    if (message.event_.empty() && message.type_.size() == 7 && message.type_[3] == '_') {
        message.event_ = message.type_.substr(4);
        message.type_.resize(3);
    }
    if (const Hl7Segment* evn = message.find("EVN"); evn != nullptr && message.event_.empty())
        message.event_ = in_capitals((*evn)[1].component(1).text());
    if (message.type_.empty())
        return bad_msh("MSH-9 says what a message is, as in ORU^R01; it is missing", "MSH-9");
    return message;
}

void Hl7Message::split(std::string_view text) {
    reserve(text,
            1 + static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c == '\r' || c == '\n'; })));
    Counts counts;
    Hl7Lines lines(text);
    while (const auto line = lines.next())
        add_segment(*line, *line, counts);
}

Result<void> Hl7Message::convert(std::string_view text) {
    auto all = std::make_unique<std::string>();
    std::vector<std::pair<std::size_t, std::string_view>> starts;
    std::size_t bad_octets = 0;
    std::string bad_segment;
    Hl7Lines lines(text);
    while (const auto line = lines.next()) {
        starts.emplace_back(all->size(), *line);
        const Utf8 read = to_utf8(*line, encoding_->charset);
        *all += read.text;
        bad_octets += read.bad_octets;
        if (read.bad_octets > 0 && bad_segment.empty())
            bad_segment = line->substr(0, 3);
    }
    if (bad_octets > 0) {
        const std::string what = std::to_string(bad_octets) + " octets, the first in " + bad_segment +
                                 ", are of no character in " + encoding_->charset;
        // Nobody knows where the next character begins, nor which octets are delimiters.
        if (is_multibyte(encoding_->charset))
            return fail(ErrorKind::malformed, "bad_encoding",
                        "the message cannot be read in the set that MSH-18, or the publisher's setting, names: " + what,
                        "MSH-18");
        warnings_.push_back("charset_mismatch: " + what + "; each is read as U+FFFD");
    }
    reserve(*all, starts.size());
    Counts counts;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t end = i + 1 < starts.size() ? starts[i + 1].first : all->size();
        add_segment(std::string_view(*all).substr(starts[i].first, end - starts[i].first), starts[i].second, counts);
    }
    converted_ = std::move(all);
    return {};
}

void Hl7Message::reserve(std::string_view text, std::size_t line_count) {
    // Of MSH the separator is a field itself.
    const auto separators = static_cast<std::size_t>(std::ranges::count(text, encoding_->field));
    fields_.reserve(separators + 2 * line_count);
    segments_.reserve(line_count);
}

void Hl7Message::add_segment(std::string_view text, std::string_view bytes, Counts& counts) {
    Hl7Segment& segment = segments_.emplace_back();
    const std::string name = in_capitals(std::string(text.substr(0, 3)));
    std::ranges::copy(name, segment.name_);
    segment.number_ = ++counts[name];
    segment.bytes_ = bytes;
    segment.encoding_ = encoding_.get();
    const std::size_t first = fields_.size();
    std::string_view rest = text;
    for (bool is_last = false; !is_last;) {
        const auto at = rest.find(encoding_->field);
        is_last = at == std::string_view::npos;
        fields_.push_back(rest.substr(0, at));
        if (segments_.size() == 1 && fields_.size() == 1)
            fields_.push_back(text.substr(3, 1));
        rest.remove_prefix(is_last ? rest.size() : at + 1);
    }
    ENSURE(fields_.size() <= fields_.capacity(), "fields never move: segments look at them");
    segment.fields_ = std::span<const std::string_view>(fields_).subspan(first);
}

void Hl7Message::note_fields() {
    constexpr std::size_t of_how_it_is_read[] = {1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 15, 16, 18};
    looked_at_ = std::make_unique<bool[]>(fields_.size());
    for (Hl7Segment& segment : segments_)
        segment.looked_at_ = looked_at_.get() + (segment.fields_.data() - fields_.data());
    for (const std::size_t field : of_how_it_is_read)
        static_cast<void>(msh()[field]);
}

std::vector<std::string> Hl7Message::fields_passed_over() const {
    std::vector<std::string> out;
    for (const Hl7Segment& segment : segments_) {
        if (segment.looked_at_ == nullptr)
            break;
        const std::size_t count = segment.fields_.size();
        const auto is_empty = [](std::string_view field) { return field.empty(); };
        if (std::ranges::all_of(segment.fields_.subspan(1), is_empty))
            continue;
        if (std::none_of(segment.looked_at_ + 1, segment.looked_at_ + count, [](bool is) { return is; })) {
            out.push_back(hl7_place(segment));
            continue;
        }
        for (std::size_t field = 1; field < count; ++field)
            if (!segment.looked_at_[field] && !segment.fields_[field].empty())
                out.push_back(hl7_place(segment, field));
    }
    return out;
}

const Hl7Segment* Hl7Message::find(std::string_view name) const {
    const auto found = std::ranges::find_if(segments_, [&](const Hl7Segment& each) { return each.is(name); });
    return found == segments_.end() ? nullptr : &*found;
}

std::string hl7_place(const Hl7Segment& segment, std::size_t field, std::size_t repetition, std::size_t component) {
    std::string out(segment.name());
    const auto number = [&](std::string_view before, std::size_t value, std::string_view after) {
        out.append(before).append(std::to_string(value)).append(after);
    };
    if (!segment.is("MSH"))
        number("[", segment.number(), "]");
    if (field != 0)
        number("-", field, "");
    if (repetition != 0)
        number("[", repetition, "]");
    if (component != 0)
        number(".", component, "");
    return out;
}

} // namespace bonewatch::ingest
