#pragma once

#include "daemon/patient.h"

#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

/// Text of others as a row of a table may show it: each control character, line ends too, is U+FFFD there.
[[nodiscard]] std::string plain(std::string_view text);

/// A feed entry as a person reads it: what, since when, on what evidence, what to do.
[[nodiscard]] std::string entry_text(std::string_view entry);
/// A code or unit that no table knows, as `codes` answers it, on one line.
[[nodiscard]] std::string unmapped_line(std::string_view body);
/// The nine members of an entry that `replay --output ndjson` prints, as one JSON object.
[[nodiscard]] std::string entry_brief(std::string_view entry);

/// A line for each merge that makes the patient one of several: which, of whom, by whom and when. Empty without any.
[[nodiscard]] std::string merges_text(const PatientState& patient);

/// The patient's facts as they stand, a line each, in order of date.
[[nodiscard]] std::string timeline_text(const PatientState& patient);

/// What `bonewatch explain` prints: of one monitor in full, or of all of them in short, as they stand at `at` with the
/// facts known at `now`. Works on a watch of its own: asking changes nothing. Fails with `not_found` for a monitor that
/// is not there, naming the nearest one.
[[nodiscard]] model::Result<std::string> explain_patient(const PatientState& patient,
                                                         const std::optional<std::string>& monitor, model::Instant at,
                                                         model::Instant now);

} // namespace bonewatch::daemon
