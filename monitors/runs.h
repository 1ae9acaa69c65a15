#pragma once

#include "monitors/questions.h"

#include <limits>

namespace bonewatch::monitors {

/// The results of one date, judged together.
struct SampleDay {
    Date date{};
    Truth value = Truth::no;
    std::vector<FactPtr> facts;
    bool is_surely_in = false;   ///< Belongs to the run, days of which it is unknown left out.
    bool is_possibly_in = false; ///< Belongs to the run if such days meet the condition.
};

/// The latest unbroken run, read backwards from the newest result.
struct Run {
    std::size_t count = 0;
    Date newest{};
    Date oldest{};
    bool is_over = false;
    bool is_proved = false; ///< Long enough: nothing older needs reading.
};

struct Runs {
    std::vector<SampleDay> days; ///< As far as they were read, the newest first.
    Run surely, possibly;
};

/// How much of a run is wanted; by default all of it.
struct RunWanted {
    std::size_t results = std::numeric_limits<std::size_t>::max();
    Span span;
};

[[nodiscard]] Runs read_runs(const View& view, const RunNodes& nodes, const RunWanted& wanted);

} // namespace bonewatch::monitors
