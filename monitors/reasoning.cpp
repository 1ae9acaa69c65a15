#include "monitors/reasoning.h"

#include "monitors/phrases.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

void add_details(const Clause& clause, Truth wanted, std::vector<std::string>& out) {
    if (clause.value != wanted)
        return;
    if (!clause.detail.empty() && !clause.is_working)
        out.push_back(clause.detail);
    if (clause.sums_up)
        return;
    const bool is_negation = clause.parts.size() == 1 && clause.parts.front().value == !wanted;
    for (const Clause& part : clause.parts)
        add_details(part, is_negation ? !wanted : wanted, out);
}

/// One sentence says another where it begins with it: "no bone drug" and "no bone drug from 2024-01-10".
bool says(const std::string& longer, const std::string& shorter) {
    return longer.starts_with(shorter) && (longer.size() == shorter.size() || longer[shorter.size()] == ' ' ||
                                           longer[shorter.size()] == ':' || longer[shorter.size()] == ',');
}

std::vector<std::string> without_repeats(const std::vector<std::string>& sentences) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
        bool is_said = false;
        for (std::size_t j = 0; j < sentences.size(); ++j)
            is_said = is_said || (says(sentences[j], sentences[i]) && (sentences[j] != sentences[i] ? true : j < i));
        if (!is_said)
            out.push_back(sentences[i]);
    }
    return out;
}

void add_turned(const Clause& before, const Clause& after, std::vector<std::string>& out) {
    if (before.value == after.value)
        return;
    const std::size_t said = out.size();
    if (before.parts.size() == after.parts.size())
        for (std::size_t i = 0; i < after.parts.size(); ++i)
            add_turned(before.parts[i], after.parts[i], out);
    if (out.size() == said && !after.detail.empty())
        out.push_back(after.detail);
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
    return without_repeats(out);
}

std::vector<std::string> details_of_turn(const Clause& before, const Clause& after) {
    std::vector<std::string> out;
    add_turned(before, after, out);
    return without_repeats(out);
}

void add_not_known(const Clause& clause, const config::Vocabulary& vocabulary, std::string& out) {
    if (clause.value == Truth::unknown && clause.parts.empty())
        add_once(clause.detail.empty() ? clause.text : clause.detail, out);
    for (const FactPtr& fact : clause.set_aside)
        if (is_doubtful(*fact))
            add_once("left out: " + told_text(vocabulary, fact->event), out);
    for (const Clause& part : clause.parts)
        add_not_known(part, vocabulary, out);
}

std::string joined(const std::vector<std::string>& sentences) {
    std::string out;
    for (const std::string& sentence : sentences)
        out += (out.empty() ? "" : "; ") + sentence;
    return out;
}

} // namespace bonewatch::monitors
