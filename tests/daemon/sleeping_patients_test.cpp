#include "ingest/decode.h"
#include "tests/daemon/clinic.h"
#include "tests/daemon/story.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>

namespace bonewatch::daemon {
namespace {

/// Time costs what it changes, and little more: a year of clock over patients of whom no event arrives.
TEST(SleepingPatients, a_year_costs_what_it_changes_and_a_small_bound) {
    const char* wanted = std::getenv("PATIENTS");
    const std::uint64_t patients = wanted == nullptr ? 100'000 : std::strtoull(wanted, nullptr, 10);
    // All stay in memory: what it costs to read one from the store again is its own history's, not the clock's.
    Clinic clinic(shipped_revision(), std::size_t{4} << 30);
    const auto sleeper = native_lines("2024-01-01 L1 tsh 1.0");
    const auto treated = native_lines("2024-01-01 P1 supply prednisolone oral 5 mg 100 d");
    const Instant start = *model::parse_instant("2024-01-02T12:00:00Z");
    std::vector<std::vector<model::Event>> stories;
    for (const std::string& lines : {sleeper, treated}) {
        stories.emplace_back();
        for (const auto& decoded : ingest::decode(ingest::Format::native, lines, {model::PublisherId("file")},
                                                  clinic.core().revision().vocabulary, std::nullopt))
            stories.back().push_back(std::get<model::Event>(decoded.outcome));
    }
    for (std::uint64_t i = 0; i < patients; ++i) {
        std::vector<model::Event> events = stories[i % 100 == 0 ? 1 : 0];
        for (model::Event& event : events) {
            event.patient.value = "P" + std::to_string(i);
            event.key.id = model::FactId(event.key.id.text + "-" + std::to_string(i));
        }
        clinic.admit(events, start);
    }
    const FoldStats before = clinic.core().stats();
    const std::uint64_t evaluations_before = clinic.core().kept_patients().evaluation_count();
    for (int day = 1; day <= 366; ++day)
        clinic.pass_to(start + model::Days(day));
    const FoldStats after = clinic.core().stats();
    const std::uint64_t told = after.entries - before.entries;
    const std::uint64_t evaluations = clinic.core().kept_patients().evaluation_count() - evaluations_before;
    const std::uint64_t timers = after.timers - before.timers;
    std::cout << patients << " patients, " << patients / 100 << " of them treated, one year: " << timers
              << " timers fired, " << evaluations << " evaluations of monitors, " << told << " transitions told\n";
    EXPECT_GT(told, 0u);
    EXPECT_LE(timers, patients / 100 * 12);
    EXPECT_LE(evaluations, told * 12);
}

} // namespace
} // namespace bonewatch::daemon
