#pragma once

#include "tests/ingest/decoding.h"

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest::rules {

inline constexpr std::string_view hl7_person_line =
    "PID|1||9990000018^^^NHS^NH~H123456^^^RX1^MR||TEST^ALEX||19580714|F\r";

/// MSH of version 2.5.1, sent on 2 March 2026 at 10:15.
[[nodiscard]] std::string hl7_header(std::string_view type, std::string_view control_id = "M1");

/// A result of TSH by its OBX, numbered F4711^LABSYS, collected on 1 March 2026 at 8:30, reported at `reported`.
[[nodiscard]] std::string hl7_tsh(std::string_view obx, std::string_view reported = "20260302101000");

/// The outcomes of a message without what its PIDs say of persons.
[[nodiscard]] std::vector<Decoded> hl7_results(std::string_view message);
/// The only one; the test fails where there are more.
[[nodiscard]] Decoded hl7_result(std::string_view message);

} // namespace bonewatch::ingest::rules
