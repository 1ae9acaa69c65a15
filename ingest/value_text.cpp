#include "ingest/value_text.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Bound;
using model::Rational;
using model::Result;
using model::ValueInterval;

constexpr int exact_digits_max = 12;
constexpr int rounded_digits = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void skip_spaces(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
}

/// Signs that mean the same as those of ASCII: full-width forms (`＜0.01`), the typographer's minus and spaces.
std::string with_plain_signs(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 4> signs{
        {{"\u2212", '-'}, {"\u00a0", ' '}, {"\u2009", ' '}, {"\u202f", ' '}}};
    // Full-width forms begin at U+FF01, which stands for U+0021.
    constexpr std::string_view first_block = "\xEF\xBC";
    constexpr std::string_view second_block = "\xEF\xBD";
    std::string out;
    while (!text.empty()) {
        const auto sign = std::ranges::find_if(signs, [&](const auto& each) { return text.starts_with(each.first); });
        const auto last = text.size() < 3 ? 0 : static_cast<unsigned char>(text[2]);
        if (sign != signs.end()) {
            out += sign->second;
            text.remove_prefix(sign->first.size());
        } else if (text.starts_with(first_block) && last >= 0x81) {
            out += static_cast<char>(last - 0x81 + '!');
            text.remove_prefix(3);
        } else if (text.starts_with(second_block) && last >= 0x80 && last <= 0x9E) {
            out += static_cast<char>(last - 0x80 + '`');
            text.remove_prefix(3);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool take(std::string_view& text, std::string_view word) {
    if (text.size() < word.size())
        return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != word[i])
            return false;
    }
    text.remove_prefix(word.size());
    return true;
}

/// Takes the longest decimal off the front; empty where there is none.
std::string_view take_number(std::string_view& text) {
    std::size_t at = 0;
    if (at < text.size() && (text[at] == '-' || text[at] == '+'))
        ++at;
    bool any = false;
    bool point = false;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
        any = any || is_digit(text[at]);
        point = point || text[at] == '.';
    }
    if (!any)
        return {};
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::size_t end = at + 1;
        if (end < text.size() && (text[end] == '-' || text[end] == '+'))
            ++end;
        if (end < text.size() && is_digit(text[end])) {
            while (end < text.size() && is_digit(text[end]))
                ++end;
            at = end;
        }
    }
    const auto number = text.substr(0, at);
    text.remove_prefix(at);
    return number;
}

std::string_view take_comparator(std::string_view& text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 24> spellings{{
        {"<=", "<="},     {"=<", "<="},        {"\u2264", "<="},    {"&lt;=", "<="}, {">=", ">="},
        {"=>", ">="},     {"\u2265", ">="},    {"&gt;=", ">="},     {"<>", "<>"},    {"<", "<"},
        {"&lt;", "<"},    {"less than ", "<"}, {">", ">"},          {"&gt;", ">"},   {"greater than ", ">"},
        {"below ", "<"},  {"under ", "<"},     {"above ", ">"},     {"over ", ">"},  {"more than ", ">"},
        {"up to ", "<="}, {"at most ", "<="},  {"at least ", ">="}, {"=", "="},
    }};
    for (const auto& [spelling, comparator] : spellings)
        if (take(text, spelling))
            return comparator;
    return {};
}

bool is_flag(std::string_view text) {
    for (const std::string_view flag : {"", "*", "L", "H", "LL", "HH", "A", "(L)", "(H)"})
        if (text == flag)
            return true;
    return false;
}

/// A unit begins with a letter, a sign or a power of ten; `-01`, `:128` and `+` after a number make it something else.
bool is_unit(std::string_view text) {
    const char c = text.front();
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' || c == '[' || c == '{')
        return true;
    return text.starts_with("\u00b5") || text.starts_with("\u03bc") || text.starts_with("10*") ||
           text.starts_with("10^");
}

std::optional<ValueInterval> bounded(std::string_view comparator, const Rational& number) {
    if (comparator == "<" || comparator == "<=")
        return ValueInterval{std::nullopt, Bound{number, comparator == "<"}};
    if (comparator == ">" || comparator == ">=")
        return ValueInterval{Bound{number, comparator == ">"}, std::nullopt};
    if (comparator.empty() || comparator == "=")
        return ValueInterval::exactly(number);
    return std::nullopt;
}

/// The digits of a decimal without sign, point, leading zeros and exponent, and where its point stands among them.
struct Digits {
    std::string digits;
    int exponent = 0; ///< value = 0.digits * 10^exponent
    bool is_negative = false;
};

std::optional<Digits> digits_of(std::string_view text) {
    Digits out;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        out.is_negative = text.front() == '-';
        text.remove_prefix(1);
    }
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
        if (text[at] == '.') {
            point = true;
            continue;
        }
        if (out.digits.empty() && text[at] == '0') {
            out.exponent -= point ? 1 : 0;
            continue;
        }
        out.digits += text[at];
        out.exponent += point ? 0 : 1;
    }
    if (at == text.size())
        return out;
    // The exponent's own reading is parse_decimal's; it only moves the point.
    int written = 0;
    bool is_minus = false;
    for (++at; at < text.size(); ++at) {
        if (text[at] == '-' || text[at] == '+')
            is_minus = text[at] == '-';
        else if (!is_digit(text[at]) || written > 999)
            return std::nullopt;
        else
            written = written * 10 + (text[at] - '0');
    }
    out.exponent += is_minus ? -written : written;
    return out;
}

std::string rounded(const Digits& number) {
    std::string kept = number.digits.substr(0, rounded_digits);
    int exponent = number.exponent;
    if (number.digits[rounded_digits] >= '5') {
        auto at = static_cast<int>(kept.size()) - 1;
        for (; at >= 0 && kept[static_cast<std::size_t>(at)] == '9'; --at)
            kept[static_cast<std::size_t>(at)] = '0';
        if (at >= 0) {
            ++kept[static_cast<std::size_t>(at)];
        } else {
            kept.insert(kept.begin(), '1');
            ++exponent;
        }
    }
    while (kept.size() > 1 && kept.back() == '0')
        kept.pop_back();
    return (number.is_negative ? "-" : "") + std::string(1, kept.front()) + "." + kept.substr(1) + "0e" +
           std::to_string(exponent - 1);
}

/// Takes a number off the front; `is_number` tells whether one stood there, though it may be out of all bounds.
std::optional<NumberText> take_read_number(std::string_view& rest, bool& is_number) {
    const auto text = take_number(rest);
    is_number = !text.empty();
    const auto number = is_number ? read_number(text) : Result<NumberText>{};
    return is_number && number ? std::optional(*number) : std::nullopt;
}

ValueText read_plain_value(std::string_view rest) {
    const ValueText words{};
    ValueText out;
    skip_spaces(rest);
    const auto comparator = take_comparator(rest);
    skip_spaces(rest);
    bool is_number = false;
    const auto number = take_read_number(rest, is_number);
    if (!is_number)
        return words;
    out.is_out_of_bounds = !number;
    if (number) {
        out.is_rounded = number->is_rounded;
        out.value = bounded(comparator, number->value);
    }

    std::string_view second = rest;
    skip_spaces(second);
    if (comparator.empty() && (take(second, "-") || take(second, "\u2013") || take(second, "to "))) {
        skip_spaces(second);
        bool is_range = false;
        const auto high = take_read_number(second, is_range);
        if (!is_range || (number && high && high->value < number->value))
            return words;
        out.is_out_of_bounds = !number || !high;
        if (number && high) {
            out.value = ValueInterval{Bound{number->value}, Bound{high->value}};
            out.is_rounded = out.is_rounded || high->is_rounded;
        }
        rest = second;
    }
    skip_spaces(rest);
    while (!rest.empty() && rest.back() == ' ')
        rest.remove_suffix(1);
    if (!is_flag(rest)) {
        if (!is_unit(rest))
            return words;
        out.unit = rest;
    }
    if (out.is_out_of_bounds)
        out.value.reset();
    return out;
}

} // namespace

Result<NumberText> read_number(std::string_view text) {
    // Up to 12 characters there cannot be more than 12 digits.
    if (text.size() > static_cast<std::size_t>(exact_digits_max)) {
        std::string_view rest = text;
        const auto number = take_number(rest) == text ? digits_of(text) : std::nullopt;
        if (number && number->digits.size() > static_cast<std::size_t>(exact_digits_max)) {
            auto value = model::parse_decimal(rounded(*number));
            if (!value)
                return model::fail(model::ErrorKind::malformed, "bad_number",
                                   "'" + std::string(text.substr(0, 60)) + "' is out of range");
            return NumberText{*value, true};
        }
    }
    auto value = model::parse_decimal(text);
    if (!value)
        return std::unexpected(std::move(value.error()));
    return NumberText{*value, false};
}

std::optional<ValueInterval> with_comparator(std::string_view comparator, const Rational& number) {
    return comparator == "=" ? std::nullopt : bounded(comparator, number);
}

ValueText read_value(std::string_view text) {
    return is_ascii(text) ? read_plain_value(text) : read_plain_value(with_plain_signs(text));
}

} // namespace bonewatch::ingest
