#pragma once

#include "store/model/clock.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace date {
class time_zone;
}

namespace bonewatch::ingest {

/// A publisher's time zone, looked up once for a message. Any thread.
class Zone {
  public:
    /// An IANA name (`Europe/London`). Fails with `unusable` (`unknown_zone`).
    [[nodiscard]] static model::Result<Zone> named(const std::string& name);

    /// The local date and clock of an instant.
    [[nodiscard]] model::ClinicalTime at(model::Instant instant) const;

    /// A clock's reading without a zone, as milliseconds since 1970 there. Read twice (autumn): the earlier instant and
    /// the warning `tz_ambiguous`. Never read (spring): moved forward by the gap, and the warning `tz_nonexistent`.
    [[nodiscard]] model::ClinicalTime at_local(std::chrono::milliseconds local,
                                               std::vector<std::string>& warnings) const;

  private:
    explicit Zone(const date::time_zone* zone) : zone_(zone) {}
    const date::time_zone* zone_;
};

/// The date and clock that an instant has at a fixed offset.
[[nodiscard]] model::ClinicalTime at_offset(model::Instant instant, std::chrono::milliseconds offset);

/// Reads `2020`, `2020-05`, `2020-05-01`, `2020-05-01T08:30:00+01:00`, `2020-05-01T08:30` (there, in `zone`).
///
/// An offset other than zero is the local clock's; `Z` only fixes the instant, and the local date is the zone's.
/// Fails with `unusable`, `bad_time`.
[[nodiscard]] model::Result<model::ClinicalTime> read_time(std::string_view text, const Zone& zone,
                                                           std::vector<std::string>& warnings);

/// Why a fact of that time cannot be taken: `too_early` before 1880, `too_far_ahead` more than 400 days after
/// `received`. Nothing where it can.
[[nodiscard]] std::optional<model::Error> refuse_time(const model::ClinicalTime& time,
                                                      const std::optional<model::Instant>& received);

/// As `refuse_time`, for a birth or a death, which cannot lie ahead: `too_far_ahead` from the second day after
/// `received` on (it is a day later somewhere).
[[nodiscard]] std::optional<model::Error> refuse_life_time(const model::ClinicalTime& time,
                                                           const std::optional<model::Instant>& received);

/// Whether the one was over before the other began, however partial dates are taken.
[[nodiscard]] bool is_before(const model::ClinicalTime& one, const model::ClinicalTime& other);

} // namespace bonewatch::ingest
