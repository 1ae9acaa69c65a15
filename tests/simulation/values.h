#pragma once

#include "store/model/event.h"
#include "tests/simulation/dice.h"

#include <string_view>

namespace bonewatch::simulation {

/// `0.4`, `<0.01` (not below zero), `>60`, in the analyte's canonical unit.
[[nodiscard]] model::ValueInterval value_of(std::string_view text);

/// A value around the bounds that the monitors use, on both sides and exactly on them; sometimes one that decides
/// nothing.
[[nodiscard]] model::ValueInterval any_value(Dice& dice, std::string_view analyte);

/// The laboratory's own range, for analytes whose range is asked about; sometimes none.
void add_range(Dice& dice, model::ResultEvent& result);

/// The device of a scan, whether a sample was taken fasting, the side of an operation; sometimes not stated.
void add_attributes(Dice& dice, model::Event& event);

} // namespace bonewatch::simulation
