#include "tests/reference/episodes.h"

#include "tests/reference/twelve_monitors.h"

namespace bonewatch::reference {

namespace {

struct State {
    bool is_armed = true;
    std::optional<Date> raised;
    std::vector<Spell> spells;
};

void tell_severity(Spell& spell, Instant at, std::string severity) {
    if (!spell.severities.empty() && spell.severity_now == severity)
        return;
    spell.severity_now = severity;
    spell.severities.emplace_back(at, std::move(severity));
}

void step(const Monitor& monitor, State& state, const View& view, Instant at, const std::set<std::string>& open) {
    const Look look{view, state.raised.value_or(view.today()), open};
    const Truth when = monitor.when(look);
    const Truth unless = either(common_unless(view), monitor.unless(look));
    const Truth clears = monitor.clears(look);
    const auto severity = [&] {
        return view.known({"palliative-care"}) == Truth::yes ? std::string("info") : monitor.severity(look);
    };
    if (state.raised) {
        Spell& spell = state.spells.back();
        if (clears == Truth::yes || unless == Truth::yes) {
            spell.closed = at;
            spell.excluded = clears != Truth::yes;
            state.is_armed = spell.excluded || when != Truth::yes;
            state.raised.reset();
        } else {
            tell_severity(spell, at, severity());
        }
        return;
    }
    if (!state.is_armed && when != Truth::yes)
        state.is_armed = true;
    if (state.is_armed && when == Truth::yes && unless != Truth::yes && clears != Truth::yes) {
        state.raised = view.today();
        state.spells.push_back({at, {}, {}, {}, false});
        tell_severity(state.spells.back(), at, severity());
    }
}

/// Every midnight from the first fact on, and every fact's own instant.
std::set<Instant> instants_of(const std::vector<Fact>& facts, Instant now) {
    std::set<Instant> instants;
    for (const Fact& fact : facts)
        if (!std::holds_alternative<model::PatientEvent>(fact.event.body) && fact.event.at.instant <= now)
            instants.insert(fact.event.at.instant);
    if (!instants.empty())
        for (Instant midnight = model::midnight_from(*instants.begin()); midnight <= now; midnight += Days(1))
            instants.insert(midnight);
    return instants;
}

} // namespace

std::map<std::string, std::vector<Spell>> episodes(const std::vector<Fact>& facts, Instant now) {
    std::map<std::string, State> states;
    for (const Instant at : instants_of(facts, now)) {
        const View view(facts, at);
        std::set<std::string> open;
        for (const Monitor& monitor : twelve_monitors()) {
            step(monitor, states[monitor.id], view, at, open);
            if (states[monitor.id].raised)
                open.insert(monitor.id);
        }
    }
    std::map<std::string, std::vector<Spell>> spells;
    for (const Monitor& monitor : twelve_monitors())
        spells[monitor.id] = states[monitor.id].spells;
    return spells;
}

} // namespace bonewatch::reference
