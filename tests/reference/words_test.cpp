#include "tests/reference/seen.h"

#include <gmock/gmock.h>

namespace bonewatch::reference {
namespace {

constexpr Truth yes = Truth::yes;
constexpr Truth no = Truth::no;
constexpr Truth unknown = Truth::unknown;

struct Case {
    const char* name;
    const char* events;
    int day;
    const char* expression;
    Truth answer;
    std::set<std::string> disputed{};
    bool is_clearing = false;
};

class Words : public testing::TestWithParam<Case> {};

TEST_P(Words, answer) {
    const Case& one = GetParam();
    EXPECT_EQ(Seen(one.events, one.day, one.disputed).says(one.expression, one.is_clearing), one.answer)
        << one.events << "\n"
        << one.expression;
}

std::string name_of(const testing::TestParamInfo<Case>& one) {
    return one.param.name;
}

const char* const heights = "0 height 165\n90 height 163";
const char* const scans = "0 bmd-hip 1.0 device=A\n400 bmd-hip 0.9 device=A";
const char* const other_scanner = "0 bmd-hip 1.0 device=A\n400 bmd-hip 0.9 device=B";

INSTANTIATE_TEST_SUITE_P(
    Changes, Words,
    testing::Values(
        Case{"drop_reaches", heights, 90, "drop(height, over: 90 d to 1095 d) >= 2 cm", yes},
        Case{"drop_below", heights, 90, "drop(height, over: 90 d to 1095 d) > 2 cm", no},
        Case{"drop_baseline_too_young", heights, 90, "drop(height, over: 91 d to 1095 d) >= 0 cm", no},
        Case{"drop_of_nothing_is_not_below", heights, 90, "drop(height, over: 91 d to 1095 d) < 2 cm", no},
        Case{"drop_newest_too_old", heights, 190, "drop(height, over: 1 d to 1 y, within: 99 d) >= 2 cm", no},
        Case{"drop_newest_just_within", heights, 190, "drop(height, over: 1 d to 1 y, within: 100 d) >= 2 cm", yes},
        Case{"drop_takes_the_highest", "0 height 160\n10 height 165\n90 height 163", 90,
             "drop(height, over: 1 d to 1 y) = 2 cm", yes},
        Case{"drop_any_result_of_the_day", "0 height 165\n90 height 163\n90 height 165", 90,
             "drop(height, over: 1 d to 1 y) >= 2 cm", yes},
        Case{"drop_all_results_in_clears",
             "0 height 165\n90 height 163\n90 height 165",
             90,
             "drop(height, over: 1 d to 1 y) >= 2 cm",
             no,
             {},
             true},
        Case{"drop_not_on_its_own_day", "0 height 165\n0 height 163", 0, "drop(height, over: 0 d to 1 y) >= 2 cm", no},
        Case{"drop_disputed_newest", heights, 90, "drop(height, over: 1 d to 1 y) >= 2 cm", unknown, {"F-2"}},
        Case{"drop_disputed_baseline", heights, 90, "drop(height, over: 1 d to 1 y) >= 2 cm", unknown, {"F-1"}},
        Case{"rise_from_the_lowest", "0 weight 80\n10 weight 70\n90 weight 75", 90,
             "rise(weight, over: 1 d to 1 y) = 5 kg", yes},
        Case{"drop_percent_of_the_baseline", scans, 400, "drop_percent(bmd-hip, over: 1 y to 2 y) = 10 %", yes},
        Case{"rise_percent_of_the_baseline", "0 weight 80\n90 weight 100", 90,
             "rise_percent(weight, over: 1 d to 1 y) = 25 %", yes},
        Case{"same_device", scans, 400, "drop_percent(bmd-hip, over: 1 y to 2 y, same: device) >= 10 %", yes},
        Case{"other_device_may_count", other_scanner, 400,
             "drop_percent(bmd-hip, over: 1 y to 2 y, same: device) >= 10 %", unknown},
        Case{"other_device_cannot_reach", other_scanner, 400,
             "drop_percent(bmd-hip, over: 1 y to 2 y, same: device) >= 11 %", no},
        Case{"device_not_stated", "0 bmd-hip 1.0\n400 bmd-hip 0.9", 400,
             "drop(bmd-hip, over: 1 y to 2 y, same: device) >= 0.1 g/cm2", unknown},
        Case{"where_false_leaves_out", "0 height 165\n10 height 170 form=sitting\n90 height 163", 90,
             "drop(height, over: 1 d to 1 y, where: not form is sitting otherwise true) >= 3 cm", no},
        Case{"where_unknown_may_count", "0 height 165 form=standing\n10 height 170\n90 height 163 form=standing", 90,
             "drop(height, over: 1 d to 1 y, where: form is standing) >= 3 cm", unknown},
        Case{"trend_median_times_span", "0 hba1c 50\n90 hba1c 55.5\n180 hba1c 61", 180,
             "trend(hba1c, within: 730 d, results: 3, span: 180 d) = 11 mmol/mol", yes},
        Case{"trend_too_short", "0 hba1c 50\n90 hba1c 55.5\n179 hba1c 61", 180,
             "trend(hba1c, within: 730 d, results: 3, span: 180 d) >= 0 mmol/mol", no},
        Case{"trend_even_number_of_slopes", "0 weight 80\n10 weight 81\n20 weight 80\n30 weight 82", 30,
             "trend(weight, within: 1 y, results: 4, span: 30 d) = 1.75 kg", yes},
        Case{"trend_one_outlier", "0 hba1c 50\n90 hba1c 51\n135 hba1c 50\n180 hba1c 63", 180,
             "trend(hba1c, within: 730 d, results: 3, span: 180 d) >= 11 mmol/mol", no},
        Case{"trend_indeterminate",
             "0 hba1c 50\n90 hba1c 55.5\n180 hba1c 61",
             180,
             "trend(hba1c, within: 730 d, results: 3, span: 180 d) >= 11 mmol/mol",
             unknown,
             {"F-3"}}),
    name_of);

const char* const low = "0 tsh 0.05\n30 tsh 0.05\n60 tsh <0.5\n90 tsh 0.05";

INSTANTIATE_TEST_SUITE_P(
    Runs, Words,
    testing::Values(
        Case{"run_certain", low, 90, "count(run(tsh < 0.1 mU/L)) >= 3", yes},
        Case{"run_possible", low, 90, "count(run(tsh < 0.1 mU/L)) >= 4", unknown},
        Case{"run_impossible", low, 90, "count(run(tsh < 0.1 mU/L)) >= 5", no},
        Case{"run_is_sustained", low, 90, "sustained(tsh < 0.1 mU/L, results: 4)", unknown},
        Case{"run_broken_by_a_gap", low, 90, "count(run(tsh < 0.1 mU/L, gap: 59 d)) = 1", unknown},
        Case{"run_ends_where_it_fails", "0 tsh 0.05\n30 tsh 1\n60 tsh 0.05", 90, "count(run(tsh < 0.1 mU/L)) = 1", yes},
        Case{"run_where_at_each_day", "-5 condition pregnancy until 20\n0 tsh 0.05\n30 tsh 0.05", 40,
             "count(run(tsh < 0.1 mU/L), where: known(pregnancy)) = 1", yes},
        Case{"result_each_day", "0 tsh 0.05\n1 tsh 1\n2 tsh <0.5", 5, "count(result(tsh < 0.1 mU/L)) = 1", unknown},
        Case{"result_beside_another", "0 ttg-iga 0.1 xULN\n0 iga-total <0.07", 0,
             "count(result(ttg-iga <= 1 xULN and near(result(iga-total < 0.07 g/L), within: 30 d))) = 1", yes},
        Case{"near_looks_ahead", "0 tsh 1\n14 ft4 10", 14, "at(now - 14 d, near(ft4, within: 14 d))", yes},
        Case{"near_not_so_far", "0 tsh 1\n15 ft4 10", 15, "at(now - 15 d, near(ft4, within: 14 d))", no}),
    name_of);

const char* const four = "0 supply prednisolone 30 mg 5 d\n90 supply prednisolone 30 mg 5 d";
#define COURSES "count(course(glucocorticoid-systemic, length: 3 d to 42 d, apart: 14 d))"

INSTANTIATE_TEST_SUITE_P(
    Courses, Words,
    testing::Values(Case{"course_not_yet_long", four, 92, COURSES " = 1", yes},
                    Case{"course_long_enough", four, 93, COURSES " = 2", yes},
                    Case{"course_too_long", "0 supply prednisolone 5 mg 43 d", 43, COURSES " = 0", yes},
                    Case{"course_just_not_too_long", "0 supply prednisolone 5 mg 43 d", 42, COURSES " = 1", yes},
                    Case{"courses_apart", "0 supply prednisolone 5 mg 5 d\n19 supply prednisolone 5 mg 5 d", 30,
                         COURSES " = 2", yes},
                    Case{"courses_joined", "0 supply prednisolone 5 mg 5 d\n18 supply prednisolone 5 mg 5 d", 30,
                         COURSES " = 1", yes},
                    Case{"single_dose_at_once", "0 given prednisolone 40 mg route=intramuscular", 0,
                         "count(course(glucocorticoid-injection, length: 3 d to 42 d, apart: 14 d)) = 1", yes},
                    Case{"disputed_course", four, 100, COURSES " = 2", unknown, {"F-2"}}),
    name_of);

#define CHANGES(by) "count(dose_change(thyroid-hormone, by: " by " ug))"

INSTANTIATE_TEST_SUITE_P(
    DoseChanges, Words,
    testing::Values(
        Case{"a_step", "0 supply levothyroxine 100 ug 28 d\n28 supply levothyroxine 125 ug 28 d", 30,
             CHANGES("25") " = 1", yes},
        Case{"too_small_a_step", "0 supply levothyroxine 100 ug 28 d\n28 supply levothyroxine 125 ug 28 d", 30,
             CHANGES("26") " = 0", yes},
        Case{"one_product_late_is_no_change",
             "0 supply levothyroxine 100 ug 28 d x3\n0 supply liothyronine 20 ug 28 d\n35 supply liothyronine 20 ug 28 "
             "d",
             40, CHANGES("10") " = 0", yes},
        Case{"an_open_gap_is_no_change_yet", "0 supply levothyroxine 100 ug 28 d x3\n0 supply liothyronine 20 ug 28 d",
             41, CHANGES("10") " = 0", yes},
        Case{"a_gap_exceeded_is_one", "0 supply levothyroxine 100 ug 28 d x3\n0 supply liothyronine 20 ug 28 d", 42,
             CHANGES("10") " = 1", yes},
        Case{"dated_at_the_real_end", "0 supply levothyroxine 100 ug 28 d x3\n0 supply liothyronine 20 ug 28 d", 42,
             "now >= last(dose_change(thyroid-hormone, by: 10 ug)) + 14 d", yes},
        Case{"a_stop_is_one_at_once",
             "0 supply levothyroxine 100 ug 28 d x3\n0 supply liothyronine 20 ug 28 d\n10 stop liothyronine", 10,
             CHANGES("10") " = 1", yes},
        Case{"another_product_takes_over", "0 supply levothyroxine 100 ug 28 d\n28 supply liothyronine 20 ug 28 d", 28,
             CHANGES("10") " = 1", yes},
        Case{"starting_and_stopping_are_none", "0 supply levothyroxine 100 ug 28 d", 100, CHANGES("1") " = 0", yes}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Rest, Words,
    testing::Values(
        Case{"weights_reach", "0 condition palpitations\n0 condition fatigue", 0,
             "at_least(1.5, known(palpitations), 0.5 * known(fatigue))", yes},
        Case{"weights_do_not_reach", "0 condition palpitations\n0 condition fatigue", 0,
             "at_least(2, known(palpitations), 0.5 * known(fatigue))", no},
        Case{"weights_may_reach",
             "0 condition palpitations\n0 condition fatigue",
             0,
             "at_least(1.5, known(palpitations), 0.5 * known(fatigue))",
             unknown,
             {"F-2"}},
        Case{"incomplete_one_missing", "patient female\n0 tsh 1\n0 crp 1", 5,
             "incomplete({tsh, {crp, esr}, vitd25}, within: 10 d)", yes},
        Case{"incomplete_any_of_the_inner", "patient female\n0 tsh 1\n0 crp 1", 5,
             "incomplete({tsh, {crp, esr}}, within: 10 d)", no},
        Case{"ahead_tablets_in_hand", "0 supply prednisolone 5 mg 90 d", 60,
             "at(now + 30 d, on(prednisolone, for: 90 d))", yes},
        Case{"ahead_too_few_tablets", "0 supply prednisolone 5 mg 89 d", 60,
             "at(now + 30 d, on(prednisolone, for: 90 d))", no},
        Case{"past_as_it_was", "0 supply prednisolone 5 mg 28 d", 200, "at(now - 190 d, on(prednisolone))", yes},
        Case{"at_no_date_is_false", "0 tsh 1", 5, "at(last(hip-fracture), latest(tsh) > 0 mU/L)", no},
        Case{"at_an_unknown_date",
             "0 tsh 1\n1 condition hip-fracture",
             5,
             "at(last(hip-fracture), latest(tsh) > 0 mU/L)",
             unknown,
             {"F-2"}},
        Case{"first_where", "0 procedure oophorectomy laterality=left\n9 procedure oophorectomy laterality=bilateral",
             20, "first(oophorectomy, where: laterality is bilateral) >= now - 11 d", yes},
        Case{"first_where_unknown", "0 procedure oophorectomy", 20,
             "first(oophorectomy, where: laterality is bilateral) <= now", unknown},
        Case{"quantity_if_unknown",
             "0 tsh 1\n0 condition pregnancy",
             5,
             "latest(tsh) > (if known(pregnancy) then 0.5 mU/L else 2 mU/L)",
             unknown,
             {"F-2"}},
        Case{"quantity_if_unknown_but_alike",
             "0 tsh 3\n0 condition pregnancy",
             5,
             "latest(tsh) > (if known(pregnancy) then 0.5 mU/L else 2 mU/L)",
             yes,
             {"F-2"}},
        Case{"length_if_unknown",
             "0 tsh 3\n0 condition pregnancy",
             5,
             "latest(tsh, within: if known(pregnancy) then 4 d else 6 d) > 2 mU/L",
             unknown,
             {"F-2"}},
        Case{"age_in_arithmetic", "patient female born 1962-06-01\n0 esr 36", 5,
             "latest(esr) > (age / 1 y + 10) / 2 * 1 mm/h", yes},
        Case{"age_at_the_limit", "patient female born 1962-06-01\n0 esr 35", 5,
             "latest(esr) > (age / 1 y + 10) / 2 * 1 mm/h", no},
        Case{"otherwise_the_labs_own", "0 tsh 3 normal_high=2", 5, "latest(tsh) > (normal_high otherwise 4 mU/L)", yes},
        Case{"otherwise_where_none_is_stated", "0 tsh 3", 5, "latest(tsh) > (normal_high otherwise 4 mU/L)", no},
        Case{"narrower_conditions_are_meant", "0 condition crohns", 5, "known(ibd)", yes},
        Case{"a_class_among_events_is_its_days", "patient female\n0 supply estradiol 1 mg 28 d", 100,
             "missing(sex-hormone-replacement, within: 73 d)", no},
        Case{"the_day_after_the_last_is_missing", "patient female\n0 supply estradiol 1 mg 28 d", 100,
             "missing(sex-hormone-replacement, within: 72 d)", yes}),
    name_of);

TEST(Words, unknown_ones_are_refused) {
    const Seen seen("0 tsh 1", 1);
    EXPECT_THROW((void)seen.says("sustaned(tsh < 1 mU/L)"), Unreadable);
    EXPECT_THROW((void)seen.says("sustained(tsh < 1 mU/L, resuls: 2)"), Unreadable);
    EXPECT_THROW((void)seen.says("known(nothing-of-the-kind)"), Unreadable);
    EXPECT_THROW((void)seen.says("latest(tsh) < 1 mg"), Unreadable);
    EXPECT_THROW((void)seen.says("latest(tsh)"), Unreadable);
    EXPECT_THROW((void)seen.says("drop_percent(tscore-hip, over: 1 d to 2 d) > 5 %"), Unreadable);
    EXPECT_THROW((void)seen.says("known(osteoporosis) known(dxa)"), Unreadable);
}

} // namespace
} // namespace bonewatch::reference
