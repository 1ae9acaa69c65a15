#pragma once

#include "monitors/exposure.h"

namespace bonewatch::monitors {

using Segments = std::vector<DoseSegment>;

/// Index of the last segment that begins on or before `date`; -1 where none does.
[[nodiscard]] std::ptrdiff_t last_begun(const Segments& segments, Date date);

/// A bridged exposure: segments first..last, with no gap above the tolerated one between neighbours.
struct Spell {
    std::ptrdiff_t first = 0;
    Date from{};
    Date to{};
};

/// The bridged exposure that the segment at `last` belongs to, looking back, until it reaches `enough`.
[[nodiscard]] Spell spell_back(const Segments& segments, std::ptrdiff_t last, Span gap, Date enough);

} // namespace bonewatch::monitors
