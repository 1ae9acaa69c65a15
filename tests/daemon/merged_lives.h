#pragma once

#include "store/record.h"
#include "tests/daemon/clinic.h"

#include <cstdint>
#include <optional>
#include <string>

namespace bonewatch::daemon {

/// Four identities: the two of a history, and one more under which either is known elsewhere.
constexpr int identity_count = 4;
[[nodiscard]] model::PatientIdentifier identity(int index);
[[nodiscard]] int index_of(const model::PatientIdentifier& identifier);

/// A merge `M-NUMBER` of identity `from` into `into`, and an event that undoes one, of a version or for good.
[[nodiscard]] model::Event merge_event(int number, int from, int into, std::int64_t version);
[[nodiscard]] model::Event undoing(const model::Event& merge, int number, std::optional<model::Version> version);

/// The directory's number of an identity, 0 where it knows none, and an identity's index by its number.
[[nodiscard]] model::PatientNumber number_of(Clinic& clinic, int index);
[[nodiscard]] std::string name_of(Clinic& clinic, model::PatientNumber number);

/// Each alert that was told belongs to one patient, whom its id finds, and its last entry is where it says.
void expect_alerts_found(Clinic& clinic);
/// The dump of what a replay of the journal makes.
[[nodiscard]] std::string replayed_dump(Clinic& clinic);

/// A number that the environment gives: which histories to run.
[[nodiscard]] std::uint64_t number_from(const char* name, std::uint64_t otherwise);

} // namespace bonewatch::daemon
