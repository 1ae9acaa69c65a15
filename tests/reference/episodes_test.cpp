#include "tests/reference/timeline_text.h"

#include <gmock/gmock.h>

namespace bonewatch::reference {
namespace {

struct Case {
    const char* name;
    const char* monitor;
    const char* events;
    const char* expect;
    int until;
};

class Timelines : public testing::TestWithParam<Case> {};

TEST_P(Timelines, come_out_right) {
    const auto timeline = read_timeline(GetParam().events, GetParam().expect, GetParam().until);
    ASSERT_TRUE(timeline) << timeline.error().message;
    EXPECT_EQ(to_text(transitions(*timeline, GetParam().monitor)), to_text(timeline->expect));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Timelines,
    testing::Values(
        Case{"january_april_may_stays_open", "tsh-suppressed",
             "patient female born 1975-03-01\n0 tsh 0.05\n90 tsh 0.05\n120 tsh 0.2", "90 raised warning", 200},
        Case{"the_same_known_all_at_once_in_june", "tsh-suppressed",
             "patient female born 1975-03-01\n0 tsh 0.05 recorded 150\n90 tsh 0.05 recorded 150\n120 tsh 0.2 recorded "
             "150",
             "90 raised warning", 200},
        Case{"excluded_closes_and_may_open_again", "tsh-suppressed",
             "patient female born 1975-03-01\n0 tsh 0.05\n90 tsh 0.05\n100 condition thyroid-cancer until 110",
             "90 raised warning\n100 resolved\n111 raised warning", 200},
        Case{"death_excludes", "tsh-suppressed",
             "patient female born 1975-03-01 died 2023-05-01\n0 tsh 0.05\n90 tsh 0.05",
             "90 raised warning\n119 resolved", 200},
        Case{"cleared_while_true_rests_until_not_true", "fracture-on-thyroid-hormone",
             "patient female born 1955-03-01\n-20 supply levothyroxine 100 ug 28 d\n0 condition hip-fracture\n"
             "5 tsh 1.0\n10 procedure dxa",
             "0 raised urgent\n10 resolved", 300},
        Case{"both_of_one_date_must_be_normal_to_clear", "tsh-suppressed",
             "patient female born 1975-03-01\n0 tsh 0.05\n90 tsh 0.05\n120 08:00 tsh 0.3\n120 10:00 tsh 0.5\n130 tsh "
             "0.5",
             "90 raised warning\n130 resolved", 200},
        Case{"palliative_care_lowers_to_info", "tsh-suppressed",
             "patient female born 1975-03-01\n0 tsh 0.05\n90 tsh 0.05\n80 condition palliative-care", "90 raised info",
             200},
        Case{"a_birthday_escalates", "tsh-suppressed", "patient female born 1958-05-01\n0 tsh 0.05\n90 tsh 0.05",
             "90 raised warning\n119 escalated urgent", 200},
        Case{"a_pregnant_sample_cannot_be_read", "tsh-suppressed",
             "patient female born 1985-03-01\n0 tsh 0.05\n90 tsh 0.05\n50 condition pregnancy until 60", "", 200},
        Case{"not_observable_is_not_missing", "ra-over-1y-no-bone-assessment",
             "patient female born 1955-03-01 registered -700\n0 condition rheumatoid-arthritis", "395 raised warning",
             500},
        Case{"a_dose_of_yesterday_closes_by_bisphosphonate", "denosumab-overdue",
             "patient female born 1955-03-01\n0 given denosumab 60 mg\n200 supply alendronic-acid 10 mg 28 d",
             "183 raised info\n200 resolved\n288 raised urgent", 400}),
    [](const auto& one) { return one.param.name; });

} // namespace
} // namespace bonewatch::reference
