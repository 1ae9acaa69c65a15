#pragma once

#include "alerts/alert.h"
#include "config/vocabulary.h"

#include <string>
#include <vector>

namespace bonewatch::alerts {

/// What a feed entry says besides the alert itself.
struct EntryContext {
    model::PatientIdentifier patient;
    Instant recorded_at{};
    std::string revision;
    std::vector<model::FactKey> changed; ///< The facts that arrived or changed: named in a withdrawal.
    const config::Vocabulary& vocabulary;
    /// Of a withdrawal: what stands today of those changed facts that the monitor reads; of a disputed one all
    /// contents.
    std::vector<std::vector<model::Event>> standing;
    std::vector<model::FactKey> of_wrong_patient; ///< Of a withdrawal: those that were reported for the wrong patient.
    std::string regrouped; ///< Of a withdrawal that a merge, or its undoing, has caused: what happened, in words.
};

/// One entry of the feed, as a JSON object without line breaks: the transition, and the alert as it now stands.
/// Members: alerts/README.md. The first nine are those that replay prints.
[[nodiscard]] std::string entry_json(const monitors::Monitor& monitor, const Alert& alert, const Step& step,
                                     const EntryContext& context);

/// One line for the top of an alert: what is wrong, or no longer is, with its numbers and dates.
[[nodiscard]] std::string headline(const monitors::Monitor& monitor, const Alert& alert, const Step& step,
                                   const EntryContext& context);
/// The same of an alert that is open: what is wrong.
[[nodiscard]] std::string headline(const monitors::Monitor& monitor, const monitors::Episode& open);

} // namespace bonewatch::alerts
