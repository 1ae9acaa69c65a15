#include "daemon/monitor_tests.h"

#include <gmock/gmock.h>

namespace bonewatch::daemon {
namespace {

/// A monitor whose dates move with now, and what time alone makes of it: it is looked at again on the day on which its
/// answer changes. Events and expected transitions as in monitor files.
struct Moving {
    const char* name;
    const char* when;
    const char* events;
    const char* expect;
};

const Moving cases[] = {
    {"an_event_enters_by_the_end_and_leaves_by_the_beginning", "count(dxa, from: now - 30 d, to: now - 10 d) >= 1",
     "0 procedure dxa", "10 raised warning\n31 resolved"},
    {"of_two_the_later_one_holds_it", "count(dxa, from: now - 30 d) >= 1", "0 procedure dxa\n20 procedure dxa",
     "0 raised warning\n51 resolved"},
    {"each_that_leaves_is_counted", "count(dxa, from: now - 30 d) = 1", "0 procedure dxa\n20 procedure dxa",
     "0 raised warning\n20 resolved\n31 raised warning\n51 resolved"},
    {"months_are_calendar_steps", // 2023-01-02 + 1 mo + 1 d = 2023-02-03
     "count(dxa, from: now - 1 mo) >= 1", "0 procedure dxa", "0 raised warning\n32 resolved"},
    {"an_anchor_comes_into_its_window", "now >= first(dxa, from: now - 30 d, to: now - 10 d) + 15 d", "0 procedure dxa",
     "15 raised warning\n31 resolved"},
    {"a_test_is_missing_from_the_day_after_it_left", "missing(tsh, from: now - 30 d)",
     "patient female born 1955-03-01 registered -365\n-20 tsh 1.0\n0 procedure dxa", "11 raised warning"},
    {"a_test_is_missing_until_it_enters", "missing(tsh, from: now - 30 d, to: now - 10 d)",
     "patient female born 1955-03-01 registered -365\n0 tsh 1.0", "0 raised warning\n10 resolved\n31 raised warning"},
    {"nobody_could_have_seen_it_before_the_registration", "missing(tsh, from: now - 30 d)",
     "patient female born 1955-03-01 registered -10\n0 procedure dxa", "20 raised warning"},
    {"a_value_grows_too_old", "latest(tsh, from: now - 30 d) < 0.1 mU/L", "0 tsh 0.05",
     "0 raised warning\n31 resolved"},
    {"the_first_covered_day_enters", "count(prednisolone, to: now - 10 d) >= 1", "0 supply prednisolone 5 mg 60 d",
     "10 raised warning"},
    {"the_last_covered_day_leaves", "count(prednisolone, from: now - 10 d) >= 1", "0 supply prednisolone 5 mg 20 d",
     "0 raised warning\n30 resolved"},
    {"a_beginning_enters", "count(started(prednisolone), from: now - 30 d, to: now - 10 d) >= 1",
     "0 supply prednisolone 5 mg 20 d", "10 raised warning\n31 resolved"},
    {"a_past_date_reaches_a_fact", "at(now - 10 d, known(osteoporosis))", "0 condition osteoporosis until 20",
     "10 raised warning\n31 resolved"},
    {"a_past_date_reaches_a_dose", "at(now - 10 d, average_dose(prednisolone, over: 1 d)) >= 5 mg",
     "0 supply prednisolone 5 mg 20 d", "10 raised warning\n30 resolved"},
};

/// Each day that a drug covers is an event.
const Moving covered_days[] = {
    {"are_counted", "count(prednisolone, within: 30 d) >= 20", "0 supply prednisolone 5 mg 25 d",
     "19 raised warning\n36 resolved"},
    {"are_counted_over_two_supplies", "count(prednisolone, from: now - 30 d) >= 20",
     "0 supply prednisolone 5 mg 10 d\n15 supply prednisolone 5 mg 20 d", "24 raised warning\n46 resolved"},
    {"are_counted_once_where_products_add", "count(prednisolone, within: 60 d) > 10",
     "0 supply prednisolone 5 mg 10 d\n0 supply prednisolone 1 mg 10 d", ""},
    {"have_a_first", "now >= first(prednisolone, within: 100 d) + 10 d", "0 supply prednisolone 5 mg 25 d",
     "10 raised warning\n125 resolved"},
    {"have_a_last", "now >= last(prednisolone, within: 100 d) + 10 d", "0 supply prednisolone 5 mg 25 d",
     "34 raised warning\n125 resolved"},
};

class MovingDates : public testing::TestWithParam<Moving> {};

TEST_P(MovingDates, are_looked_at_again_when_the_answer_changes) {
    auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
    ASSERT_TRUE(files);
    std::erase_if(*files, [](const auto& file) { return file.first.starts_with("monitors/"); });
    (*files)["monitors/moving.toml"] = "id = \"moving\"\ntitle = \"Moving\"\nwhen = \"" + std::string(GetParam().when) +
                                       "\"\nseverity = [ { level = \"warning\" } ]\nadvice = \"Look.\"\n"
                                       "source = \"None\"\n";
    monitors::Definition::Test test;
    test.name = GetParam().name;
    test.events = GetParam().events;
    test.expect = GetParam().expect;
    const MonitorTestOutcome outcome =
        MonitorTests(std::move(*files), std::chrono::minutes(10)).run(model::MonitorId("moving"), test);
    EXPECT_EQ(outcome.trouble, "");
    EXPECT_EQ(outcome.told, outcome.expected);
}

std::string name_of(const testing::TestParamInfo<Moving>& one) {
    return one.param.name;
}

INSTANTIATE_TEST_SUITE_P(Cases, MovingDates, testing::ValuesIn(cases), name_of);
INSTANTIATE_TEST_SUITE_P(CoveredDays, MovingDates, testing::ValuesIn(covered_days), name_of);

} // namespace
} // namespace bonewatch::daemon
