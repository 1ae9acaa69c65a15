#include "store/model/event.h"

#include <gtest/gtest.h>

namespace bonewatch::model {
namespace {

TEST(Version, parts_order_and_a_missing_part_is_below_every_part) {
    const std::vector<Version> ascending{{{}}, {{0}}, {{1}}, {{1, -5}}, {{1, 0}}, {{1, 0, 0}}, {{1, 1}}, {{2}}, {{10}}};
    for (std::size_t a = 0; a < ascending.size(); ++a)
        for (std::size_t b = 0; b < ascending.size(); ++b)
            EXPECT_EQ(ascending[a] < ascending[b], a < b) << a << " " << b;
}

Event event_with(EventBody body) {
    Event event;
    event.key = {PublisherId("lab"), FactId("own")};
    event.body = std::move(body);
    return event;
}

TEST(Event, a_retraction_belongs_to_the_fact_it_names_of_the_same_publisher) {
    EXPECT_EQ(fact_of(event_with(RetractionEvent{FactId("L-1"), {}})), (FactKey{PublisherId("lab"), FactId("L-1")}));
    EXPECT_EQ(fact_of(event_with(ProcedureEvent{CodeId("dxa")})), (FactKey{PublisherId("lab"), FactId("own")}));
}

TEST(Event, each_type_has_its_word_and_its_code) {
    ResultEvent result;
    result.analyte = CodeId("tsh");
    SupplyEvent supply;
    supply.drug = CodeId("prednisolone");
    const std::vector<std::tuple<EventBody, std::string_view, std::string_view>> types{
        {result, "result", "tsh"},
        {supply, "supply", "prednisolone"},
        {StopEvent{CodeId("prednisolone"), {}}, "stop", "prednisolone"},
        {AdministrationEvent{CodeId("denosumab"), Route::subcutaneous, {}}, "administration", "denosumab"},
        {ConditionEvent{CodeId("rheumatoid-arthritis"), {}}, "condition", "rheumatoid-arthritis"},
        {ProcedureEvent{CodeId("dxa")}, "procedure", "dxa"},
        {PatientEvent{}, "patient", ""},
        {RetractionEvent{FactId("L-1"), {}}, "retraction", ""},
    };
    for (const auto& [body, word, code] : types) {
        const Event event = event_with(body);
        EXPECT_EQ(type_word(event), word);
        EXPECT_EQ(code_of(event) == nullptr ? "" : code_of(event)->text, code);
    }
}

} // namespace
} // namespace bonewatch::model
