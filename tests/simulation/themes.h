#pragma once

#include "tests/simulation/author.h"

#include <vector>

namespace bonewatch::simulation {

/// One thread of a patient's story, and who such a patient usually is.
struct Theme {
    const char* name;
    model::Sex sex;
    std::vector<int> ages; ///< Completed years at the history's start, to draw from.
    void (*tell)(Author&);
};

// By chapter of the monitors.
[[nodiscard]] std::vector<Theme> thyroid_themes();
[[nodiscard]] std::vector<Theme> steroid_themes();
[[nodiscard]] std::vector<Theme> malabsorption_themes();
[[nodiscard]] std::vector<Theme> inflammation_themes(); ///< And diabetes.
[[nodiscard]] std::vector<Theme> hormone_themes();
[[nodiscard]] std::vector<Theme> treatment_themes();
[[nodiscard]] std::vector<Theme> cancer_themes(); ///< And drugs that harm bone.
[[nodiscard]] std::vector<Theme> red_flag_themes();
[[nodiscard]] std::vector<Theme> screening_themes();

} // namespace bonewatch::simulation
