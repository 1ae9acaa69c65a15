#pragma once

#include "store/model/interval.h"

#include <string_view>

namespace bonewatch::monitors {

using model::Truth;

/// Kleene's logic. `no` < `unknown` < `yes`, so and is the lesser, or the greater, not the mirror.
[[nodiscard]] constexpr Truth operator&&(Truth a, Truth b) {
    return a < b ? a : b;
}
[[nodiscard]] constexpr Truth operator||(Truth a, Truth b) {
    return a < b ? b : a;
}
[[nodiscard]] constexpr Truth operator!(Truth a) {
    return a == Truth::yes ? Truth::no : a == Truth::no ? Truth::yes : Truth::unknown;
}
[[nodiscard]] constexpr Truth truth_of(bool value) {
    return value ? Truth::yes : Truth::no;
}

/// True if all that is possible is so, false if nothing possible is, else unknown.
[[nodiscard]] constexpr Truth truth_between(bool surely, bool possibly) {
    return surely ? Truth::yes : possibly ? Truth::unknown : Truth::no;
}

[[nodiscard]] constexpr std::string_view to_text(Truth value) {
    return value == Truth::yes ? "true" : value == Truth::no ? "false" : "unknown";
}

} // namespace bonewatch::monitors
