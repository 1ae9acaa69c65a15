#pragma once

#include "store/model/result.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::model {

/// An exact number, numerator / denominator in lowest terms, denominator positive. 0.10 equals 0.1 and is not below it.
///
/// Every number that enters from outside is bounded at the door (`within_bounds`), so that sums, differences and the
/// products of a value with a factor cannot overflow later; arithmetic on unbounded numbers is our own mistake and
/// ENSUREd.
class Rational {
  public:
    constexpr Rational() = default;
    constexpr Rational(std::int64_t whole) : numerator_(whole) {} // NOLINT: whole numbers are rationals
    /// `denominator` must not be 0.
    Rational(std::int64_t numerator, std::int64_t denominator);

    [[nodiscard]] std::int64_t numerator() const { return numerator_; }
    [[nodiscard]] std::int64_t denominator() const { return denominator_; }
    [[nodiscard]] bool is_zero() const { return numerator_ == 0; }

    /// At most 10^15 above and below the fraction stroke: the bound for every number taken from outside.
    [[nodiscard]] bool within_bounds() const;

    friend Rational operator+(const Rational& a, const Rational& b);
    friend Rational operator-(const Rational& a, const Rational& b);
    friend Rational operator*(const Rational& a, const Rational& b);
    /// `b` must not be zero.
    friend Rational operator/(const Rational& a, const Rational& b);
    Rational operator-() const { return Rational(0) - *this; }
    Rational& operator+=(const Rational& other) { return *this = *this + other; }
    Rational& operator-=(const Rational& other) { return *this = *this - other; }

    friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);
    friend bool operator==(const Rational&, const Rational&) = default;

    /// As `a * b` and `a + b`, but nothing where the outcome does not fit: for numbers still on their way in.
    [[nodiscard]] static std::optional<Rational> checked_product(const Rational& a, const Rational& b);
    [[nodiscard]] static std::optional<Rational> checked_sum(const Rational& a, const Rational& b);

  private:
    std::int64_t numerator_ = 0;
    std::int64_t denominator_ = 1;
};

/// Reads a decimal exactly: `12`, `-0.05`, `+3.10`, `1.2E-2`, `.5`. No spaces, no comma, at most 15 significant digits
/// and an exponent of at most 12 either way. Fails with `malformed`.
[[nodiscard]] Result<Rational> parse_decimal(std::string_view text);

/// Reads a decimal or a fraction of two whole numbers: `20/3`.
[[nodiscard]] Result<Rational> parse_rational(std::string_view text);

/// The shortest decimal that is exact; where none ends within 6 places, rounded half up to 6 places and marked `~`.
[[nodiscard]] std::string to_text(const Rational& value);

/// Rounded half away from zero to at most `places` decimals, trailing zeros dropped: for people, never for comparing.
[[nodiscard]] std::string to_text_rounded(const Rational& value, int places);

} // namespace bonewatch::model
