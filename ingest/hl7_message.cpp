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

/// MSH-18 of a message whose bytes are no UTF-8: read by its delimiters alone, which no character set here moves.
std::string_view stated_charset(std::string_view msh, const Hl7Encoding& encoding) {
    constexpr std::size_t charset_field = 18;
    for (std::size_t field = 1; field < charset_field; ++field) {
        const auto at = msh.find(encoding.field);
        if (at == std::string_view::npos)
            return {};
        msh.remove_prefix(at + 1);
    }
    const auto stated = msh.substr(0, msh.find(encoding.field));
    return encoding.repetition == '\0' ? stated : stated.substr(0, stated.find(encoding.repetition));
}

/// The set that bytes which are no UTF-8 are read in; `is_assumed` where nobody but the settings says so.
Result<std::string> charset_of(std::string_view stated, std::string_view fallback, bool& is_assumed) {
    const auto named = charset_named(stated);
    if (!stated.empty() && !named)
        return fail(ErrorKind::malformed, "bad_encoding",
                    "the message is in '" + std::string(stated.substr(0, 40)) +
                        "', which is not read here; send UTF-8, 8859/1 to 8859/15 or CP1252",
                    "MSH-18");
    is_assumed = !named || *named == "UTF-8";
    if (!is_assumed)
        return *named;
    const auto assumed = charset_named(fallback);
    return assumed && *assumed != "UTF-8" ? *assumed : std::string("CP1252");
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
    const bool is_converted = !is_utf8(text);
    if (is_converted) {
        bool is_assumed = false;
        auto charset = charset_of(stated_charset(*msh, *message.encoding_), fallback, is_assumed);
        if (!charset)
            return std::unexpected(std::move(charset.error()));
        message.encoding_->charset = *charset;
        if (is_assumed)
            message.warnings_.push_back("charset_assumed: its bytes are no UTF-8; they are read as " + *charset);
    } else if (const auto stated = charset_named(stated_charset(*msh, *message.encoding_)); stated) {
        message.encoding_->charset = *stated == "UTF-8" ? std::string() : *stated;
    }
    if (is_converted)
        message.convert(text);
    else
        message.split(text);
    message.type_ = in_capitals(message.msh()[9].component(1).text());
    message.event_ = in_capitals(message.msh()[9].component(2).text());
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

void Hl7Message::convert(std::string_view text) {
    auto all = std::make_unique<std::string>();
    std::vector<std::pair<std::size_t, std::string_view>> starts;
    Hl7Lines lines(text);
    while (const auto line = lines.next()) {
        starts.emplace_back(all->size(), *line);
        *all += to_utf8(*line, encoding_->charset);
    }
    reserve(*all, starts.size());
    Counts counts;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t end = i + 1 < starts.size() ? starts[i + 1].first : all->size();
        add_segment(std::string_view(*all).substr(starts[i].first, end - starts[i].first), starts[i].second, counts);
    }
    converted_ = std::move(all);
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
