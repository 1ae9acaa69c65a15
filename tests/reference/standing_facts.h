#pragma once

#include "store/model/timeline.h"

#include <set>
#include <vector>

namespace bonewatch::reference {

/// An event that was let in, and the patient that its identifier stands for.
struct AdmittedEvent {
    model::Event event;
    model::PatientNumber named;
    model::PatientNumber from{}; ///< Of a merge: whom its `from` stands for.
    friend bool operator==(const AdmittedEvent&, const AdmittedEvent&) = default;
};

/// What stands today for `patient`, sorted by (instant, date, key): of each fact the contents of its greatest version,
/// unless a retraction hides it, final where a promotion says so, in dispute where a greater one is in doubt. The order
/// of `events` does not matter.
[[nodiscard]] std::vector<model::Fact> standing_facts(const std::vector<AdmittedEvent>& events,
                                                      model::PatientNumber patient);

/// The same for one patient of several identities.
[[nodiscard]] std::vector<model::Fact> standing_facts(const std::vector<AdmittedEvent>& events,
                                                      const std::set<model::PatientNumber>& members);

/// `patient`, and everyone whom merges that stand make one with it: whoever is joined to one of them is joined to all.
[[nodiscard]] std::set<model::PatientNumber> joined_with(const std::vector<AdmittedEvent>& events,
                                                         model::PatientNumber patient);

} // namespace bonewatch::reference
