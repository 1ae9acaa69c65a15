#include "alerts/entry.h"

#include "store/model/json_writer.h"

#include <algorithm>

namespace bonewatch::alerts {

namespace {

using monitors::Clause;
using monitors::Truth;

constexpr std::size_t headline_bytes_max = 400;

/// The half sentences of the clauses that are true, outermost first, each once.
void true_details(const Clause& clause, std::vector<std::string>& out) {
    if (clause.value != Truth::yes)
        return;
    if (!clause.detail.empty() && std::ranges::find(out, clause.detail) == out.end())
        out.push_back(clause.detail);
    for (const Clause& part : clause.parts)
        true_details(part, out);
}

std::string text_of(const model::Event& event) {
    std::string text(model::type_word(event));
    if (const model::CodeId* code = model::code_of(event))
        text += " " + code->text;
    if (const auto* result = std::get_if<model::ResultEvent>(&event.body))
        text += " " + result->value_text + (result->unit_text.empty() ? "" : " " + result->unit_text);
    if (const auto* supply = std::get_if<model::SupplyEvent>(&event.body))
        text += (supply->daily_dose ? " " + model::to_text(*supply->daily_dose) + " a day" : "") + " for " +
                std::to_string(supply->days) + " days";
    if (const auto* given = std::get_if<model::AdministrationEvent>(&event.body))
        text += given->dose ? " " + model::to_text(*given->dose) : "";
    return text + " on " + model::to_text(event.at.date);
}

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

std::string_view reason_of(const Step& step) {
    if (step.transition == Transition::withdrawn)
        return "the facts behind it changed";
    if (step.transition == Transition::resolved)
        return step.is_excluded ? "no longer applies" : "cleared";
    return {};
}

} // namespace

std::string headline(const monitors::Monitor& monitor, const monitors::Support& support) {
    std::vector<std::string> details;
    true_details(support.reasoning, details);
    std::string text = monitor.title;
    for (std::size_t i = 0; i < details.size(); ++i) {
        const std::string more = (i == 0 ? ": " : "; ") + details[i];
        if (text.size() + more.size() > headline_bytes_max)
            break;
        text += more;
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
    json.text("headline", step.episode ? headline(monitor, *step.episode->support) : monitor.title);
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
            json.text("text", text_of(fact->event));
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
    json.text("advice", monitor.advice);
    json.text("clears_when", monitor.clears_text);
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
