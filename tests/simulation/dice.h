#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <random>
#include <vector>

namespace bonewatch::simulation {

/// Seeded chance with whole numbers only: the same seed gives the same draws with every library.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    /// 0 to `count` - 1.
    std::int64_t below(std::int64_t count) {
        return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(count));
    }
    /// Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
    bool chance(int percent) { return below(100) < percent; }

    template <typename T>
    T one_of(std::initializer_list<T> choices) {
        return *std::next(choices.begin(), below(static_cast<std::int64_t>(choices.size())));
    }
    template <typename T>
    const T& one_of(const std::vector<T>& choices) {
        return choices[static_cast<std::size_t>(below(std::ssize(choices)))];
    }

  private:
    std::mt19937_64 engine_;
};

} // namespace bonewatch::simulation
