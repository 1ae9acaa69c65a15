#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::daemon {

/// Turns a story that a clinician can read into native lines. One event a line: its date, its id, what it is.
///
///     2024-01-10 L1 tsh 0.05                               a result, in the analyte's own unit
///     2024-01-10 P1 supply prednisolone oral 5 mg 28 d     5 mg a day for 28 days; `no-dose` where none is stated
///     2024-02-01 S1 stop prednisolone [oral]
///     2024-02-01 A1 given denosumab subcutaneous 60 mg
///     2020-05-01 C1 condition rheumatoid-arthritis [until 2021-05-01]
///     2023-11-20 D1 procedure dxa
///     2024-06-01 R1 retract L1
///
/// Further words: `arrives DATE` (otherwise on its date), `version N`, `strength 5mg`, `at 15:00`, `assumed`,
/// `fulfils P1`. The patient is a woman born in 1970, registered since 1990, unless a line `patient …` says otherwise
/// in native JSON.
[[nodiscard]] std::string native_lines(std::string_view story);

/// What the shipped monitors tell of a story until the end of a date, one monitor's entries, a line each:
///
///     2024-04-15 raised warning A since 2024-04-15 by L1 L2
///
/// the day of telling, the transition, the severity, the alert (A, B, … in order of first telling), the day in clinical
/// time, the evidence; for what ends an alert also why.
[[nodiscard]] std::vector<std::string> told(std::string_view story, std::string_view monitor, std::string_view until);

/// The lines of a text, without blank ones and indentation.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

} // namespace bonewatch::daemon
