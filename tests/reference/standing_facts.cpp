#include "tests/reference/standing_facts.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace bonewatch::reference {

namespace {

bool is_hidden(const model::Event& event, const std::vector<AdmittedEvent>& events) {
    return std::any_of(events.begin(), events.end(), [&](const AdmittedEvent& other) {
        const auto* retraction = std::get_if<model::RetractionEvent>(&other.event.body);
        return retraction != nullptr && model::fact_of(other.event) == event.key &&
               (!retraction->of_version || event.version <= *retraction->of_version);
    });
}

bool is_retraction(const model::Event& event) {
    return std::holds_alternative<model::RetractionEvent>(event.body);
}

/// The different contents of the greatest version of a fact; the same content sent twice is one.
std::vector<AdmittedEvent> greatest_of(const model::FactKey& key, const std::vector<AdmittedEvent>& events) {
    std::vector<AdmittedEvent> greatest;
    for (const AdmittedEvent& one : events) {
        if (one.event.key != key || is_retraction(one.event))
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

} // namespace

std::vector<model::Fact> standing_facts(const std::vector<AdmittedEvent>& events, model::PatientNumber patient) {
    return standing_facts(events, std::set{patient});
}

std::set<model::PatientNumber> joined_with(const std::vector<AdmittedEvent>& events, model::PatientNumber patient) {
    std::vector<AdmittedEvent> merges;
    for (const AdmittedEvent& one : events) {
        if (!std::holds_alternative<model::MergeEvent>(one.event.body) || is_hidden(one.event, events))
            continue;
        const auto greatest = greatest_of(one.event.key, events);
        if (greatest.size() == 1 && greatest.front() == one)
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
                !is_hidden(one.event, events))
                standing.push_back({one.event, greatest.size() > 1});
    }
    std::stable_sort(standing.begin(), standing.end(), [](const model::Fact& a, const model::Fact& b) {
        return std::tie(a.event.at.instant, a.event.at.date, a.event.key) <
               std::tie(b.event.at.instant, b.event.at.date, b.event.key);
    });
    return standing;
}

} // namespace bonewatch::reference
