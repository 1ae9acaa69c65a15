#pragma once

#include "store/model/rational.h"

#include <array>
#include <optional>
#include <string_view>

namespace bonewatch::config {

/// What a unit can be a power of. The arbitrary units of UCUM, each a base of its own, follow from `arbitrary` on in
/// the order of the table; the international unit is the first.
enum class Base : unsigned char {
    metre,
    second,
    gram,
    kelvin,
    coulomb,
    candela,
    radian,
    mole,       ///< UCUM counts it as a number; a mole of one substance is none of another to us.
    equivalent, ///< To UCUM a mole; how many they are is a matter of the valence.
    osmole,     ///< To UCUM a mole; it counts all that is dissolved.
    pi,         ///< No fraction is pi: units with another power of it cannot be converted into one another exactly.
    arbitrary,
};

/// What a UCUM unit measures, as exponents of the bases.
struct Dimension {
    std::array<signed char, 60> exponents{};

    [[nodiscard]] int of(Base base) const { return exponents[static_cast<std::size_t>(base)]; }
    void set(Base base, int exponent) {
        exponents[static_cast<std::size_t>(base)] = static_cast<signed char>(exponent);
    }
    /// Whether it counts in a unit that only its own procedure defines: [IU], [arb'U], [CFU].
    [[nodiscard]] bool is_arbitrary() const;
    [[nodiscard]] bool is_number() const { return *this == Dimension{}; }
    friend bool operator==(const Dimension&, const Dimension&) = default;
};

/// A UCUM unit as an exact multiple of its bases: number × 10^tens.
struct Unit {
    model::Rational number{1};
    int tens = 0;
    Dimension dimension;
};

/// How much one of `unit` is in `other`, exactly; nothing where they do not measure the same, or no 64 bits hold it.
[[nodiscard]] std::optional<model::Rational> ratio(const Unit& unit, const Unit& other);

/// Reads a UCUM unit, case sensitive: every prefix and unit of UCUM but those that are functions (Cel, [pH], dB …),
/// with
/// `.` and `/`, exponents, brackets, whole numbers, 10* and 10^, and `{annotations}`, which count as 1. At most 128
/// bytes and 16 brackets deep. Fails with `malformed`, naming the unit and what could not be read: `bad_unit`, or
/// `special_unit` for a function.
[[nodiscard]] model::Result<Unit> parse_unit(std::string_view text);

} // namespace bonewatch::config
