#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <random>

namespace bonewatch::daemon {

/// Seeded chance with whole numbers only, so that a seed gives the same draws with every library.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    /// Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool per_thousand(int chance) { return between(0, 999) < chance; }

    template <typename T>
    T one_of(std::initializer_list<T> choices) {
        return *std::next(choices.begin(), between(0, static_cast<std::int64_t>(choices.size()) - 1));
    }

  private:
    std::mt19937_64 engine_;
};

} // namespace bonewatch::daemon
