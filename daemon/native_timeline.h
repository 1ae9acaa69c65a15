#pragma once

#include "config/vocabulary.h"
#include "monitors/definition.h"
#include "store/model/clock.h"

#include <string>
#include <vector>

namespace bonewatch::daemon {

/// One line of a test timeline's `expect`: `90 raised warning`.
struct ExpectedTransition {
    int day = 0;
    std::string transition;
    std::string severity; ///< Empty for what ends an alert.
    friend auto operator<=>(const ExpectedTransition&, const ExpectedTransition&) = default;
};

/// A monitor's test timeline, turned into what `replay` reads.
struct NativeTimeline {
    std::string lines; ///< Native events, one a line.
    std::vector<ExpectedTransition> expect;
    model::Date day0{};
    int until = 0; ///< Day up to which nothing else may happen.
};

/// Turns the compact notation of monitors/README.md, "Test timelines", into native events. `vocabulary` tells analytes
/// and gives the canonical unit where a line names none. Fails with `config`, naming the line.
[[nodiscard]] model::Result<NativeTimeline> read_timeline(const monitors::Definition::Test& test,
                                                          const config::Vocabulary& vocabulary);

} // namespace bonewatch::daemon
