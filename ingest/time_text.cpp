#include "ingest/time_text.h"

#include <date/tz.h>

#include <exception>

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

/// The stated offset of a text that has one: `Z`, `+01:00`. Nothing where the clock stands alone.
std::optional<minutes> stated_offset(std::string_view text) {
    if (text.ends_with('Z') || text.ends_with('z'))
        return minutes(0);
    if (text.size() < 6)
        return std::nullopt;
    const auto tail = text.substr(text.size() - 6);
    if ((tail[0] != '+' && tail[0] != '-') || tail[3] != ':')
        return std::nullopt;
    const auto pair = [&](std::size_t at) { return (tail[at] - '0') * 10 + (tail[at + 1] - '0'); };
    const minutes size(pair(1) * 60 + pair(4));
    return tail[0] == '-' ? -size : size;
}

std::unexpected<model::Error> bad_time(std::string_view text) {
    return fail(ErrorKind::unusable, "bad_time",
                "'" + std::string(text.substr(0, 40)) +
                    "' is not a time that exists: write 2026-03-01T08:30:00Z, 2026-03-01, 2026-03 or 2026");
}

Result<ClinicalTime> read_partial(std::string_view text) {
    const bool is_year = text.size() == 4;
    const auto first = model::parse_date(std::string(text) + (is_year ? "-01-01" : "-01"));
    if (!first)
        return bad_time(text);
    ClinicalTime time = model::on_date(*first);
    time.date_last = model::add_months(*first, is_year ? 12 : 1) - model::Days(1);
    return time;
}

} // namespace

ClinicalTime at_offset(Instant instant, milliseconds offset) {
    const Instant local = instant + offset;
    const Date date = model::date_of(local);
    return {.instant = instant, .date = date, .date_last = date, .clock = std::chrono::floor<minutes>(local - date)};
}

Result<Zone> Zone::named(const std::string& name) {
    try {
        return Zone(date::locate_zone(name));
    } catch (const std::exception&) {
        return fail(ErrorKind::unusable, "unknown_zone",
                    "the publisher's time zone '" + name + "' is not known; name one as in Europe/London");
    }
}

ClinicalTime Zone::at(Instant instant) const {
    return at_offset(instant, zone_->get_info(std::chrono::floor<std::chrono::seconds>(instant)).offset);
}

ClinicalTime Zone::at_local(milliseconds local, std::vector<std::string>& warnings) const {
    const date::local_time<milliseconds> reading(local);
    const date::local_info info = zone_->get_info(std::chrono::floor<std::chrono::seconds>(reading));
    // In the gap the offset before it gives the instant that the clock, put forward, would have shown.
    const Instant instant(local - info.first.offset);
    if (info.result == date::local_info::ambiguous)
        warnings.emplace_back("tz_ambiguous: that clock time occurred twice; the earlier is taken");
    if (info.result != date::local_info::nonexistent)
        return at_offset(instant, info.first.offset);
    warnings.emplace_back("tz_nonexistent: the clocks skipped that time; moved forward");
    return at_offset(instant, info.second.offset);
}

Result<ClinicalTime> read_time(std::string_view text, const Zone& zone, std::vector<std::string>& warnings) {
    if (text.size() == 4 || text.size() == 7)
        return read_partial(text);
    if (text.size() == 10) {
        const auto date = model::parse_date(text);
        if (!date)
            return bad_time(text);
        return model::on_date(*date);
    }
    if (text.size() < 16 || text.size() > 40)
        return bad_time(text);
    const auto offset = stated_offset(text.substr(10));
    const auto instant = offset ? model::parse_instant(text) : model::parse_instant(std::string(text) + "Z");
    if (!instant)
        return bad_time(text);
    if (!offset)
        return zone.at_local(instant->time_since_epoch(), warnings);
    return offset->count() == 0 ? zone.at(*instant) : at_offset(*instant, *offset);
}

std::optional<model::Error> refuse_time(const ClinicalTime& time, const std::optional<Instant>& received) {
    constexpr Date earliest = std::chrono::year(1880) / 1 / 1;
    if (time.date < earliest)
        return model::Error{ErrorKind::unusable, "too_early", model::to_text(time.date) + " is before 1880", {}};
    if (received && time.instant > *received + model::Days(400))
        return model::Error{
            ErrorKind::unusable, "too_far_ahead", model::to_text(time.date) + " is more than 400 days ahead", {}};
    return std::nullopt;
}

std::optional<model::Error> refuse_life_time(const ClinicalTime& time, const std::optional<Instant>& received) {
    if (received && time.date > model::date_of(*received) + model::Days(1))
        return model::Error{
            ErrorKind::unusable, "too_far_ahead", model::to_text(time.date) + " has not come yet: nobody knows it", {}};
    return refuse_time(time, received);
}

bool is_before(const ClinicalTime& one, const ClinicalTime& other) {
    const bool is_within_a_day = one.clock && other.clock && one.date_last == other.date;
    return one.date_last < other.date || (is_within_a_day && one.instant < other.instant);
}

} // namespace bonewatch::ingest
