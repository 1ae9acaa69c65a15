#include "monitors/spells.h"

#include <algorithm>

namespace bonewatch::monitors {

std::ptrdiff_t last_begun(const Segments& segments, Date date) {
    const auto after = std::ranges::upper_bound(segments, date, {}, &DoseSegment::from);
    return (after - segments.begin()) - 1;
}

Spell spell_back(const Segments& segments, std::ptrdiff_t last, Span gap, Date enough) {
    Spell spell{last, segments[static_cast<std::size_t>(last)].from, segments[static_cast<std::size_t>(last)].to};
    while (spell.first > 0 && spell.from > enough) {
        const DoseSegment& before = segments[static_cast<std::size_t>(spell.first - 1)];
        if (before.to + gap < spell.from)
            break;
        --spell.first;
        spell.from = before.from;
    }
    return spell;
}

} // namespace bonewatch::monitors
