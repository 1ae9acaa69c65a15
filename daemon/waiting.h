#pragma once

#include "daemon/core.h"

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::daemon {

/// Something of a patient that lies in quarantine, as far as it is known what it was to be.
struct WaitingFact {
    std::uint64_t number = 0; ///< In quarantine.
    model::CodeId code;       ///< Empty: not known.
    std::string date;         ///< `2026-02-01`, `2026-02`; empty: not known.
    std::string reason;
};

/// What waits in quarantine of one patient. No fact, and none of what is true follows from it.
struct WaitingFacts {
    std::vector<WaitingFact> facts; ///< In order of their numbers.
    std::uint64_t more = 0;         ///< That were not looked at.

    [[nodiscard]] std::uint64_t count() const { return facts.size() + more; }
};

/// What waits under the identifiers that the patient's facts were published with; of records that were merged, of all
/// of them. Of so many that nobody reads them the rest is only counted.
[[nodiscard]] model::Result<WaitingFacts> waiting_facts(const Core& core, const PatientState& patient);

/// What of it could concern a monitor, for a clinician: the newest by name, date and reason, the rest counted by
/// reason, and last those of which nobody knows what they are. Empty where nothing does.
[[nodiscard]] std::vector<std::string> waiting_texts(const WaitingFacts& waiting, const Revision& revision,
                                                     std::size_t monitor);

/// Why something cannot be used, of one word of quarantine: `missing_days` is `how many days it lasts is missing`.
[[nodiscard]] std::string reason_in_words(std::string_view reason);

/// A feed entry with the member `waiting` behind its own.
[[nodiscard]] std::string with_waiting(std::string entry, const std::vector<std::string>& texts);

} // namespace bonewatch::daemon
