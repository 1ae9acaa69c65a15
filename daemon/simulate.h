#pragma once

#include "daemon/simulated_report.h"
#include "store/model/clock.h"

#include <cstdint>
#include <functional>
#include <ostream>
#include <string_view>

namespace bonewatch::daemon {

/// The test numbers that there are.
inline constexpr int simulated_patients_max = 900'000;

struct SimulateSettings {
    int patients = 100; ///< At most `simulated_patients_max`.
    int years = 5;      ///< 1 to 50.
    std::uint64_t seed = 1;
    model::Date until{}; ///< Nothing becomes known after the end of this date; histories begin `years` before it.
    SimulateFormat format = SimulateFormat::native;
    /// Leaves out what this format has no words for, so that the same clinic can be written in two formats.
    SimulateFormat within = SimulateFormat::native;
};

/// What was written, and how often each difficulty.
struct SimulateCounts {
    std::uint64_t lines = 0;                 ///< Messages: of native events and FHIR each is one line.
    std::uint64_t patients_with_pattern = 0; ///< In whose history something was meant to be found.
    std::uint64_t late = 0;
    std::uint64_t corrected = 0;
    std::uint64_t retracted = 0;
    std::uint64_t retracted_first = 0; ///< The retraction became known before what it retracts.
    std::uint64_t moved = 0;           ///< Published first for the wrong patient.
    std::uint64_t repeated = 0;
    std::uint64_t disputed = 0; ///< Two contents under one version.
    std::uint64_t post_dated = 0;
    std::uint64_t partly_dated = 0;
    std::uint64_t unsaid = 0; ///< Reports, and keys of persons, left out: the format has no words for them.
};

/// Takes a message, and when it becomes known. False: no more is wanted.
using OnSimulated = std::function<bool(model::Instant known, std::string_view message)>;

/// Writes the years of a clinic that exists nowhere, message by message: each patient's as they became known, one
/// patient after the other (`replay` sorts them). Same settings, same bytes; a patient's history does not depend on how
/// many others there are, but for facts first published for a neighbour. Memory does not grow with the number of
/// patients.
SimulateCounts simulate(const SimulateSettings& settings, const OnSimulated& out);
SimulateCounts simulate(const SimulateSettings& settings, std::ostream& out);

} // namespace bonewatch::daemon
