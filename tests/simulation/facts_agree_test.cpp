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

/// What says less than that a fact is gone: doubts, promotions and retractions for the wrong patient, of some of the
/// facts; and results that are preliminary.
void add_half_words(std::vector<reference::AdmittedEvent>& events, Dice& dice) {
    constexpr std::pair<const char*, const char*> words[] = {
        {"doubt", "unknown_unit"}, {"promotion", "final"}, {"reason", "wrong_patient"}};
    const auto count = static_cast<std::int64_t>(events.size());
    for (std::int64_t i = 0; i < count / 4; ++i) {
        reference::AdmittedEvent one = events[static_cast<std::size_t>(dice.below(count))];
        if (std::holds_alternative<model::RetractionEvent>(one.event.body))
            continue;
        const auto& [attribute, value] = words[dice.below(3)];
        if (auto* result = std::get_if<model::ResultEvent>(&one.event.body); result != nullptr && dice.below(2) == 0) {
            result->status = model::ResultStatus::preliminary;
            one.event.version.parts.back() += dice.below(2);
            events.push_back(one);
        }
        model::Version version = one.event.version;
        version.parts.back() += dice.between(-1, 1);
        one.event.body = model::RetractionEvent{one.event.key.id, version};
        one.event.key.id = model::FactId("half-" + std::to_string(i));
        one.event.attributes = {{attribute, value}};
        one.named = model::PatientNumber{static_cast<std::uint64_t>(dice.between(1, 2))};
        events.push_back(std::move(one));
    }
}

TEST(Facts, store_and_reference_agree_in_any_order) {
    std::size_t standing = 0;
    std::size_t disputed = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        auto events = history(seed).admitted();
        Dice dice(seed);
        if (seed % 2 == 0)
            add_half_words(events, dice);
        const Standing expected[] = {by_the_reference(events, model::PatientNumber{1}),
                                     by_the_reference(events, model::PatientNumber{2})};
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
