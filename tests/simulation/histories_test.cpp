#include "tests/simulation/histories.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>

namespace bonewatch::simulation {
namespace {

/// Which difficulties a history has, read from nothing but what is published.
struct Seen {
    bool corrected = false, retracted_first = false, moved = false, duplicated = false, disputed = false;
};

Seen seen_in(const History& history) {
    Seen seen;
    for (const Published& one : history.published) {
        if (const auto* retraction = std::get_if<model::RetractionEvent>(&one.event.body))
            seen.retracted_first |= std::ranges::all_of(history.published, [&](const Published& other) {
                return other.event.key != model::FactKey{one.event.key.publisher, retraction->of} ||
                       other.recorded > one.recorded;
            });
        for (const Published& other : history.published) {
            if (&other == &one || std::holds_alternative<model::PatientEvent>(other.event.body) ||
                other.event.key != one.event.key)
                continue;
            const bool is_newer = other.event.version > one.event.version;
            seen.duplicated |= other.event == one.event;
            seen.disputed |= other.event.version == one.event.version && other.event != one.event;
            model::Event same_version = other.event;
            same_version.version = one.event.version;
            seen.corrected |= is_newer && other.named == one.named && same_version != one.event;
            seen.moved |= is_newer && other.named != one.named;
        }
    }
    return seen;
}

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
        const History one = history(seed);
        const Seen seen = seen_in(one);
        for (const bool is_there : {seen.corrected, seen.retracted_first, seen.moved, seen.duplicated, seen.disputed})
            ASSERT_TRUE(is_there) << "seed " << seed;
        ASSERT_GT(one.occurrences.late, 0) << "seed " << seed;
        all += one.occurrences;
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

} // namespace
} // namespace bonewatch::simulation
