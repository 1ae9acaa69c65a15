#include "store/facts.h"

#include "store/event_codec.h"
#include "store/model/promotion.h"
#include "tests/store/random_event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <sstream>

namespace bonewatch::store {
namespace {

using namespace model;
using tests::below;

constexpr PatientNumber anna{1};
constexpr PatientNumber bert{2};

Event lab_event(PatientNumber patient, Version version) {
    Event event;
    event.key = {PublisherId("lab"), FactId("L-1")};
    event.version = std::move(version);
    event.patient = {"nhs", patient == anna ? "anna" : "bert"};
    event.at = on_date(Date(Days(20'000)));
    return event;
}

Event said(PatientNumber patient, Version version, std::string value) {
    Event event = lab_event(patient, std::move(version));
    ResultEvent result;
    result.analyte = CodeId("tsh");
    result.status = value.ends_with('?') ? ResultStatus::preliminary : ResultStatus::final_;
    result.value_text = std::move(value);
    event.body = result;
    return event;
}

Event retracted(std::string id, std::optional<Version> of, PatientNumber patient = anna) {
    Event event = lab_event(patient, {{1}});
    event.key.id = FactId(std::move(id));
    event.body = RetractionEvent{FactId("L-1"), std::move(of)};
    return event;
}

Event doubted(std::string id, Version of) {
    Event doubt = retracted(std::move(id), std::move(of));
    doubt.attributes.emplace(doubt_attribute, "unknown_unit");
    return doubt;
}

Event promoted(std::string id, Version to) {
    Event promotion = retracted(std::move(id), std::move(to));
    promotion.attributes.emplace(promotion_attribute, "final");
    return promotion;
}

PatientNumber named_in(const Event& event) {
    return event.patient.value == "anna" ? anna : bert;
}

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
    if (first == "wrong") {
        Event wrong = retracted("W1", version(third), second == "anna" ? anna : bert);
        wrong.attributes.emplace(wrong_patient_attribute, wrong_patient_reason);
        return wrong;
    }
    if (first == "hide")
        return retracted(second, third == "all" ? std::nullopt : std::optional(version(third)));
    return said(second == "anna" ? anna : bert, version(first), third);
}

/// Its text, with `!` where it was published as preliminary and stands as final.
std::string shown(const ResultEvent& result) {
    const bool is_promoted = result.value_text.ends_with('?') && result.status == ResultStatus::final_;
    return result.value_text + (is_promoted ? "!" : "");
}

std::string values_of(const FactVersions& fact, PatientNumber patient) {
    std::string out;
    for (const Event& event : fact.standing(patient))
        out += (out.empty() ? "" : " ") + shown(std::get<ResultEvent>(event.body));
    return out;
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

std::vector<Event> random_history(std::mt19937_64& random) {
    std::vector<Event> history;
    for (auto left = 1 + below(random, 7); left > 0; --left) {
        const Version version{{static_cast<std::int64_t>(1 + below(random, 3))}};
        const auto kind = below(random, 7);
        if (kind == 6)
            history.push_back(promoted("U" + std::to_string(below(random, 2)), version));
        else if (kind == 0)
            history.push_back(doubted("D" + std::to_string(below(random, 2)), version));
        else if (kind == 1)
            history.push_back(retracted("R" + std::to_string(below(random, 3)),
                                        below(random, 6) == 0 ? std::nullopt : std::optional(version),
                                        below(random, 2) == 0 ? anna : bert));
        else
            history.push_back(said(below(random, 3) == 0 ? bert : anna, version,
                                   std::to_string(below(random, 2)) + (below(random, 3) == 0 ? "?" : "")));
    }
    return history;
}

FactVersions admitted(const std::vector<Event>& history, std::map<Outcome, int>& counts) {
    FactVersions fact;
    for (const Event& event : history)
        ++counts[fact.admit(named_in(event), event)];
    return fact;
}

TEST(Facts, the_order_of_arrival_leaves_no_trace) {
    std::mt19937_64 random(1);
    std::map<Outcome, int> counts;
    for (int i = 0; i < 1000; ++i) {
        std::vector<Event> history = random_history(random);
        const FactVersions first = admitted(history, counts);
        for (int shuffle = 0; shuffle < 6; ++shuffle) {
            std::ranges::shuffle(history, random);
            const FactVersions other = admitted(history, counts);
            ASSERT_EQ(other.encode(), first.encode());
            ASSERT_EQ(other.standing(anna), first.standing(anna));
            ASSERT_EQ(other.standing(bert), first.standing(bert));
            ASSERT_EQ(other.is_disputed(), first.is_disputed());
        }
    }
    for (const Outcome outcome : {applied, duplicate, superseded, disputed, kept})
        EXPECT_GT(counts[outcome], 500) << to_text(outcome);
}

/// What design says, read word for word over the whole set: shares nothing with FactVersions. The texts that stand, and
/// `?` where they are disputed; `!` behind what is promoted.
std::vector<std::string> stands_by_the_book(const std::vector<Event>& history, PatientNumber patient) {
    std::optional<Version> greatest;
    std::optional<Version> hidden;
    std::optional<Version> doubted;
    std::optional<Version> promoted_to;
    bool is_final = false;
    for (const Event& event : history) {
        if (event.attributes.contains(promotion_attribute))
            promoted_to = std::max(promoted_to, std::get<RetractionEvent>(event.body).of_version);
        else if (event.attributes.contains(doubt_attribute))
            doubted = std::max(doubted, std::get<RetractionEvent>(event.body).of_version);
        else if (const auto* retraction = std::get_if<RetractionEvent>(&event.body)) {
            is_final = is_final || !retraction->of_version;
            hidden = std::max(hidden, retraction->of_version);
        } else {
            greatest = std::max(greatest, std::optional(event.version));
        }
    }
    std::set<std::string> texts;
    std::set<std::string> contents;
    if (greatest && !is_final && !(hidden && *greatest <= *hidden))
        for (const Event& event : history)
            if (const auto* result = std::get_if<ResultEvent>(&event.body); result && event.version == *greatest) {
                contents.insert(event.patient.value + result->value_text);
                if (named_in(event) == patient)
                    texts.insert(result->value_text +
                                 (result->value_text.ends_with('?') && promoted_to > greatest ? "!" : ""));
            }
    if (contents.size() > 1 || (!contents.empty() && doubted > greatest))
        texts.insert("?");
    return {texts.begin(), texts.end()};
}

TEST(Facts, agree_with_the_rules_read_word_for_word) {
    std::mt19937_64 random(2);
    std::map<Outcome, int> counts;
    for (int i = 0; i < 5000; ++i) {
        const std::vector<Event> history = random_history(random);
        const FactVersions fact = admitted(history, counts);
        for (const PatientNumber patient : {anna, bert}) {
            std::vector<std::string> texts;
            for (const Event& event : fact.standing(patient))
                texts.push_back(shown(std::get<ResultEvent>(event.body)));
            if (fact.is_disputed())
                texts.emplace_back("?");
            std::ranges::sort(texts);
            ASSERT_EQ(texts, stands_by_the_book(history, patient)) << i;
        }
    }
}

TEST(Facts, survive_encoding_and_go_on) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 2000; ++i) {
        FactVersions fact;
        for (const Event& event : random_history(random)) {
            auto copy = FactVersions::decode(fact.encode());
            ASSERT_TRUE(copy.has_value());
            ASSERT_EQ(copy->encode(), fact.encode());
            ASSERT_EQ(copy->admit(named_in(event), event), fact.admit(named_in(event), event));
            ASSERT_EQ(copy->standing(anna), fact.standing(anna));
        }
    }
}

TEST(Facts, damage_never_crashes_and_what_is_accepted_is_canonical) {
    std::mt19937_64 random(4);
    std::map<Outcome, int> counts;
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = admitted(random_history(random), counts).encode();
        for (auto changes = 1 + below(random, 3); changes > 0; --changes)
            bytes[below(random, bytes.size())] = static_cast<char>(below(random, 256));
        const auto read = FactVersions::decode(bytes);
        refused += read ? 0 : 1;
        if (read) {
            ASSERT_EQ(read->encode(), bytes);
        }
    }
    EXPECT_GT(refused, 1000);
}

TEST(Facts, contents_out_of_order_are_refused) {
    FactVersions first;
    (void)first.admit(anna, said(anna, {{1}}, "5"));
    FactVersions second;
    (void)second.admit(anna, said(anna, {{2}}, "5"));
    const std::string one = first.encode().substr(2, first.encode().size() - 3);
    const std::string two = second.encode().substr(2, second.encode().size() - 3);
    const auto fact_of_two = [](const std::string& a, const std::string& b) {
        return std::string("\x01\x02", 2) + a + b + std::string(1, '\0');
    };
    EXPECT_TRUE(FactVersions::decode(fact_of_two(one, two)).has_value());
    EXPECT_FALSE(FactVersions::decode(fact_of_two(two, one)).has_value());
    EXPECT_FALSE(FactVersions::decode(fact_of_two(one, one)).has_value());
}

} // namespace
} // namespace bonewatch::store
