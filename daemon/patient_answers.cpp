#include "daemon/patient_answers.h"

#include "daemon/patient_name.h"
#include "daemon/render.h"
#include "daemon/waiting.h"

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

/// A line on what waits in quarantine; empty where nothing does.
std::string quarantine_line(const WaitingFacts& waiting) {
    const std::uint64_t count = waiting.count();
    if (count == 0)
        return {};
    return std::to_string(count) + (count == 1 ? " more lies" : " more lie") +
           " in quarantine, and cannot be used yet: bonewatch quarantine list\n";
}

/// What of it could concern the monitor that is asked about.
std::string concerning_text(const WaitingFacts& waiting, const Revision& revision,
                            const std::optional<std::string>& monitor) {
    const auto index = monitor ? revision.catalogue->find(model::MonitorId(*monitor)) : std::nullopt;
    std::string out;
    if (index)
        for (const std::string& text : waiting_texts(waiting, revision, *index))
            out += "  " + plain(text) + "\n";
    return out.empty() ? out : "\nwaiting in quarantine, and not counted\n" + out;
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
    const auto waiting = waiting_facts(core, *known->state);
    if (!waiting)
        return std::unexpected(waiting.error());
    return known->heading + *text + concerning_text(*waiting, *known->state->revision, question.monitor) +
           quarantine_line(*waiting);
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
    const auto waiting = waiting_facts(core, *known->state);
    if (!waiting)
        return std::unexpected(waiting.error());
    return known->heading + timeline_text(*known->state) + quarantine_line(*waiting);
}

} // namespace bonewatch::daemon
