#include "ingest/hl7_text.h"

#include "ingest/hl7_charset.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace bonewatch::ingest {

namespace {

/// The part of that number, between delimiters; a NUL delimiter divides nothing.
std::string_view part(std::string_view text, char delimiter, std::size_t number) {
    if (delimiter == '\0')
        return number == 1 ? text : std::string_view{};
    for (; number > 1; --number) {
        const auto at = text.find(delimiter);
        if (at == std::string_view::npos)
            return {};
        text.remove_prefix(at + 1);
    }
    return text.substr(0, text.find(delimiter));
}

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// `\X0D0A\`: bytes of the message's own character set.
std::optional<std::string> hex_bytes(std::string_view digits, const Hl7Encoding& encoding) {
    if (digits.empty() || digits.size() % 2 != 0)
        return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_digit(digits[i]);
        const int low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return is_utf8(bytes) ? bytes : to_utf8(bytes, encoding.charset.empty() ? "CP1252" : encoding.charset).text;
}

/// `\.br\`, `\.sp 2\`, …: layout of formatted text.
std::optional<std::string> layout(std::string_view command) {
    constexpr std::size_t spaces_max = 80;
    const auto name = command.substr(0, 3);
    const auto rest = trimmed(command.substr(std::min<std::size_t>(3, command.size())));
    std::size_t count = 1;
    if (!rest.empty()) {
        const auto digits = rest.substr(rest.front() == '+' || rest.front() == '-' ? 1 : 0);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
        if (error != std::errc{} || end != digits.data() + digits.size())
            return std::nullopt;
    }
    count = std::min(count, spaces_max);
    if (name == ".br" || name == ".ce")
        return "\n";
    if (name == ".sp")
        return std::string(count, '\n');
    if (name == ".sk")
        return std::string(count, ' ');
    const bool is_known = name == ".in" || name == ".ti" || name == ".fi" || name == ".nf";
    return is_known ? std::optional<std::string>("") : std::nullopt;
}

/// What stands between two escape characters means; nothing where that is not known.
std::optional<std::string> meaning_of_escape(std::string_view inside, const Hl7Encoding& encoding) {
    if (inside.empty())
        return std::nullopt;
    if (inside.size() == 1)
        switch (inside.front()) {
        case 'F':
            return std::string(1, encoding.field);
        case 'S':
            return std::string(1, encoding.component);
        case 'T':
            return std::string(1, encoding.subcomponent);
        case 'R':
            return std::string(1, encoding.repetition);
        case 'E':
            return std::string(1, encoding.escape);
        case 'P':
            return encoding.truncation == '\0' ? std::nullopt : std::optional(std::string(1, encoding.truncation));
        case 'H':
        case 'N':
            return std::string();
        default:
            return std::nullopt;
        }
    if (inside.front() == 'X')
        return hex_bytes(inside.substr(1), encoding);
    return inside.front() == '.' ? layout(inside) : std::nullopt;
}

std::string unescaped(std::string_view text, const Hl7Encoding& encoding) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto begin = text.find(encoding.escape);
        out += text.substr(0, begin);
        if (begin == std::string_view::npos)
            break;
        text.remove_prefix(begin);
        const auto end = text.find(encoding.escape, 1);
        if (end == std::string_view::npos) {
            out += text;
            break;
        }
        const auto meaning = meaning_of_escape(text.substr(1, end - 1), encoding);
        if (meaning)
            out += *meaning;
        else
            out += text.substr(0, end + 1);
        text.remove_prefix(end + 1);
    }
    return out;
}

} // namespace

bool Hl7Text::is_null() const {
    return trimmed(raw_) == "\"\"";
}

bool Hl7Text::has_value() const {
    const auto text = trimmed(raw_);
    return !text.empty() && text != "\"\"";
}

Hl7Text Hl7Text::repetition(std::size_t number) const {
    if (raw_.empty())
        return {};
    return {part(raw_, encoding_->repetition, number), *encoding_};
}

Hl7Text Hl7Text::component(std::size_t number) const {
    if (raw_.empty())
        return {};
    return {part(repetition(1).raw_, encoding_->component, number), *encoding_};
}

Hl7Text Hl7Text::subcomponent(std::size_t number) const {
    if (raw_.empty())
        return {};
    return {part(component(1).raw_, encoding_->subcomponent, number), *encoding_};
}

std::vector<Hl7Text> Hl7Text::repetitions() const {
    return parts(raw_, encoding_ == nullptr ? '\0' : encoding_->repetition);
}

std::vector<Hl7Text> Hl7Text::components() const {
    return parts(repetition(1).raw_, encoding_ == nullptr ? '\0' : encoding_->component);
}

std::vector<Hl7Text> Hl7Text::parts(std::string_view raw, char delimiter) const {
    std::vector<Hl7Text> out;
    while (true) {
        const auto at = delimiter == '\0' ? std::string_view::npos : raw.find(delimiter);
        out.emplace_back().raw_ = raw.substr(0, at);
        out.back().encoding_ = encoding_;
        if (at == std::string_view::npos)
            return out;
        raw.remove_prefix(at + 1);
    }
}

std::size_t Hl7Text::repetition_count() const {
    if (raw_.empty() || encoding_->repetition == '\0')
        return 1;
    return 1 + static_cast<std::size_t>(std::ranges::count(raw_, encoding_->repetition));
}

std::size_t Hl7Text::component_count() const {
    if (raw_.empty() || encoding_->component == '\0')
        return 1;
    return 1 + static_cast<std::size_t>(std::ranges::count(repetition(1).raw_, encoding_->component));
}

std::string Hl7Text::text() const {
    if (!has_value())
        return {};
    const bool is_plain = encoding_->escape == '\0' || raw_.find(encoding_->escape) == std::string_view::npos;
    const auto inner = trimmed(raw_);
    return is_plain ? std::string(inner) : std::string(trimmed(unescaped(inner, *encoding_)));
}

bool Hl7Text::is(std::string_view word) const {
    return is_same_word(trimmed(raw_), word);
}

bool is_same_word(std::string_view one, std::string_view other) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(one, other, {}, lower, lower);
}

} // namespace bonewatch::ingest
