#pragma once

#include "daemon/core.h"

#include <optional>
#include <string>

namespace bonewatch::daemon {

/// What `explain` and `timeline` are asked of one patient, as it was written.
struct PatientQuestion {
    std::string patient;   ///< SYSTEM:VALUE, or PUBLISHER/SYSTEM:VALUE.
    std::string publisher; ///< Whose own identifier it is; may be empty.
    std::optional<std::string> monitor;
    std::optional<std::string> at;          ///< The time asked about: with the facts known today,
    std::optional<std::string> as_known_at; ///< or with those that had been journalled by then, under its revision.
};

/// The times between which a question can be answered.
struct AskedAt {
    Instant now;    ///< The time asked about where the question names none.
    Instant latest; ///< Nothing later is known.
};

/// Why, why not, and when next: of one monitor in full, of all of them in short. Asking changes nothing. Fails with
/// what is wrong with the question: `malformed`, `not_found`, or `refused` (`ahead`, `before_at`).
[[nodiscard]] model::Result<std::string> explain(Core& core, const PatientQuestion& question, AskedAt asked);

/// The patient's facts as they stand, or as they stood.
[[nodiscard]] model::Result<std::string> timeline(Core& core, const PatientQuestion& question, AskedAt asked);

} // namespace bonewatch::daemon
