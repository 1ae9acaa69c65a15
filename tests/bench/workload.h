#pragma once

#include "store/model/event.h"

#include <cstdint>
#include <vector>

namespace bonewatch::bench {

/// The equal workload's variants: in order; 5 % late by 1 to 60 days; 1 % corrected and 0.5 % cancelled, 1 to 60 days
/// later; 2 % delivered again, 1 to 60 days later.
enum class Variant { in_order, late, corrected, repeated };

/// What reaches the system: one fact as it stands from then on, or (without an event) that it is cancelled.
struct Delivery {
    std::size_t patient = 0;
    model::Instant arrives{};
    model::FactKey key;
    std::vector<model::Event> standing;
};

struct Workload {
    std::size_t patients = 0;
    std::vector<Delivery> deliveries;                   ///< In order of arrival, over all patients.
    std::vector<std::vector<model::Event>> final_facts; ///< By patient, in order of date.
    model::Instant end{};                               ///< 400 days after the last date.
};

/// `count` TSH results for each patient, 20 to 60 days apart; three patients in ten have runs below 0.4 mU/L.
[[nodiscard]] Workload tsh_results(std::size_t patients, int count, Variant variant, std::uint64_t seed);
/// `count` issues of prednisolone 5 mg a day for each patient, 28 days each, starts 20 to 60 days apart. A correction
/// halves the days.
[[nodiscard]] Workload steroid_supplies(std::size_t patients, int count, Variant variant, std::uint64_t seed);

} // namespace bonewatch::bench
