#include "ingest/hl7_lines.h"

#include <algorithm>
#include <utility>

namespace bonewatch::ingest {

namespace {

constexpr std::size_t name_size = 3;
constexpr char frame_begin = '\x0B';
constexpr char frame_end = '\x1C';

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_capital_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || is_digit(c);
}

bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}

/// What programs put behind a text, and is no part of it: the end of a C string, of a block, of an old file.
bool is_end_mark(char c) {
    return c == '\0' || c == frame_end || c == '\x1A';
}

bool is_passed_over(char c) {
    return is_line_end(c) || c == frame_begin || is_end_mark(c);
}

bool is_indent(char c) {
    return c == ' ' || c == '\t';
}

bool is_blank(std::string_view line) {
    return std::ranges::all_of(line, [](char c) { return is_indent(c) || is_end_mark(c); });
}

} // namespace

bool is_hl7_delimiter(char c) {
    return c > ' ' && c < 0x7f && !is_letter(c) && !is_digit(c);
}

bool is_hl7_header(std::string_view line) {
    const bool is_named = line.starts_with("MSH") || line.starts_with("FHS") || line.starts_with("BHS");
    return is_named && line.size() > name_size && is_hl7_delimiter(line[name_size]);
}

Hl7Lines::Hl7Lines(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xEF\xBB\xBF"))
        rest_.remove_prefix(3);
}

bool Hl7Lines::begins_segment(std::string_view line) const {
    if (is_hl7_header(line))
        return true;
    const auto name = line.substr(0, name_size);
    if (name.size() < name_size || !is_letter(name.front()))
        return false;
    // A line of three letters may be a word; a segment without a single field is written in capitals.
    if (line.size() == name_size)
        return std::ranges::all_of(name, is_capital_or_digit);
    const bool is_trailer = name == "BTS" || name == "FTS";
    const bool is_separated = line[name_size] == field_ || (is_trailer && line[name_size] == batch_field_);
    return is_separated && std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

std::string_view Hl7Lines::segment_in(std::string_view line) const {
    if (begins_segment(line))
        return line;
    const auto at = static_cast<std::size_t>(std::ranges::find_if_not(line, is_indent) - line.begin());
    const std::string_view indented = line.substr(at);
    // Of a name alone nobody knows whether it is a word.
    return at > 0 && indented.size() > name_size && begins_segment(indented) ? indented : std::string_view{};
}

std::string_view Hl7Lines::take_line() {
    while (!rest_.empty()) {
        while (!rest_.empty() && is_passed_over(rest_.front()))
            rest_.remove_prefix(1);
        // Every byte of every message comes by here: find_first_of would call a function for each.
        const auto end = std::ranges::find_if(rest_, is_line_end);
        const std::string_view line(rest_.begin(), end);
        rest_.remove_prefix(line.size());
        if (!is_blank(line))
            return line;
    }
    return {};
}

std::optional<std::string_view> Hl7Lines::next() {
    std::string_view first = ahead_.empty() ? take_line() : std::exchange(ahead_, {});
    if (first.empty())
        return std::nullopt;
    if (const std::string_view segment = segment_in(first); !segment.empty())
        first = segment;
    if (is_hl7_header(first)) {
        field_ = first[name_size];
        if (!first.starts_with("MSH"))
            batch_field_ = field_;
    }
    std::string_view whole = first;
    while (true) {
        const std::string_view line = take_line();
        if (line.empty())
            break;
        if (const std::string_view segment = segment_in(line); !segment.empty()) {
            ahead_ = segment;
            break;
        }
        whole = std::string_view(whole.data(), static_cast<std::size_t>(line.data() + line.size() - whole.data()));
    }
    while (!whole.empty() && (is_end_mark(whole.back()) || whole.back() == '\r'))
        whole.remove_suffix(1);
    return whole;
}

} // namespace bonewatch::ingest
