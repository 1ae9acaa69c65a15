#pragma once

#include "daemon/dice.h"
#include "store/model/clock.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bonewatch::daemon {

/// One fact of a simulated life, as its publisher first states it, rightly and in time.
struct SimulatedFact {
    std::string_view type; ///< `result`, `supply`, …
    std::string id;
    std::string at;         ///< As written in the line; may be a bare or partial date.
    model::Instant instant; ///< When it happened.
    /// Further keys and their JSON, in order.
    std::vector<std::pair<std::string, std::string>> fields;
};

struct SimulatedLife {
    std::string identifier;                                  ///< `nhs:9990000018`: a test number with its check digit.
    std::vector<std::pair<std::string, std::string>> person; ///< Of the patient line.
    std::vector<SimulatedFact> facts;                        ///< Sorted by instant.
    bool has_pattern = false;
};

/// JSON of a text.
[[nodiscard]] std::string quoted(std::string_view text);

inline constexpr std::uint64_t test_numbers_max = 900'000;

/// A number of the range that is reserved for tests (999 …), its last digit the check digit. `serial` is below
/// `test_numbers_max`; two serials have two numbers.
[[nodiscard]] std::string test_nhs_number(std::uint64_t serial);

/// A life from `from` up to and including `until`: check-ups, long-term tablets, short courses, and in one life of five
/// something that a monitor should find.
[[nodiscard]] SimulatedLife simulated_life(Dice& dice, std::uint64_t serial, model::Date from, model::Date until);

} // namespace bonewatch::daemon
