#pragma once

#include "tests/reference/standing_facts.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bonewatch::simulation {

/// A history has at least so many facts: more than its difficulties can touch, each as often as it may occur.
constexpr int facts_min = 48;

/// What a history may hold. Each difficulty that is on occurs at least once in every history, more often in some.
struct HistoryOptions {
    model::Date start{std::chrono::year(2018) / 1 / 1};
    int days = 1400;
    int patients = 2; ///< 1 or 2; a fact can only be moved where there are two.
    /// Their numbers, in the order in which they first arrive (patient lines arrive first).
    std::array<model::PatientNumber, 2> numbers{model::PatientNumber{1}, model::PatientNumber{2}};
    bool late = true;
    bool corrected = true;
    bool retracted_first = true; ///< A retraction that arrives before what it retracts.
    bool moved = true;
    bool duplicated = true;
    bool disputed = true;
    bool partial_dates = true;
    bool zones = true;
    bool ordered = true;         ///< A share of supplies and doses are an order, and what was dispensed on it.
    bool unstated_doses = false; ///< Steroids whose dose nobody states.
};

/// How often each difficulty occurred.
struct Occurrences {
    int events = 0;
    int late = 0;
    int corrected = 0;
    int retracted = 0; ///< After its target had arrived.
    int retracted_first = 0;
    int moved = 0;
    int duplicated = 0;
    int disputed = 0;
    int settled = 0; ///< A dispute that a greater version ended.
    int partial_dates = 0;
    int other_dates = 0; ///< Local date and UTC date differ.
    int ordered = 0;     ///< Supplies and doses that fulfil an order.
    int given_back = 0;  ///< Of these retracted, moved away, disputed, or corrected to name no order.
    int deaths = 0;
    int stops = 0;
    int unreadable = 0;
    int not_counted = 0; ///< Preliminary, or cannot be done.

    Occurrences& operator+=(const Occurrences& other);
    /// Name and count, in the order above: for a test to print.
    [[nodiscard]] std::vector<std::pair<std::string, int>> rows() const;
};

/// An event as its publisher sends it, and when it arrives.
struct Published {
    model::Event event;
    model::PatientNumber named;
    model::Instant recorded;
};

struct History {
    std::vector<Published> published; ///< Sorted by `recorded`; patient lines first.
    model::Instant now;               ///< Later than everything in it.
    Occurrences occurrences;

    [[nodiscard]] std::vector<reference::AdmittedEvent> admitted() const;
};

/// One or two patients' years, told in themes that move every monitor. Same seed, same history.
[[nodiscard]] History history(std::uint64_t seed, const HistoryOptions& options = {});

/// The monitors that move often: among some hundred histories of two years each of them opens and closes.
[[nodiscard]] const std::vector<std::string>& monitors_of_stories();

} // namespace bonewatch::simulation
