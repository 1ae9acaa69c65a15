#include "ingest/strength.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Dose;
using model::DoseUnit;
using model::Rational;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Lower case, with single spaces inside and none around.
std::string plain_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' && c != '\t')
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

void skip_space(std::string_view& rest) {
    if (rest.starts_with(' '))
        rest.remove_prefix(1);
}

/// Takes a decimal off the front; thousands may be grouped (`20,000`), but a comma is never a decimal point.
std::optional<Rational> take_number(std::string_view& rest) {
    std::string digits;
    std::size_t at = 0;
    const auto is_group = [&] {
        const bool is_followed = at + 3 < rest.size() && is_digit(rest[at + 1]) && is_digit(rest[at + 2]) &&
                                 is_digit(rest[at + 3]) && !(at + 4 < rest.size() && is_digit(rest[at + 4]));
        return is_followed && !digits.starts_with('0') && !digits.contains('.');
    };
    for (; at < rest.size(); ++at) {
        if (rest[at] == ',' && !digits.empty() && is_group())
            continue;
        if (!is_digit(rest[at]) && rest[at] != '.')
            break;
        digits += rest[at];
    }
    const auto number = model::parse_decimal(digits);
    if (!number || *number <= Rational(0) || !number->within_bounds())
        return std::nullopt;
    rest.remove_prefix(at);
    skip_space(rest);
    return *number;
}

/// Takes a word off the front, to the next space, digit or stroke.
std::string_view take_word(std::string_view& rest) {
    const auto end = std::ranges::find_if(rest, [](char c) { return c == ' ' || c == '/' || is_digit(c); });
    const auto word = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(word.size());
    skip_space(rest);
    return word;
}

/// One of a unit of mass or of international units.
std::optional<Dose> one_of(std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> others{
        {{"gm", "g"}, {"unt", "iu"}, {"u", "iu"}, {"i.u.", "iu"}}};
    for (const auto& [spelling, unit] : others)
        if (spelling == word)
            word = unit;
    const auto one = model::parse_dose("1 " + std::string(word));
    return one && one->unit != DoseUnit::item ? std::optional(*one) : std::nullopt;
}

struct PerWord {
    std::string_view word;
    StrengthPer per;
    Rational count; ///< Of what is counted, in one of the word.
};

std::optional<std::pair<StrengthPer, Rational>> per_of(std::string_view word) {
    static const std::array<PerWord, 23> words{{{"ml", StrengthPer::millilitre, 1},
                                                {"millilitre", StrengthPer::millilitre, 1},
                                                {"milliliter", StrengthPer::millilitre, 1},
                                                {"l", StrengthPer::millilitre, 1000},
                                                {"mg", StrengthPer::milligram, 1},
                                                {"g", StrengthPer::milligram, 1000},
                                                {"h", StrengthPer::day, {1, 24}},
                                                {"hr", StrengthPer::day, {1, 24}},
                                                {"hrs", StrengthPer::day, {1, 24}},
                                                {"hour", StrengthPer::day, {1, 24}},
                                                {"hours", StrengthPer::day, {1, 24}},
                                                {"d", StrengthPer::day, 1},
                                                {"day", StrengthPer::day, 1},
                                                {"microlitre", StrengthPer::millilitre, {1, 1000}},
                                                {"microlitres", StrengthPer::millilitre, {1, 1000}},
                                                {"dose", StrengthPer::item, 1},
                                                {"actuat", StrengthPer::item, 1},
                                                {"actuation", StrengthPer::item, 1},
                                                {"spray", StrengthPer::item, 1},
                                                {"syringe", StrengthPer::item, 1},
                                                {"pen", StrengthPer::item, 1},
                                                {"vial", StrengthPer::item, 1},
                                                {"ampoule", StrengthPer::item, 1}}};
    for (const PerWord& each : words)
        if (each.word == word)
            return std::pair(each.per, each.count);
    const auto item = model::parse_dose("1 " + std::string(word));
    if (item && item->unit == DoseUnit::item)
        return std::pair(StrengthPer::item, Rational(1));
    return std::nullopt;
}

/// Takes what stands between an amount and what it is counted by: a stroke or `per`.
bool take_stroke(std::string_view& rest) {
    constexpr std::string_view word = "per ";
    const bool is_stroke = rest.starts_with('/');
    if (!is_stroke && !rest.starts_with(word))
        return false;
    rest.remove_prefix(is_stroke ? 1 : word.size());
    skip_space(rest);
    return true;
}

/// Reads what follows the amount: nothing, `tablet`, `/ml`, `per 5 ml`, `/24 hours`. Nothing where it is something
/// else.
std::optional<std::pair<StrengthPer, Rational>> read_per(std::string_view rest) {
    if (rest.empty())
        return std::pair(StrengthPer::item, Rational(1));
    const bool is_rate = take_stroke(rest);
    const bool has_count = is_rate && !rest.empty() && is_digit(rest.front());
    const auto count = has_count ? take_number(rest) : std::optional(Rational(1));
    const auto per = per_of(take_word(rest));
    if (!per || !count || !rest.empty() || (!is_rate && per->first != StrengthPer::item))
        return std::nullopt;
    // 5 mg / 10 mg are two ingredients.
    if (has_count && per->first == StrengthPer::milligram)
        return std::nullopt;
    const auto total = Rational::checked_product(*count, per->second);
    return total && total->within_bounds() ? std::optional(std::pair(per->first, *total)) : std::nullopt;
}

bool is_short_decimal(const Rational& number) {
    constexpr std::int64_t decimals = 1'000'000;
    return decimals % number.denominator() == 0;
}

/// The exact amount, a fraction where it is no decimal: nothing may become equal by rounding.
std::string exact_text(const Dose& amount) {
    if (is_short_decimal(amount.amount))
        return model::to_text(amount);
    return std::to_string(amount.amount.numerator()) + "/" + std::to_string(amount.amount.denominator()) +
           (amount.unit == DoseUnit::milligram ? " mg" : " iu");
}

std::string_view suffix_of(StrengthPer per) {
    switch (per) {
    case StrengthPer::item:
        return {};
    case StrengthPer::millilitre:
        return "/ml";
    case StrengthPer::milligram:
        return "/mg";
    case StrengthPer::day:
        return "/day";
    }
    return {};
}

} // namespace

Strength read_strength(std::string_view text) {
    const Strength words{plain_text(text), std::nullopt, StrengthPer::item};
    std::string_view rest = words.text;
    const auto number = take_number(rest);
    if (!number)
        return words;
    if (rest == "%" && is_short_decimal(*number))
        return {model::to_text(*number) + " %", std::nullopt, StrengthPer::item};
    const auto unit = one_of(take_word(rest));
    const auto per = unit ? read_per(rest) : std::nullopt;
    const auto amount = per ? Rational::checked_product(*number, unit->amount) : std::nullopt;
    if (!amount || !amount->within_bounds())
        return words;
    const auto each = Rational::checked_product(*amount, Rational(per->second.denominator(), per->second.numerator()));
    if (!each || !each->within_bounds())
        return words;
    const Dose one{*each, unit->unit};
    return {exact_text(one) + std::string(suffix_of(per->first)), one, per->first};
}

std::optional<Dose> storable(const Dose& dose) {
    if (dose.amount > Rational(1'000'000) || dose.amount <= Rational(0))
        return std::nullopt;
    if (is_short_decimal(dose.amount))
        return dose;
    const auto rounded = model::parse_decimal(model::to_text_rounded(dose.amount, 6));
    if (!rounded || rounded->is_zero())
        return std::nullopt;
    return Dose{*rounded, dose.unit};
}

std::optional<Dose> content_of(const Dose& items, const Strength& strength) {
    if (items.unit != DoseUnit::item || !strength.amount || strength.per != StrengthPer::item)
        return std::nullopt;
    const auto amount = Rational::checked_product(items.amount, strength.amount->amount);
    return amount ? storable({*amount, strength.amount->unit}) : std::nullopt;
}

} // namespace bonewatch::ingest
