#include "tests/reference/standing_facts.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace bonewatch::reference {

namespace {

bool is_retraction(const model::Event& event) {
    return std::holds_alternative<model::RetractionEvent>(event.body);
}

bool says(const model::Event& event, const char* attribute) {
    return event.attributes.contains(attribute);
}

bool is_of_wrong_patient(const model::Event& event) {
    const auto reason = event.attributes.find("reason");
    return reason != event.attributes.end() && reason->second == "wrong_patient";
}

/// Whether `retraction` is one of the fact of `one`, and of its version or a greater one.
bool reaches(const AdmittedEvent& retraction, const AdmittedEvent& one) {
    const auto* body = std::get_if<model::RetractionEvent>(&retraction.event.body);
    return body != nullptr && !is_retraction(one.event) && model::fact_of(retraction.event) == one.event.key &&
           (!body->of_version || one.event.version <= *body->of_version);
}

/// A retraction for the wrong patient that finds something of its own patient: it takes that away, and nothing else.
bool takes_its_own(const AdmittedEvent& retraction, const std::vector<AdmittedEvent>& events) {
    return is_of_wrong_patient(retraction.event) &&
           std::any_of(events.begin(), events.end(), [&](const AdmittedEvent& one) {
               return one.named == retraction.named && reaches(retraction, one);
           });
}

/// As if it had never been there: what a retraction for the wrong patient takes away.
bool is_taken_away(const AdmittedEvent& one, const std::vector<AdmittedEvent>& events) {
    return std::any_of(events.begin(), events.end(), [&](const AdmittedEvent& other) {
        return other.named == one.named && reaches(other, one) && takes_its_own(other, events);
    });
}

bool is_hidden(const AdmittedEvent& one, const std::vector<AdmittedEvent>& events) {
    return std::any_of(events.begin(), events.end(), [&](const AdmittedEvent& other) {
        return reaches(other, one) && !says(other.event, "doubt") && !says(other.event, "promotion") &&
               !takes_its_own(other, events);
    });
}

/// Whether a retraction that is a doubt, or a promotion, names a greater version of the same fact.
bool is_below(const AdmittedEvent& one, const char* attribute, const std::vector<AdmittedEvent>& events) {
    return std::any_of(events.begin(), events.end(), [&](const AdmittedEvent& other) {
        const auto* body = std::get_if<model::RetractionEvent>(&other.event.body);
        return body != nullptr && says(other.event, attribute) && model::fact_of(other.event) == one.event.key &&
               body->of_version && one.event.version < *body->of_version;
    });
}

/// The different contents of the greatest version of a fact; the same content sent twice is one.
std::vector<AdmittedEvent> greatest_of(const model::FactKey& key, const std::vector<AdmittedEvent>& events) {
    std::vector<AdmittedEvent> greatest;
    for (const AdmittedEvent& one : events) {
        if (one.event.key != key || is_retraction(one.event) || is_taken_away(one, events))
            continue;
        if (!greatest.empty() && one.event.version < greatest.front().event.version)
            continue;
        if (!greatest.empty() && one.event.version > greatest.front().event.version)
            greatest.clear();
        if (std::find(greatest.begin(), greatest.end(), one) == greatest.end())
            greatest.push_back(one);
    }
    return greatest;
}

/// As it counts: what is preliminary is final where a promotion says so.
model::Event as_it_stands(const AdmittedEvent& one, const std::vector<AdmittedEvent>& events) {
    model::Event event = one.event;
    if (auto* result = std::get_if<model::ResultEvent>(&event.body);
        result != nullptr && result->status == model::ResultStatus::preliminary && is_below(one, "promotion", events))
        result->status = model::ResultStatus::final_;
    return event;
}

} // namespace

std::vector<model::Fact> standing_facts(const std::vector<AdmittedEvent>& events, model::PatientNumber patient) {
    return standing_facts(events, std::set{patient});
}

std::set<model::PatientNumber> joined_with(const std::vector<AdmittedEvent>& events, model::PatientNumber patient) {
    std::vector<AdmittedEvent> merges;
    for (const AdmittedEvent& one : events) {
        if (!std::holds_alternative<model::MergeEvent>(one.event.body) || is_hidden(one, events))
            continue;
        const auto greatest = greatest_of(one.event.key, events);
        if (greatest.size() == 1 && greatest.front() == one && !is_below(one, "doubt", events))
            merges.push_back(one);
    }
    std::set<model::PatientNumber> joined{patient};
    for (std::size_t before = 0; before != joined.size();) {
        before = joined.size();
        for (const AdmittedEvent& merge : merges)
            if (joined.contains(merge.named) || joined.contains(merge.from))
                joined.insert({merge.named, merge.from});
    }
    return joined;
}

std::vector<model::Fact> standing_facts(const std::vector<AdmittedEvent>& events,
                                        const std::set<model::PatientNumber>& members) {
    std::set<model::FactKey> keys;
    for (const AdmittedEvent& one : events)
        if (!is_retraction(one.event))
            keys.insert(one.event.key);
    std::vector<model::Fact> standing;
    for (const model::FactKey& key : keys) {
        const auto greatest = greatest_of(key, events);
        for (const AdmittedEvent& one : greatest)
            if (members.contains(one.named) && !std::holds_alternative<model::MergeEvent>(one.event.body) &&
                !is_hidden(one, events))
                standing.push_back({as_it_stands(one, events), greatest.size() > 1 || is_below(one, "doubt", events)});
    }
    std::stable_sort(standing.begin(), standing.end(), [](const model::Fact& a, const model::Fact& b) {
        return std::tie(a.event.at.instant, a.event.at.date, a.event.key) <
               std::tie(b.event.at.instant, b.event.at.date, b.event.key);
    });
    return standing;
}

} // namespace bonewatch::reference
