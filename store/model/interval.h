#pragma once

#include "store/model/rational.h"

#include <optional>
#include <string>

namespace bonewatch::model {

/// One end of a value interval. `is_open`: the bound itself is not a possible value.
struct Bound {
    Rational value;
    bool is_open = false;
    friend bool operator==(const Bound&, const Bound&) = default;
};

/// What is known of a measured value: all values between two bounds. A missing bound is unbounded.
/// `0.05` is [0.05, 0.05]; a laboratory's `<0.01` is [0, 0.01), or (-inf, 0.01) where the analyte can be negative.
struct ValueInterval {
    std::optional<Bound> low;
    std::optional<Bound> high;

    [[nodiscard]] static ValueInterval exactly(Rational value) { return {Bound{value}, Bound{value}}; }
    [[nodiscard]] bool is_exact() const {
        return low && high && !low->is_open && !high->is_open && low->value == high->value;
    }
    friend bool operator==(const ValueInterval&, const ValueInterval&) = default;
};

/// The three values of every question. Kleene's and, or, not are in monitors/truth.h.
enum class Truth : unsigned char { no, unknown, yes };

enum class Comparison : unsigned char { less, less_equal, greater, greater_equal, equal, not_equal };

/// True if every value of `value` compares so with every value of `other`, false if none does, else unknown.
[[nodiscard]] Truth compare(const ValueInterval& value, Comparison comparison, const ValueInterval& other);

/// `0.05`, `<0.01`, `>=90`, `100 to 200`: as a person writes it, in the interval's own unit.
[[nodiscard]] std::string to_text(const ValueInterval& value);

/// The least interval that holds both.
[[nodiscard]] ValueInterval hull_of(const ValueInterval& a, const ValueInterval& b);

/// Ends of sums, differences and products, bound by bound; an end that outgrows 64 bits is unbounded: not known.
[[nodiscard]] ValueInterval operator+(const ValueInterval& a, const ValueInterval& b);
[[nodiscard]] ValueInterval operator-(const ValueInterval& a, const ValueInterval& b);
/// Multiplies both ends; a negative factor swaps them.
[[nodiscard]] ValueInterval operator*(const ValueInterval& a, const Rational& factor);

} // namespace bonewatch::model
