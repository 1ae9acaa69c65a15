#include "ingest/result_event.h"

#include "ingest/value_text.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using config::Analyte;
using config::Vocabulary;
using model::Bound;
using model::ErrorKind;
using model::fail;
using model::Rational;
using model::Result;
using model::ResultEvent;
using model::ResultStatus;
using model::ValueInterval;

constexpr std::size_t text_bytes_max = 256;
constexpr std::size_t shown_bytes_max = 60;

/// Whether two spellings are of one unit, as mIU/L and mU/L of a hormone are.
bool is_same_unit(const Analyte& analyte, std::string_view one, std::string_view other) {
    const std::string a = config::normalised_unit(one);
    const std::string b = config::normalised_unit(other);
    if (a == b)
        return true;
    const auto first = std::ranges::find(analyte.conversions, a, &config::UnitConversion::unit);
    const auto second = std::ranges::find(analyte.conversions, b, &config::UnitConversion::unit);
    return first != analyte.conversions.end() && second != analyte.conversions.end() &&
           first->factor == second->factor && first->offset == second->offset &&
           first->is_of_range == second->is_of_range;
}

std::string why_unreadable(const ValueText& read, const std::string& unit) {
    if (read.value)
        return "its own unit '" + read.unit.substr(0, shown_bytes_max) + "' is not the stated '" +
               unit.substr(0, shown_bytes_max) + "'";
    return "it is no number, bound or range (a comma is never read as a decimal point)";
}

/// A concentration has a lower end of 0, whichever unit `<x` was written in.
Result<ValueInterval> with_floor(const Analyte& analyte, ValueInterval value) {
    if (analyte.may_be_negative)
        return value;
    const bool is_below =
        value.high && (value.high->value < Rational(0) || (value.high->is_open && value.high->value == Rational(0)));
    if (is_below)
        return fail(ErrorKind::unusable, "impossible_value", analyte.id.text + " cannot be negative");
    if (!value.low)
        value.low = Bound{Rational(0)};
    return value;
}

std::optional<Rational> converted_end(const Vocabulary& vocabulary, const Analyte& analyte,
                                      const std::optional<Rational>& end, const PublishedResult& published,
                                      std::vector<std::string>& warnings) {
    if (!end)
        return std::nullopt;
    const std::string& unit = published.range_unit.empty() ? published.unit : published.range_unit;
    const auto converted = vocabulary.convert(analyte, ValueInterval::exactly(*end), unit, published.range_high);
    if (converted && converted->value.is_exact())
        return converted->value.low->value;
    warnings.emplace_back("range_unusable: the reference range could not be brought to the analyte's unit");
    return std::nullopt;
}

} // namespace

Result<ResultEvent> make_result(const Vocabulary& vocabulary, const Analyte& analyte, const PublishedResult& published,
                                std::vector<std::string>& warnings) {
    ResultEvent result{.analyte = analyte.id,
                       .status = published.status,
                       .value = std::nullopt,
                       .value_text = published.value_text.substr(0, text_bytes_max),
                       .unit_text = published.unit.substr(0, text_bytes_max),
                       .range_low = std::nullopt,
                       .range_high = std::nullopt};
    if (published.status == ResultStatus::no_result)
        return result;
    auto value = published.value;
    std::string unit = published.unit;
    if (!value) {
        if (published.value_text.empty())
            return fail(ErrorKind::unusable, "missing_value", "a result that is not cancelled needs a value");
        const auto read = read_value(published.value_text);
        const bool is_plain = read.unit.empty() || unit.empty() || is_same_unit(analyte, read.unit, unit);
        if (is_plain && read.is_out_of_bounds)
            return fail(ErrorKind::unusable, "impossible_value",
                        "'" + published.value_text.substr(0, shown_bytes_max) +
                            "' is a number, and beyond anything that is measured");
        if (!read.value || !is_plain) {
            warnings.push_back("value_unreadable: '" + published.value_text.substr(0, shown_bytes_max) +
                               "' is kept as words, neither normal nor abnormal: " + why_unreadable(read, unit));
            return result;
        }
        if (read.is_rounded)
            warnings.emplace_back("rounded: the value has more digits than anyone measures; 9 are kept");
        value = read.value;
        if (unit.empty())
            unit = read.unit;
    }
    const bool is_range =
        !published.range_low || !published.range_high || *published.range_low <= *published.range_high;
    if (!is_range)
        warnings.emplace_back("range_unusable: the reference range ends below its beginning; it is left out");
    auto converted =
        vocabulary.convert(analyte, *value, unit, is_range ? published.range_high : std::nullopt, published.sent_as);
    if (!converted)
        return std::unexpected(std::move(converted.error()));
    auto floored = with_floor(analyte, converted->value);
    if (!floored)
        return std::unexpected(std::move(floored.error()));
    result.value = *floored;
    result.unit_text = unit;
    for (const auto& flag : converted->flags)
        warnings.push_back(flag);
    if (!is_range)
        return result;
    result.range_low = converted_end(vocabulary, analyte, published.range_low, published, warnings);
    result.range_high = converted_end(vocabulary, analyte, published.range_high, published, warnings);
    return result;
}

} // namespace bonewatch::ingest
