#pragma once

#include "config/vocabulary.h"
#include "ingest/json.h"

#include <string>

namespace bonewatch::oracles {

/// What QI-Core says and `ingest` does not read, as Conditions that it does read, one a line. Each has its patient, its
/// code and its times from the resource; what it is (a diagnosis, something done) is the code's kind in `vocabulary`.
///
/// - A finished Encounter: each of its types, for its period; how it was discharged, at its end.
/// - A ServiceRequest or DeviceRequest, an order that is active or completed: what is ordered, on the day of writing.
///   One that is not to be performed: the reason why not, on that day.
/// - A final Observation answered with a code: the answer, where it is a finding that the vocabulary knows, for its
///   period; the question itself, where the answer is yes.
[[nodiscard]] std::string conditions_in(const ingest::Json& bundle, const config::Vocabulary& vocabulary);

} // namespace bonewatch::oracles
