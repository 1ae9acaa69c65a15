#pragma once

#include "store/model/timeline.h"

#include <vector>

namespace bonewatch::reference {

/// An event that was let in, and the patient that its identifier stands for.
struct AdmittedEvent {
    model::Event event;
    model::PatientNumber named;
    friend bool operator==(const AdmittedEvent&, const AdmittedEvent&) = default;
};

/// What stands today for `patient`, sorted by (instant, date, key): of each fact the contents of its greatest version,
/// unless a retraction hides it. The order of `events` does not matter.
[[nodiscard]] std::vector<model::Fact> standing_facts(const std::vector<AdmittedEvent>& events,
                                                      model::PatientNumber patient);

} // namespace bonewatch::reference
