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
#include <set>

namespace bonewatch::daemon {
namespace {

using model::PatientNumber;
using reference::AdmittedEvent;
using simulation::Dice;
using simulation::History;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

const monitors::Catalogue& catalogue() {
    return *shipped_revision()->catalogue;
}

/// Four identities: the two of a history, and one more under which either is known elsewhere.
constexpr int identity_count = 4;

model::PatientIdentifier identity(int index) {
    return index < 2 ? simulation::identifier_of(index)
                     : model::PatientIdentifier{"nhs", index == 2 ? "9990000034" : "9990000042"};
}

int index_of(const model::PatientIdentifier& identifier) {
    for (int index = 0; index < identity_count; ++index)
        if (identity(index) == identifier)
            return index;
    return -1;
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

model::Event merge_event(int number, int from, int into, std::int64_t version) {
    model::Event event;
    event.key = {model::PublisherId("registry"), model::FactId("M-" + std::to_string(number))};
    event.version = {{version}};
    event.patient = identity(into);
    event.body = model::MergeEvent{identity(from)};
    return event;
}

model::Event undoing(const model::Event& merge, int number, std::optional<model::Version> version) {
    model::Event event = merge;
    event.key.id = model::FactId("U-" + std::to_string(number));
    event.version = {{1}};
    event.body = model::RetractionEvent{merge.key.id, std::move(version)};
    return event;
}

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

PatientNumber number_of(Clinic& clinic, int index) {
    const auto number = find_patient(clinic.core().directory(), model::to_text(identity(index)));
    return number ? *number : PatientNumber{};
}

std::string name_of(Clinic& clinic, PatientNumber number) {
    for (int index = 0; index < identity_count; ++index)
        if (number_of(clinic, index) == number)
            return std::to_string(index);
    return "?";
}

/// What a store knows of each identity and of whom it goes on in, whatever numbers they were given.
struct Ending {
    std::string facts, episodes, open;
    friend bool operator==(const Ending&, const Ending&) = default;
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

/// Each alert that was told belongs to one patient, whom its id finds, and its last entry is where it says.
void expect_alerts_found(Clinic& clinic) {
    std::map<std::string, PatientNumber> owners;
    for (int index = 0; index < identity_count; ++index) {
        const PatientNumber number = number_of(clinic, index);
        if (number == PatientNumber{})
            continue;
        for (const auto& [monitor, told] : (*clinic.core().patient(number))->told)
            for (const alerts::Alert& alert : told) {
                if (alert.id.empty())
                    continue;
                EXPECT_TRUE(owners.emplace(alert.id, number).second) << "two have one alert";
                const auto said_of = alert.told_of.value == 0 ? number : alert.told_of;
                const auto entry = clinic.store().get(store::Table::feed,
                                                      store::position_key(store::partition_of(said_of), alert.entry));
                ASSERT_TRUE(entry && *entry);
                EXPECT_EQ(member_of(**entry, "alert"), alert.id);
            }
    }
    for (const auto& [alert, owner] : owners)
        EXPECT_EQ(clinic.core().owner_of_alert(alert).value_or(PatientNumber{}), owner);
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

std::string replayed_dump(Clinic& clinic) {
    Clinic replayed;
    const auto scanned =
        clinic.store().scan(store::Table::journal, "", "", [&](std::string_view key, std::string_view value) {
            const auto record = store::decode_record(value);
            EXPECT_TRUE(record);
            EXPECT_TRUE(replayed.core().replay(store::parse_position_key(key)->partition, *record));
            return true;
        });
    EXPECT_TRUE(scanned);
    EXPECT_TRUE(replayed.core().commit());
    return replayed.dump();
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

/// One alert, as an unmerge has to leave it.
struct Told {
    std::string state, opened, closed, severity;
    Instant first_told;
    friend bool operator==(const Told&, const Told&) = default;
};

/// By identity and monitor, then by id.
using ToldOf = std::map<std::pair<int, std::string>, std::map<std::string, Told>>;

ToldOf told_of(Clinic& clinic) {
    ToldOf out;
    for (const int index : {0, 1}) {
        PatientState& state = **clinic.core().patient(number_of(clinic, index));
        for (const auto& [monitor, told] : state.told)
            for (const alerts::Alert& alert : told)
                out[{index, catalogue().monitors()[monitor].id.text}]
                   [alert.id.empty() ? "untold since " + model::to_text(alert.opened) : alert.id] = {
                       std::string(alerts::to_text(alert.state)), model::to_text(alert.opened),
                       alert.closed ? model::to_text(*alert.closed) : "",
                       std::string(monitors::to_text(alert.severity)), alert.first_told};
    }
    return out;
}

struct Undone {
    int same = 0;            ///< Alerts of before the merge that nothing but the merge touched: as without it.
    int meanwhile = 0;       ///< Open with and without the merge, whatever came in between.
    int told_though_old = 0; ///< Stale without the merge.
};

/// What became of alerts without the merge, and with it; `quiet` are those that changed nothing without it, from before
/// the merge to after the unmerge.
void expect_undone(const ToldOf& plain, const ToldOf& merged, const ToldOf& quiet, Undone& undone) {
    const auto is_open = [](const auto& one) { return one.second.state == "open"; };
    const std::map<std::string, Told> none;
    for (const auto& [whose, told] : plain) {
        const auto found = merged.find(whose);
        const auto& others = found == merged.end() ? none : found->second;
        const auto open = std::ranges::find_if(others, is_open);
        const auto of_before = quiet.find(whose);
        for (const auto& [id, alert] : told) {
            SCOPED_TRACE(std::to_string(whose.first) + " " + whose.second + " " + alert.state + " " + alert.opened);
            if (alert.state == "open") {
                ASSERT_NE(open, others.end()) << "nobody is told any more";
                EXPECT_EQ(open->second.opened, alert.opened);
                EXPECT_EQ(open->second.severity, alert.severity);
                ++undone.meanwhile;
            }
            if (of_before == quiet.end() || !of_before->second.contains(id) || id.starts_with("untold"))
                continue;
            ++undone.same;
            ASSERT_TRUE(others.contains(id));
            EXPECT_EQ(others.at(id).state, alert.state);
            if (alert.state == "withdrawn")
                continue; // It keeps what was last told of it.
            EXPECT_EQ(others.at(id).opened, alert.opened);
            EXPECT_EQ(others.at(id).closed, alert.closed);
        }
        if (open != others.end() && std::ranges::none_of(told, is_open)) {
            EXPECT_TRUE(std::ranges::any_of(told, [](const auto& one) { return one.second.state == "stale"; }))
                << whose.first << " " << whose.second;
            ++undone.told_though_old;
        }
    }
    for (const auto& [whose, told] : merged)
        if (!plain.contains(whose)) {
            EXPECT_TRUE(std::ranges::none_of(told, is_open)) << "told of nothing";
        }
}

/// What is the same in both.
ToldOf unchanged(const ToldOf& before, const ToldOf& after) {
    ToldOf out;
    for (const auto& [whose, told] : before)
        for (const auto& [id, alert] : told)
            if (const auto then = after.find(whose);
                then != after.end() && then->second.contains(id) && then->second.at(id) == alert)
                out[whose].emplace(id, alert);
    return out;
}

std::string facts_of(Clinic& clinic) {
    std::string out;
    for (const int index : {0, 1}) {
        PatientState& state = **clinic.core().patient(number_of(clinic, index));
        for (const auto& [key, packed] : state.facts)
            if (!packed.unpacked().is_of_merge())
                out += key.id.text + " " + packed.bytes() + "\n";
        for (std::size_t monitor = 0; monitor < catalogue().monitors().size(); ++monitor)
            out += monitors::told_in_full(state.watch, catalogue(), monitor);
        out += encode(state.row) + "\n";
    }
    return out;
}

/// Two lives, merged and parted again once or twice while facts go on coming: as if nothing had been.
TEST(Unmerge, leaves_facts_episodes_and_alerts_as_without_the_merge) {
    Undone undone;
    const std::uint64_t first = number_from("SEED", 1);
    for (std::uint64_t seed = first; seed < first + number_from("SEEDS", 150); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        simulation::HistoryOptions options;
        options.days = 700;
        const History history = simulation::history(seed, options);
        Dice dice(seed);
        const auto count = std::ssize(history.published);
        auto merge_at = static_cast<std::size_t>(dice.between(count / 4, count / 2));
        std::size_t unmerge_at = merge_at + static_cast<std::size_t>(dice.between(1, count / 4));
        int version = 1;
        Clinic plain, merged;
        ToldOf before, quiet;
        for (std::size_t i = 0; i < history.published.size(); ++i) {
            const auto& one = history.published[i];
            if (i == merge_at && version == 1)
                before = told_of(plain);
            if (i == merge_at)
                merged.admit({merge_event(1, static_cast<int>(seed % 2), static_cast<int>(1 - seed % 2), version)},
                             one.recorded);
            plain.admit({one.event}, one.recorded);
            merged.admit({one.event}, one.recorded);
            if (i != unmerge_at)
                continue;
            merged.admit({undoing(merge_event(1, static_cast<int>(seed % 2), static_cast<int>(1 - seed % 2), version),
                                  version, model::Version{{version}})},
                         one.recorded);
            quiet = unchanged(before, told_of(plain));
            if (version++ == 1 && i + 41 < history.published.size()) {
                merge_at = i + static_cast<std::size_t>(dice.between(1, 20));
                unmerge_at = merge_at + static_cast<std::size_t>(dice.between(1, 20));
            }
        }
        plain.pass_to(history.now);
        merged.pass_to(history.now);
        ASSERT_EQ(merged.core().directory().alias_count(), 0u) << "the test unmerges before the end";
        EXPECT_EQ(facts_of(merged), facts_of(plain));
        expect_undone(told_of(plain), told_of(merged), quiet, undone);
        expect_alerts_found(merged);
        EXPECT_EQ(replayed_dump(merged), merged.dump());
        if (HasFailure())
            return;
    }
    std::cout << undone.same << " alerts of before are as without the merge, and " << undone.meanwhile << " open ones; "
              << undone.told_though_old << " are told though they would be stale\n";
    EXPECT_GT(undone.same, 100);
    EXPECT_GT(undone.meanwhile, 10);
}

} // namespace
} // namespace bonewatch::daemon
