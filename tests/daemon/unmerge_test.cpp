#include "tests/daemon/merged_lives.h"
#include "tests/monitors/watched.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/histories.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <map>

namespace bonewatch::daemon {
namespace {

using simulation::Dice;
using simulation::History;

const monitors::Catalogue& catalogue() {
    return *shipped_revision()->catalogue;
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
    EXPECT_GT(undone.same, static_cast<int>(number_from("SEEDS", 150)));
    EXPECT_GT(undone.meanwhile, undone.same / 2);
}

} // namespace
} // namespace bonewatch::daemon
