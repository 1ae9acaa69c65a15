#pragma once

#include "ingest/hl7_text.h"
#include "ingest/time_text.h"

#include <optional>
#include <string>
#include <vector>

namespace bonewatch::ingest {

/// How a message's clocks are read.
struct Hl7Clock {
    const model::Result<Zone>& zone; ///< The publisher's. Outlives this.
    /// Of times that state no offset: that of MSH-7, where it is another than the publisher's zone had then.
    std::optional<std::chrono::minutes> offset;
    bool midnight_is_date = true;
};

/// The clock of a message sent at `message_time` (MSH-7). Where MSH-7 states the very offset that the publisher's zone
/// had then, the zone's own rules decide: a result of winter that is sent in summer keeps its winter clock.
[[nodiscard]] Hl7Clock hl7_clock(const model::Result<Zone>& zone, const Hl7Text& message_time, bool midnight_is_date);

/// Reads a DTM or TS: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+ZZZZ]`; an old second component (`^D`) cuts the precision. The
/// offsets +0000 and -0000 fix the instant, and the local date is the zone's; any other is the local clock's.
/// `midnight_is_date`: 0000 without an offset is no clock time, but a date that was filled up.
/// Fails with `unusable`: `bad_time`, `unknown_zone`.
[[nodiscard]] model::Result<model::ClinicalTime> read_hl7_time(const Hl7Text& text, const Hl7Clock& clock,
                                                               std::vector<std::string>& warnings);

/// The same as milliseconds, to order versions by; nothing where there is no time to be read. Of a date: its midnight.
[[nodiscard]] std::optional<std::int64_t> hl7_milliseconds(const Hl7Text& text, const Hl7Clock& clock);

} // namespace bonewatch::ingest
