#include "tests/daemon/story.h"

#include <gmock/gmock.h>

namespace bonewatch::daemon {
namespace {

/// One row of the design's table of what is told, as a story.
struct Row {
    std::string name;
    std::string story;
    std::string told;
    std::string until = "2024-12-31";
    std::string monitor = "tsh-suppressed";
};

const std::vector<Row> rows{
    {"an_episode_not_yet_told_is_raised",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04)",
     "2024-04-15 raised warning A since 2024-04-15 by L1 L2"},
    {"new_evidence_is_an_update",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-06-03 L3 tsh 0.03)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-06-03 updated warning A since 2024-06-03 by L1 L2 L3)"},
    {"higher_severity_is_an_escalation",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-05-01 C1 condition hip-fracture)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-01 escalated urgent A since 2024-05-01 by L1 L2)"},
    {"lower_severity_is_an_update",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-05-01 C1 condition hip-fracture
        2024-06-01 R1 retract C1)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-01 escalated urgent A since 2024-05-01 by L1 L2
        2024-06-01 updated warning A since 2024-04-15 by L1 L2)"},
    {"repeats_of_one_local_day_are_one_update",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-06-03 L3 tsh 0.03 at 09:00
        2024-06-03 L4 tsh 0.02 at 15:00
        2024-06-04 L5 tsh 0.02 at 15:00)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-06-03 updated warning A since 2024-06-03 by L1 L2 L3
        2024-06-04 updated warning A since 2024-06-04 by L1 L2 L3 L4 L5)"},
    {"a_closed_episode_is_resolved_as_cleared",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-05-20 L3 tsh 0.6)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-20 resolved warning A since 2024-05-20 by L1 L2, cleared)"},
    {"an_excluded_episode_is_resolved_as_no_longer_applying",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-05-20 C1 condition thyroid-cancer)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-20 resolved warning A since 2024-05-20 by L1 L2, no longer applies)"},
    {"an_episode_open_again_is_raised_with_the_same_id",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-05-20 L3 tsh 0.6
        2024-05-20 L3 tsh 0.06 version 2 arrives 2024-06-10)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-20 resolved warning A since 2024-05-20 by L1 L2, cleared
        2024-06-10 raised warning A since 2024-04-15 by L1 L2 L3)"},
    {"a_second_episode_is_another_alert",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-05-20 L3 tsh 0.6
        2024-06-10 L4 tsh 0.05
        2024-10-10 L5 tsh 0.05)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-20 resolved warning A since 2024-05-20 by L1 L2, cleared
        2024-10-10 raised warning B since 2024-10-10 by L4 L5)"},
    {"an_open_alert_without_episode_is_withdrawn_naming_the_change",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-06-01 R1 retract L2)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-06-01 withdrawn warning A since 2024-06-01 by L1 L2, changed L2)"},
    {"a_resolved_alert_without_episode_is_withdrawn_too",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2024-05-20 L3 tsh 0.6
        2024-01-10 L1 tsh 0.5 version 2 arrives 2024-06-01)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-20 resolved warning A since 2024-05-20 by L1 L2, cleared
        2024-06-01 withdrawn warning A since 2024-06-01 by L1 L2, changed L1)"},
    {"what_is_over_when_first_learnt_is_not_told",
     R"(2024-01-10 L1 tsh 0.05 arrives 2024-06-01
        2024-04-15 L2 tsh 0.04 arrives 2024-06-01
        2024-05-20 L3 tsh 0.6  arrives 2024-06-01)",
     ""},
    {"what_is_stale_when_first_learnt_is_not_told",
     R"(2022-10-01 L1 tsh 0.05 arrives 2024-02-15
        2023-01-10 L2 tsh 0.04 arrives 2024-02-15)",
     ""},
    {"what_is_just_fresh_is_told",
     R"(2022-10-01 L1 tsh 0.05 arrives 2024-02-14
        2023-01-10 L2 tsh 0.04 arrives 2024-02-14)",
     "2024-02-14 raised warning A since 2023-01-10 by L1 L2"},
    {"what_is_stale_is_told_when_a_new_fact_supports_it",
     R"(2022-10-01 L1 tsh 0.05 arrives 2024-02-15
        2023-01-10 L2 tsh 0.04 arrives 2024-02-15
        2024-02-13 L3 tsh 0.03 arrives 2024-02-16)",
     "2024-02-16 raised warning A since 2024-02-13 by L2 L3"},
    {"what_was_told_stays_open_in_silence",
     R"(2022-10-01 L1 tsh 0.05
        2023-01-10 L2 tsh 0.04)",
     "2023-01-10 raised warning A since 2023-01-10 by L1 L2"},
    {"late_facts_and_corrections_keep_the_id",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04
        2023-12-01 L0 tsh 0.05 arrives 2024-05-01
        2024-04-15 L2 tsh 0.03 version 2 arrives 2024-05-10
        2023-11-01 L9 tsh 0.05 arrives 2024-05-20)",
     R"(2024-04-15 raised warning A since 2024-04-15 by L1 L2
        2024-05-10 updated warning A since 2024-04-15 by L1 L2)"},
    {"an_opening_moved_by_a_late_fact_is_an_update",
     R"(2015-01-01 C1 condition rheumatoid-arthritis arrives 2024-02-01
        2020-06-01 D1 procedure dxa arrives 2024-02-02)",
     R"(2024-02-01 raised warning A since 2016-01-01 by C1
        2024-02-02 updated warning A since 2023-06-02 by C1)",
     "2024-06-01", "ra-over-1y-no-bone-assessment"},
    {"an_opening_moved_within_its_day_is_no_update",
     R"(2024-01-10 L1 tsh 0.05
        2024-04-15 L2 tsh 0.04 at 15:00
        2024-04-15 L3 tsh 0.05 at 09:00 arrives 2024-04-16)",
     "2024-04-15 raised warning A since 2024-04-15 by L1 L2"},
    {"other_numbers_on_the_same_evidence_are_an_update",
     R"(patient {"sex":"female","born":"1958-07-14","registered":"2010-01-01"}
        2022-03-01 P1 supply omeprazole oral 20 mg 400 d strength 20mg
        2023-04-05 P2 supply omeprazole oral 20 mg 400 d strength 20mg
        2022-01-01 P0 supply omeprazole oral 20 mg 59 d strength 20mg arrives 2023-10-10)",
     R"(2023-03-01 raised info A since 2023-03-01 by P1
        2023-07-14 escalated warning A since 2023-07-14 by P1 P2
        2023-10-10 updated warning A since 2023-07-14 by P1 P2)",
     "2023-12-31", "long-term-bone-harming-drug/ppi"},
    {"a_list_of_missing_tests_that_grows_shorter_is_an_update",
     R"(2024-01-01 C1 condition coeliac
        2024-02-01 L1 pth 4
        2024-02-02 L2 pth 4
        2024-02-03 L3 tsh 2
        2024-03-01 L4 vitd25 80
        2024-03-10 L5 calcium-adj 2.3)",
     R"(2024-01-01 raised info A since 2024-01-01 by C1
        2024-02-01 updated info A since 2024-02-01 by C1
        2024-03-01 updated info A since 2024-03-01 by C1
        2024-03-10 resolved info A since 2024-03-10 by C1, cleared)",
     "2024-06-01", "malabsorption-no-bone-bloods"},
    {"what_was_told_keeps_its_episode_before_what_was_not",
     R"(patient {"sex":"female","born":"1958-07-14","registered":"2010-01-01"}
        2015-01-01 C1 condition rheumatoid-arthritis arrives 2024-02-01
        2020-06-01 D1 procedure dxa arrives 2024-02-01
        2024-05-01 R1 retract D1)",
     R"(2024-02-01 raised warning A since 2023-06-02 by C1
        2024-05-01 updated warning A since 2016-01-01 by C1)",
     "2024-06-01", "ra-over-1y-no-bone-assessment"},
    {"an_open_alert_joined_with_an_untold_episode_before_it_is_updated",
     R"(2023-01-01 L1 tsh 0.05 arrives 2023-06-01
        2023-04-05 L2 tsh 0.05 arrives 2023-06-01
        2023-05-01 L3 tsh 0.5  arrives 2023-06-01
        2023-08-01 L4 tsh 0.05
        2023-11-05 L5 tsh 0.05
        2023-12-01 R1 retract L3)",
     R"(2023-11-05 raised warning A since 2023-11-05 by L4 L5
        2023-12-01 updated warning A since 2023-04-05 by L4 L5)"},
    {"a_resolved_alert_joined_with_an_untold_episode_before_it_stays_resolved",
     R"(2023-01-01 L1 tsh 0.05 arrives 2023-06-01
        2023-04-05 L2 tsh 0.05 arrives 2023-06-01
        2023-05-01 L3 tsh 0.5  arrives 2023-06-01
        2023-08-01 L4 tsh 0.05
        2023-11-05 L5 tsh 0.05
        2023-11-20 L6 tsh 0.6
        2023-12-01 R1 retract L3)",
     R"(2023-11-05 raised warning A since 2023-11-05 by L4 L5
        2023-11-20 resolved warning A since 2023-11-20 by L4 L5, cleared)"},
    {"an_open_alert_keeps_its_episode_before_a_resolved_one",
     R"(2023-01-01 L1 tsh 0.05
        2023-04-05 L2 tsh 0.05
        2023-05-01 L3 tsh 0.5
        2023-08-01 L4 tsh 0.05
        2023-11-05 L5 tsh 0.05
        2023-12-01 R1 retract L3)",
     R"(2023-04-05 raised warning A since 2023-04-05 by L1 L2
        2023-05-01 resolved warning A since 2023-05-01 by L1 L2, cleared
        2023-11-05 raised warning B since 2023-11-05 by L4 L5
        2023-12-01 withdrawn warning A since 2023-12-01 by L1 L2, changed L3
        2023-12-01 updated warning B since 2023-04-05 by L4 L5)"},
    {"january_april_may_in_order_is_open",
     R"(2024-01-15 L1 tsh 0.05
        2024-04-18 L2 tsh 0.05
        2024-05-20 L3 tsh 0.2)",
     "2024-04-18 raised warning A since 2024-04-18 by L1 L2"},
    {"january_april_may_all_at_once_in_june_is_open_and_told_once",
     R"(2024-01-15 L1 tsh 0.05 arrives 2024-06-10
        2024-04-18 L2 tsh 0.05 arrives 2024-06-10
        2024-05-20 L3 tsh 0.2  arrives 2024-06-10)",
     "2024-06-10 raised warning A since 2024-04-18 by L1 L2"},
};

class Told : public testing::TestWithParam<Row> {};

TEST_P(Told, says_what_the_table_says) {
    const Row& row = GetParam();
    EXPECT_EQ(told(row.story, row.monitor, row.until), lines_of(row.told));
}

TEST_P(Told, a_second_replay_says_the_same) {
    const Row& row = GetParam();
    EXPECT_EQ(told(row.story, row.monitor, row.until), told(row.story, row.monitor, row.until));
}

INSTANTIATE_TEST_SUITE_P(Rows, Told, testing::ValuesIn(rows), [](const auto& one) { return one.param.name; });

} // namespace
} // namespace bonewatch::daemon
