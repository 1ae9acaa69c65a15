#pragma once

#include "store/model/rational.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::model {

/// What an amount of a drug is counted in. Mass is always milligrams here; microgram and gram are converted at the
/// door.
enum class DoseUnit : unsigned char { milligram, international_unit, item };

/// An amount of a drug: 5 mg, 800 [iU], 2 items (tablets, puffs, patches of unknown strength).
struct Dose {
    Rational amount;
    DoseUnit unit = DoseUnit::milligram;
    friend bool operator==(const Dose&, const Dose&) = default;
};

/// Reads `5 mg`, `0.125mg`, `125 ug` (also `microgram(s)`, `mcg`, `µg`), `1 g`, `800 iu`, `2 tablets`. The number is
/// exact, not negative and at most 10^6 with at most 6 decimals in its canonical unit. Fails with `unusable`.
[[nodiscard]] Result<Dose> parse_dose(std::string_view text);

/// `5 mg`, `125 ug` below one milligram, `800 iu`, `2 items`.
[[nodiscard]] std::string to_text(const Dose& dose);

/// How a drug reached the body. The class of an ingredient depends on it: inhaled and topical steroids are not
/// systemic.
enum class Route : unsigned char {
    unstated,
    oral,
    subcutaneous,
    intravenous,
    intramuscular,
    intra_articular,
    inhaled,
    nasal,
    topical,
    transdermal,
    rectal,
    vaginal,
    ophthalmic,
    otic,
    implant,
    other,
};

/// The route's word in native events and in the monitor language: `oral`, `intra-articular`.
[[nodiscard]] std::string_view to_text(Route route);
[[nodiscard]] std::optional<Route> parse_route(std::string_view text);

} // namespace bonewatch::model
