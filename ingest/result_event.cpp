#include "ingest/result_event.h"

#include "ingest/value_text.h"

#include <utility>

namespace bonewatch::ingest {

namespace {

using config::Analyte;
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

/// The unit as the analyte is read in it: a spelling of the publisher's own stands for another one, unless the
/// vocabulary reads it as it is.
std::string_view as_read(const MessageContext& context, const Analyte& analyte, const std::string& unit) {
    const auto& own = context.publisher.settings->units;
    if (own.empty())
        return unit;
    const auto found = own.find(config::normalised_unit(unit));
    return found == own.end() || context.vocabulary.conversion_of(analyte, unit) != nullptr
               ? std::string_view(unit)
               : std::string_view(found->second);
}

/// What the settings say of a value without a unit: of its code first, else of the analyte; empty where they do not.
const std::string& assumed_unit(const MessageContext& context, const Analyte& analyte,
                                const config::CodeMeaning* sent_as) {
    static const std::string none;
    if (sent_as != nullptr && !sent_as->missing_unit.empty())
        return sent_as->missing_unit;
    const auto& units = context.publisher.settings->missing_units;
    const auto found = units.find(analyte.id);
    return found == units.end() ? none : found->second;
}

/// Whether two spellings are of one unit, as mIU/L and mU/L of a hormone are.
bool is_same_unit(const MessageContext& context, const Analyte& analyte, const std::string& one,
                  const std::string& other) {
    if (config::normalised_unit(one) == config::normalised_unit(other))
        return true;
    const auto* first = context.vocabulary.conversion_of(analyte, as_read(context, analyte, one));
    const auto* second = context.vocabulary.conversion_of(analyte, as_read(context, analyte, other));
    return first != nullptr && second != nullptr && first->factor == second->factor &&
           first->offset == second->offset && first->is_of_range == second->is_of_range;
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

std::optional<Rational> converted_end(const MessageContext& context, const Analyte& analyte,
                                      const std::optional<Rational>& end, const std::string& unit,
                                      const std::optional<Rational>& upper_limit, std::vector<std::string>& warnings) {
    if (!end)
        return std::nullopt;
    const auto converted =
        context.vocabulary.convert(analyte, ValueInterval::exactly(*end), as_read(context, analyte, unit), upper_limit);
    if (converted && converted->value.is_exact())
        return converted->value.low->value;
    warnings.emplace_back("range_unusable: the reference range could not be brought to the analyte's unit");
    return std::nullopt;
}

} // namespace

Result<ResultEvent> make_result(const MessageContext& context, const Analyte& analyte, const PublishedResult& published,
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
        const bool is_plain = read.unit.empty() || unit.empty() || is_same_unit(context, analyte, read.unit, unit);
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
    if (unit.empty()) {
        unit = assumed_unit(context, analyte, published.sent_as);
        if (!unit.empty())
            warnings.push_back("unit_assumed: it came without a unit; by the publisher's settings it is in '" + unit +
                               "'");
    }
    const bool is_range =
        !published.range_low || !published.range_high || *published.range_low <= *published.range_high;
    if (!is_range)
        warnings.emplace_back("range_unusable: the reference range ends below its beginning; it is left out");
    auto converted = context.vocabulary.convert(analyte, *value, as_read(context, analyte, unit),
                                                is_range ? published.range_high : std::nullopt, published.sent_as);
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
    const std::string& range_unit = published.range_unit.empty() ? unit : published.range_unit;
    for (const auto& [end, into] :
         {std::pair(&published.range_low, &result.range_low), std::pair(&published.range_high, &result.range_high)})
        *into = converted_end(context, analyte, *end, range_unit, published.range_high, warnings);
    return result;
}

} // namespace bonewatch::ingest
