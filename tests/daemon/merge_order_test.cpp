#include "store/event_codec.h"
#include "store/keys.h"
#include "tests/daemon/merged_lives.h"
#include "tests/monitors/watched.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/histories.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

namespace bonewatch::daemon {
namespace {

using model::PatientNumber;
using reference::AdmittedEvent;
using simulation::Dice;
using simulation::History;

const monitors::Catalogue& catalogue() {
    return *shipped_revision()->catalogue;
}

/// What the reference calls an identity, whatever number the directory gives it.
PatientNumber reference_number(int index) {
    return {static_cast<std::uint64_t>(index + 1)};
}

struct Arrival {
    model::Event event;
    Instant recorded;
};

struct Story {
    std::vector<Arrival> arrivals; ///< Sorted by time of recording.
    Instant now;

    [[nodiscard]] std::vector<AdmittedEvent> admitted() const {
        std::vector<AdmittedEvent> out;
        for (const Arrival& arrival : arrivals) {
            AdmittedEvent one{arrival.event, reference_number(index_of(arrival.event.patient))};
            if (const auto* merge = std::get_if<model::MergeEvent>(&arrival.event.body))
                one.from = reference_number(index_of(merge->from));
            out.push_back(std::move(one));
        }
        return out;
    }
};

/// Half of what is said of the two patients is said of them under another identity: the same bytes always alike.
History under_four_names(std::uint64_t seed) {
    simulation::HistoryOptions options;
    options.days = 700;
    History history = simulation::history(seed, options);
    for (simulation::Published& one : history.published) {
        if (std::holds_alternative<model::PatientEvent>(one.event.body))
            continue;
        const std::string digest = store::key_digest('t', store::encode(one.event));
        if (static_cast<unsigned char>(digest.front()) % 2 == 1)
            one.event.patient = identity(index_of(one.event.patient) + 2);
    }
    return history;
}

/// A history, and merges at any time of it: of later versions, disputed, undone, final.
Story story_of(std::uint64_t seed) {
    Dice dice(seed * 7919);
    const History history = under_four_names(seed);
    Story story{{}, history.now};
    for (const simulation::Published& one : history.published)
        story.arrivals.push_back({one.event, one.recorded});
    const auto any_time = [&] {
        return story.arrivals[static_cast<std::size_t>(dice.below(std::ssize(history.published)))].recorded;
    };
    int undone = 0;
    for (int number = 0; number < 5; ++number) {
        const auto versions = dice.between(1, 3);
        for (std::int64_t version = 1; version <= versions; ++version)
            for (int contents = dice.chance(15) ? 2 : 1; contents > 0; --contents)
                story.arrivals.push_back({merge_event(number, static_cast<int>(dice.below(identity_count)),
                                                      static_cast<int>(dice.below(identity_count)), version),
                                          any_time()});
        const model::Event merge = story.arrivals.back().event;
        for (int undo = dice.chance(50) ? 1 : 0; undo > 0; --undo)
            story.arrivals.push_back(
                {undoing(merge, undone++,
                         dice.chance(70) ? std::optional(model::Version{{dice.between(1, versions)}}) : std::nullopt),
                 any_time()});
    }
    std::ranges::stable_sort(story.arrivals, {}, &Arrival::recorded);
    return story;
}

/// What a store knows of each identity and of whom it goes on in, whatever numbers they were given.
struct Ending {
    std::string facts, episodes, open;
};

void add_facts(Clinic& clinic, const PatientState& state, std::string& out) {
    for (const auto& [key, packed] : state.facts) {
        const store::FactVersions versions = packed.unpacked();
        std::vector<std::string> lines;
        for (const auto& list : {versions.contents(), versions.retractions()})
            for (const store::FactContent& content : list)
                lines.push_back(name_of(clinic, content.patient) + " " + store::encode(content.event));
        for (const model::Event& event : versions.standing(state.members()))
            lines.push_back("stands " + store::encode(event));
        std::ranges::sort(lines);
        out += key.publisher.text + "/" + key.id.text + (versions.is_disputed() ? " disputed" : "") + "\n";
        for (const std::string& line : lines)
            out += line + "\n";
    }
}

Ending ending_of(Clinic& clinic) {
    Ending out;
    expect_alerts_found(clinic);
    for (int index = 0; index < identity_count; ++index) {
        const PatientNumber number = number_of(clinic, index);
        if (number == PatientNumber{})
            continue;
        const PatientNumber canonical = clinic.core().directory().canonical_of(number);
        const std::string head = std::to_string(index) + " in " + name_of(clinic, canonical) + ":\n";
        out.facts += head;
        add_facts(clinic, **clinic.core().patient(number), out.facts);
        PatientState& state = **clinic.core().patient(number);
        for (const model::Event& merge : state.row.merges)
            out.facts += "by " + store::encode(merge) + "\n";
        if (number != canonical) {
            EXPECT_TRUE(state.watch.timeline().empty());
            EXPECT_TRUE(state.told.empty());
            EXPECT_EQ(state.row.timer, monitors::never);
        }
        out.episodes += head;
        for (std::size_t monitor = 0; monitor < catalogue().monitors().size(); ++monitor) {
            out.episodes += monitors::told_in_full(state.watch, catalogue(), monitor);
            const auto episodes = state.watch.episodes(monitor);
            if (episodes.empty() || episodes.back()->closed)
                continue;
            // Of merged records what was never told of one of them is kept until they part.
            for (const alerts::Alert& alert : state.told[monitor])
                if ((alert.state == alerts::AlertState::open || alert.state == alerts::AlertState::stale) &&
                    alert.opened == episodes.back()->opened) {
                    out.open += std::to_string(index) + " " + catalogue().monitors()[monitor].id.text + " " +
                                model::to_text(alert.opened) + " " + std::string(monitors::to_text(alert.severity)) +
                                "\n";
                    break;
                }
        }
    }
    return out;
}

void run_in_order(Clinic& clinic, const Story& story, Dice* restarts = nullptr) {
    for (const Arrival& arrival : story.arrivals) {
        clinic.admit({arrival.event}, arrival.recorded);
        if (restarts != nullptr && restarts->chance(5))
            clinic.restart();
    }
    clinic.pass_to(story.now);
}

/// In another order, cut into messages of up to twelve events: all at the end, or spread over the years.
void run_shuffled(Clinic& clinic, const Story& story, Dice& dice, bool is_spread) {
    std::vector<model::Event> events;
    for (const Arrival& arrival : story.arrivals)
        events.push_back(arrival.event);
    for (std::size_t i = events.size(); i > 1; --i)
        std::swap(events[i - 1], events[static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(i)))]);
    const Instant from = story.arrivals.front().recorded;
    for (std::size_t i = 0; i < events.size();) {
        const auto size = std::min(static_cast<std::size_t>(dice.between(1, 12)), events.size() - i);
        const auto first = events.begin() + static_cast<std::ptrdiff_t>(i);
        const Instant spread =
            from + (story.now - from) * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(events.size());
        clinic.admit({first, first + static_cast<std::ptrdiff_t>(size)}, is_spread ? spread : story.now);
        i += size;
    }
    clinic.pass_to(story.now);
}

/// The person as merged records tell it: what the surviving one states, nobody else does.
void blank_what_is_stated(std::vector<model::Fact>& facts, const model::PatientIdentifier& surviving) {
    bool has_sex = false, has_born = false, has_died = false;
    for (const model::Fact& fact : facts)
        if (const auto* person = std::get_if<model::PatientEvent>(&fact.event.body);
            person != nullptr && fact.event.patient == surviving) {
            has_sex = has_sex || person->sex != model::Sex::unknown;
            has_born = has_born || person->born;
            has_died = has_died || person->died;
        }
    for (model::Fact& fact : facts)
        if (auto* person = std::get_if<model::PatientEvent>(&fact.event.body);
            person != nullptr && fact.event.patient != surviving) {
            person->sex = has_sex ? model::Sex::unknown : person->sex;
            person->born = has_born ? std::nullopt : person->born;
            person->died = has_died ? std::nullopt : person->died;
        }
}

/// What the naive reading of everything admitted says of an identity, against what the store says. Gives how many
/// identities are one with it.
std::size_t expect_as_read_naively(Clinic& clinic, const Story& story, int index) {
    const PatientNumber number = number_of(clinic, index);
    if (number == PatientNumber{})
        return 0;
    const auto admitted = story.admitted();
    const auto members = reference::joined_with(admitted, reference_number(index));
    const PatientNumber canonical = clinic.core().directory().canonical_of(number);
    const int surviving = std::stoi(name_of(clinic, canonical));
    EXPECT_TRUE(members.contains(reference_number(surviving)));
    std::vector<model::Fact> expected = reference::standing_facts(admitted, members);
    PatientState& state = **clinic.core().patient(canonical);
    std::multiset<std::string> read, stored;
    for (const model::Fact& fact : expected)
        read.insert(store::encode(fact.event) + (fact.disputed ? " disputed" : ""));
    for (const auto& [key, packed] : state.facts) {
        const store::FactVersions versions = packed.unpacked();
        for (const model::Event& event : versions.standing(state.members()))
            if (!std::holds_alternative<model::MergeEvent>(event.body))
                stored.insert(store::encode(event) + (versions.is_disputed() ? " disputed" : ""));
    }
    EXPECT_EQ(stored, read);
    if (members.size() > 1)
        blank_what_is_stated(expected, identity(surviving));
    std::map<model::FactKey, std::vector<model::Event>> by_key;
    std::set<model::FactKey> disputed;
    for (const model::Fact& fact : expected) {
        by_key[fact.event.key].push_back(fact.event);
        if (fact.disputed)
            disputed.insert(fact.event.key);
    }
    monitors::Watch watch(catalogue());
    for (const auto& [key, events] : by_key)
        watch.set_fact(key, events, disputed.contains(key));
    watch.advance(clinic.core().now());
    state.watch.advance(clinic.core().now());
    for (std::size_t monitor = 0; monitor < catalogue().monitors().size(); ++monitor)
        EXPECT_EQ(monitors::told_in_full(state.watch, catalogue(), monitor),
                  monitors::told_in_full(watch, catalogue(), monitor));
    return members.size();
}

TEST(MergesInAnyOrder, end_in_the_same_facts_and_episodes_which_are_those_of_the_naive_reading) {
    std::map<std::size_t, int> unions;
    std::size_t open = 0;
    const std::uint64_t first = number_from("SEED", 1);
    for (std::uint64_t seed = first; seed < first + number_from("SEEDS", 150); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Story story = story_of(seed);
        Dice dice(seed);
        Clinic in_order;
        run_in_order(in_order, story);
        const Ending expected = ending_of(in_order);
        open += static_cast<std::size_t>(std::ranges::count(expected.open, '\n'));
        for (int index = 0; index < identity_count; ++index)
            ++unions[expect_as_read_naively(in_order, story, index)];
        Clinic restarted;
        run_in_order(restarted, story, &dice);
        EXPECT_EQ(restarted.dump(), in_order.dump());
        for (int shuffle = 0; shuffle < 3; ++shuffle) {
            SCOPED_TRACE("shuffle " + std::to_string(shuffle));
            Clinic clinic;
            run_shuffled(clinic, story, dice, shuffle == 2);
            const Ending ending = ending_of(clinic);
            EXPECT_EQ(ending.facts, expected.facts);
            EXPECT_EQ(ending.episodes, expected.episodes);
            EXPECT_EQ(ending.open, expected.open);
        }
        if (HasFailure())
            return;
    }
    for (const auto& [size, count] : unions)
        std::cout << count << " identities in unions of " << size << "\n";
    std::cout << open << " open alerts\n";
    for (const std::size_t size : {1u, 2u, 3u, 4u})
        EXPECT_GT(unions[size], 0);
}

TEST(MergesInAnyOrder, a_journal_alone_gives_the_same_dump) {
    for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Story story = story_of(seed);
        Clinic in_order;
        run_in_order(in_order, story);
        EXPECT_EQ(replayed_dump(in_order), in_order.dump());
        Dice dice(seed);
        Clinic shuffled;
        run_shuffled(shuffled, story, dice, true);
        EXPECT_EQ(replayed_dump(shuffled), shuffled.dump());
    }
}

} // namespace
} // namespace bonewatch::daemon
