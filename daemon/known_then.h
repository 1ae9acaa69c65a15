#pragma once

#include "daemon/patient.h"
#include "store/key_value.h"

#include <memory>

namespace bonewatch::daemon {

/// A patient as it was known at a time: the facts that had been journalled by then, `known_at` itself included, under
/// the revision then in force. What was told is not in it. Reads the journal of the patient's partition up to that
/// time, so it costs what a 64th of the journal costs to read. Fails with `not_found`, `not_known_then`, where nothing
/// was known of the patient yet, or with `unavailable`.
[[nodiscard]] model::Result<std::unique_ptr<PatientState>>
patient_as_known_at(const store::KeyValue& store, Revisions& revisions, model::PatientNumber number, Instant known_at);

} // namespace bonewatch::daemon
