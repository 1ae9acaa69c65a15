#pragma once

#include "store/model/event.h"

#include <random>

namespace bonewatch::tests {

/// An event of any type with any of its parts there or missing. Sets are sorted, as doors write them.
[[nodiscard]] model::Event random_event(std::mt19937_64& random);

/// A number in [0, bound).
[[nodiscard]] std::uint64_t below(std::mt19937_64& random, std::uint64_t bound);

} // namespace bonewatch::tests
