#pragma once

#include "tests/reference/view.h"

#include <functional>

namespace bonewatch::reference {

/// One look at a patient. `raised`: the date on which the monitor's present episode opened; while an opening is weighed
/// the date of the look.
struct Look {
    const View& view;
    Date raised{};
    const std::set<std::string>& open; ///< Monitors open after their own step at this instant.
};

struct Monitor {
    std::string id;
    std::function<Truth(const Look&)> when;
    std::function<Truth(const Look&)> unless;
    std::function<Truth(const Look&)> clears;
    std::function<std::string(const Look&)> severity; ///< Before the common cap.
};

/// The twelve with their default thresholds, each after those whose `open` it asks. Written by hand from their files.
[[nodiscard]] const std::vector<Monitor>& twelve_monitors();

/// dead or not registered or age < 18 y
[[nodiscard]] Truth common_unless(const View& view);

} // namespace bonewatch::reference
