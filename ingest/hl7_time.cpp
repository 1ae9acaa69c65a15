#include "ingest/hl7_time.h"

#include <algorithm>
#include <array>
#include <span>

namespace bonewatch::ingest {

namespace {

using model::ClinicalTime;
using model::Date;
using model::ErrorKind;
using model::fail;
using model::Instant;
using model::Result;
using std::chrono::milliseconds;
using std::chrono::minutes;

/// Year, month, day, hour, minute, second, as far as they are stated.
constexpr std::size_t parts_max = 6;
constexpr std::array<std::size_t, parts_max> part_sizes{4, 2, 2, 2, 2, 2};

struct Reading {
    std::array<int, parts_max> parts{0, 1, 1, 0, 0, 0};
    std::size_t stated = 0; ///< How many of `parts`.
    milliseconds fraction{0};
    std::optional<minutes> offset;
};

std::optional<int> number(std::string_view digits) {
    constexpr std::size_t digits_max = 9; // An int holds them.
    if (digits.size() > digits_max)
        return std::nullopt;
    int value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return digits.empty() ? std::nullopt : std::optional(value);
}

/// `+0100` at the end of a text, which loses it. False where what stands there is no offset.
bool take_offset(std::string_view& text, std::optional<minutes>& offset) {
    const auto at = text.find_first_of("+-");
    if (at == std::string_view::npos)
        return true;
    const auto sign = text[at];
    const auto digits = text.substr(at + 1);
    text = text.substr(0, at);
    const auto value = number(digits);
    if (!value || digits.size() != 4 || *value % 100 > 59 || *value > 1400)
        return false;
    const minutes size(*value / 100 * 60 + *value % 100);
    offset = sign == '-' ? -size : size;
    return true;
}

bool take_fraction(std::string_view& text, milliseconds& fraction) {
    const auto at = text.find('.');
    if (at == std::string_view::npos)
        return true;
    const auto digits = text.substr(at + 1, 3);
    const auto value = number(text.substr(at + 1));
    if (!value)
        return false;
    constexpr std::array<int, 4> scale{0, 100, 10, 1};
    fraction = milliseconds(*number(digits) * scale[digits.size()]);
    text = text.substr(0, at);
    return true;
}

/// How many parts the old second component of a TS leaves: `L` is a month, as minutes are `M`.
std::size_t parts_by(const Hl7Text& precision) {
    constexpr std::string_view letters = "YLDHMS";
    const auto at = precision.raw().size() == 1 ? letters.find(precision.raw().front()) : std::string_view::npos;
    return at == std::string_view::npos ? parts_max : at + 1;
}

std::optional<Reading> reading_of(const Hl7Text& text) {
    Reading reading;
    std::string_view rest = text.component(1).subcomponent(1).raw();
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!rest.empty() && is_blank(rest.back()))
        rest.remove_suffix(1);
    while (!rest.empty() && is_blank(rest.front()))
        rest.remove_prefix(1);
    if (!take_offset(rest, reading.offset) || !take_fraction(rest, reading.fraction))
        return std::nullopt;
    for (; !rest.empty(); ++reading.stated) {
        if (reading.stated == parts_max || rest.size() < part_sizes[reading.stated])
            return std::nullopt;
        const auto part = number(rest.substr(0, part_sizes[reading.stated]));
        if (!part)
            return std::nullopt;
        reading.parts[reading.stated] = *part;
        rest.remove_prefix(part_sizes[reading.stated]);
    }
    const auto& [year, month, day, hour, minute, second] = reading.parts;
    const bool is_fraction_of_seconds = reading.fraction.count() == 0 || reading.stated == parts_max;
    if (reading.stated == 0 || hour > 23 || minute > 59 || second > 59 || !is_fraction_of_seconds)
        return std::nullopt;
    reading.stated = std::min(reading.stated, parts_by(text.component(2)));
    // What is finer than the precision that is stated was filled up.
    const Reading nothing;
    std::ranges::copy(std::span(nothing.parts).subspan(reading.stated), reading.parts.begin() + reading.stated);
    if (reading.stated < parts_max)
        reading.fraction = milliseconds(0);
    return reading;
}

bool is_midnight(const Reading& reading) {
    return reading.parts[3] == 0 && reading.parts[4] == 0 && reading.parts[5] == 0 && reading.fraction.count() == 0;
}

} // namespace

Hl7Clock hl7_clock(const Result<Zone>& zone, const Hl7Text& message_time, bool midnight_is_date) {
    Hl7Clock clock{zone, std::nullopt, midnight_is_date};
    const auto reading = reading_of(message_time);
    if (!reading || !reading->offset)
        return clock;
    std::vector<std::string> ignored;
    const auto sent = read_hl7_time(message_time, clock, ignored);
    const bool is_zones_own =
        sent && zone && sent->clock && zone->at(sent->instant) == at_offset(sent->instant, *reading->offset);
    if (!is_zones_own)
        clock.offset = reading->offset;
    return clock;
}

Result<ClinicalTime> read_hl7_time(const Hl7Text& text, const Hl7Clock& clock, std::vector<std::string>& warnings) {
    const auto bad = [&] {
        return fail(ErrorKind::unusable, "bad_time",
                    "'" + text.text().substr(0, 40) +
                        "' is not a time that exists: write 20260301, 202603010830 or 20260301083000+0000");
    };
    const auto reading = reading_of(text);
    if (!reading)
        return bad();
    const std::chrono::year_month_day date{std::chrono::year(reading->parts[0]),
                                           std::chrono::month(static_cast<unsigned>(reading->parts[1])),
                                           std::chrono::day(static_cast<unsigned>(reading->parts[2]))};
    if (!date.ok() || reading->parts[0] == 0)
        return bad();
    constexpr std::size_t date_parts = 3;
    const bool is_padded = clock.midnight_is_date && !reading->offset && is_midnight(*reading);
    if (reading->stated <= date_parts || is_padded) {
        ClinicalTime time = model::on_date(Date(date));
        if (reading->stated < date_parts)
            time.date_last = model::add_months(time.date, reading->stated == 1 ? 12 : 1) - model::Days(1);
        return time;
    }
    if (!clock.zone)
        return std::unexpected(clock.zone.error());
    const milliseconds local = Instant(Date(date)).time_since_epoch() + std::chrono::hours(reading->parts[3]) +
                               minutes(reading->parts[4]) + std::chrono::seconds(reading->parts[5]) + reading->fraction;
    const auto offset = reading->offset ? reading->offset : clock.offset;
    if (!offset)
        return clock.zone->at_local(local, warnings);
    const Instant instant(local - *offset);
    return reading->offset && offset->count() == 0 ? clock.zone->at(instant) : at_offset(instant, *offset);
}

std::optional<std::int64_t> hl7_milliseconds(const Hl7Text& text, const Hl7Clock& clock) {
    if (!text.has_value())
        return std::nullopt;
    std::vector<std::string> ignored;
    const auto time = read_hl7_time(text, {clock.zone, clock.offset, false}, ignored);
    return time ? std::optional<std::int64_t>(time->instant.time_since_epoch().count()) : std::nullopt;
}

} // namespace bonewatch::ingest
