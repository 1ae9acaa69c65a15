#include "tests/monitors/both_readings.h"

#include <map>

namespace bonewatch::monitors {

namespace {

void say(const Clause& clause, std::size_t depth, std::string& out) {
    const char* value = clause.value == Truth::yes ? "yes " : clause.value == Truth::no ? "no  " : "?   ";
    out += std::string(2 * depth, ' ') + value + clause.text + " [" + clause.detail + "]\n";
    for (const Clause& part : clause.parts)
        say(part, depth + 1, out);
}

std::string content_of(const model::Event& event) {
    if (const auto* result = std::get_if<model::ResultEvent>(&event.body))
        return result->status != model::ResultStatus::final_ ? " not final"
               : result->value                               ? " = " + model::to_text(*result->value)
                                                             : " unreadable";
    if (const auto* condition = std::get_if<model::ConditionEvent>(&event.body); condition && condition->until)
        return " until " + model::to_text(condition->until->date);
    return {};
}

} // namespace

void set_all(Watch& watch, const std::vector<model::Fact>& facts) {
    std::map<model::FactKey, std::vector<model::Event>> standing;
    std::map<model::FactKey, bool> disputed;
    for (const model::Fact& fact : facts) {
        standing[fact.event.key].push_back(fact.event);
        disputed[fact.event.key] = fact.disputed;
    }
    for (const auto& [key, contents] : standing)
        watch.set_fact(key, contents, disputed[key]);
}

std::string text_of(const std::vector<reference::Spell>& spells) {
    std::string out;
    for (const reference::Spell& spell : spells) {
        out += model::to_text(spell.opened) + " to " + (spell.closed ? model::to_text(*spell.closed) : "now");
        out += spell.excluded ? " excluded" : "";
        for (const auto& [at, severity] : spell.severities)
            out += " " + severity + "@" + model::to_text(at);
        for (const std::string& tag : spell.tags)
            out += " #" + tag;
        out += "\n";
    }
    return out;
}

std::string text_of(const std::vector<model::Fact>& facts) {
    std::string out;
    for (const auto& [event, is_disputed] : facts) {
        out += model::to_text(event.at.instant) + " " + model::event_text(event) + content_of(event);
        out += event.at.is_partial() ? " to " + model::to_text(event.at.date_last) : "";
        out += is_disputed ? " disputed" : "";
        for (const auto& [name, value] : event.attributes)
            out += " " + name + "=" + value;
        out += "\n";
    }
    return out;
}

std::string explained(Watch& watch, std::size_t monitor, model::Instant at) {
    std::string out;
    const Explanation said = watch.explain(monitor, at);
    for (const Clause* clause : {&said.when, &said.unless, &said.clears})
        say(*clause, 0, out);
    return out;
}

} // namespace bonewatch::monitors
