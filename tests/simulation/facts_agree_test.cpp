#include "store/event_codec.h"
#include "store/facts.h"
#include "store/partition.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/histories.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace bonewatch::simulation {
namespace {

using Standing = std::set<std::pair<std::string, bool>>; ///< Canonical bytes; whether disputed.

Standing by_the_store(const std::vector<reference::AdmittedEvent>& events, model::PatientNumber patient) {
    std::map<model::FactKey, store::FactVersions> facts;
    for (const reference::AdmittedEvent& one : events)
        facts[model::fact_of(one.event)].admit(one.named, one.event);
    Standing standing;
    for (const auto& [key, versions] : facts)
        for (const model::Event& event : versions.standing(patient))
            standing.emplace(store::encode(event), versions.is_disputed());
    return standing;
}

Standing by_the_reference(const std::vector<reference::AdmittedEvent>& events, model::PatientNumber patient) {
    Standing standing;
    for (const model::Fact& fact : reference::standing_facts(events, patient))
        standing.emplace(store::encode(fact.event), fact.disputed);
    return standing;
}

TEST(Facts, store_and_reference_agree_in_any_order) {
    std::size_t standing = 0;
    std::size_t disputed = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        auto events = history(seed).admitted();
        const Standing expected[] = {by_the_reference(events, model::PatientNumber{1}),
                                     by_the_reference(events, model::PatientNumber{2})};
        Dice dice(seed);
        for (std::size_t i = events.size(); i > 1; --i)
            std::swap(events[i - 1], events[static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(i)))]);
        for (const unsigned patient : {1u, 2u}) {
            EXPECT_EQ(by_the_store(events, model::PatientNumber{patient}), expected[patient - 1]) << "seed " << seed;
            standing += expected[patient - 1].size();
            disputed +=
                static_cast<std::size_t>(std::count_if(expected[patient - 1].begin(), expected[patient - 1].end(),
                                                       [](const auto& one) { return one.second; }));
        }
    }
    EXPECT_GT(standing, 10'000u);
    EXPECT_GT(disputed, 200u);
}

TEST(Histories, two_patients_stand_in_two_partitions) {
    const HistoryOptions options;
    EXPECT_NE(store::partition_of(options.numbers[0]), store::partition_of(options.numbers[1]));
}

} // namespace
} // namespace bonewatch::simulation
