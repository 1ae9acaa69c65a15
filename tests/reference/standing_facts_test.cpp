#include "tests/reference/standing_facts.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::reference {
namespace {

constexpr model::PatientNumber anna{1};
constexpr model::PatientNumber bert{2};

AdmittedEvent result(int version, int value, model::PatientNumber patient = anna) {
    model::Event event;
    event.key = {model::PublisherId("lab"), model::FactId("L-1")};
    event.version = {{version}};
    event.patient = {"nhs", patient == anna ? "9990000018" : "9990000026"};
    event.at = model::on_date(std::chrono::year(2026) / 3 / 1);
    model::ResultEvent measured;
    measured.analyte = model::CodeId("tsh");
    measured.value = model::ValueInterval::exactly(value);
    event.body = measured;
    return {event, patient};
}

AdmittedEvent retraction(std::optional<int> version, const char* publisher = "lab") {
    AdmittedEvent one = result(1, 0);
    one.event.key = {model::PublisherId(publisher), model::FactId("R-1")};
    one.event.body = model::RetractionEvent{model::FactId("L-1"),
                                            version ? std::optional(model::Version{{*version}}) : std::nullopt};
    return one;
}

AdmittedEvent with(AdmittedEvent one, const char* attribute, const char* value) {
    one.event.attributes[attribute] = value;
    return one;
}

/// A retraction for the wrong patient, who is named.
AdmittedEvent wrong(std::optional<int> version, model::PatientNumber patient) {
    AdmittedEvent one = with(retraction(version), "reason", "wrong_patient");
    one.named = patient;
    return one;
}

AdmittedEvent preliminary(int version, int value) {
    AdmittedEvent one = result(version, value);
    std::get<model::ResultEvent>(one.event.body).status = model::ResultStatus::preliminary;
    return one;
}

/// `3`, or `3 5 disputed`: the values that stand; `(3)` is preliminary.
std::string standing(const std::vector<AdmittedEvent>& events, model::PatientNumber patient) {
    std::string text;
    bool is_disputed = false;
    std::vector<std::string> values;
    for (const model::Fact& fact : standing_facts(events, patient)) {
        const auto& measured = std::get<model::ResultEvent>(fact.event.body);
        const std::string value = model::to_text(*measured.value);
        values.push_back(measured.status == model::ResultStatus::preliminary ? "(" + value + ")" : value);
        is_disputed = is_disputed || fact.disputed;
    }
    std::sort(values.begin(), values.end());
    for (const std::string& value : values)
        text += (text.empty() ? "" : " ") + value;
    return is_disputed ? text + " disputed" : text;
}

struct Case {
    const char* name;
    std::vector<AdmittedEvent> events;
    const char* anna;
    const char* bert;
};

class Standing : public testing::TestWithParam<Case> {};

TEST_P(Standing, in_any_order) {
    std::vector<AdmittedEvent> events = GetParam().events;
    std::vector<std::size_t> order(events.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    do {
        std::vector<AdmittedEvent> shuffled;
        for (const std::size_t i : order)
            shuffled.push_back(events[i]);
        EXPECT_EQ(standing(shuffled, anna), GetParam().anna);
        EXPECT_EQ(standing(shuffled, bert), GetParam().bert);
    } while (std::next_permutation(order.begin(), order.end()));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Standing,
    testing::Values(
        Case{"greatest_version_stands", {result(1, 3), result(2, 5)}, "5", ""},
        Case{"repeated_changes_nothing", {result(1, 3), result(1, 3), result(1, 3)}, "3", ""},
        Case{"same_version_other_content_is_disputed", {result(1, 3), result(1, 5)}, "3 5 disputed", ""},
        Case{"greater_version_settles", {result(1, 3), result(1, 5), result(2, 4)}, "4", ""},
        Case{"lower_dispute_does_not_matter", {result(2, 4), result(1, 3), result(1, 5)}, "4", ""},
        Case{"retraction_of_one_hides_it", {result(1, 3), retraction(1)}, "", ""},
        Case{"retraction_of_one_leaves_two", {result(1, 3), retraction(1), result(2, 5)}, "5", ""},
        Case{"retraction_of_two_hides_one", {result(1, 3), retraction(2)}, "", ""},
        Case{"retraction_without_version_is_final", {result(1, 3), retraction({}), result(9, 5)}, "", ""},
        Case{"retraction_of_greatest_does_not_revive", {result(1, 3), result(2, 5), retraction(2)}, "", ""},
        Case{"other_publishers_retraction_is_nothing", {result(1, 3), retraction({}, "pharmacy")}, "3", ""},
        Case{"moved_to_bert", {result(1, 3), result(2, 3, bert)}, "", "3"},
        Case{"moved_and_back", {result(1, 3), result(2, 3, bert), result(3, 3)}, "3", ""},
        Case{"doubt_of_a_greater_version",
             {result(1, 3), with(retraction(2), "doubt", "unknown_unit")},
             "3 disputed",
             ""},
        Case{"what_comes_above_a_doubt_settles",
             {result(1, 3), with(retraction(2), "doubt", "unknown_unit"), result(2, 5)},
             "5",
             ""},
        Case{"promotion_of_what_is_preliminary", {preliminary(1, 3), with(retraction(2), "promotion", "")}, "3", ""},
        Case{"promotion_of_nothing_above_it", {preliminary(2, 3), with(retraction(2), "promotion", "")}, "(3)", ""},
        Case{"wrong_patient_leaves_the_other", {result(1, 3), wrong(2, anna), result(1, 3, bert)}, "", "3"},
        Case{"wrong_patient_hides_all_where_nothing_is_its_own", {result(1, 3), wrong(1, bert)}, "", ""},
        Case{"wrong_patient_reaches_to_its_version", {result(1, 3), result(3, 5), wrong(2, anna)}, "5", ""},
        Case{"disputed_between_two", {result(1, 3), result(1, 3, bert)}, "3 disputed", "3 disputed"}),
    [](const auto& one) { return one.param.name; });

/// The merge of the two, of another id than the result.
AdmittedEvent merge(int version, model::PatientNumber from, model::PatientNumber into) {
    AdmittedEvent one = result(version, 0, into);
    one.event.key.id = model::FactId("M-1");
    one.event.body = model::MergeEvent{{"nhs", from == anna ? "9990000018" : "9990000026"}};
    one.from = from;
    return one;
}

TEST(Joined, by_a_merge_that_stands_and_no_other) {
    const auto joined = [](const std::vector<AdmittedEvent>& events) { return joined_with(events, anna).size(); };
    EXPECT_EQ(joined({}), 1u);
    EXPECT_EQ(joined({merge(1, bert, anna)}), 2u);
    EXPECT_EQ(joined({merge(1, anna, bert)}), 2u);
    EXPECT_EQ(joined({merge(1, bert, anna), merge(1, anna, bert)}), 1u) << "disputed";
    AdmittedEvent undone = retraction(1);
    std::get<model::RetractionEvent>(undone.event.body).of = model::FactId("M-1");
    EXPECT_EQ(joined({undone, merge(1, bert, anna)}), 1u);
    EXPECT_EQ(joined({undone, merge(1, bert, anna), merge(2, bert, anna)}), 2u);
    EXPECT_EQ(standing_facts({result(1, 3), result(2, 5, bert), merge(1, bert, anna)}, std::set{anna, bert}).size(),
              1u);
}

} // namespace
} // namespace bonewatch::reference
