#include "tests/reference/clauses.h"

#include "tests/reference/evaluate.h"

#include <algorithm>

namespace bonewatch::reference {

Answers& Answers::operator+=(const Answers& other) {
    yes += other.yes;
    no += other.no;
    unknown += other.unknown;
    return *this;
}

ClauseTally::ClauseTally(const Catalogue& catalogue) {
    add(common_, "_common unless", catalogue.unless);
    add(common_, "_common cap", catalogue.cap);
    for (const Monitor& monitor : catalogue.monitors) {
        if (!monitor.is_enabled)
            continue;
        if (first_.empty())
            first_ = monitor.id;
        Clauses& clauses = by_monitor_[monitor.id];
        add(clauses, monitor.id + " when", monitor.when);
        add(clauses, monitor.id + " unless", monitor.unless);
        add(clauses, monitor.id + " clears", monitor.clears);
        add(clauses, monitor.id + " severity", monitor.severity);
        add(clauses, monitor.id + " tags", monitor.tags);
    }
}

void ClauseTally::add(Clauses& clauses, const std::string& part, const ExprPtr& expr, bool is_negated) {
    if (!expr)
        return;
    switch (expr->kind) {
    case Kind::any:
    case Kind::all:
    case Kind::choice:
    case Kind::otherwise:
        for (const ExprPtr& one : expr->parts)
            add(clauses, part, one, is_negated);
        return;
    case Kind::negation:
        return add(clauses, part, expr->parts[0], !is_negated);
    case Kind::call:
        if (expr->text != "at_least")
            break;
        for (std::size_t i = 1; i < expr->arguments.size(); ++i) {
            const ExprPtr one = expr->argument(i);
            add(clauses, part, one->kind == Kind::times ? one->parts[1] : one, is_negated);
        }
        return;
    case Kind::name:
        if (expr->text == "true" || expr->text == "false")
            return;
        break;
    default:
        break;
    }
    const std::string name = part + ": " + expr->source;
    const auto is_it = [&](const Clause& clause) { return clause.name == name && clause.is_negated == is_negated; };
    if (std::none_of(clauses.begin(), clauses.end(), is_it))
        clauses.push_back({name, expr, part.ends_with(" clears"), is_negated, {}});
}

void ClauseTally::add(Clauses& clauses, const std::string& part, const std::vector<Row>& rows) {
    for (const Row& row : rows)
        add(clauses, part, row.when);
}

void ClauseTally::ask(const Look& look, Clauses& clauses) {
    for (Clause& clause : clauses) {
        Look asking = look;
        asking.is_clearing = clause.is_clearing;
        asking.is_negated = clause.is_negated;
        clause.answers.add(truth(asking, *clause.expr));
    }
}

void ClauseTally::ask(const Look& look, const Monitor& monitor) {
    if (monitor.id == first_)
        ask(look, common_);
    ask(look, by_monitor_.at(monitor.id));
}

ClauseAnswers ClauseTally::answers() const {
    ClauseAnswers out;
    const auto take = [&](const Clauses& clauses) {
        for (const Clause& clause : clauses)
            out[clause.name] += clause.answers;
    };
    take(common_);
    for (const auto& [id, clauses] : by_monitor_)
        take(clauses);
    return out;
}

} // namespace bonewatch::reference
