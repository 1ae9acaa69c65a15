#include "tests/simulation/histories.h"

#include "tests/reference/episodes.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

namespace bonewatch::simulation {
namespace {

constexpr std::uint64_t seeds = 30;

TEST(Histories, same_seed_same_history) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const History a = history(seed);
        const History b = history(seed);
        EXPECT_EQ(a.admitted(), b.admitted());
        EXPECT_EQ(a.now, b.now);
        EXPECT_NE(a.admitted(), history(seed + 1000).admitted());
    }
}

TEST(Histories, each_holds_every_difficulty_at_least_once) {
    Occurrences all;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        const Occurrences one = history(seed).occurrences;
        for (const int count : {one.late, one.corrected, one.retracted_first, one.moved, one.duplicated, one.disputed})
            ASSERT_GT(count, 0) << "seed " << seed;
        all += one;
    }
    for (const auto& [name, count] : all.rows()) {
        std::cout << name << ": " << count << "\n";
        EXPECT_GT(count, 0) << name;
    }
}

TEST(Histories, arrive_in_order_and_before_now) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const History one = history(seed);
        EXPECT_TRUE(std::is_sorted(one.published.begin(), one.published.end(),
                                   [](const Published& a, const Published& b) { return a.recorded < b.recorded; }));
        for (const Published& published : one.published) {
            EXPECT_LE(published.recorded, one.now);
            EXPECT_LE(published.event.at.date, published.event.at.date_last);
        }
    }
}

TEST(Histories, what_is_off_does_not_occur) {
    HistoryOptions plain;
    plain.patients = 1;
    plain.late = plain.corrected = plain.retracted_first = plain.moved = plain.duplicated = plain.disputed =
        plain.ordered = false;
    plain.partial_dates = plain.zones = false;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const Occurrences one = history(seed, plain).occurrences;
        EXPECT_EQ(one.late + one.corrected + one.retracted + one.retracted_first + one.moved + one.duplicated +
                      one.disputed + one.ordered + one.given_back + one.partial_dates + one.other_dates,
                  0);
    }
}

TEST(Histories, every_monitor_opens_and_closes_somewhere) {
    std::map<std::string, std::pair<int, int>> counts;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const History one = history(seed);
        for (const model::PatientNumber patient : {model::PatientNumber{1}, model::PatientNumber{2}})
            for (const auto& [monitor, spells] :
                 reference::episodes(reference::standing_facts(one.admitted(), patient), one.now))
                for (const reference::Spell& spell : spells) {
                    ++counts[monitor].first;
                    counts[monitor].second += spell.closed.has_value();
                }
    }
    EXPECT_EQ(counts.size(), 12u);
    for (const auto& [monitor, count] : counts) {
        std::cout << monitor << ": " << count.first << " opened, " << count.second << " closed\n";
        EXPECT_GT(count.first, 0) << monitor;
        EXPECT_GT(count.second, 0) << monitor;
    }
}

} // namespace
} // namespace bonewatch::simulation
