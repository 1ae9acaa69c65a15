#include "daemon/patient_answers.h"

#include "daemon/patient_name.h"
#include "daemon/render.h"

#include <algorithm>
#include <set>

namespace bonewatch::daemon {

namespace {

using model::Result;

Result<std::optional<Instant>> instant_in(const std::optional<std::string>& text, AskedAt asked) {
    if (!text)
        return std::nullopt;
    auto instant = model::parse_instant(*text);
    if (!instant)
        return std::unexpected(instant.error());
    if (*instant > asked.latest)
        return model::fail(model::ErrorKind::refused, "ahead",
                           "the future is not known; the answer for now names when it could change next");
    return *instant;
}

/// The patient that a question means, as known when it says.
struct Known {
    std::unique_ptr<PatientState> then; ///< Where it says when.
    PatientState* state = nullptr;
    std::string heading;
};

Result<Known> known_patient(Core& core, const PatientQuestion& question, std::optional<Instant> known_at) {
    const auto number = find_patient(core.directory(), question.patient, question.publisher);
    if (!number)
        return std::unexpected(number.error());
    Known out;
    if (!known_at) {
        auto state = core.patient(core.directory().canonical_of(*number));
        if (!state)
            return std::unexpected(state.error());
        out.state = *state;
        out.heading = merges_text(*out.state);
        return out;
    }
    auto then = core.patient_as_known_at(*number, *known_at);
    if (!then)
        return std::unexpected(then.error());
    out.then = std::move(*then);
    out.state = out.then.get();
    out.heading = "as known at " + model::to_text(*known_at) + ", by the monitors of revision " +
                  out.state->revision->id + "\n" + merges_text(*out.state);
    return out;
}

/// A line on what waits in quarantine under the identifiers that the patient's facts were published with; empty where
/// nothing does.
Result<std::string> quarantine_line(const Core& core, const PatientState& state) {
    std::set<std::string> digests;
    const auto add = [&](const model::FactPtr& fact) {
        const model::PublisherId& publisher = fact->event.key.publisher;
        digests.insert(core.directory().digest_of(publisher, fact->event.patient));
        if (const auto* person = std::get_if<model::PatientEvent>(&fact->event.body))
            for (const model::PatientIdentifier& identifier : person->identifiers)
                digests.insert(core.directory().digest_of(publisher, identifier));
    };
    std::ranges::for_each(state.watch.timeline().patient(), add);
    std::ranges::for_each(state.watch.timeline().all(), add);
    std::uint64_t count = 0;
    for (const std::string& digest : digests) {
        const auto waiting = core.shelf().waiting_of_patient(digest);
        if (!waiting)
            return std::unexpected(waiting.error());
        count += *waiting;
    }
    if (count == 0)
        return std::string();
    return std::to_string(count) + (count == 1 ? " more lies" : " more lie") +
           " in quarantine, and cannot be used yet: bonewatch quarantine list\n";
}

} // namespace

Result<std::string> explain(Core& core, const PatientQuestion& question, AskedAt asked) {
    const auto at = instant_in(question.at, asked);
    const auto known_at = instant_in(question.as_known_at, asked);
    if (!at || !known_at)
        return std::unexpected(!at ? at.error() : known_at.error());
    if (*at && *known_at && **at > **known_at)
        return model::fail(model::ErrorKind::refused, "before_at",
                           "what was known at " + model::to_text(**known_at) + " says nothing of " +
                               model::to_text(**at) + ", which came later");
    const auto known = known_patient(core, question, *known_at);
    if (!known)
        return std::unexpected(known.error());
    const Instant when = at->value_or(known_at->value_or(asked.now));
    const Instant stepped_to = std::max(when, known_at->value_or(asked.now));
    auto text = explain_patient(*known->state, question.monitor, when, stepped_to);
    if (!text || *known_at)
        return text ? Result<std::string>(known->heading + *text) : text;
    const auto quarantined = quarantine_line(core, *known->state);
    return quarantined ? Result<std::string>(known->heading + *text + *quarantined) : quarantined;
}

Result<std::string> timeline(Core& core, const PatientQuestion& question, AskedAt asked) {
    const auto known_at = instant_in(question.as_known_at, asked);
    if (!known_at)
        return std::unexpected(known_at.error());
    const auto known = known_patient(core, question, *known_at);
    if (!known)
        return std::unexpected(known.error());
    if (*known_at)
        return known->heading + timeline_text(*known->state);
    const auto quarantined = quarantine_line(core, *known->state);
    return quarantined ? Result<std::string>(known->heading + timeline_text(*known->state) + *quarantined)
                       : quarantined;
}

} // namespace bonewatch::daemon
