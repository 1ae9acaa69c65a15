#include "daemon/unmet_correction.h"

#include <algorithm>
#include <set>

namespace bonewatch::daemon {

using model::FactKey;
using model::Result;

Result<std::optional<FactKey>> other_than_corrected(Core& core, const model::Event& event, store::Outcome outcome,
                                                    const ingest::Correction& correction, const Message& message) {
    if (outcome != store::Outcome::applied && outcome != store::Outcome::kept)
        return std::nullopt;
    const FactKey own = model::fact_of(event);
    const auto concerned = core.directory().concerned_by(event);
    if (!concerned)
        return std::unexpected(concerned.error());
    std::set<FactKey> said;
    for (const Incoming& each : message.events)
        said.insert(model::fact_of(each.event));
    std::optional<FactKey> other;
    for (const model::PatientNumber number : *concerned) {
        const auto found = core.patient(core.directory().canonical_of(number));
        if (!found)
            return std::unexpected(found.error());
        const PatientState& state = **found;
        for (auto at = state.facts.lower_bound({own.publisher, model::FactId(correction.order)});
             at != state.facts.end() && at->first.publisher == own.publisher &&
             at->first.id.text.starts_with(correction.order);
             ++at) {
            const store::FactVersions versions = at->second.unpacked();
            const bool is_own = at->first == own || at->first.id.text.starts_with(own.id.text + "#");
            if (is_own && std::ranges::any_of(versions.contents(),
                                              [&](const store::FactContent& each) { return each.event != event; }))
                return std::nullopt;
            if (is_own || other || said.contains(at->first))
                continue;
            for (const model::Event& standing : versions.standing(state.members()))
                if (const auto* result = std::get_if<model::ResultEvent>(&standing.body);
                    result != nullptr && result->analyte == correction.analyte)
                    other = at->first;
        }
    }
    return other;
}

} // namespace bonewatch::daemon
