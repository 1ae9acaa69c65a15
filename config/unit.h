#pragma once

#include "store/model/rational.h"

#include <array>
#include <string_view>

namespace bonewatch::config {

/// What a UCUM unit measures, as exponents of the base units. Unlike UCUM itself we keep mol and [IU] as dimensions of
/// their own: neither a mole nor an international unit of one substance is one of another.
struct Dimension {
    int metre = 0, second = 0, gram = 0, mole = 0, international_unit = 0;
    friend bool operator==(const Dimension&, const Dimension&) = default;
};

/// A UCUM unit as an exact multiple of its base units.
struct Unit {
    model::Rational factor{1};
    Dimension dimension;
};

/// Reads the part of UCUM (case sensitive) that laboratories need: prefixes from T to f, the units m g s mol L l U [IU]
/// [iU] kat eq min h d wk % [in_i] [ft_i] [lb_av] [stone_av] [ppm] 10*n 10^n, `.` and `/`, exponents, brackets, and
/// `{annotations}`, which count as 1. Fails with `malformed`, naming the unit and what could not be read.
[[nodiscard]] model::Result<Unit> parse_unit(std::string_view text);

} // namespace bonewatch::config
