#include "monitors/watch.h"
#include "store/facts.h"
#include "tests/monitors/both_readings.h"
#include "tests/monitors/happened.h"
#include "tests/monitors/shipped_catalogue.h"
#include "tests/monitors/watched.h"
#include "tests/reference/episodes.h"
#include "tests/simulation/histories.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <ranges>
#include <sstream>

namespace bonewatch::monitors {
namespace {

using model::PatientNumber;

const Catalogue& catalogue() {
    return *all_enabled().catalogue;
}

std::string in_full(const Watch& watch) {
    std::string out;
    for (std::size_t monitor = 0; monitor < catalogue().monitors().size(); ++monitor)
        out += told_in_full(watch, catalogue(), monitor);
    return out;
}

std::uint64_t first_seed() {
    return std::getenv("SEED") != nullptr ? std::strtoull(std::getenv("SEED"), nullptr, 10) : 1;
}
std::uint64_t end_seed() {
    return first_seed() + (std::getenv("SEEDS") != nullptr ? std::strtoull(std::getenv("SEEDS"), nullptr, 10) : 1000);
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
    static const reference::Catalogue read = reference::shipped_catalogue().only(wanted());
    return read;
}

/// Prints what happened; where COUNTS names a folder, leaves it there for counts_test, which adds the shares up.
void leave(const Happened& happened) {
    std::cout << to_text(happened);
    const char* folder = std::getenv("COUNTS");
    if (folder == nullptr)
        return;
    std::filesystem::create_directories(folder);
    std::ofstream file(std::filesystem::path(folder) / std::to_string(first_seed()));
    file << to_text(happened);
    EXPECT_TRUE(file.flush().good());
}

simulation::History history_of(std::uint64_t seed) {
    simulation::HistoryOptions options;
    options.unstated_doses = seed % 5 == 0;
    return simulation::history(seed, options);
}

/// The watch of one patient to whom everything is told at once, in an order that nothing happens in: backwards.
Watch watch_told_backwards(const simulation::History& history, PatientNumber patient) {
    std::map<model::FactKey, store::FactVersions> facts;
    for (const simulation::Published& one : history.published | std::views::reverse)
        static_cast<void>(facts[model::fact_of(one.event)].admit(one.named, one.event));
    Watch watch(catalogue());
    for (const auto& [key, versions] : facts)
        watch.set_fact(key, versions.standing(patient), versions.is_disputed());
    watch.advance(history.now);
    return watch;
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

/// By hand: STOP ends at the first disagreement and shows the facts, EXPLAIN=2020-02-06T08:26:00Z what the engine says
/// then, MONITORS only those.
std::string looked_into(const std::vector<model::Fact>& facts, Watch& watch, std::size_t monitor) {
    std::string out;
    if (std::getenv("STOP") != nullptr)
        out += "\n" + text_of(facts);
    if (std::getenv("EXPLAIN") != nullptr)
        out += "\n" + explained(watch, monitor, *model::parse_instant(std::getenv("EXPLAIN")));
    return out;
}

TEST(BruteForce, agrees_with_the_naive_reading) {
    Happened happened;
    reference::ClauseTally tally(read_naively());
    for (std::uint64_t seed = first_seed(); seed < end_seed(); ++seed, ++happened.seeds) {
        const simulation::History history = history_of(seed);
        for (const PatientNumber patient : {PatientNumber{1}, PatientNumber{2}}) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " patient " + std::to_string(patient.value));
            const auto facts = reference::standing_facts(history.admitted(), patient);
            const auto expected = reference::episodes(facts, history.now, read_naively(), &tally);
            Watch watch(catalogue());
            set_all(watch, facts);
            watch.advance(history.now);
            for (const std::string& id : wanted()) {
                const auto monitor = catalogue().find(model::MonitorId(id));
                ASSERT_TRUE(monitor) << id;
                ASSERT_TRUE(expected.contains(id)) << id;
                EXPECT_EQ(told_in_short(watch, *monitor), text_of(expected.at(id)))
                    << id << looked_into(facts, watch, *monitor);
                happened.add(id, expected.at(id));
            }
            if (HasFailure() && std::getenv("STOP") != nullptr)
                return;
        }
    }
    happened.clauses = tally.answers();
    leave(happened);
}

TEST(BruteForce, following_next_changes_equals_looking_every_midnight) {
    for (std::uint64_t seed = first_seed(); seed < end_seed(); ++seed) {
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
    for (std::uint64_t seed = first_seed(); seed < end_seed(); ++seed) {
        const simulation::History history = history_of(seed);
        for (const PatientNumber patient : {PatientNumber{1}, PatientNumber{2}}) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " patient " + std::to_string(patient.value));
            const std::string at_once = in_full(watch_told_backwards(history, patient));
            EXPECT_EQ(in_full(watch_as_it_arrives(history, patient, false)), at_once);
            if (seed % 10 == 0) {
                EXPECT_EQ(in_full(watch_as_it_arrives(history, patient, true)), at_once);
            }
            if (HasFailure() && std::getenv("STOP") != nullptr)
                return;
        }
    }
}

} // namespace
} // namespace bonewatch::monitors
