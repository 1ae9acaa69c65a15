#include "tests/reference/episodes.h"

#include "tests/reference/evaluate.h"

#include <algorithm>
#include <array>

namespace bonewatch::reference {

namespace {

/// Every fact's own instant but midnights, of which every seventh: asking every clause costs more than the step does.
bool is_tallied(Instant at) {
    const model::Date date = model::date_of(at);
    return at != Instant(date) || date.time_since_epoch() % Days(7) == Days(0);
}

void tell_severity(Spell& spell, Instant at, std::string severity) {
    if (!spell.severities.empty() && spell.severity_now == severity)
        return;
    spell.severity_now = severity;
    spell.severities.emplace_back(at, std::move(severity));
}

/// The first row that is true; unknown ones are passed over.
std::optional<std::string> first_level(const Look& look, const std::vector<Row>& rows) {
    for (const Row& row : rows)
        if (!row.when || truth(look, *row.when) == Truth::yes)
            return row.word;
    return std::nullopt;
}

std::string severity_of(const Look& look, const Monitor& monitor) {
    constexpr std::array<std::string_view, 3> rising{"info", "warning", "urgent"};
    const auto rank = [&](const std::string& level) {
        return std::find(rising.begin(), rising.end(), level) - rising.begin();
    };
    const std::string level = first_level(look, monitor.severity).value_or("info");
    const auto cap = first_level(look, look.catalogue.cap);
    return cap && rank(*cap) < rank(level) ? *cap : level;
}

std::vector<std::string> tags_of(const Look& look, const Monitor& monitor) {
    std::vector<std::string> out;
    for (const Row& row : monitor.tags)
        if (!row.when || truth(look, *row.when) == Truth::yes)
            out.push_back(row.word);
    return out;
}

void step(const Look& look, const Monitor& monitor, Standing& state, Instant at) {
    Look clearing = look;
    clearing.is_clearing = true;
    const Truth when = truth(look, *monitor.when);
    if (!state.raised && when != Truth::yes) {
        state.is_armed = true;
        return;
    }
    const Truth clears = monitor.clears ? truth(clearing, *monitor.clears) : negated(when);
    const auto excluded = [&] {
        return truth(look, *look.catalogue.unless) == Truth::yes ||
               (monitor.unless && truth(look, *monitor.unless) == Truth::yes);
    };
    if (state.raised) {
        Spell& spell = state.spells.back();
        const bool is_cleared = clears == Truth::yes;
        if (is_cleared || excluded()) {
            spell.closed = at;
            spell.excluded = !is_cleared;
            state.is_armed = spell.excluded || when != Truth::yes;
            state.raised.reset();
        } else {
            tell_severity(spell, at, severity_of(look, monitor));
            spell.tags = tags_of(look, monitor);
        }
    } else if (state.is_armed && clears != Truth::yes && !excluded()) {
        std::string severity = severity_of(look, monitor);
        state.raised = look.today();
        state.spells.push_back({at, {}, {}, {}, false, tags_of(look, monitor)});
        tell_severity(state.spells.back(), at, std::move(severity));
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

std::map<std::string, std::vector<Spell>> episodes(const std::vector<Fact>& facts, Instant now,
                                                   const Catalogue& catalogue, ClauseTally* tally) {
    const Patient patient(facts, *catalogue.vocabulary,
                          [&](const View& view, const Sample& sample) { return is_readable(catalogue, view, sample); });
    Standings standings;
    for (const Instant at : instants_of(facts, now)) {
        const View view(patient, at);
        for (const Monitor& monitor : catalogue.monitors) {
            if (!monitor.is_enabled)
                continue;
            Standing& state = standings[monitor.id];
            const Look look{catalogue, standings, &view, state.raised.value_or(view.today())};
            try {
                if (tally != nullptr && is_tallied(at))
                    tally->ask(look, monitor);
                step(look, monitor, state, at);
            } catch (const Unreadable& problem) {
                throw Unreadable(monitor.id + ": " + problem.what());
            }
        }
    }
    std::map<std::string, std::vector<Spell>> spells;
    for (const Monitor& monitor : catalogue.monitors)
        spells[monitor.id] = standings[monitor.id].spells;
    return spells;
}

} // namespace bonewatch::reference
