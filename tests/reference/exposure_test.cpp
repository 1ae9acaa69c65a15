#include "tests/reference/exposure.h"

#include "tests/reference/timeline_text.h"

#include <gmock/gmock.h>

namespace bonewatch::reference {
namespace {

/// Facts of a timeline, seen at the end of `day`.
struct Seen {
    std::vector<model::Fact> facts;
    int day;

    Seen(std::string_view events, int at, std::set<std::string> disputed = {}) : day(at) {
        const auto timeline = read_timeline(events, "", {});
        EXPECT_TRUE(timeline) << timeline.error().message;
        for (Told one : timeline->facts) {
            one.fact.disputed = disputed.contains(one.fact.event.key.id.text);
            facts.push_back(one.fact);
        }
    }
    [[nodiscard]] View view() const {
        return {facts, model::Instant(day_zero + Days(day + 1)) - std::chrono::milliseconds(1)};
    }
};

int last_covered_day(std::string_view events, const char* drug_class = "glucocorticoid-systemic") {
    int last = -1000;
    for (int day = 0; day < 500; ++day)
        if (Seen(events, day).view().exposure({drug_class}).is_on(Days(0)) == Truth::yes)
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
            .view()
            .exposure({"glucocorticoid-systemic"})
            .is_on_for(Days(90), Days(14));
    };
    EXPECT_EQ(is_on_for_90("90", 89), Truth::no);
    EXPECT_EQ(is_on_for_90("90", 90), Truth::yes);
    EXPECT_EQ(is_on_for_90("90", 103), Truth::yes);
    EXPECT_EQ(is_on_for_90("90", 104), Truth::no);
    EXPECT_EQ(is_on_for_90("89", 95), Truth::no);
}

TEST(Exposure, gap_past_limit_splits) {
    const auto started = [](int second) {
        const Seen seen("0 supply prednisolone 5 mg 28 d\n" + std::to_string(second) + " supply prednisolone 5 mg 28 d",
                        second + 5);
        return (seen.view().exposure({"glucocorticoid-systemic"}).last_started().date - day_zero).count();
    };
    EXPECT_EQ(started(28 + 14), 0);
    EXPECT_EQ(started(28 + 15), 28 + 15);
}

TEST(Exposure, products_add_and_bridged_days_leave_the_mean_alone) {
    const Seen two("0 supply prednisolone 5 mg 28 d x4\n0 supply dexamethasone 0.75 mg 28 d x4", 60);
    EXPECT_EQ(two.view().exposure({"glucocorticoid-systemic"}).average_at_least(Days(30), 10 * units_per_mg),
              Truth::yes);
    EXPECT_EQ(two.view().exposure({"glucocorticoid-systemic"}).average_at_least(Days(30), 10 * units_per_mg + 1),
              Truth::no);
    const Seen gap("0 supply prednisolone 5 mg 28 d\n31 supply prednisolone 5 mg 28 d", 50);
    EXPECT_EQ(gap.view().exposure({"glucocorticoid-systemic"}).average_at_least(Days(51), 5 * units_per_mg),
              Truth::yes);
    EXPECT_EQ(gap.view().exposure({"glucocorticoid-systemic"}).total_at_least(Days(51), 240 * units_per_mg),
              Truth::yes);
    EXPECT_EQ(gap.view().exposure({"glucocorticoid-systemic"}).total_at_least(Days(51), 240 * units_per_mg + 1),
              Truth::no);
}

TEST(Exposure, a_disputed_supply_is_unknown_only_where_it_decides) {
    const char* events = "0 supply prednisolone 5 mg 28 d\n10 supply prednisolone 5 mg 28 d";
    EXPECT_EQ(Seen(events, 20, {"F-2"}).view().exposure({"glucocorticoid-systemic"}).is_on(Days(0)), Truth::yes);
    EXPECT_EQ(Seen(events, 40, {"F-2"}).view().exposure({"glucocorticoid-systemic"}).is_on(Days(0)), Truth::unknown);
    EXPECT_EQ(Seen(events, 60, {"F-2"}).view().exposure({"glucocorticoid-systemic"}).is_on(Days(0)), Truth::no);
}

TEST(Exposure, four_disputed_supplies_are_too_many) {
    const char* events = "0 supply prednisolone 5 mg 28 d x5";
    EXPECT_EQ(Seen(events, 5, {"F-2", "F-3", "F-4"}).view().exposure({"glucocorticoid-systemic"}).is_on(), Truth::yes);
    EXPECT_EQ(Seen(events, 120, {"F-2", "F-3", "F-4", "F-5"}).view().exposure({"glucocorticoid-systemic"}).is_on(),
              Truth::unknown);
}

TEST(Exposure, denosumab_covers_half_a_year) {
    EXPECT_EQ(last_covered_day("0 given denosumab 60 mg", "rankl-inhibitor"), 182);
    EXPECT_EQ(last_covered_day("0 given denosumab 120 mg", "rankl-inhibitor"), 27);
}

} // namespace
} // namespace bonewatch::reference
