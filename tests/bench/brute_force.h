#pragma once

#include "store/model/event.h"

#include <optional>
#include <vector>

namespace bonewatch::bench {

/// A stretch in which a rule holds, [opened, closed).
struct Stretch {
    model::Instant opened{};
    std::optional<model::Instant> closed;
    friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// Two results below 0.4 mU/L at least 90 days apart with none at or above 0.4 between: read off the final facts, in
/// order of date, with nothing of the monitors.
[[nodiscard]] std::vector<Stretch> rule_a(const std::vector<model::Event>& facts);

/// At least 5 mg a day, covered for at least 90 days, gaps of at most 30 days: asked at every midnight until `end`,
/// with the supplies begun by then.
[[nodiscard]] std::vector<Stretch> rule_b(const std::vector<model::Event>& facts, model::Instant end);

} // namespace bonewatch::bench
