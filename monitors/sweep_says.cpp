#include "monitors/reasoning.h"
#include "monitors/sweep.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

bool by_date(const FactPtr& a, const FactPtr& b) {
    return std::tie(a->event.at.date, a->event.at.instant, a->event.key) <
           std::tie(b->event.at.date, b->event.at.instant, b->event.key);
}

} // namespace

std::shared_ptr<const Support> Watch::Sweep::support(const Monitor& monitor, const View& view) const {
    auto out = std::make_shared<Support>();
    out->reasoning.text = monitor.when->source;
    out->reasoning.value = monitor.when->eval(view, &out->reasoning).value;
    gather_evidence(out->reasoning, Truth::yes, out->evidence);
    std::ranges::sort(out->evidence, by_date);
    out->evidence.erase(std::unique(out->evidence.begin(), out->evidence.end()), out->evidence.end());
    for (const FactPtr& fact : out->evidence)
        if (std::holds_alternative<model::ResultEvent>(fact->event.body))
            out->newest_result = std::max(out->newest_result.value_or(fact->event.at.date), fact->event.at.date);
    add_not_known(out->reasoning, view.vocabulary, out->not_known);
    if (monitor.unless) {
        Clause unless;
        unless.value = monitor.unless->eval(view, &unless).value;
        if (unless.value == Truth::unknown)
            add_not_known(unless, view.vocabulary, out->not_known);
    }
    return out;
}

Severity Watch::Sweep::severity(const Monitor& monitor, const View& view, Instant& next) const {
    Severity level = Severity::info;
    for (const CompiledRow& row : monitor.severity) {
        level = row.level;
        if (!row.when)
            break;
        const TruthAnswer answer = row.when->eval(view, nullptr);
        next = std::min(next, answer.next);
        if (answer.value == Truth::yes)
            break;
    }
    for (const CompiledRow& row : monitor.cap) {
        const TruthAnswer answer = row.when ? row.when->eval(view, nullptr) : TruthAnswer{Truth::yes, never};
        next = std::min(next, answer.next);
        if (answer.value == Truth::yes)
            level = std::min(level, row.level);
    }
    return level;
}

/// What the row that decides the severity says; nothing where none of them does.
std::vector<std::string> Watch::Sweep::severity_reasons(const Monitor& monitor, const View& view) const {
    for (const std::vector<CompiledRow>* rows : {&monitor.cap, &monitor.severity})
        for (const CompiledRow& row : *rows) {
            if (!row.when)
                break;
            Clause clause;
            clause.value = row.when->eval(view, &clause).value;
            if (clause.value == Truth::yes)
                return details_of(clause, Truth::yes);
        }
    return {};
}

/// Why the pattern does not, or cannot be said to, hold any more: what has turned since `before`, when it held.
std::string Watch::Sweep::when_now(const Monitor& monitor, const View& view, const Clause& before) const {
    Clause clause;
    clause.value = monitor.when->eval(view, &clause).value;
    const std::vector<std::string> turned = details_of_turn(before, clause);
    return joined(turned.empty() ? details_of(clause, clause.value) : turned);
}

std::vector<std::string> Watch::Sweep::tags(const Monitor& monitor, const View& view, Instant& next) const {
    std::vector<std::string> out;
    for (const CompiledRow& row : monitor.tags) {
        const TruthAnswer answer = row.when ? row.when->eval(view, nullptr) : TruthAnswer{Truth::yes, never};
        next = std::min(next, answer.next);
        if (answer.value == Truth::yes)
            out.push_back(row.name);
    }
    return out;
}

} // namespace bonewatch::monitors
