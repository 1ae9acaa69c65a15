#include "ingest/decode.h"
#include "monitors/view.h"
#include "tests/daemon/clinic.h"
#include "tests/daemon/story.h"

#include <gmock/gmock.h>

namespace bonewatch::daemon {
namespace {

/// One sentence of the design's paragraph on exposure: what was supplied, and the days and doses that follow, as each
/// way of resolving disputes has them.
struct Sentence {
    std::string name;
    std::string story;
    std::string exposure;
    std::string of = "glucocorticoid-systemic"; ///< A class.
};

model::Timeline timeline_of(const std::string& story) {
    std::map<model::FactKey, store::FactVersions> facts;
    for (ingest::Decoded& decoded :
         ingest::decode(ingest::Format::native, native_lines(story), {model::PublisherId("file")},
                        shipped_revision()->vocabulary, std::nullopt)) {
        const auto* event = std::get_if<model::Event>(&decoded.outcome);
        EXPECT_NE(event, nullptr) << decoded.raw;
        if (event != nullptr)
            static_cast<void>(facts[model::fact_of(*event)].admit(model::PatientNumber{1}, *event));
    }
    model::Timeline timeline;
    for (const auto& [key, versions] : facts)
        for (const model::Event& event : versions.standing(model::PatientNumber{1}))
            timeline.add(std::make_shared<const model::Fact>(model::Fact{event, versions.is_disputed()}));
    return timeline;
}

std::vector<std::string> exposure_of(const Sentence& sentence) {
    const model::Timeline timeline = timeline_of(sentence.story);
    const model::CodeId drug_class(sentence.of);
    const std::vector<monitors::ExposureSet> sets{{sentence.of,
                                                   {drug_class},
                                                   {},
                                                   model::Days(30),
                                                   drug_class.text == "glucocorticoid-systemic" ? "prednisolone" : "",
                                                   {}}};
    const std::vector nothing{std::make_shared<const monitors::Exposure>(sets[0], shipped_revision()->vocabulary)};
    monitors::Exposures exposures(sets, nothing, shipped_revision()->vocabulary);
    std::vector<std::string> out;
    for (const auto& way : exposures.ways(0, timeline, *model::parse_instant("2025-12-31"))) {
        if (!out.empty())
            out.emplace_back("or");
        for (const monitors::DoseSegment& segment : way->segments())
            out.push_back(model::to_text(segment.from) + " to " + model::to_text(segment.to) + ": " +
                          model::to_text_rounded(segment.dose, 2) + " mg" +
                          (segment.is_dose_known ? "" : " and a dose that nobody states"));
    }
    return out;
}

const std::vector<Sentence> sentences{
    {"a_supply_covers_its_days_half_open", "2024-01-01 P1 supply prednisolone oral 5 mg 28 d",
     "2024-01-01 to 2024-01-29: 5 mg"},
    {"same_product_at_same_dose_pushes_forward",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-22 P2 supply prednisolone oral 5 mg 28 d)",
     "2024-01-01 to 2024-02-26: 5 mg"},
    {"the_stockpile_is_capped_at_30_days",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 100 d
        2024-01-11 P2 supply prednisolone oral 5 mg 70 d)",
     "2024-01-01 to 2024-04-20: 5 mg"},
    {"the_cap_never_shortens_what_is_in_hand",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 100 d
        2024-01-11 P2 supply prednisolone oral 5 mg 10 d)",
     "2024-01-01 to 2024-04-10: 5 mg"},
    {"at_another_dose_the_new_supply_replaces_the_rest",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-22 P2 supply prednisolone oral 10 mg 28 d)",
     R"(2024-01-01 to 2024-01-22: 5 mg
        2024-01-22 to 2024-02-19: 10 mg)"},
    {"one_strength_in_two_spellings_is_one_product",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d strength 5mg
        2024-01-22 P2 supply prednisolone oral 5 mg 28 d strength 5000ug)",
     "2024-01-01 to 2024-02-26: 5 mg"},
    {"different_products_of_a_class_add",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d strength 5mg
        2024-01-15 P2 supply prednisolone oral 1 mg 28 d strength 1mg)",
     R"(2024-01-01 to 2024-01-15: 5 mg
        2024-01-15 to 2024-01-29: 6 mg
        2024-01-29 to 2024-02-12: 1 mg)"},
    {"a_stop_truncates",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-10 S1 stop prednisolone oral)",
     "2024-01-01 to 2024-01-10: 5 mg"},
    {"a_stop_voids_the_carry_over",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-10 S1 stop prednisolone oral
        2024-01-12 P2 supply prednisolone oral 5 mg 28 d)",
     R"(2024-01-01 to 2024-01-10: 5 mg
        2024-01-12 to 2024-02-09: 5 mg)"},
    {"a_stop_comes_before_a_supply_of_its_date",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-10 P2 supply prednisolone oral 5 mg 10 d
        2024-01-10 S1 stop prednisolone oral)",
     "2024-01-01 to 2024-01-20: 5 mg"},
    {"a_stop_of_one_route_leaves_the_others",
     R"(2024-01-01 P1 supply budesonide oral 3 mg 28 d
        2024-01-01 P2 supply budesonide rectal 2 mg 28 d
        2024-01-10 S1 stop budesonide rectal)",
     R"(2024-01-01 to 2024-01-10: 5 mg
        2024-01-10 to 2024-01-29: 3 mg)",
     "glucocorticoid-gut"},
    {"a_stop_without_a_route_ends_all_routes",
     R"(2024-01-01 P1 supply budesonide oral 3 mg 28 d
        2024-01-01 P2 supply budesonide rectal 2 mg 28 d
        2024-01-10 S1 stop budesonide)",
     "2024-01-01 to 2024-01-10: 5 mg", "glucocorticoid-gut"},
    {"injections_are_courses_not_daily_exposure",
     R"(2024-01-01 A1 given methylprednisolone intramuscular 80 mg
        2024-01-01 P1 supply methylprednisolone intramuscular 80 mg 28 d)",
     ""},
    {"a_disputed_supply_is_there_or_not",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-01 P1 supply prednisolone oral 10 mg 28 d
        2024-01-15 P2 supply prednisolone oral 1 mg 28 d strength 1mg)",
     R"(2024-01-15 to 2024-02-12: 1 mg
        or
        2024-01-01 to 2024-01-15: 5 mg
        2024-01-15 to 2024-01-29: 6 mg
        2024-01-29 to 2024-02-12: 1 mg
        or
        2024-01-01 to 2024-01-15: 10 mg
        2024-01-15 to 2024-01-29: 11 mg
        2024-01-29 to 2024-02-12: 1 mg)"},
    {"doses_are_summed_as_prednisolone_equivalents",
     R"(2024-01-01 P1 supply dexamethasone oral 0.75 mg 10 d
        2024-01-01 P2 supply prednisolone oral 5 mg 10 d
        2024-01-01 P3 supply methylprednisolone oral 4 mg 10 d)",
     "2024-01-01 to 2024-01-11: 15 mg"},
    {"inhaled_is_another_class", "2024-01-01 P1 supply budesonide inhaled 0.8 mg 28 d", ""},
    {"topical_is_another_class", "2024-01-01 P1 supply hydrocortisone topical 10 mg 28 d", ""},
    {"replacement_hydrocortisone_of_30_mg_is_exempt",
     R"(2020-01-01 C1 condition adrenal-insufficiency
        2024-01-01 P1 supply hydrocortisone oral 30 mg 28 d)",
     ""},
    {"hydrocortisone_above_30_mg_is_not",
     R"(2020-01-01 C1 condition adrenal-insufficiency
        2024-01-01 P1 supply hydrocortisone oral 31 mg 28 d)",
     "2024-01-01 to 2024-01-29: 7.75 mg"},
    {"replacement_counts_products_together",
     R"(2020-01-01 C1 condition pituitary-disease
        2024-01-01 P1 supply hydrocortisone oral 20 mg 28 d strength 10mg
        2024-01-01 P2 supply hydrocortisone oral 20 mg 28 d strength 20mg)",
     "2024-01-01 to 2024-01-29: 10 mg"},
    {"without_the_diagnosis_nothing_is_exempt", "2024-01-01 P1 supply hydrocortisone oral 30 mg 28 d",
     "2024-01-01 to 2024-01-29: 7.5 mg"},
    {"replacement_is_exempt_from_the_diagnosis_on",
     R"(2024-01-15 C1 condition adrenal-insufficiency
        2024-01-01 P1 supply hydrocortisone oral 30 mg 28 d)",
     "2024-01-01 to 2024-01-15: 7.5 mg"},
    {"a_dose_that_nobody_states_leaves_the_others_known",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d strength 5mg
        2024-01-01 P2 supply prednisolone oral no-dose 28 d strength 1mg)",
     "2024-01-01 to 2024-01-29: 5 mg and a dose that nobody states"},
    {"an_order_counts_nothing_once_it_was_dispensed",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-03 D1 supply prednisolone oral 5 mg 28 d fulfils P1)",
     "2024-01-03 to 2024-01-31: 5 mg"},
    {"an_order_may_follow_its_dispense",
     R"(2024-01-03 D1 supply prednisolone oral 5 mg 28 d fulfils P1
        2024-01-05 P1 supply prednisolone oral 5 mg 28 d)",
     "2024-01-03 to 2024-01-31: 5 mg"},
    {"an_order_dispensed_in_part_counts_nothing",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 84 d
        2024-01-01 D1 supply prednisolone oral 5 mg 28 d fulfils P1
        2024-02-10 D2 supply prednisolone oral 5 mg 28 d fulfils P1)",
     R"(2024-01-01 to 2024-01-29: 5 mg
        2024-02-10 to 2024-03-09: 5 mg)"},
    {"another_drug_may_be_dispensed",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-03 D1 supply dexamethasone oral 0.75 mg 14 d fulfils P1)",
     "2024-01-03 to 2024-01-17: 5 mg"},
    {"an_order_counts_again_when_its_dispense_is_retracted",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-03 D1 supply prednisolone oral 5 mg 28 d fulfils P1
        2024-01-04 R1 retract D1)",
     "2024-01-01 to 2024-01-29: 5 mg"},
    {"an_order_counts_again_when_its_dispense_names_another",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-03 D1 supply prednisolone oral 5 mg 28 d fulfils P1
        2024-01-03 D1 supply prednisolone oral 5 mg 28 d fulfils P2 version 2)",
     "2024-01-01 to 2024-02-26: 5 mg"},
    {"a_single_dose_given_leaves_an_order_of_tablets_alone",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-03 A1 given prednisolone oral 5 mg fulfils P1)",
     "2024-01-01 to 2024-01-29: 5 mg"},
    {"an_order_whose_dispense_is_disputed_is_disputed",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-03-01 D1 supply prednisolone oral 5 mg 28 d fulfils P1
        2024-03-01 D1 supply prednisolone oral 5 mg 20 d fulfils P1)",
     R"(2024-01-01 to 2024-01-29: 5 mg
        or
        2024-03-01 to 2024-03-21: 5 mg
        or
        2024-01-01 to 2024-01-29: 5 mg
        2024-03-01 to 2024-03-21: 5 mg
        or
        2024-03-01 to 2024-03-29: 5 mg
        or
        2024-01-01 to 2024-01-29: 5 mg
        2024-03-01 to 2024-03-29: 5 mg)"},
    {"a_disputed_order_that_was_dispensed_is_out_of_the_question",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-01-01 P1 supply prednisolone oral 5 mg 20 d
        2024-01-03 D1 supply prednisolone oral 5 mg 28 d fulfils P1)",
     "2024-01-03 to 2024-01-31: 5 mg"},
    {"one_dispense_that_is_sure_is_enough",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 28 d
        2024-02-01 D1 supply prednisolone oral 5 mg 7 d fulfils P1
        2024-03-01 D2 supply prednisolone oral 5 mg 28 d fulfils P1
        2024-03-01 D2 supply prednisolone oral 5 mg 20 d fulfils P1)",
     R"(2024-02-01 to 2024-02-08: 5 mg
        or
        2024-02-01 to 2024-02-08: 5 mg
        2024-03-01 to 2024-03-21: 5 mg
        or
        2024-02-01 to 2024-02-08: 5 mg
        2024-03-01 to 2024-03-29: 5 mg)"},
};

class ExposureStory : public testing::TestWithParam<Sentence> {};

TEST_P(ExposureStory, days_and_doses_follow) {
    const Sentence& sentence = GetParam();
    EXPECT_EQ(exposure_of(sentence), lines_of(sentence.exposure));
}

INSTANTIATE_TEST_SUITE_P(Sentences, ExposureStory, testing::ValuesIn(sentences),
                         [](const auto& one) { return one.param.name; });

/// What the steroid monitors say of an exposure as days pass.
struct Passing {
    std::string name;
    std::string story;
    std::string told;
    std::string monitor = "steroid-5mg-90d";
    std::string until = "2025-06-30";
};

const std::vector<Passing> passings{
    {"tablets_for_90_days_reach_90_days_at_start_plus_90", "2024-01-01 P1 supply prednisolone oral 5 mg 90 d",
     R"(2024-03-31 raised warning A since 2024-03-31 by P1
        2024-04-30 resolved warning A since 2024-04-30 by P1, cleared)"},
    {"tablets_for_89_days_never_do", "2024-01-01 P1 supply prednisolone oral 5 mg 89 d", ""},
    {"a_gap_is_bridged_once_a_later_supply_closes_it",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 45 d
        2024-02-29 P2 supply prednisolone oral 5 mg 45 d)",
     R"(2024-03-31 raised warning A since 2024-03-31 by P1 P2
        2024-05-14 resolved warning A since 2024-05-14 by P1 P2, cleared)"},
    {"a_gap_beyond_the_tolerated_one_splits",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 45 d
        2024-03-01 P2 supply prednisolone oral 5 mg 89 d)",
     ""},
    {"the_tolerated_gap_after_the_last_tablet_adds_nothing", R"(2024-01-01 P1 supply prednisolone oral 5 mg 80 d)", ""},
    {"bridged_days_are_zero_in_sums",
     R"(2024-01-01 P1 supply prednisolone oral 20 mg 25 d
        2024-02-05 P2 supply prednisolone oral 20 mg 25 d)",
     "2024-02-29 raised warning A since 2024-02-29 by P1 P2", "steroid-cumulative-12m", "2024-06-30"},
    {"a_disputed_supply_that_decides_leaves_it_unknown",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 100 d
        2024-01-01 P1 supply prednisolone oral 2 mg 100 d)",
     ""},
    {"a_disputed_supply_that_does_not_decide_changes_nothing",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 90 d strength 5mg
        2024-01-01 P2 supply prednisolone oral 1 mg 20 d strength 1mg
        2024-01-01 P2 supply prednisolone oral 2 mg 20 d strength 1mg)",
     R"(2024-03-31 raised warning A since 2024-03-31 by P1
        2024-04-30 resolved warning A since 2024-04-30 by P1, cleared)"},
    {"a_late_dispense_changes_what_was_told_from_the_orders_start",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 100 d
        2024-02-01 D1 supply prednisolone oral 5 mg 100 d fulfils P1 arrives 2024-04-10)",
     R"(2024-03-31 raised warning A since 2024-03-31 by P1
        2024-04-10 withdrawn warning A since 2024-04-10 by P1, changed D1
        2024-05-01 raised warning B since 2024-05-01 by D1
        2024-06-10 resolved warning B since 2024-06-10 by D1, cleared)"},
    {"a_retracted_dispense_gives_it_back",
     R"(2024-01-01 P1 supply prednisolone oral 5 mg 100 d
        2024-02-20 D1 supply prednisolone oral 5 mg 10 d fulfils P1
        2024-04-05 R1 retract D1)",
     R"(2024-04-05 raised warning A since 2024-03-31 by P1
        2024-05-10 resolved warning A since 2024-05-10 by P1, cleared)"},
};

class ExposurePassing : public testing::TestWithParam<Passing> {};

TEST_P(ExposurePassing, tells_on_the_day) {
    const Passing& passing = GetParam();
    EXPECT_EQ(told(passing.story, passing.monitor, passing.until), lines_of(passing.told));
}

INSTANTIATE_TEST_SUITE_P(Sentences, ExposurePassing, testing::ValuesIn(passings),
                         [](const auto& one) { return one.param.name; });

} // namespace
} // namespace bonewatch::daemon
