#include "alerts/entry.h"

#include "monitors/phrases.h"
#include "monitors/reasoning.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <iterator>
#include <ranges>

namespace bonewatch::alerts {

namespace {

using monitors::Clause;
using monitors::Truth;

constexpr std::size_t headline_bytes_max = 600;

/// So many dates of one kind of fact are listed; of more, the first and the last.
constexpr std::size_t dates_listed_max = 3;

/// So many facts that changed are named in a withdrawal.
constexpr std::size_t changes_listed_max = 3;

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

/// `2024-01-10`, `2024-01-10, 2024-02-11 and 2024-04-15`; of many the first and the last.
std::string listed(const std::vector<std::string>& dates) {
    if (dates.size() > dates_listed_max)
        return dates.front() + " to " + dates.back() + " (" + std::to_string(dates.size()) + ")";
    std::string text = dates.front();
    for (std::size_t i = 1; i < dates.size(); ++i)
        text += (i + 1 == dates.size() ? " and " : ", ") + dates[i];
    return text;
}

/// `Thyrotropin (TSH) of 2024-01-10 and 2024-04-15, Osteoporosis of 2020-05-01`: by title, each with its dates.
std::string listed(const std::vector<ToldFact>& facts, const config::Vocabulary& vocabulary) {
    std::vector<std::pair<std::string, std::vector<std::string>>> by_title;
    for (const ToldFact& fact : facts) {
        const std::string title = monitors::title_of(vocabulary, fact.code);
        auto same = std::ranges::find(by_title, title, [](const auto& one) { return one.first; });
        if (same == by_title.end())
            same = by_title.insert(by_title.end(), {title, {}});
        const std::string date = model::to_text(fact.date);
        if (same->second.empty() || same->second.back() != date)
            same->second.push_back(date);
    }
    std::string text;
    for (const auto& [title, dates] : by_title)
        text += (text.empty() ? "" : ", ") + title + " of " + listed(dates);
    return text;
}

/// What a withdrawn alert stood on that has turned out to be another patient's.
std::vector<ToldFact> of_wrong_patient(const Alert& alert, const EntryContext& context) {
    std::vector<ToldFact> out;
    std::ranges::copy_if(alert.evidence, std::back_inserter(out), [&](const ToldFact& fact) {
        return std::ranges::find(context.of_wrong_patient, fact.key) != context.of_wrong_patient.end();
    });
    return out;
}

/// What became of the facts that a withdrawn alert stood on, as it was last told, and what came instead.
std::vector<std::string> changes(const Alert& alert, const EntryContext& context) {
    std::vector<std::string> out;
    if (!context.regrouped.empty())
        out.push_back(context.regrouped);
    const std::vector<ToldFact> wrong = of_wrong_patient(alert, context);
    if (!wrong.empty())
        out.push_back("reported for the wrong patient: " + listed(wrong, context.vocabulary));
    std::vector<ToldFact> gone;
    for (const ToldFact& fact : alert.evidence) {
        if (std::ranges::find(wrong, fact) != wrong.end())
            continue;
        const bool stands = std::ranges::any_of(context.standing, [&](const std::vector<model::Event>& contents) {
            return contents.front().key == fact.key;
        });
        if (!stands && std::ranges::find(context.changed, fact.key) != context.changed.end())
            gone.push_back(fact);
    }
    if (!gone.empty())
        out.push_back("no longer in the record: " + listed(gone, context.vocabulary));
    for (const std::vector<model::Event>& contents : context.standing | std::views::take(changes_listed_max)) {
        std::string text;
        for (const model::Event& event : contents)
            text += (text.empty() ? "" : " or ") + monitors::told_text(context.vocabulary, event);
        out.push_back((contents.size() > 1 ? "disputed: " : "now known: ") + text);
    }
    if (context.standing.size() > changes_listed_max)
        out.push_back(std::to_string(context.standing.size() - changes_listed_max) + " more that came or changed");
    out.push_back("it had been told on " +
                  (alert.evidence.empty() ? "no fact of its own" : listed(alert.evidence, context.vocabulary)));
    return out;
}

std::string reason_of(const Alert& alert, const Step& step, const EntryContext& context) {
    if (step.transition == Transition::withdrawn) {
        if (!context.regrouped.empty())
            return context.regrouped;
        const std::vector<ToldFact> wrong = of_wrong_patient(alert, context);
        return wrong.empty() ? "the facts behind it changed"
                             : listed(wrong, context.vocabulary) + (wrong.size() == 1 ? " was" : " were") +
                                   " reported for the wrong patient";
    }
    if (!step.goes_on_as.empty())
        return "the records were merged, and it goes on as alert " + step.goes_on_as;
    if (step.transition == Transition::resolved)
        return step.is_excluded ? "no longer applies" : "cleared";
    return {};
}

/// `TITLE: A; B`, or `TITLE: over, A; B`: as many sentences as there is room for.
std::string with_sentences(std::string text, const std::vector<std::string>& sentences) {
    std::string between = text.find(": ") == std::string::npos ? ": " : ", ";
    for (const std::string& sentence : sentences) {
        if (sentence.empty())
            continue;
        if (text.size() + between.size() + sentence.size() > headline_bytes_max)
            return text + between + "and more";
        text += between + sentence;
        between = "; ";
    }
    return text;
}

} // namespace

std::string headline(const monitors::Monitor& monitor, const Alert& alert, const Step& step,
                     const EntryContext& context) {
    std::string text = monitor.title;
    if (step.transition == Transition::withdrawn)
        return with_sentences(text + ": not so after all", changes(alert, context));
    if (!step.episode)
        return text;
    const monitors::Episode& episode = *step.episode;
    if (!step.goes_on_as.empty())
        return with_sentences(text + ": resolved", {"the records were merged, and it goes on as the alert of " +
                                                    model::to_text(model::date_of(episode.opened))});
    if (step.transition == Transition::resolved)
        return with_sentences(text + (episode.is_excluded ? ": no longer applies" : ": resolved"),
                              {episode.closing_reason});
    return headline(monitor, episode);
}

std::string headline(const monitors::Monitor& monitor, const monitors::Episode& open) {
    std::vector<std::string> sentences = monitors::details_of(open.support->reasoning, Truth::yes);
    std::string why_so_severe;
    for (const std::string& reason : open.severity_reasons)
        if (std::ranges::find(sentences, reason) == sentences.end())
            why_so_severe += (why_so_severe.empty() ? "" : " and ") + reason;
    if (!why_so_severe.empty())
        sentences.push_back(std::string(monitors::to_text(open.severity)) + " because: " + why_so_severe);
    if (!open.since_then.empty())
        sentences.push_back("since then: " + open.since_then);
    return with_sentences(monitor.title, sentences);
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
    json.text("headline", headline(monitor, alert, step, context));
    json.begin_array("evidence");
    for (const ToldFact& fact : alert.evidence)
        json.text(fact.key.id.text);
    json.end_array();

    json.text("state", to_text(alert.state));
    if (const auto reason = reason_of(alert, step, context); !reason.empty())
        json.text("reason", reason);
    if (!step.goes_on_as.empty())
        json.text("goes_on_as", step.goes_on_as);
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
            json.text("text", monitors::told_text(context.vocabulary, fact->event));
            json.end_object();
        }
        json.end_array();
        json.begin_object("why");
        const bool is_over = step.transition == Transition::resolved && step.goes_on_as.empty();
        write_clause(json, is_over ? step.episode->closing : step.episode->support->reasoning);
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
