#include "store/model/clock.h"

#include <algorithm>
#include <cstdio>

namespace bonewatch::model {

namespace {

/// Reads exactly `width` digits at `at` and moves on; -1 where they are not all digits.
int read_digits(std::string_view text, std::size_t& at, std::size_t width) {
    if (at + width > text.size())
        return -1;
    int value = 0;
    for (const char c : text.substr(at, width)) {
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    at += width;
    return value;
}

bool read_char(std::string_view text, std::size_t& at, char wanted) {
    if (at >= text.size() || text[at] != wanted)
        return false;
    ++at;
    return true;
}

std::optional<Date> read_date(std::string_view text, std::size_t& at) {
    const int year = read_digits(text, at, 4);
    if (year < 0 || !read_char(text, at, '-'))
        return std::nullopt;
    const int month = read_digits(text, at, 2);
    if (month < 0 || !read_char(text, at, '-'))
        return std::nullopt;
    const int day = read_digits(text, at, 2);
    if (day < 0)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok())
        return std::nullopt;
    return Date(date);
}

std::optional<std::chrono::milliseconds> read_clock(std::string_view text, std::size_t& at) {
    const int hour = read_digits(text, at, 2);
    if (hour < 0 || hour > 23 || !read_char(text, at, ':'))
        return std::nullopt;
    const int minute = read_digits(text, at, 2);
    if (minute < 0 || minute > 59)
        return std::nullopt;
    int second = 0;
    int milli = 0;
    if (read_char(text, at, ':')) {
        second = read_digits(text, at, 2);
        if (second < 0 || second > 60)
            return std::nullopt;
        if (read_char(text, at, '.')) {
            int weight = 100;
            bool any = false;
            for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, weight /= 10, any = true)
                milli += weight * (text[at] - '0');
            if (!any)
                return std::nullopt;
        }
    }
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
           std::chrono::milliseconds(milli);
}

std::optional<std::chrono::minutes> read_offset(std::string_view text, std::size_t& at) {
    if (read_char(text, at, 'Z') || read_char(text, at, 'z'))
        return std::chrono::minutes(0);
    const bool west = at < text.size() && text[at] == '-';
    if (!read_char(text, at, '+') && !read_char(text, at, '-'))
        return std::nullopt;
    const int hours = read_digits(text, at, 2);
    if (hours < 0 || hours > 14 || !read_char(text, at, ':'))
        return std::nullopt;
    const int minutes = read_digits(text, at, 2);
    if (minutes < 0 || minutes > 59)
        return std::nullopt;
    const auto offset = std::chrono::minutes(hours * 60 + minutes);
    return west ? -offset : offset;
}

} // namespace

Date add_months(Date date, int months) {
    const std::chrono::year_month_day from(date);
    const std::chrono::year_month to = std::chrono::year_month(from.year(), from.month()) + std::chrono::months(months);
    const auto last = std::chrono::year_month_day_last(to.year(), std::chrono::month_day_last(to.month()));
    return std::chrono::year_month_day(to.year(), to.month(), std::min(from.day(), last.day()));
}

ClinicalTime on_date(Date date) {
    return {.instant = date, .date = date, .date_last = date, .clock = std::nullopt};
}

ClinicalTime at_utc(Instant instant) {
    const Date date = date_of(instant);
    return {.instant = instant,
            .date = date,
            .date_last = date,
            .clock = std::chrono::floor<std::chrono::minutes>(instant - date)};
}

Result<Date> parse_date(std::string_view text) {
    std::size_t at = 0;
    const auto date = read_date(text, at);
    if (!date || at != text.size())
        return fail(ErrorKind::malformed, "bad_date", "'" + std::string(text) + "' is not a date: write YYYY-MM-DD");
    return *date;
}

Result<Instant> parse_instant(std::string_view text) {
    std::size_t at = 0;
    const auto date = read_date(text, at);
    if (date && at == text.size())
        return Instant(*date);
    if (date && (read_char(text, at, 'T') || read_char(text, at, 't') || read_char(text, at, ' '))) {
        const auto clock = read_clock(text, at);
        const auto offset = clock ? read_offset(text, at) : std::nullopt;
        if (offset && at == text.size())
            return Instant(*date) + *clock - *offset;
    }
    return fail(ErrorKind::malformed, "bad_time",
                "'" + std::string(text) + "' is not a time: write 2026-03-01T08:30:00Z, or a date");
}

std::string to_text(Date date) {
    const std::chrono::year_month_day parts(date);
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(parts.year()),
                  static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
    return text;
}

std::string to_text(const ClinicalTime& time) {
    const std::string first = to_text(time.date);
    if (!time.is_partial())
        return first;
    const std::chrono::year_month_day from(time.date);
    const std::chrono::year_month_day to(time.date_last);
    const bool is_month_start = from.day() == std::chrono::day(1);
    const bool is_month_end = to == std::chrono::year_month_day(to.year() / to.month() / std::chrono::last);
    if (is_month_start && is_month_end && from.year() == to.year() && from.month() == to.month())
        return first.substr(0, first.size() - 3);
    const bool is_whole_year = is_month_start && is_month_end && from.year() == to.year() &&
                               from.month() == std::chrono::January && to.month() == std::chrono::December;
    return is_whole_year ? first.substr(0, first.size() - 6) : first + " to " + to_text(time.date_last);
}

std::string to_text(Instant instant) {
    const Date date = date_of(instant);
    const auto ms = (instant - date).count();
    char text[32];
    std::snprintf(text, sizeof text, "T%02d:%02d:%02d", static_cast<int>(ms / 3'600'000),
                  static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60));
    std::string out = to_text(date) + text;
    if (ms % 1000 != 0) {
        std::snprintf(text, sizeof text, ".%03d", static_cast<int>(ms % 1000));
        out += text;
    }
    return out + "Z";
}

} // namespace bonewatch::model
