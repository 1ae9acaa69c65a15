#pragma once

#include "store/model/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::model {

/// A moment, in UTC milliseconds. A Date converts to the Instant of its midnight UTC.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
/// A calendar date. Differences of dates are days; summer time cannot matter.
using Date = std::chrono::sys_days;
using Days = std::chrono::days;

/// The UTC date of an instant.
[[nodiscard]] inline Date date_of(Instant instant) {
    return std::chrono::floor<Days>(instant);
}

/// The first midnight UTC at or after `instant`: where a timer for it may stand.
[[nodiscard]] inline Instant midnight_from(Instant instant) {
    return std::chrono::ceil<Days>(instant);
}

/// Calendar steps: the same day of the month, or the month's last day where there is none (29 Feb + 1 y = 28 Feb).
[[nodiscard]] Date add_months(Date date, int months);
[[nodiscard]] inline Date add_years(Date date, int years) {
    return add_months(date, 12 * years);
}

/// When a fact was true of the patient, as the door resolved it: zone and precision are settled, never guessed later.
struct ClinicalTime {
    Instant instant{}; ///< UTC. Of a bare or partial date: midnight UTC of its first day.
    Date date{};       ///< Local date at the place of sampling; of a partial date ("2020", "2020-05") its first day.
    Date date_last{};  ///< Last day that a partial date can mean; otherwise equal to `date`. Inclusive.
    std::optional<std::chrono::minutes> clock; ///< Local clock of day, where a time was stated.

    [[nodiscard]] bool is_partial() const { return date != date_last; }
    friend auto operator<=>(const ClinicalTime&, const ClinicalTime&) = default;
};

/// The time of a bare date: its midnight UTC.
[[nodiscard]] ClinicalTime on_date(Date date);
/// The time of an instant whose local zone is UTC.
[[nodiscard]] ClinicalTime at_utc(Instant instant);

/// Strict `YYYY-MM-DD`; fails with `malformed` for a date that does not exist.
[[nodiscard]] Result<Date> parse_date(std::string_view text);
/// Strict RFC 3339 with an offset (`2026-03-01T08:30:00Z`, `…+01:00`, seconds and fraction optional), or a bare date.
[[nodiscard]] Result<Instant> parse_instant(std::string_view text);

/// `2026-03-01`.
[[nodiscard]] std::string to_text(Date date);
/// The local date as precisely as it was stated: `2026-03-01`, `2026-03`, `2026`, `2026-03-01 to 2026-03-09`.
[[nodiscard]] std::string to_text(const ClinicalTime& time);
/// `2026-03-01T08:30:00Z`, with milliseconds only where there are any.
[[nodiscard]] std::string to_text(Instant instant);

} // namespace bonewatch::model
