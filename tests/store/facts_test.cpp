#include "store/facts.h"

#include "store/model/promotion.h"
#include "tests/store/facts_sample.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace bonewatch::store {
namespace {

using namespace model;
using namespace tests;

/// The small language of the table below: `v2 anna 0.05`, `hide R1 v1`, `hide R1 all`, `doubt D1 v2`, `promote U1 v2`,
/// `wrong anna v2` (up to there it was of the wrong patient, Anna); parts of a version as `2.1`; a value of `5?` is
/// preliminary.
Event step(const std::string& text) {
    std::istringstream words(text);
    std::string first, second, third;
    words >> first >> second >> third;
    const auto version = [](const std::string& word) {
        Version parsed;
        std::istringstream parts(word.substr(1));
        for (std::string part; std::getline(parts, part, '.');)
            parsed.parts.push_back(std::stoll(part));
        return parsed;
    };
    if (first == "doubt")
        return doubted(second, version(third));
    if (first == "promote")
        return promoted(second, version(third));
    if (first == "wrong")
        return wrong("W1", second == "anna" ? anna : bert, version(third));
    if (first == "hide")
        return retracted(second, third == "all" ? std::nullopt : std::optional(version(third)));
    return said(second == "anna" ? anna : bert, version(first), third);
}

struct Story {
    const char* name;
    std::vector<std::pair<const char*, Outcome>> steps;
    std::string_view anna;
    std::string_view bert;
    bool is_disputed = false;
};

class Stories : public testing::TestWithParam<Story> {};

TEST_P(Stories, end_as_the_rules_say) {
    FactVersions fact;
    for (const auto& [text, outcome] : GetParam().steps) {
        const Event event = step(text);
        EXPECT_EQ(fact.admit(named_in(event), event), outcome) << text;
    }
    EXPECT_EQ(values_of(fact, anna), GetParam().anna);
    EXPECT_EQ(values_of(fact, bert), GetParam().bert);
    EXPECT_EQ(fact.is_disputed(), GetParam().is_disputed);
    const auto read_back = FactVersions::decode(fact.encode());
    ASSERT_TRUE(read_back);
    EXPECT_EQ(values_of(*read_back, anna) + "|" + values_of(*read_back, bert),
              values_of(fact, anna) + "|" + values_of(fact, bert));
    EXPECT_EQ(read_back->encode(), fact.encode());
}

using enum Outcome;

INSTANTIATE_TEST_SUITE_P(
    Facts, Stories,
    testing::Values(
        Story{"one_version_stands", {{"v1 anna 5", applied}}, "5", ""},
        Story{"greatest_version_stands", {{"v1 anna 5", applied}, {"v2 anna 6", applied}}, "6", ""},
        Story{"older_version_late_is_superseded", {{"v2 anna 6", applied}, {"v1 anna 5", superseded}}, "6", ""},
        Story{"repeated_is_duplicate", {{"v1 anna 5", applied}, {"v1 anna 5", duplicate}}, "5", ""},
        Story{"repeated_old_version_is_duplicate",
              {{"v1 anna 5", applied}, {"v2 anna 6", applied}, {"v1 anna 5", duplicate}},
              "6",
              ""},
        Story{"same_version_other_content_is_disputed",
              {{"v1 anna 5", applied}, {"v1 anna 6", disputed}},
              "5 6",
              "",
              true},
        Story{"third_content_is_disputed_too",
              {{"v1 anna 5", applied}, {"v1 anna 6", disputed}, {"v1 anna 7", disputed}, {"v1 anna 6", duplicate}},
              "5 6 7",
              "",
              true},
        Story{"higher_version_settles_a_dispute",
              {{"v1 anna 5", applied}, {"v1 anna 6", disputed}, {"v2 anna 6", applied}},
              "6",
              ""},
        Story{"dispute_below_the_greatest_is_superseded",
              {{"v2 anna 6", applied}, {"v1 anna 5", superseded}, {"v1 anna 4", superseded}},
              "6",
              ""},
        Story{"moved_patient_leaves_the_first", {{"v1 anna 5", applied}, {"v2 bert 5", applied}}, "", "5"},
        Story{"moved_and_back", {{"v1 anna 5", applied}, {"v2 bert 5", applied}, {"v3 anna 5", applied}}, "5", ""},
        Story{"disputed_between_patients", {{"v1 anna 5", applied}, {"v1 bert 5", disputed}}, "5", "5", true},
        Story{"retraction_hides_its_version", {{"v1 anna 5", applied}, {"hide R1 v1", applied}}, "", ""},
        Story{"retraction_hides_below",
              {{"v1 anna 5", applied}, {"v2 anna 6", applied}, {"hide R1 v2", applied}},
              "",
              ""},
        Story{"retraction_of_an_old_version_leaves_the_newer",
              {{"v1 anna 5", applied}, {"v2 anna 6", applied}, {"hide R1 v1", superseded}},
              "6",
              ""},
        Story{"retraction_before_its_target",
              {{"hide R1 v1", kept}, {"v1 anna 5", superseded}, {"v2 anna 6", applied}},
              "6",
              ""},
        Story{"retraction_without_version_is_final",
              {{"hide R1 all", kept}, {"v1 anna 5", superseded}, {"v9 anna 6", superseded}},
              "",
              ""},
        Story{"repeated_retraction_is_duplicate",
              {{"v1 anna 5", applied}, {"hide R1 v1", applied}, {"hide R1 v1", duplicate}},
              "",
              ""},
        Story{"second_retraction_is_kept_though_it_changes_nothing",
              {{"v1 anna 5", applied}, {"hide R1 v1", applied}, {"hide R2 v1", kept}},
              "",
              ""},
        Story{"greatest_of_several_retractions_counts",
              {{"hide R1 v2", kept}, {"hide R2 v1", kept}, {"v2 anna 6", superseded}, {"v3 anna 7", applied}},
              "7",
              ""},
        Story{
            "final_retraction_wins", {{"hide R1 v1", kept}, {"v2 anna 6", applied}, {"hide R2 all", applied}}, "", ""},
        Story{"retraction_ends_a_dispute",
              {{"v1 anna 5", applied}, {"v1 anna 6", disputed}, {"hide R1 v1", applied}},
              "",
              ""},
        Story{"dispute_of_a_hidden_version_is_superseded",
              {{"v1 anna 5", applied}, {"hide R1 v1", applied}, {"v1 anna 6", superseded}},
              "",
              ""},
        Story{"retraction_of_the_newer_does_not_restore_the_older",
              {{"v1 anna 5", applied}, {"v2 bert 5", applied}, {"hide R1 v2", applied}},
              "",
              ""},
        Story{"preliminary_stands", {{"v1 anna 5?", applied}}, "5?", ""},
        Story{"promotion_makes_it_final",
              {{"v1 anna 5?", applied}, {"promote U1 v2", applied}, {"promote U1 v2", duplicate}},
              "5?!",
              ""},
        Story{"promotion_may_come_first", {{"promote U1 v2", kept}, {"v1 anna 5?", applied}}, "5?!", ""},
        Story{"promotion_of_its_own_version_is_none", {{"v2 anna 5?", applied}, {"promote U1 v2", kept}}, "5?", ""},
        Story{"promotion_of_older_versions_leaves_the_newer",
              {{"v1 anna 5?", applied}, {"v3 anna 6?", applied}, {"promote U1 v2", superseded}},
              "6?",
              ""},
        Story{"promotion_of_what_is_final_changes_nothing", {{"v1 anna 5", applied}, {"promote U1 v2", kept}}, "5", ""},
        Story{"promotion_twice_changes_nothing",
              {{"v1 anna 5?", applied}, {"promote U1 v2", applied}, {"promote U2 v3", kept}},
              "5?!",
              ""},
        Story{"correction_stands_above_a_promotion",
              {{"v1 anna 5?", applied}, {"promote U1 v2", applied}, {"v3 anna 6", applied}},
              "6",
              ""},
        Story{"retraction_hides_what_was_promoted",
              {{"v1 anna 5?", applied}, {"promote U1 v2", applied}, {"hide R1 v3", applied}},
              "",
              ""},
        Story{"doubt_of_a_greater_version_disputes",
              {{"v1 anna 5", applied}, {"doubt D1 v2", disputed}, {"doubt D1 v2", duplicate}},
              "5",
              "",
              true},
        Story{"doubt_before_what_it_disputes", {{"doubt D1 v2", kept}, {"v1 anna 5", disputed}}, "5", "", true},
        Story{"doubted_version_settles_it_once_it_can_be_used",
              {{"v1 anna 5", applied}, {"doubt D1 v2", disputed}, {"v2 anna 6", applied}},
              "6",
              ""},
        Story{"doubt_of_an_older_version_is_superseded",
              {{"v2 anna 6", applied}, {"doubt D1 v1", superseded}, {"doubt D2 v2", superseded}},
              "6",
              ""},
        Story{"retraction_ends_a_doubt",
              {{"v1 anna 5", applied}, {"doubt D1 v2", disputed}, {"hide R1 v1", applied}},
              "",
              ""},
        Story{"the_right_patient_has_it_at_the_same_version",
              {{"v1 anna 5", applied}, {"wrong anna v2", applied}, {"v2 bert 5", applied}},
              "",
              "5"},
        Story{"the_right_patient_has_it_at_an_older_version",
              {{"v2 anna 5", applied}, {"wrong anna v3", applied}, {"v1 bert 5", applied}},
              "",
              "5"},
        Story{"the_right_patient_had_it_first",
              {{"v1 bert 5", applied}, {"v2 anna 5", applied}, {"wrong anna v3", applied}},
              "",
              "5"},
        Story{"wrong_patient_before_its_result",
              {{"wrong anna v2", kept}, {"v1 bert 5", superseded}, {"v1 anna 5", superseded}},
              "",
              "5"},
        Story{"wrong_patient_under_another_identity_hides_all",
              {{"v1 anna 5", applied}, {"wrong bert v2", applied}},
              "",
              ""},
        Story{"what_was_withdrawn_is_a_duplicate",
              {{"v1 anna 5", applied}, {"wrong anna v2", applied}, {"v1 anna 5", duplicate}},
              "",
              ""},
        Story{"a_later_version_of_the_wrong_patient_counts",
              {{"v1 anna 5", applied}, {"wrong anna v2", applied}, {"v3 anna 5", applied}},
              "5",
              ""},
        Story{"parts_order_versions", {{"v1.1 anna 6", applied}, {"v1 anna 5", superseded}}, "6", ""},
        Story{"a_missing_part_is_below_every_part",
              {{"v1 anna 5", applied}, {"v1.-3 anna 6", applied}, {"v2 anna 7", applied}, {"v1.9 anna 8", superseded}},
              "7",
              ""}),
    [](const auto& tested) { return tested.param.name; });

TEST(Facts, two_patient_lines_without_a_version_are_disputed) {
    Event female = lab_event(anna, {{1}});
    PatientEvent person;
    person.sex = Sex::female;
    female.body = person;
    Event male = female;
    std::get<PatientEvent>(male.body).sex = Sex::male;
    FactVersions fact;
    EXPECT_EQ(fact.admit(anna, female), applied);
    EXPECT_EQ(fact.admit(anna, female), duplicate);
    EXPECT_EQ(fact.admit(anna, male), disputed);
    EXPECT_EQ(fact.standing(anna).size(), 2u);
}

TEST(Facts, everything_ever_said_is_listed_by_version) {
    FactVersions fact;
    (void)fact.admit(bert, said(bert, {{2}}, "6"));
    (void)fact.admit(anna, said(anna, {{1}}, "5"));
    (void)fact.admit(anna, retracted("R1", Version{{1}}));
    const auto contents = fact.contents();
    ASSERT_EQ(contents.size(), 2u);
    EXPECT_EQ(contents[0].patient, anna);
    EXPECT_EQ(contents[1].patient, bert);
    EXPECT_EQ(contents[1].event, said(bert, {{2}}, "6"));
    ASSERT_EQ(fact.retractions().size(), 1u);
    EXPECT_EQ(fact.retractions()[0].event, retracted("R1", Version{{1}}));
}

TEST(Facts, what_is_kept_of_a_fact_is_bounded) {
    FactVersions versions, contents, retractions;
    (void)contents.admit(anna, said(anna, {{1}}, "the least"));
    for (std::int64_t i = 1; i <= 2000; ++i) {
        const std::string number = std::to_string(i);
        EXPECT_EQ(versions.admit(anna, said(anna, {{i}}, number)), applied);
        EXPECT_EQ(contents.admit(anna, said(anna, {{2}}, number)), i == 1 ? applied : disputed);
        (void)retractions.admit(anna, retracted("R" + number, Version{{i}}));
    }
    EXPECT_EQ(versions.contents().size(), contents_kept_max);
    EXPECT_EQ(versions.contents().front().event.version, (Version{{1}}));
    EXPECT_EQ(values_of(versions, anna), "2000");
    EXPECT_EQ(versions.admit(anna, said(anna, {{3}}, "3")), superseded) << "it is not remembered";
    EXPECT_EQ(contents.contents().size(), contents_kept_max);
    EXPECT_TRUE(contents.is_disputed());
    EXPECT_EQ(contents.admit(anna, said(anna, {{3}}, "5")), applied) << "a greater version settles it";
    EXPECT_EQ(retractions.retractions().size(), contents_kept_max);
    EXPECT_EQ(retractions.admit(anna, said(anna, {{2000}}, "5")), superseded);
    EXPECT_EQ(retractions.admit(anna, said(anna, {{2001}}, "6")), applied);
}

TEST(Facts, what_the_right_patient_had_stands_however_much_came_for_the_wrong_one) {
    FactVersions fact;
    (void)fact.admit(bert, step("v3 bert 5"));
    for (int i = 1; i <= 100; ++i)
        (void)fact.admit(anna, step("v" + std::to_string(i) + " anna 7"));
    // The first one is of what is not kept any more; that it was Anna's is.
    EXPECT_EQ(fact.admit(anna, step("wrong anna v50")), superseded);
    Event last = step("wrong anna v100");
    last.key.id = FactId("W2");
    EXPECT_EQ(fact.admit(anna, last), applied);
    EXPECT_EQ(values_of(fact, anna) + "|" + values_of(fact, bert), "|5");
}

TEST(Facts, just_above_a_version_is_nothing_but_what_is_above_it) {
    const Version one{{1}};
    EXPECT_LT(one, just_above(one));
    EXPECT_LE(just_above(one), (Version{{1, std::numeric_limits<std::int64_t>::min()}}));
    EXPECT_LT(just_above(one), (Version{{1, -3}}));
    EXPECT_LT(just_above(one), (Version{{2}}));
}

TEST(Facts, a_fact_admits_only_its_own_events) {
    FactVersions fact;
    (void)fact.admit(anna, said(anna, {{1}}, "5"));
    Event other = said(anna, {{1}}, "5");
    other.key.id = FactId("L-2");
    EXPECT_DEATH((void)fact.admit(anna, other), "another fact");
}

} // namespace
} // namespace bonewatch::store
