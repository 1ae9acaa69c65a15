#pragma once

#include "store/model/clock.h"

#include <chrono>

/// The only place that reads a clock or sleeps. Everything else is handed its time.
namespace bonewatch::daemon {

/// A reading of the steady clock: for waiting, never for facts.
using Moment = std::chrono::steady_clock::time_point;

/// The wall clock.
[[nodiscard]] model::Instant wall_now();
[[nodiscard]] Moment steady_now();
/// What is left until `deadline`, rounded up; zero once it has passed.
[[nodiscard]] std::chrono::milliseconds left_until(Moment deadline);
void pause_for(std::chrono::milliseconds time);

} // namespace bonewatch::daemon
