#include "alerts/entry.h"
#include "daemon/patient_name.h"
#include "store/event_codec.h"
#include "store/keys.h"
#include "store/partition.h"
#include "tests/daemon/clinic.h"
#include "tests/monitors/watched.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/histories.h"
#include "tests/simulation/stories.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>

namespace bonewatch::daemon {
namespace {

using simulation::History;
using simulation::Published;

/// All histories, or those that SEED and SEEDS choose: the first one, and how many.
struct Seeds {
    std::uint64_t first, count;
};

Seeds chosen_seeds() {
    const auto number_from = [](const char* name, std::uint64_t otherwise) {
        const char* text = std::getenv(name);
        return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
    };
    return {number_from("SEED", 1), number_from("SEEDS", 1000)};
}

const monitors::Catalogue& catalogue() {
    return *shipped_revision()->catalogue;
}

std::string name_of(const std::vector<model::PatientNumber>& numbers, model::PatientNumber patient) {
    return patient == numbers[0] ? "first" : patient == numbers[1] ? "second" : "?";
}

/// What a store knows in the end, patient by patient, whatever numbers they were given.
struct Ending {
    std::string facts;
    std::string episodes;
    std::string open; ///< Alerts whose episode is there: monitor, since when, how severe, told or stale.
};

/// Headlines of open alerts that were held against what stands, and those that could not be.
struct Shown {
    std::uint64_t same = 0, behind = 0;
};

/// What a person sees of an open alert, its last feed entry, is what stands today: since when, and the headline. The
/// headline alone may be behind: repeats of a date already told are told with the next update.
void expect_shown(Clinic& clinic, model::PatientNumber patient, const monitors::Monitor& monitor,
                  const alerts::Alert& alert, const monitors::EpisodePtr& episode, Shown& shown) {
    const auto key = store::position_key(store::partition_of(patient), alert.entry);
    const auto entry = clinic.store().get(store::Table::feed, key);
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ(member_of(**entry, "since").substr(0, 10), model::to_text(model::date_of(episode->opened)));
    std::vector<std::pair<model::FactKey, model::Version>> told, today;
    for (const alerts::ToldFact& fact : alert.evidence)
        told.emplace_back(fact.key, fact.version);
    for (const monitors::FactPtr& fact : episode->support->evidence)
        today.emplace_back(fact->event.key, fact->event.version);
    if (told != today) {
        EXPECT_GT(today.size(), told.size()) << "told on facts that are gone";
        ++shown.behind;
        return;
    }
    EXPECT_EQ(member_of(**entry, "headline"), alerts::headline(monitor, *episode));
    ++shown.same;
}

Ending ending_of(Clinic& clinic, Shown& shown) {
    Ending out;
    std::vector<model::PatientNumber> numbers{model::PatientNumber{1}, model::PatientNumber{2}};
    if (const auto first = find_patient(clinic.core().directory(), model::to_text(simulation::identifier_of(0)));
        first && *first != numbers[0])
        std::swap(numbers[0], numbers[1]);
    for (const model::PatientNumber number : numbers) {
        const auto state = clinic.core().patient(number);
        EXPECT_TRUE(state);
        out.facts += name_of(numbers, number) + ":\n";
        for (const auto& [key, packed] : (*state)->facts) {
            const store::FactVersions versions = packed.unpacked();
            out.facts += key.publisher.text + "/" + key.id.text + (versions.is_disputed() ? " disputed" : "") + "\n";
            for (const store::FactContent& content : versions.contents())
                out.facts += name_of(numbers, content.patient) + " " + store::encode(content.event) + "\n";
            for (const store::FactContent& content : versions.retractions())
                out.facts += name_of(numbers, content.patient) + " " + store::encode(content.event) + "\n";
            out.facts += "stands: ";
            for (const model::Event& event : versions.standing(number))
                out.facts += store::encode(event) + "\n";
        }
        for (std::size_t monitor = 0; monitor < catalogue().monitors().size(); ++monitor) {
            out.episodes += monitors::told_in_full((*state)->watch, catalogue(), monitor);
            const auto episodes = (*state)->watch.episodes(monitor);
            for (const alerts::Alert& alert : (*state)->told[monitor]) {
                if (alert.state == alerts::AlertState::open)
                    expect_shown(clinic, number, catalogue().monitors()[monitor], alert, episodes.back(), shown);
                if (alert.state == alerts::AlertState::open || alert.state == alerts::AlertState::stale)
                    out.open += name_of(numbers, number) + " " + catalogue().monitors()[monitor].id.text + " " +
                                model::to_text(alert.opened) + " " + std::string(monitors::to_text(alert.severity)) +
                                "\n";
            }
        }
    }
    return out;
}

/// What came of one monitor in all histories. Episodes as things happened; alerts in the shuffles too.
struct Counts {
    std::uint64_t opened = 0, closed = 0, raised = 0, withdrawn = 0;
};
using CountsByMonitor = std::map<std::string, Counts>;

void count_episodes(Clinic& clinic, CountsByMonitor& counts) {
    for (const std::uint64_t number : {1u, 2u}) {
        const auto state = clinic.core().patient(model::PatientNumber{number});
        for (std::size_t monitor = 0; monitor < catalogue().monitors().size(); ++monitor)
            for (const monitors::EpisodePtr& episode : (*state)->watch.episodes(monitor)) {
                Counts& count = counts[catalogue().monitors()[monitor].id.text];
                ++count.opened;
                count.closed += episode->closed.has_value();
            }
    }
}

void count_told(const store::KeyValue& store, CountsByMonitor& counts) {
    EXPECT_TRUE(store.scan(store::Table::feed, "", "", [&](std::string_view, std::string_view entry) {
        Counts& count = counts[member_of(entry, "monitor")];
        count.raised += entry.contains("\"transition\":\"raised\"");
        count.withdrawn += entry.contains("\"transition\":\"withdrawn\"");
        return true;
    }));
}

/// Nothing that this test is about may be absent: from any history, and from what came of all of them.
void expect_every_difficulty(const simulation::Occurrences& one) {
    for (const int count : {one.corrected, one.retracted_first, one.moved, one.duplicated, one.disputed})
        EXPECT_GT(count, 0);
}

void print_and_expect_some(const simulation::Occurrences& occurrences, const CountsByMonitor& counts) {
    for (const auto& [name, count] : occurrences.rows()) {
        std::cout << name << ": " << count << "\n";
        EXPECT_GT(count, 0) << name;
    }
    Counts all;
    for (const monitors::Monitor& monitor : catalogue().monitors()) {
        const auto found = counts.find(monitor.id.text);
        const Counts count = found == counts.end() ? Counts{} : found->second;
        std::cout << monitor.id.text << ": " << count.opened << " opened, " << count.closed << " closed, "
                  << count.raised << " raised, " << count.withdrawn << " withdrawn\n";
        const auto& expected = simulation::monitors_of_stories();
        if (std::ranges::find(expected, monitor.id.text) != expected.end()) {
            for (const std::uint64_t number : {count.opened, count.closed, count.raised, count.withdrawn})
                EXPECT_GT(number, 0u) << monitor.id.text;
        }
        all = {all.opened + count.opened, all.closed + count.closed, all.raised + count.raised,
               all.withdrawn + count.withdrawn};
    }
    std::cout << "all episodes: " << all.opened << " opened, " << all.closed << " closed; all alerts: " << all.raised
              << " raised, " << all.withdrawn << " withdrawn\n";
}

History history_of(std::uint64_t seed) {
    simulation::HistoryOptions options;
    options.days = 700;
    return simulation::history(seed, options);
}

/// Everything in an order drawn from the seed, cut into messages of up to twelve events.
std::vector<std::vector<model::Event>> shuffled(const History& history, simulation::Dice& dice) {
    std::vector<model::Event> events;
    for (const Published& one : history.published)
        events.push_back(one.event);
    for (std::size_t i = events.size(); i > 1; --i)
        std::swap(events[i - 1], events[static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(i)))]);
    std::vector<std::vector<model::Event>> messages;
    for (std::size_t i = 0; i < events.size();) {
        const auto size = std::min(static_cast<std::size_t>(dice.between(1, 12)), events.size() - i);
        messages.emplace_back(events.begin() + static_cast<std::ptrdiff_t>(i),
                              events.begin() + static_cast<std::ptrdiff_t>(i + size));
        i += size;
    }
    return messages;
}

/// As it happened: each event at its own time.
void run_in_order(Clinic& clinic, const History& history) {
    for (const Published& one : history.published)
        clinic.admit({one.event}, one.recorded);
    clinic.pass_to(history.now);
}

/// In another order, all at the end.
void run_at_once(Clinic& clinic, const History& history, simulation::Dice& dice) {
    for (const auto& message : shuffled(history, dice))
        clinic.admit(message, history.now);
    clinic.pass_to(history.now);
}

/// In another order, spread over the years: some facts long before their day, some long after.
void run_spread(Clinic& clinic, const History& history, simulation::Dice& dice) {
    const auto messages = shuffled(history, dice);
    const Instant from = history.published.front().recorded;
    const auto step = (history.now - from) / static_cast<std::int64_t>(messages.size() + 1);
    Instant now = from;
    for (const auto& message : messages)
        clinic.admit(message, now += step);
    clinic.pass_to(history.now);
}

/// The rows of all tables that the fold makes, but for the partitions' own positions.
std::string folded_rows(const store::KeyValue& store) {
    std::string out;
    for (const store::Table table :
         {store::Table::facts, store::Table::patients, store::Table::alerts, store::Table::timers, store::Table::feed})
        EXPECT_TRUE(store.scan(table, "", "", [&](std::string_view key, std::string_view value) {
            out.append(key).append("=").append(value).append("\n");
            return true;
        }));
    return out;
}

struct JournalRow {
    store::Partition partition;
    store::Record record;
};

std::vector<JournalRow> journal_of(const store::KeyValue& store) {
    std::vector<JournalRow> out;
    EXPECT_TRUE(store.scan(store::Table::journal, "", "", [&](std::string_view key, std::string_view value) {
        auto record = store::decode_record(value);
        EXPECT_TRUE(record);
        out.push_back({store::parse_position_key(key)->partition, std::move(*record)});
        return true;
    }));
    return out;
}

TEST(AnyOrder, ends_in_the_same_facts_episodes_and_open_alerts) {
    simulation::Occurrences occurrences;
    CountsByMonitor counts;
    Shown shown;
    ASSERT_NE(store::partition_of(model::PatientNumber{1}), store::partition_of(model::PatientNumber{2}));
    const Seeds seeds = chosen_seeds();
    for (std::uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const History history = history_of(seed);
        expect_every_difficulty(history.occurrences);
        occurrences += history.occurrences;
        simulation::Dice dice(seed);
        Clinic in_order;
        run_in_order(in_order, history);
        const Ending expected = ending_of(in_order, shown);
        count_episodes(in_order, counts);
        count_told(in_order.store(), counts);
        for (int shuffle = 0; shuffle < 3; ++shuffle) {
            SCOPED_TRACE("shuffle " + std::to_string(shuffle));
            Clinic clinic;
            if (shuffle < 2)
                run_at_once(clinic, history, dice);
            else
                run_spread(clinic, history, dice);
            const Ending ending = ending_of(clinic, shown);
            EXPECT_EQ(ending.facts, expected.facts);
            EXPECT_EQ(ending.episodes, expected.episodes);
            EXPECT_EQ(ending.open, expected.open);
            count_told(clinic.store(), counts);
        }
        if (HasFailure())
            return;
    }
    print_and_expect_some(occurrences, counts);
    std::cout << "open alerts that show what stands: " << shown.same
              << "; behind by repeats of a date: " << shown.behind << "\n";
    EXPECT_GT(shown.same, 20 * shown.behind);
    EXPECT_GT(shown.behind, 0u);
}

/// What loads where the configuration folder has been emptied: no monitor, no drug, no unit.
std::shared_ptr<const Revision> emptied_revision() {
    config::Files files;
    for (const char* table : {"systems", "analytes", "drugs", "conditions"})
        files["vocabulary/" + std::string(table) + ".toml"] = "";
    const auto revision = Revision::load(std::move(files), std::chrono::minutes(10));
    return revision ? *revision : nullptr;
}

TEST(AnyOrder, a_deletion_that_names_nobody_hides_the_fact_from_all) {
    const Instant now = *model::parse_instant("2024-01-01T09:00:00Z");
    model::Event result;
    result.key = {model::PublisherId("lab"), model::FactId("L-1")};
    result.patient = simulation::identifier_of(0);
    result.at = model::at_utc(now);
    result.body = model::ProcedureEvent{model::CodeId("dxa")};
    model::Event moved = result;
    moved.patient = simulation::identifier_of(1);
    moved.version = {{2}};
    model::Event deletion = result;
    deletion.key.id = model::FactId("L-1#deleted");
    deletion.patient = {};
    deletion.body = model::RetractionEvent{model::FactId("L-1"), std::nullopt};
    std::vector<std::string> facts;
    for (const auto& order : {std::vector{result, moved, deletion}, std::vector{result, deletion, moved},
                              std::vector{moved, deletion, result}}) {
        Clinic clinic;
        for (const model::Event& event : order)
            clinic.admit({event}, now);
        for (const std::uint64_t number : {1u, 2u})
            EXPECT_TRUE((*clinic.core().patient(model::PatientNumber{number}))->watch.timeline().empty());
        Shown shown;
        facts.push_back(ending_of(clinic, shown).facts);
        EXPECT_EQ(facts.back(), facts.front());
        Clinic replayed;
        for (const JournalRow& row : journal_of(clinic.store()))
            ASSERT_TRUE(replayed.core().replay(row.partition, row.record));
        ASSERT_TRUE(replayed.core().commit());
        EXPECT_EQ(replayed.dump(), clinic.dump());
    }
}

TEST(AnyOrder, a_journal_alone_gives_the_same_dump) {
    const auto nothing = emptied_revision();
    ASSERT_NE(nothing, nullptr);
    const Seeds seeds = chosen_seeds();
    for (std::uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const History history = history_of(seed);
        simulation::Dice dice(seed);
        Clinic lived;
        if (seed % 2 == 0)
            run_in_order(lived, history);
        else
            run_spread(lived, history, dice);
        Clinic replayed(nothing);
        std::set<model::PatientNumber> in_a_message; // A commit never cuts a message in two.
        for (const JournalRow& row : journal_of(lived.store())) {
            ASSERT_TRUE(replayed.core().replay(row.partition, row.record));
            if (const auto* event = std::get_if<store::EventRecord>(&row.record.body)) {
                if (event->is_group_end)
                    in_a_message.erase(event->patient);
                else
                    in_a_message.insert(event->patient);
            }
            if (!in_a_message.empty())
                continue;
            if (dice.chance(30)) {
                ASSERT_TRUE(replayed.core().commit());
            }
            // A commit may fall anywhere; a message's records are journalled in one, so no process ends between them.
            const auto* event = std::get_if<store::EventRecord>(&row.record.body);
            if ((event == nullptr || event->is_group_end) && dice.chance(2)) {
                ASSERT_TRUE(replayed.core().commit());
                replayed.restart();
            }
        }
        ASSERT_TRUE(replayed.core().commit());
        EXPECT_EQ(folded_rows(replayed.store()), folded_rows(lived.store()));
        EXPECT_EQ(replayed.dump(), lived.dump());
    }
}

TEST(AnyOrder, more_ticks_and_restarts_change_nothing) {
    const Seeds seeds = chosen_seeds();
    for (std::uint64_t seed = seeds.first; seed < seeds.first + std::max(seeds.count / 10, std::uint64_t{1}); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const History history = history_of(seed);
        simulation::Dice dice(seed);
        Clinic plain;
        run_in_order(plain, history);
        Clinic ticked;
        for (const Published& one : history.published) {
            for (Instant now = ticked.core().now(); now != Instant::min() && dice.chance(40);) {
                now += (one.recorded - now) / 2;
                ASSERT_TRUE(ticked.core().tick(now));
            }
            if (dice.chance(3))
                ticked.restart();
            ticked.admit({one.event}, one.recorded);
        }
        ticked.pass_to(history.now);
        EXPECT_EQ(folded_rows(ticked.store()), folded_rows(plain.store()));
    }
}

} // namespace
} // namespace bonewatch::daemon
