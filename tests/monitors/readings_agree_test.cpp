#include "tests/monitors/both_readings.h"
#include "tests/monitors/shipped_catalogue.h"
#include "tests/monitors/watched.h"
#include "tests/reference/standing_facts.h"
#include "tests/reference/timeline_text.h"

#include <gmock/gmock.h>

namespace bonewatch::monitors {
namespace {

/// What the two readings once answered differently: a timeline, and the episodes that both must find.
struct Timeline {
    std::string name;
    std::string monitor;
    std::string events;
    std::string episodes;   ///< As `told_in_short` writes them. Day 0 is 2023-01-02, results are taken at 09:00.
    std::string east = {};  ///< Id of a fact whose clock is eleven hours ahead of UTC.
    std::string month = {}; ///< Id of a fact of which only the month is known.
};

model::ClinicalTime month_of(model::Date date) {
    const std::chrono::year_month_day day(date);
    model::ClinicalTime out;
    out.date = day.year() / day.month() / 1;
    out.date_last = model::Date(day.year() / day.month() / std::chrono::last);
    out.instant = out.date;
    return out;
}

class Readings : public testing::TestWithParam<Timeline> {};

TEST_P(Readings, agree) {
    const auto timeline = reference::read_timeline(GetParam().events, "", {});
    ASSERT_TRUE(timeline) << timeline.error().message;
    std::vector<reference::AdmittedEvent> admitted;
    for (const reference::Told& one : timeline->events) {
        admitted.push_back({one.event, model::PatientNumber{1}});
        if (one.event.key.id.text == GetParam().east)
            admitted.back().event.at.instant -= std::chrono::hours(11);
        if (one.event.key.id.text == GetParam().month)
            admitted.back().event.at = month_of(one.event.at.date);
    }
    const auto facts = reference::standing_facts(admitted, model::PatientNumber{1});
    const model::Instant now = timeline->day0 + model::Days(timeline->end);

    const auto naive = reference::episodes(facts, now, reference::shipped_catalogue().only({GetParam().monitor}));
    EXPECT_EQ(text_of(naive.at(GetParam().monitor)), GetParam().episodes) << "the reference";

    const Catalogue& catalogue = *all_enabled().catalogue;
    const auto monitor = catalogue.find(model::MonitorId(GetParam().monitor));
    ASSERT_TRUE(monitor);
    Watch watch(catalogue);
    set_all(watch, facts);
    watch.advance(now);
    EXPECT_EQ(told_in_short(watch, *monitor), GetParam().episodes) << "the engine";
}

INSTANTIATE_TEST_SUITE_P(
    Once, Readings,
    testing::Values(
        // Whatever the disputed weight was: the highest of those before was at least 75 kg.
        Timeline{"a_baseline_that_cannot_be_read_leaves_the_drop_from_the_others", "weight-loss",
                 "patient female born 1970-03-01\n-100 weight 80\n0 weight 75\n30 weight 80 id=A\n"
                 "30 weight 79 id=A version=1\n200 weight 70",
                 "2023-07-21T09:00:00Z to now info@2023-07-21T09:00:00Z\n"},
        // Whether it was there on that date, nobody can say: it neither extends the run nor ends
        // it, also where the condition has nothing to compare it with.
        Timeline{"a_disputed_sample_without_a_baseline_does_not_end_a_run", "weight-loss",
                 "patient female born 1970-03-01\n-300 weight 80\n0 weight 75\n70 weight 80 id=A\n"
                 "70 weight 79 id=A version=1\n200 weight 70",
                 "2023-07-21T09:00:00Z to now info@2023-07-21T09:00:00Z\n"},
        // In its own condition a sample is there, though its local date is ahead: 12 cm less cannot be true of anybody.
        Timeline{"a_sample_whose_date_is_ahead_is_seen_by_its_own_condition", "height-loss",
                 "patient female born 1960-03-01\n-400 height 174\n0 height 172\n90 08:00 height 160 id=A", "", "A"},
        // What was injected was injected: unlike tablets it does not wait for its local date.
        Timeline{"a_single_dose_whose_date_is_ahead_is_a_course_at_once", "steroid-frequent-courses",
                 "patient female born 1960-03-01\n0 supply prednisolone 40 mg 7 d\n60 supply prednisolone 40 mg 7 d\n"
                 "120 supply prednisolone 40 mg 7 d\n200 given methylprednisolone 40 mg route=intramuscular id=A",
                 "2023-07-20T13:00:00Z to now info@2023-07-20T13:00:00Z\n", "A"},
        // Whichever day of February it was given on, there was no dose after it.
        Timeline{"a_dose_of_a_partial_date_does_not_stand_after_itself", "denosumab-overdue",
                 "patient female born 1960-03-01\n30 given denosumab 60 mg id=A\n250 procedure dxa",
                 "2023-08-30T00:00:00Z to now info@2023-08-30T00:00:00Z urgent@2023-09-29T00:00:00Z\n", "", "A"},
        // What closes it on its first day holds it back for that day alone.
        Timeline{"what_is_cleared_on_the_day_of_opening_opens_on_the_next", "long-term-bone-harming-drug/glitazone",
                 "patient female born 1960-03-01\n0 supply pioglitazone 30 mg 100 d x5\n365 procedure dxa",
                 "2024-01-03T00:00:00Z to now info@2024-01-03T00:00:00Z\n"},
        // Whatever the disputed result was, no low IgA was near it: nothing is deficient, and the newest one is normal.
        Timeline{
            "a_disputed_result_that_meets_no_condition_in_any_case_is_no_event", "coeliac-serology-unresolved",
            "patient female born 1980-03-01\n0 ttg-iga 30 U/mL normal_high=10\n100 ttg-iga 5 U/mL normal_high=10 id=A\n"
            "100 ttg-iga 4 U/mL normal_high=10 id=A version=1\n150 ttg-iga 5 U/mL normal_high=10",
            "2023-04-02T00:00:00Z to 2023-06-01T09:00:00Z warning@2023-04-02T00:00:00Z\n"}),
    [](const auto& one) { return one.param.name; });

} // namespace
} // namespace bonewatch::monitors
