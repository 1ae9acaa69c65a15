#include "ingest/hl7_timing.h"

#include "ingest/value_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Dose;
using model::Rational;
using model::Result;

constexpr std::int32_t days_max = 3660;

std::string in_capitals(std::string text) {
    for (char& c : text)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::optional<Rational> inverse(const Rational& value) {
    if (value <= Rational(0))
        return std::nullopt;
    return Rational(value.denominator(), value.numerator());
}

std::optional<Rational> product_of(const Rational& one, const Rational& other) {
    const auto both = Rational::checked_product(one, other);
    return both && both->within_bounds() ? both : std::nullopt;
}

/// Days in a unit of a duration: HL7's letters, of which M is minutes and L months; else as elsewhere.
std::optional<Rational> days_in_unit(const std::string& unit) {
    static const std::array<std::pair<std::string_view, Rational>, 8> letters{{{"S", {1, 86400}},
                                                                               {"M", {1, 1440}},
                                                                               {"H", {1, 24}},
                                                                               {"HR", {1, 24}},
                                                                               {"D", 1},
                                                                               {"W", 7},
                                                                               {"L", 30},
                                                                               {"Y", 365}}};
    const std::string capitals = in_capitals(unit);
    for (const auto& [letter, days] : letters)
        if (letter == capitals)
            return days;
    return days_in(unit);
}

std::optional<std::int32_t> whole_days(const Rational& days) {
    if (days <= Rational(0) || days > Rational(days_max))
        return std::nullopt;
    return static_cast<std::int32_t>(std::max<std::int64_t>(1, days.numerator() / days.denominator()));
}

/// The parts of a quantity: components of a field, subcomponents of a component.
struct Parts {
    Hl7Text number;
    Hl7Text unit;
};

Parts parts_of(const Hl7Text& cq) {
    if (cq.component_count() > 1)
        return {cq.component(1), cq.component(2)};
    return {cq.subcomponent(1), cq.subcomponent(2)};
}

std::unexpected<model::Error> bad_days(const std::string& place, const Hl7Text& text) {
    return hl7_unusable(place, "bad_days",
                        "'" + std::string(text.raw().substr(0, 40)) + "' is no duration of 1 to 3660 days");
}

/// `28^d`: into days, or into times.
Result<void> read_duration(const Hl7Text& cq, const std::string& place, Hl7Timing& timing) {
    const Parts parts = parts_of(cq);
    if (!parts.number.has_value())
        return {};
    const auto number = hl7_number(parts.number);
    const std::string unit = parts.unit.subcomponent(1).text();
    if (number && in_capitals(unit) == "X") {
        timing.times = number;
        return {};
    }
    const auto unit_days = unit.empty() ? std::nullopt : days_in_unit(unit);
    const auto days = number && unit_days ? product_of(*number, *unit_days) : std::nullopt;
    timing.days = days ? whole_days(*days) : std::nullopt;
    if (!timing.days)
        return bad_days(place, cq);
    timing.days_place = place;
    timing.days_text = cq;
    return {};
}

/// TQ.3: `D28`, `W4`, `L3` (months), `M30` (minutes), `X5` times, `INDEF`.
Result<void> read_short_duration(const Hl7Text& text, const std::string& place, Hl7Timing& timing) {
    const std::string all = in_capitals(text.text());
    if (all.empty() || all == "INDEF")
        return {};
    const auto number = read_number(std::string_view(all).substr(1));
    const Rational count = number ? number->value : Rational(0);
    if (all.front() == 'X' && count > Rational(0)) {
        timing.times = count;
        return {};
    }
    const auto unit_days = days_in_unit(all.substr(0, 1));
    const auto days = unit_days && count > Rational(0) ? product_of(count, *unit_days) : std::nullopt;
    timing.days = days ? whole_days(*days) : std::nullopt;
    if (!timing.days)
        return bad_days(place, text);
    timing.days_place = place;
    timing.days_text = text;
    return {};
}

Result<void> read_window(const Hl7Context& context, const Hl7Text& start, const std::string& start_place,
                         const Hl7Text& end, const std::string& end_place, Hl7Timing& timing, Warnings& warnings) {
    if (start.has_value()) {
        auto time = hl7_clinical_time(context, start, start_place, warnings);
        if (!time)
            return std::unexpected(std::move(time.error()));
        timing.start = *time;
        timing.start_place = start_place;
        timing.start_text = start;
    }
    if (end.has_value()) {
        // What ends far ahead has begun all the same.
        auto time = read_hl7_time(end, context.clock, warnings);
        if (!time) {
            time.error().place = end_place;
            return std::unexpected(std::move(time.error()));
        }
        timing.end = *time;
    }
    if (timing.start && timing.end && is_before(*timing.end, *timing.start))
        return hl7_unusable(end_place, "bad_time", "it ends before it starts");
    return {};
}

/// `PRN`, also behind how often at most: `QID PRN`, `Q6HPRN`.
bool is_as_needed(std::string_view pattern) {
    return in_capitals(std::string(pattern)).contains("PRN");
}

/// One repetition of TQ1-3: its pattern's code, or every so many units of time (RPT.5, RPT.6).
std::optional<Rational> per_day_of(const Hl7Text& rpt) {
    if (const auto often = hl7_per_day(rpt.component(1).subcomponent(1).text()))
        return often;
    const auto number = hl7_number(rpt.component(5));
    const auto unit = days_in_unit(rpt.component(6).text());
    const auto span = number && unit ? product_of(*number, *unit) : std::nullopt;
    return span ? inverse(*span) : std::nullopt;
}

Result<Hl7Timing> read_tq1(const Hl7Context& context, const Hl7Segment& tq1, Warnings& warnings) {
    Hl7Timing timing;
    const auto place = [&](std::size_t field) { return hl7_place(context, tq1, field); };
    if (auto ok = read_duration(tq1[6], place(6), timing); !ok)
        return std::unexpected(std::move(ok.error()));
    if (auto ok = read_window(context, tq1[7], place(7), tq1[8], place(8), timing, warnings); !ok)
        return std::unexpected(std::move(ok.error()));
    if (tq1[14].has_value())
        timing.times = hl7_number(tq1[14]);
    std::optional<Rational> sum = Rational(0);
    for (const Hl7Text& rpt : tq1[3].repetitions()) {
        timing.is_as_needed = timing.is_as_needed || is_as_needed(rpt.component(1).subcomponent(1).text());
        const auto often = per_day_of(rpt);
        sum = sum && often && (*sum + *often).within_bounds() ? std::optional(*sum + *often) : std::nullopt;
    }
    if (sum && *sum > Rational(0))
        timing.per_day = sum;
    for (const Hl7Text& condition : tq1[9].repetitions())
        timing.is_as_needed = timing.is_as_needed || is_as_needed(condition.component(1).text());
    return timing;
}

Result<Hl7Timing> read_tq(const Hl7Context& context, const Hl7Segment& segment, std::size_t field, Warnings& warnings) {
    Hl7Timing timing;
    const Hl7Text tq = segment[field].repetition(1);
    const auto place = [&](std::size_t component) { return hl7_place(context, segment, field, 0, component); };
    const std::string pattern = tq.component(2).subcomponent(1).text();
    timing.per_day = hl7_per_day(pattern);
    timing.is_as_needed = is_as_needed(pattern) || is_as_needed(tq.component(6).text());
    const Hl7Text duration = tq.component(3);
    auto read = duration.subcomponent(2).has_value() ? read_duration(duration, place(3), timing)
                                                     : read_short_duration(duration, place(3), timing);
    if (!read)
        return std::unexpected(std::move(read.error()));
    if (auto ok = read_window(context, tq.component(4), place(4), tq.component(5), place(5), timing, warnings); !ok)
        return std::unexpected(std::move(ok.error()));
    return timing;
}

} // namespace

std::optional<Rational> hl7_number(const Hl7Text& text) {
    const auto read = text.has_value() ? read_number(text.text()) : Result<NumberText>{};
    return text.has_value() && read && read->value > Rational(0) && read->value.within_bounds()
               ? std::optional(read->value)
               : std::nullopt;
}

std::optional<Dose> hl7_dose(const Hl7Text& number, const Hl7Text& unit) {
    const auto amount = hl7_number(number);
    if (!amount)
        return std::nullopt;
    if (!unit.has_value())
        return dose_in(*amount, {}, {});
    // Local codes say nothing; the words beside them may.
    for (const std::size_t part : {1, 2, 4, 5})
        if (const std::string word = unit.component(part).text(); !word.empty())
            if (const auto dose = dose_in(*amount, word, word))
                return dose;
    return std::nullopt;
}

std::optional<Dose> hl7_quantity(const Hl7Text& cq) {
    const Parts parts = parts_of(cq);
    const auto amount = hl7_number(parts.number);
    // A dose that is counted in nothing is no dose: `10`. Of a coded unit the words may be known where the code is not.
    for (const Hl7Text& unit : {parts.unit.subcomponent(1), parts.unit.subcomponent(2)})
        if (const std::string word = unit.text(); amount && !word.empty())
            if (const auto dose = dose_in(*amount, word, word))
                return dose;
    return std::nullopt;
}

std::optional<Rational> hl7_per_day(std::string_view pattern) {
    static const std::array<std::pair<std::string_view, Rational>, 26> known{
        {{"QD", 1},       {"DAILY", 1},        {"OD", 1},    {"BID", 2},     {"BD", 2},       {"TID", 3},
         {"TDS", 3},      {"TD", 3},           {"QID", 4},   {"QDS", 4},     {"QOD", {1, 2}}, {"QAM", 1},
         {"QPM", 1},      {"QHS", 1},          {"HS", 1},    {"AM", 1},      {"PM", 1},       {"OM", 1},
         {"ON", 1},       {"MANE", 1},         {"NOCTE", 1}, {"QW", {1, 7}}, {"QWK", {1, 7}}, {"WEEKLY", {1, 7}},
         {"QL", {1, 30}}, {"MONTHLY", {1, 30}}}};
    const std::string word = in_capitals(std::string(pattern));
    for (const auto& [each, often] : known)
        if (each == word)
            return often;
    const auto letters = std::ranges::find_if(word, [](char c) { return c < '0' || c > '9'; });
    const std::string_view ending(letters, word.end());
    // `5ID`: so many times a day.
    if (letters != word.begin() && ending == "ID")
        if (const auto often = read_number(std::string_view(word.begin(), letters));
            often && often->value > Rational(0))
            return often->value;
    if (word.size() < 3 || word.front() != 'Q')
        return std::nullopt;
    // `Q12H`, `Q3D`, `Q2W`: every so many units.
    const std::string_view count = std::string_view(word).substr(1, word.size() - 2);
    const auto number = std::ranges::all_of(count, [](char c) { return c >= '0' && c <= '9'; })
                            ? read_number(count)
                            : Result<NumberText>(model::fail(model::ErrorKind::malformed, "bad_number", ""));
    const bool is_unit = std::string_view("SMHDWL").contains(word.back());
    const auto unit = is_unit ? days_in_unit(word.substr(word.size() - 1)) : std::nullopt;
    const auto span = number && unit ? product_of(number->value, *unit) : std::nullopt;
    return span ? inverse(*span) : std::nullopt;
}

Result<Hl7Timing> read_hl7_timing(const Hl7Context& context, std::span<const Hl7Segment* const> tq1,
                                  const Hl7Segment* tq_segment, std::size_t tq_field, Warnings& warnings) {
    const std::size_t count = !tq1.empty()            ? tq1.size()
                              : tq_segment == nullptr ? 0
                                                      : (*tq_segment)[tq_field].repetition_count();
    if (count > 1) {
        warnings.emplace_back("several_dosages: the dose changes or is split; no daily dose is taken from it");
        return Hl7Timing{};
    }
    if (!tq1.empty())
        return read_tq1(context, *tq1.front(), warnings);
    return count == 1 ? read_tq(context, *tq_segment, tq_field, warnings) : Hl7Timing{};
}

} // namespace bonewatch::ingest
