#include "monitors/set_aside.h"

#include "monitors/questions.h"
#include "monitors/reasoning.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

/// Why an analyte's `[readable]` rule does not hold of a sample; empty where it does, or there is none.
std::string why_not_comparable(const View& view, const model::Fact& fact, const CodeId& analyte) {
    const auto rule = view.readable.find(analyte);
    if (rule == view.readable.end())
        return {};
    Clause clause;
    clause.value = rule->second->eval(view.about(fact), &clause).value;
    if (clause.value == Truth::yes)
        return {};
    const std::string why = joined(details_of(clause, clause.value));
    return "cannot be compared: " + (why.empty() ? rule->second->source : why);
}

std::string reason_of(const View& view, const model::Fact& fact, const CodeId& code) {
    if (fact.disputed)
        return "disputed: one version with two contents";
    const auto* result = std::get_if<model::ResultEvent>(&fact.event.body);
    if (result != nullptr && result->status == model::ResultStatus::preliminary)
        return "preliminary";
    if (result != nullptr && result->status == model::ResultStatus::no_result)
        return "could not be done";
    if (result != nullptr && !result->value)
        return "no number can be read in it";
    if (fact.event.at.is_partial())
        return "its day is not known";
    return result != nullptr ? why_not_comparable(view, fact, code) : std::string();
}

} // namespace

std::vector<SetAside> facts_set_aside(const View& view, const Catalogue& catalogue, const Monitor& monitor) {
    std::vector<SetAside> out;
    for (const FactPtr& fact : view.timeline.all()) {
        const CodeId* code = model::code_of(fact->event);
        if (code == nullptr || !view.sees(*fact) || !catalogue.concerns(monitor.reads, *code))
            continue;
        if (std::string reason = reason_of(view, *fact, *code); !reason.empty())
            out.push_back({fact, std::move(reason)});
    }
    return out;
}

} // namespace bonewatch::monitors
