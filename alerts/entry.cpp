#include "alerts/entry.h"

#include "monitors/reasoning.h"
#include "store/model/json_writer.h"

#include <algorithm>

namespace bonewatch::alerts {

namespace {

using monitors::Clause;
using monitors::Truth;

constexpr std::size_t headline_bytes_max = 400;

void write_clause(model::JsonWriter& json, const Clause& clause) {
    json.text("clause", clause.text);
    json.text("value", monitors::to_text(clause.value));
    if (!clause.detail.empty())
        json.text("detail", clause.detail);
    if (clause.parts.empty())
        return;
    json.begin_array("parts");
    for (const Clause& part : clause.parts) {
        json.begin_object();
        write_clause(json, part);
        json.end_object();
    }
    json.end_array();
}

/// The facts that a withdrawn alert stood on, as it was last told.
std::string stood_on(const Alert& alert) {
    std::string text;
    for (const ToldFact& fact : alert.evidence)
        text += (text.empty() ? "" : ", ") + fact.code.text + " of " + model::to_text(fact.date);
    return text.empty() ? "no fact of its own" : text;
}

std::string_view reason_of(const Step& step) {
    if (step.transition == Transition::withdrawn)
        return "the facts behind it changed";
    if (step.transition == Transition::resolved)
        return step.is_excluded ? "no longer applies" : "cleared";
    return {};
}

} // namespace

std::string headline(const monitors::Monitor& monitor, const Alert& alert, const Step& step) {
    if (step.transition == Transition::withdrawn)
        return monitor.title + ": not so after all. It had been told on " + stood_on(alert);
    if (!step.episode)
        return monitor.title;
    const monitors::Episode& episode = *step.episode;
    const std::string level = std::string(monitors::to_text(episode.severity)) + " because: ";
    std::vector<std::string> sentences;
    if (step.transition == Transition::resolved)
        sentences = {episode.closing_reason};
    else
        sentences = monitors::details_of(episode.support->reasoning, Truth::yes);
    if (step.transition != Transition::resolved && !episode.severity_reason.empty())
        sentences.push_back(level + episode.severity_reason);
    if (step.transition != Transition::resolved && !episode.since_then.empty())
        sentences.push_back("since then: " + episode.since_then);
    std::string text = monitor.title;
    if (step.transition == Transition::resolved)
        text += episode.is_excluded ? ", no longer applies" : ", over";
    std::string between = ": ";
    for (const std::string& sentence : sentences) {
        const bool is_said =
            sentence.starts_with(level) && text.find(sentence.substr(level.size())) != std::string::npos;
        if (sentence.empty() || is_said || text.size() + between.size() + sentence.size() > headline_bytes_max)
            continue;
        text += between + sentence;
        between = "; ";
    }
    return text;
}

std::string entry_json(const monitors::Monitor& monitor, const Alert& alert, const Step& step,
                       const EntryContext& context) {
    model::JsonWriter json;
    json.begin_object();
    json.text("at", model::to_text(step.at));
    json.text("recorded_at", model::to_text(context.recorded_at));
    json.text("patient", model::to_text(context.patient));
    json.text("monitor", monitor.id.text);
    json.text("transition", to_text(step.transition));
    json.text("severity", monitors::to_text(alert.severity));
    json.text("alert", alert.id);
    json.text("headline", headline(monitor, alert, step));
    json.begin_array("evidence");
    for (const ToldFact& fact : alert.evidence)
        json.text(fact.key.id.text);
    json.end_array();

    json.text("state", to_text(alert.state));
    if (const auto reason = reason_of(step); !reason.empty())
        json.text("reason", reason);
    json.text("since", model::to_text(alert.opened));
    if (alert.closed)
        json.text("until", model::to_text(*alert.closed));
    if (!alert.tags.empty()) {
        json.begin_array("tags");
        for (const std::string& tag : alert.tags)
            json.text(tag);
        json.end_array();
    }
    if (step.transition == Transition::withdrawn && !context.changed.empty()) {
        json.begin_array("changed");
        for (const model::FactKey& key : context.changed)
            json.text(key.id.text);
        json.end_array();
    }
    if (!alert.acknowledged_by.empty()) {
        json.text("acknowledged_by", alert.acknowledged_by);
        if (!alert.note.empty())
            json.text("note", alert.note);
    }
    if (step.episode) {
        json.begin_array("facts");
        for (const monitors::FactPtr& fact : step.episode->support->evidence) {
            json.begin_object();
            json.text("publisher", fact->event.key.publisher.text);
            json.text("id", fact->event.key.id.text);
            json.text("text", model::event_text(fact->event));
            json.end_object();
        }
        json.end_array();
        json.begin_object("why");
        write_clause(json, step.transition == Transition::resolved ? step.episode->closing
                                                                   : step.episode->support->reasoning);
        json.end_object();
        if (!step.episode->support->not_known.empty())
            json.text("not_known", step.episode->support->not_known);
    }
    if (alert.state == AlertState::open) {
        json.text("advice", monitor.advice);
        json.text("clears_when", monitor.ends);
    }
    json.begin_object("thresholds");
    for (const monitors::Threshold& threshold : monitor.thresholds)
        json.text(threshold.name, threshold.value.text);
    json.end_object();
    json.text("source", monitor.source);
    json.text("clinical_sign_off", "none");
    json.text("revision", context.revision);
    json.end_object();
    return json.take();
}

} // namespace bonewatch::alerts
