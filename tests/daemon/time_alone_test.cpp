#include "tests/daemon/clinic.h"
#include "tests/daemon/story.h"

#include <gmock/gmock.h>

#include <iostream>

namespace bonewatch::daemon {
namespace {

Instant noon(std::string_view date) {
    return *model::parse_instant(date) + std::chrono::hours(12);
}

/// Transitions of one monitor with the instant at which they were recorded.
std::vector<std::string> feed_of(const Clinic& clinic, std::string_view monitor) {
    std::vector<std::string> out;
    for (const std::string& entry : clinic.feed())
        if (member_of(entry, "monitor") == monitor)
            out.push_back(member_of(entry, "recorded_at") + " " + member_of(entry, "transition"));
    return out;
}

const char* const steroid_course = "2024-01-01 P1 supply prednisolone oral 5 mg 100 d";
const char* const thyroid_hormone = R"(2024-01-01 L1 tsh 1.0
    2024-01-01 P1 supply levothyroxine oral 0.1 mg 300 d
    2024-10-27 P2 supply levothyroxine oral 0.1 mg 300 d)";

TEST(TimeAlone, a_steroid_course_raises_at_start_plus_90_days) {
    Clinic clinic;
    clinic.admit_lines(native_lines(steroid_course), noon("2024-01-02"));
    clinic.pass_to(*model::parse_instant("2024-03-30T23:59:59Z"));
    EXPECT_THAT(feed_of(clinic, "steroid-5mg-90d"), testing::IsEmpty());
    clinic.pass_to(*model::parse_instant("2024-03-31"));
    EXPECT_THAT(feed_of(clinic, "steroid-5mg-90d"), testing::ElementsAre("2024-03-31T00:00:00Z raised"));
}

TEST(TimeAlone, a_missing_test_raises_on_its_due_day) {
    Clinic clinic;
    clinic.admit_lines(native_lines(thyroid_hormone), noon("2024-10-28"));
    clinic.pass_to(noon("2025-02-03"));
    EXPECT_THAT(feed_of(clinic, "levothyroxine-no-tsh"), testing::IsEmpty());
    clinic.pass_to(noon("2025-02-04"));
    EXPECT_THAT(feed_of(clinic, "levothyroxine-no-tsh"), testing::ElementsAre("2025-02-04T00:00:00Z raised"));
}

TEST(TimeAlone, a_process_stopped_over_the_day_raises_as_of_that_day) {
    for (const auto& [story, monitor, raised] :
         {std::tuple{steroid_course, "steroid-5mg-90d", "2024-03-31T00:00:00Z raised"},
          std::tuple{thyroid_hormone, "levothyroxine-no-tsh", "2025-02-04T00:00:00Z raised"}}) {
        Clinic clinic;
        clinic.admit_lines(native_lines(story), noon("2024-01-02"));
        clinic.restart();
        clinic.pass_to(noon("2025-02-10"));
        ASSERT_FALSE(feed_of(clinic, monitor).empty());
        EXPECT_EQ(feed_of(clinic, monitor).front(), raised);
    }
}

TEST(TimeAlone, a_fact_that_comes_first_after_the_stop_finds_the_timers_fired) {
    Clinic clinic;
    clinic.admit_lines(native_lines(steroid_course), noon("2024-01-02"));
    clinic.restart();
    clinic.admit_lines(native_lines("2024-04-05 L9 tsh 1.0"), noon("2024-04-05"));
    EXPECT_THAT(feed_of(clinic, "steroid-5mg-90d"), testing::ElementsAre("2024-03-31T00:00:00Z raised"));
}

TEST(Backfill, loading_patients_are_stored_and_told_once_after_settling) {
    Clinic clinic;
    const Instant now = noon("2024-06-10");
    clinic.admit_lines(native_lines("2024-01-15 L1 tsh 0.05"), now, true);
    clinic.admit_lines(native_lines("2024-04-18 L2 tsh 0.05"), now + std::chrono::minutes(5), true);
    EXPECT_THAT(clinic.feed(), testing::IsEmpty());
    clinic.restart();
    clinic.admit_lines(native_lines("2024-05-20 L3 tsh 0.2"), now + std::chrono::minutes(9), true);
    clinic.pass_to(now + std::chrono::minutes(18));
    EXPECT_THAT(clinic.feed(), testing::IsEmpty());
    clinic.pass_to(now + std::chrono::minutes(19));
    EXPECT_THAT(feed_of(clinic, "tsh-suppressed"), testing::ElementsAre("2024-06-10T12:19:00Z raised"));
    clinic.pass_to(now + std::chrono::hours(2400));
    EXPECT_EQ(feed_of(clinic, "tsh-suppressed").size(), 1u);
}

TEST(Backfill, history_is_recorded_and_never_told) {
    Clinic clinic;
    const Instant now = noon("2024-06-10");
    clinic.admit_lines(native_lines("2020-01-15 L1 tsh 0.05\n2020-04-18 L2 tsh 0.05\n2020-05-20 L3 tsh 1.0"), now,
                       true);
    clinic.pass_to(now + std::chrono::hours(1));
    EXPECT_THAT(clinic.feed(), testing::IsEmpty());
    const auto monitor = shipped_revision()->catalogue->find(model::MonitorId("tsh-suppressed"));
    const auto& told = clinic.patient("nhs:9990000018").told[*monitor];
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told.front().state, alerts::AlertState::historic);
}

TEST(Backfill, a_withdrawal_after_loading_names_the_facts_across_a_restart) {
    const auto run = [](bool restarts) {
        Clinic clinic;
        clinic.admit_lines(native_lines("2024-01-15 L1 tsh 0.05\n2024-04-18 L2 tsh 0.05"), noon("2024-04-19"));
        clinic.admit_lines(native_lines("2024-04-20 R1 retract L2"), noon("2024-04-20"), true);
        if (restarts)
            clinic.restart();
        clinic.pass_to(noon("2024-04-21"));
        return clinic.feed();
    };
    ASSERT_EQ(run(false).size(), 2u);
    EXPECT_THAT(run(false).back(), testing::HasSubstr(R"("changed":["L2"])"));
    EXPECT_EQ(run(true), run(false));
}

} // namespace
} // namespace bonewatch::daemon
