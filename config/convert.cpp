#include "config/unit.h"
#include "config/vocabulary.h"

#include <algorithm>

namespace bonewatch::config {

namespace {

using model::Bound;
using model::ErrorKind;
using model::Result;

/// A value keeps its exact fraction while the denominator is at most this; beyond it no laboratory means its digits.
constexpr std::int64_t denominator_max = 1'000'000'000'000;
/// Beyond it the value is rounded to nine decimals.
constexpr std::int64_t rounded_denominator = 1'000'000'000;

/// To the nearest whole number of `parts`, half away from zero; nothing where even that does not fit.
std::optional<Rational> rounded(const Rational& value, std::int64_t parts) {
    const auto scaled = Rational::checked_product(value, Rational(parts));
    if (!scaled)
        return std::nullopt;
    const std::int64_t unit = scaled->denominator();
    const std::int64_t rest = scaled->numerator() % unit;
    std::int64_t whole = scaled->numerator() / unit;
    if (rest > 0 && rest >= unit - rest)
        ++whole;
    else if (rest < 0 && -rest >= unit + rest)
        --whole;
    return Rational(whole, parts);
}

/// value * factor + offset, exactly, or rounded and said so; nothing where it is too large to hold.
std::optional<Rational> scaled(const Rational& value, const Rational& factor, const Rational& offset,
                               bool& is_rounded) {
    const auto times = [&](const std::optional<Rational>& from) -> std::optional<Rational> {
        const auto product = from ? Rational::checked_product(*from, factor) : std::nullopt;
        return product ? Rational::checked_sum(*product, offset) : std::nullopt;
    };
    auto exact = times(value);
    for (const std::int64_t parts : {denominator_max, rounded_denominator}) {
        if (exact)
            break;
        exact = times(rounded(value, parts));
        is_rounded = true;
    }
    if (exact && exact->denominator() > denominator_max) {
        exact = rounded(*exact, rounded_denominator);
        is_rounded = true;
    }
    return exact && exact->within_bounds() ? exact : std::nullopt;
}

std::string sentence(const Analyte& analyte, const ValueInterval& value, std::string_view unit) {
    return analyte.title + " " + to_text(value) + (unit.empty() ? "" : " ") + std::string(unit);
}

std::unexpected<model::Error> impossible(const Analyte& analyte, const ValueInterval& value, std::string_view unit,
                                         const char* why) {
    return model::fail(ErrorKind::unusable, "impossible_value", sentence(analyte, value, unit) + ": " + why);
}

bool is_all_below(const ValueInterval& value, const std::optional<Rational>& limit) {
    return limit && value.high && (value.high->value < *limit || (value.high->is_open && value.high->value == *limit));
}

bool is_all_above(const ValueInterval& value, const std::optional<Rational>& limit) {
    return limit && value.low && (value.low->value > *limit || (value.low->is_open && value.low->value == *limit));
}

/// A laboratory's `<0.01` of what cannot be negative begins at 0, also after an affine conversion.
void raise_to_zero(ValueInterval& value) {
    if (!value.low || value.low->value < Rational(0))
        value.low = Bound{0, false};
}

bool contradicts(const CodeMeaning& sent_as, Counts counts) {
    return (sent_as.property.starts_with('M') && counts == Counts::substance) ||
           (sent_as.property.starts_with('S') && counts == Counts::mass);
}

/// The row of the table that lists this unit; null where none does.
const UnitConversion* listed(const Analyte& analyte, std::string_view spelling) {
    if (spelling.empty())
        return analyte.unit == "1" ? &analyte.conversions.front() : nullptr;
    const auto found = std::ranges::find(analyte.conversions, spelling, &UnitConversion::unit);
    return found == analyte.conversions.end() ? nullptr : &*found;
}

/// A unit that is listed, and the same amount by UCUM; of two, the one that is worth a look. Numbers have no dimension
/// that could be compared: a share is none of a ratio.
const UnitConversion* listed_as_other(const Analyte& analyte, std::string_view ucum) {
    const auto unit = parse_unit(ucum);
    if (!unit || unit->dimension.is_number())
        return nullptr;
    const UnitConversion* found = nullptr;
    for (const UnitConversion& each : analyte.conversions) {
        if (each.is_spelling || (found != nullptr && !each.is_flagged))
            continue;
        const auto other = parse_unit(each.unit);
        if (other && ratio(*unit, *other) == Rational(1))
            found = &each;
    }
    return found;
}

std::unexpected<model::Error> not_read(const Analyte& analyte, const ValueInterval& value, std::string_view unit) {
    if (normalised_unit(unit).empty())
        return model::fail(ErrorKind::unusable, "missing_unit", sentence(analyte, value, unit) + " has no unit");
    return std::unexpected(model::Error{ErrorKind::unusable,
                                        "unknown_unit",
                                        sentence(analyte, value, unit) + ": nothing is known of this unit for it",
                                        {},
                                        analyte.id.text + " in '" + std::string(unit.substr(0, 80)) + "'"});
}

} // namespace

std::string normalised_unit(std::string_view unit) {
    std::string plain;
    const auto replace = [&](std::string_view from, std::string_view to) {
        if (!unit.starts_with(from))
            return false;
        plain += to;
        unit.remove_prefix(from.size());
        return true;
    };
    while (!unit.empty()) {
        if (replace("\u00b5", "u") || replace("\u03bc", "u") || replace("\u00b2", "2"))
            continue;
        if (unit.front() != ' ' && unit.front() != '\t')
            plain += unit.front();
        else if (!plain.empty() && plain.back() != ' ')
            plain += ' ';
        unit.remove_prefix(1);
    }
    if (!plain.empty() && plain.back() == ' ')
        plain.pop_back();
    return plain;
}

std::string_view Vocabulary::in_ucum(std::string_view spelling) const {
    const auto found = unit_spellings_.find(spelling);
    return found == unit_spellings_.end() ? spelling : std::string_view(found->second);
}

const UnitConversion* Vocabulary::conversion_of(const Analyte& analyte, std::string_view unit) const {
    const std::string spelling = normalised_unit(unit);
    if (const UnitConversion* found = listed(analyte, spelling))
        return found;
    const std::string_view ucum = in_ucum(spelling);
    if (const UnitConversion* found = listed(analyte, ucum))
        return found;
    return listed_as_other(analyte, ucum);
}

Result<Converted> Vocabulary::convert(const Analyte& analyte, const ValueInterval& value, std::string_view unit,
                                      const std::optional<Rational>& upper_limit, const CodeMeaning* sent_as) const {
    const UnitConversion* found = conversion_of(analyte, unit);
    if (found == nullptr)
        return not_read(analyte, value, unit);
    const UnitConversion& conversion = *found;
    if (is_all_below(value, conversion.reject_below) || is_all_above(value, conversion.reject_above))
        return impossible(analyte, value, unit, "the unit must be mistaken");

    Rational factor = conversion.factor;
    if (conversion.is_of_range) {
        if (!upper_limit || *upper_limit <= Rational(0) || !upper_limit->within_bounds())
            return model::fail(ErrorKind::unusable, "missing_range",
                               sentence(analyte, value, unit) +
                                   " says nothing without the laboratory's own upper limit");
        factor = Rational(upper_limit->denominator(), upper_limit->numerator());
    }

    Converted converted;
    bool is_rounded = false;
    for (const auto end : {&ValueInterval::low, &ValueInterval::high}) {
        const auto& bound = value.*end;
        if (!bound)
            continue;
        const auto moved = scaled(bound->value, factor, conversion.offset, is_rounded);
        if (!moved)
            return impossible(analyte, value, unit, "the number is too large or too long");
        converted.value.*end = Bound{*moved, bound->is_open};
    }
    if (!analyte.may_be_negative) {
        if (is_all_below(converted.value, Rational(0)))
            return impossible(analyte, value, unit, "it cannot be negative");
        raise_to_zero(converted.value);
    }
    if (is_all_below(converted.value, analyte.reject_below) || is_all_above(converted.value, analyte.reject_above))
        return impossible(analyte, value, unit, "no living patient has that");

    if (is_all_below(converted.value, analyte.flag_below) || is_all_above(converted.value, analyte.flag_above))
        converted.flags.emplace_back("unusual_value");
    if (conversion.is_flagged)
        converted.flags.emplace_back("unit_flagged");
    if (sent_as != nullptr && contradicts(*sent_as, conversion.counts))
        converted.flags.emplace_back("code_contradicts_unit");
    if (is_rounded)
        converted.flags.emplace_back("rounded_value");
    return converted;
}

} // namespace bonewatch::config
