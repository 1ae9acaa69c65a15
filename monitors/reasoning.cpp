#include "monitors/reasoning.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

void add_details(const Clause& clause, Truth wanted, std::vector<std::string>& out) {
    if (clause.value != wanted)
        return;
    if (!clause.detail.empty() && std::ranges::find(out, clause.detail) == out.end())
        out.push_back(clause.detail);
    if (clause.sums_up)
        return;
    const bool is_negation = clause.parts.size() == 1 && clause.parts.front().value == !wanted;
    for (const Clause& part : clause.parts)
        add_details(part, is_negation ? !wanted : wanted, out);
}

/// What was left out though it could matter; an order that was dispensed could not.
bool is_doubtful(const model::Fact& fact) {
    return fact.disputed || std::holds_alternative<model::ResultEvent>(fact.event.body);
}

void add_once(const std::string& sentence, std::string& out) {
    if (out.find(sentence) == std::string::npos)
        out += (out.empty() ? "" : "; ") + sentence;
}

} // namespace

void gather_evidence(const Clause& clause, Truth wanted, std::vector<FactPtr>& out) {
    if (clause.value != wanted && !clause.parts.empty())
        return;
    if (clause.value == wanted)
        out.insert(out.end(), clause.evidence.begin(), clause.evidence.end());
    for (const Clause& part : clause.parts)
        gather_evidence(part, wanted, out);
}

std::vector<std::string> details_of(const Clause& clause, Truth wanted) {
    std::vector<std::string> out;
    add_details(clause, wanted, out);
    return out;
}

void add_not_known(const Clause& clause, std::string& out) {
    if (clause.value == Truth::unknown && clause.parts.empty())
        add_once(clause.detail.empty() ? clause.text : clause.detail, out);
    for (const FactPtr& fact : clause.set_aside)
        if (is_doubtful(*fact))
            add_once("left out: " + model::event_text(fact->event), out);
    for (const Clause& part : clause.parts)
        add_not_known(part, out);
}

std::string joined(const std::vector<std::string>& sentences) {
    std::string out;
    for (const std::string& sentence : sentences)
        out += (out.empty() ? "" : "; ") + sentence;
    return out;
}

} // namespace bonewatch::monitors
