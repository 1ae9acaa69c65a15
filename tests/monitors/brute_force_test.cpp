#include "monitors/watch.h"
#include "store/facts.h"
#include "tests/monitors/shipped_catalogue.h"
#include "tests/monitors/watched.h"
#include "tests/reference/episodes.h"
#include "tests/simulation/histories.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>

namespace bonewatch::monitors {
namespace {

using model::PatientNumber;

/// How much the histories made happen: a comparison of nothing with nothing proves nothing.
struct Counts {
    int opened = 0, closed = 0, excluded = 0, escalated = 0;
};

const Catalogue& catalogue() {
    return *shipped_catalogue().catalogue;
}

std::map<model::FactKey, std::vector<model::Fact>> by_key(const std::vector<model::Fact>& facts) {
    std::map<model::FactKey, std::vector<model::Fact>> out;
    for (const model::Fact& fact : facts)
        out[fact.event.key].push_back(fact);
    return out;
}

void set_all(Watch& watch, const std::vector<model::Fact>& facts) {
    for (const auto& [key, contents] : by_key(facts)) {
        std::vector<model::Event> standing;
        for (const model::Fact& fact : contents)
            standing.push_back(fact.event);
        watch.set_fact(key, standing, contents.front().disputed);
    }
}

std::string in_full(const Watch& watch) {
    std::string out;
    for (std::size_t monitor = 0; monitor < catalogue().monitors().size(); ++monitor)
        out += told_in_full(watch, catalogue(), monitor);
    return out;
}

std::string text_of(const std::vector<reference::Spell>& spells) {
    std::string out;
    for (const reference::Spell& spell : spells) {
        out += model::to_text(spell.opened) + " to " + (spell.closed ? model::to_text(*spell.closed) : "now");
        out += spell.excluded ? " excluded" : "";
        for (const auto& [at, severity] : spell.severities)
            out += " " + severity + "@" + model::to_text(at);
        out += "\n";
    }
    return out;
}

std::uint64_t first_seed() {
    return std::getenv("SEED") != nullptr ? std::strtoull(std::getenv("SEED"), nullptr, 10) : 1;
}
std::uint64_t seed_count(std::uint64_t otherwise) {
    return std::getenv("SEEDS") != nullptr ? std::strtoull(std::getenv("SEEDS"), nullptr, 10) : otherwise;
}

/// The monitors to compare: all, or those that MONITORS names, with commas between.
const reference::Codes& wanted() {
    static const reference::Codes ids = [] {
        reference::Codes out;
        if (std::getenv("MONITORS") != nullptr) {
            std::istringstream names(std::getenv("MONITORS"));
            for (std::string id; std::getline(names, id, ',');)
                out.insert(id);
        } else {
            for (const Monitor& monitor : catalogue().monitors())
                out.insert(monitor.id.text);
        }
        return out;
    }();
    return ids;
}

const reference::Catalogue& read_naively() {
    static const reference::Catalogue read = std::getenv("MONITORS") != nullptr
                                                 ? reference::shipped_catalogue().only(wanted())
                                                 : reference::shipped_catalogue();
    return read;
}

simulation::History history_of(std::uint64_t seed) {
    simulation::HistoryOptions options;
    options.unstated_doses = seed % 5 == 0;
    return simulation::history(seed, options);
}

/// The watch of one patient, as the events of a history arrive one by one.
Watch watch_as_it_arrives(const simulation::History& history, PatientNumber patient, bool every_midnight) {
    Watch watch(catalogue());
    std::map<model::FactKey, store::FactVersions> facts;
    model::Instant now = history.published.front().recorded;
    for (const simulation::Published& one : history.published) {
        for (; every_midnight && now < one.recorded; now = model::midnight_from(now + std::chrono::milliseconds(1)))
            watch.advance(now);
        now = one.recorded;
        const model::FactKey key = model::fact_of(one.event);
        store::FactVersions& versions = facts[key];
        if (versions.admit(one.named, one.event) == store::Outcome::duplicate)
            continue;
        watch.set_fact(key, versions.standing(patient), versions.is_disputed());
        watch.advance(now);
    }
    watch.advance(history.now);
    return watch;
}

TEST(BruteForce, agrees_with_the_naive_reading) {
    std::map<std::string, Counts> counts;
    for (std::uint64_t seed = first_seed(); seed < first_seed() + seed_count(200); ++seed) {
        const simulation::History history = history_of(seed);
        for (const PatientNumber patient : {PatientNumber{1}, PatientNumber{2}}) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " patient " + std::to_string(patient.value));
            const auto facts = reference::standing_facts(history.admitted(), patient);
            const auto expected = reference::episodes(facts, history.now, read_naively());
            Watch watch(catalogue());
            set_all(watch, facts);
            watch.advance(history.now);
            for (const std::string& id : wanted()) {
                const auto monitor = catalogue().find(model::MonitorId(id));
                ASSERT_TRUE(monitor) << id;
                ASSERT_TRUE(expected.contains(id)) << id;
                const std::vector<reference::Spell>& spells = expected.at(id);
                EXPECT_EQ(told_in_short(watch, *monitor), text_of(spells)) << id;
                Counts& count = counts[id];
                for (const reference::Spell& spell : spells) {
                    ++count.opened;
                    count.closed += spell.closed && !spell.excluded;
                    count.excluded += spell.closed && spell.excluded;
                    count.escalated += spell.severities.size() > 1;
                }
            }
            if (HasFailure() && std::getenv("STOP") != nullptr)
                return;
        }
    }
    for (const auto& [id, count] : counts) {
        std::cout << id << ": " << count.opened << " opened, " << count.closed << " closed, " << count.excluded
                  << " excluded, " << count.escalated << " changed severity\n";
        const auto& of_stories = simulation::monitors_of_stories();
        if (seed_count(200) < 100 || std::ranges::find(of_stories, id) == of_stories.end())
            continue;
        EXPECT_GT(count.opened, 0) << id;
        EXPECT_GT(count.closed, 0) << id;
        EXPECT_TRUE(count.excluded > 0 || seed_count(200) < 200) << id;
    }
}

TEST(BruteForce, following_next_changes_equals_looking_every_midnight) {
    for (std::uint64_t seed = first_seed(); seed < first_seed() + seed_count(200); ++seed) {
        const simulation::History history = history_of(seed);
        for (const PatientNumber patient : {PatientNumber{1}, PatientNumber{2}}) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " patient " + std::to_string(patient.value));
            const auto facts = reference::standing_facts(history.admitted(), patient);
            Watch at_once(catalogue());
            set_all(at_once, facts);
            at_once.advance(history.now);
            Watch by_day(catalogue());
            set_all(by_day, facts);
            const model::Instant from = facts.empty() ? history.now : facts.front().event.at.instant;
            for (model::Instant day = model::midnight_from(from); day < history.now; day += model::Days(1))
                by_day.advance(day);
            by_day.advance(history.now);
            EXPECT_EQ(in_full(by_day), in_full(at_once));
        }
    }
}

TEST(BruteForce, arrival_in_any_step_leaves_no_trace) {
    for (std::uint64_t seed = first_seed(); seed < first_seed() + seed_count(200); ++seed) {
        const simulation::History history = history_of(seed);
        for (const PatientNumber patient : {PatientNumber{1}, PatientNumber{2}}) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " patient " + std::to_string(patient.value));
            Watch at_once(catalogue());
            set_all(at_once, reference::standing_facts(history.admitted(), patient));
            at_once.advance(history.now);
            EXPECT_EQ(in_full(watch_as_it_arrives(history, patient, false)), in_full(at_once));
            if (seed % 10 == 0) {
                EXPECT_EQ(in_full(watch_as_it_arrives(history, patient, true)), in_full(at_once));
            }
            if (HasFailure() && std::getenv("STOP") != nullptr)
                return;
        }
    }
}

} // namespace
} // namespace bonewatch::monitors
