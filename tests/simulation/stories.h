#pragma once

#include "tests/simulation/dice.h"
#include "tests/simulation/histories.h"

namespace bonewatch::simulation {

/// What truly happened to one patient: the first version of every fact, in no order, without late or wrong ones.
/// `patient` (0 or 1) chooses the identifier.
[[nodiscard]] std::vector<model::Event> story(Dice& dice, int patient, const HistoryOptions& options);

[[nodiscard]] model::PatientIdentifier identifier_of(int patient);

/// A time at the patient: `clock` is local, `offset` what the zone is ahead of UTC.
[[nodiscard]] model::ClinicalTime local_time(model::Date date, std::chrono::minutes clock, std::chrono::hours offset);

/// Another plausible value of the same fact: another number, dose, length or date.
[[nodiscard]] model::Event altered(Dice& dice, model::Event event);

} // namespace bonewatch::simulation
