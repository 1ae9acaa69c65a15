#include "tests/reference/seen.h"

#include <gmock/gmock.h>

namespace bonewatch::reference {
namespace {

const std::string steroid = "glucocorticoid-systemic";

int last_covered_day(std::string_view events, const std::string& drug_class = steroid) {
    int last = -1000;
    for (int day = 0; day < 500; ++day)
        if (Seen(events, day).says("on(" + drug_class + ", within: 0 d)") == Truth::yes)
            last = day;
    return last;
}

struct Case {
    const char* name;
    const char* events;
    int last_covered;
};

class Cover : public testing::TestWithParam<Case> {};

TEST_P(Cover, ends_on_the_day) {
    EXPECT_EQ(last_covered_day(GetParam().events), GetParam().last_covered);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Cover,
    testing::Values(
        Case{"half_open", "0 supply prednisolone 5 mg 28 d", 27},
        Case{"same_dose_pushes_forward", "0 supply prednisolone 5 mg 28 d\n20 supply prednisolone 5 mg 28 d", 55},
        Case{"stockpile_is_capped_at_30_days", "0 supply prednisolone 5 mg 100 d\n10 supply prednisolone 5 mg 80 d",
             119},
        Case{"a_short_pack_never_shortens", "0 supply prednisolone 5 mg 100 d\n10 supply prednisolone 5 mg 7 d", 99},
        Case{"another_dose_replaces_the_rest", "0 supply prednisolone 5 mg 100 d\n10 supply prednisolone 10 mg 7 d",
             16},
        Case{"a_stop_truncates", "0 supply prednisolone 5 mg 28 d\n10 stop prednisolone", 9},
        Case{"a_stop_voids_the_carry_over",
             "0 supply prednisolone 5 mg 28 d\n10 stop prednisolone\n12 supply prednisolone 5 mg 7 d", 18},
        Case{"a_stop_comes_before_a_supply_of_its_date",
             "0 supply prednisolone 5 mg 28 d\n12 supply prednisolone 5 mg 7 d\n12 stop prednisolone", 18},
        Case{"a_stop_of_another_drug_is_nothing", "0 supply prednisolone 5 mg 28 d\n10 stop levothyroxine", 27},
        Case{"replacement_is_exempt", "-5 condition adrenal-insufficiency\n0 supply hydrocortisone 30 mg 28 d", -1000},
        Case{"more_than_replacement_is_not", "-5 condition adrenal-insufficiency\n0 supply hydrocortisone 31 mg 28 d",
             27},
        Case{"replacement_only_once_it_is_known",
             "10 condition adrenal-insufficiency\n0 supply hydrocortisone 20 mg 28 d", 9}),
    [](const auto& one) { return one.param.name; });

TEST(Exposure, length_reaches_ninety_at_start_plus_ninety) {
    const auto is_on_for_90 = [](const char* days, int day) {
        return Seen("0 supply prednisolone 5 mg " + std::string(days) + " d", day)
            .says("on(" + steroid + ", for: 90 d, gap: 14 d)");
    };
    EXPECT_EQ(is_on_for_90("90", 89), Truth::no);
    EXPECT_EQ(is_on_for_90("90", 90), Truth::yes);
    EXPECT_EQ(is_on_for_90("90", 103), Truth::yes);
    EXPECT_EQ(is_on_for_90("90", 104), Truth::no);
    EXPECT_EQ(is_on_for_90("89", 95), Truth::no);
}

TEST(Exposure, gap_past_limit_splits) {
    const auto starts = [](int second) {
        return Seen("0 supply prednisolone 5 mg 28 d\n" + std::to_string(second) + " supply prednisolone 5 mg 28 d",
                    second + 5)
            .says("count(started(" + steroid + ")) = 2");
    };
    EXPECT_EQ(starts(28 + 14), Truth::no);
    EXPECT_EQ(starts(28 + 15), Truth::yes);
}

TEST(Exposure, stopped_once_the_gap_is_exceeded) {
    const auto stops = [](const std::string& events, int day) {
        return Seen(events, day).says("count(stopped(" + steroid + "), from: now - 14 d, to: now - 14 d) = 1");
    };
    EXPECT_EQ(stops("0 supply prednisolone 5 mg 28 d", 41), Truth::no);
    EXPECT_EQ(stops("0 supply prednisolone 5 mg 28 d", 42), Truth::yes);
    EXPECT_EQ(stops("0 supply prednisolone 5 mg 28 d\n20 stop prednisolone", 34), Truth::yes);
}

TEST(Exposure, products_add_and_bridged_days_leave_the_mean_alone) {
    const Seen two("0 supply prednisolone 5 mg 28 d x4\n0 supply dexamethasone 0.75 mg 28 d x4", 60);
    EXPECT_EQ(two.says("average_dose(" + steroid + ", over: 30 d) = 10 mg"), Truth::yes);
    const Seen gap("0 supply prednisolone 5 mg 28 d\n31 supply prednisolone 5 mg 28 d", 50);
    EXPECT_EQ(gap.says("average_dose(" + steroid + ", over: 51 d) = 5 mg"), Truth::yes);
    EXPECT_EQ(gap.says("total_dose(" + steroid + ", within: 51 d) = 240 mg"), Truth::yes);
    EXPECT_EQ(gap.says("average_dose(" + steroid + ", over: 51 d) = 4 mg"), Truth::no);
}

TEST(Exposure, coverage_counts_bridged_days_as_elapsed) {
    const Seen gap("0 supply prednisolone 5 mg 27 d\n30 supply prednisolone 5 mg 28 d", 30);
    EXPECT_EQ(gap.says("on(" + steroid + ", for: 30 d, coverage: 90 %)"), Truth::yes);
    EXPECT_EQ(gap.says("on(" + steroid + ", for: 30 d, coverage: 91 %)"), Truth::no);
    EXPECT_EQ(gap.says("on(" + steroid + ", for: 10 d, coverage: 71 %)"), Truth::no);
}

TEST(Exposure, a_route_keeps_only_its_own_supplies) {
    const Seen both("0 supply alendronic-acid 10 mg 28 d\n0 given zoledronic-acid 5 mg route=intravenous", 100);
    EXPECT_EQ(both.says("on(bisphosphonate, route: iv)"), Truth::yes);
    EXPECT_EQ(both.says("on(bisphosphonate, route: oral)"), Truth::no);
    EXPECT_EQ(both.says("on(bisphosphonate)"), Truth::yes);
}

TEST(Exposure, a_disputed_supply_is_unknown_only_where_it_decides) {
    const char* events = "0 supply prednisolone 5 mg 28 d\n10 supply prednisolone 5 mg 28 d";
    const std::string covered = "on(" + steroid + ", within: 0 d)";
    EXPECT_EQ(Seen(events, 20, {"F-2"}).says(covered), Truth::yes);
    EXPECT_EQ(Seen(events, 40, {"F-2"}).says(covered), Truth::unknown);
    EXPECT_EQ(Seen(events, 60, {"F-2"}).says(covered), Truth::no);
}

TEST(Exposure, four_disputed_supplies_are_too_many) {
    const char* events = "0 supply prednisolone 5 mg 28 d x5";
    const std::string is_on = "on(" + steroid + ")";
    EXPECT_EQ(Seen(events, 5, {"F-2", "F-3", "F-4"}).says(is_on), Truth::yes);
    EXPECT_EQ(Seen(events, 120, {"F-2", "F-3", "F-4", "F-5"}).says(is_on), Truth::unknown);
}

TEST(Exposure, worlds_of_one_dispute_stay_together) {
    // Either a new start (no second supply) or a step up to 10 mg (the second supply): one of them on day 40.
    const Seen seen(
        "0 supply prednisolone 5 mg 28 d\n28 supply prednisolone 5 mg 12 d\n40 supply prednisolone 10 mg 28 d", 45,
        {"F-2"});
    const auto missing = [&](const std::string& what) { return seen.says("missing(" + what + ", within: 10 d)"); };
    EXPECT_EQ(missing("started(" + steroid + ", gap: 5 d)"), Truth::unknown);
    EXPECT_EQ(missing("{started(" + steroid + ", gap: 5 d), dose_change(" + steroid + ", by: 1 mg)}"), Truth::no);
}

TEST(Exposure, denosumab_covers_half_a_year) {
    EXPECT_EQ(last_covered_day("0 given denosumab 60 mg", "rankl-inhibitor"), 182);
    EXPECT_EQ(last_covered_day("0 given denosumab 120 mg", "rankl-inhibitor"), 27);
}

} // namespace
} // namespace bonewatch::reference
