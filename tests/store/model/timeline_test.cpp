#include "store/model/timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace bonewatch::model {
namespace {

FactPtr fact(std::string id, const char* at, EventBody body) {
    Event event;
    event.key = {PublisherId("lab"), FactId(std::move(id))};
    event.at = at_utc(parse_instant(at).value());
    event.body = std::move(body);
    return std::make_shared<const Fact>(Fact{event, false});
}

EventBody tsh() {
    ResultEvent result;
    result.analyte = CodeId("tsh");
    return result;
}

std::string ids(const Timeline::Series& series) {
    std::string out;
    for (const FactPtr& each : series)
        out += each->event.key.id.text;
    return out;
}

TEST(Timeline, each_series_holds_its_own_kind_and_code) {
    Timeline line;
    line.add(fact("a", "2026-01-01", tsh()));
    line.add(fact("b", "2026-01-02", ProcedureEvent{CodeId("dxa")}));
    line.add(fact("c", "2026-01-03", StopEvent{CodeId("prednisolone"), {}}));
    line.add(fact("d", "2026-01-04", ConditionEvent{CodeId("dxa"), {}}));
    line.add(fact("e", "2026-01-05", PatientEvent{}));
    EXPECT_EQ(ids(line.results(CodeId("tsh"))), "a");
    EXPECT_EQ(ids(line.procedures(CodeId("dxa"))), "b");
    EXPECT_EQ(ids(line.stops(CodeId("prednisolone"))), "c");
    EXPECT_EQ(ids(line.conditions(CodeId("dxa"))), "d");
    EXPECT_EQ(ids(line.patient()), "e");
    EXPECT_EQ(ids(line.supplies(CodeId("prednisolone"))), "");
    EXPECT_EQ(ids(line.all()), "abcd");
}

TEST(Timeline, arrival_leaves_no_trace) {
    std::vector<FactPtr> facts{
        fact("a", "2026-01-01T08:00:00Z", tsh()), fact("b", "2026-01-01T09:00:00Z", tsh()),
        fact("c", "2026-01-01T09:00:00Z", tsh()), fact("d", "2026-02-01", tsh()),
        fact("e", "2025-12-31T23:59:59Z", tsh()), fact("f", "2026-01-15", ProcedureEvent{CodeId("dxa")})};
    std::mt19937_64 random(1);
    for (int i = 0; i < 100; ++i) {
        std::ranges::shuffle(facts, random);
        Timeline line;
        for (const FactPtr& each : facts)
            line.add(each);
        ASSERT_EQ(ids(line.results(CodeId("tsh"))), "eabcd");
        ASSERT_EQ(ids(line.all()), "eabcfd");
    }
}

TEST(Timeline, a_removed_fact_leaves_every_series) {
    Timeline line;
    line.add(fact("a", "2026-01-01", tsh()));
    line.add(fact("b", "2026-01-02", tsh()));
    line.add(fact("p", "2026-01-02", PatientEvent{}));
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("a")})), "a");
    EXPECT_EQ(ids(line.results(CodeId("tsh"))), "b");
    EXPECT_EQ(ids(line.all()), "b");
    EXPECT_EQ(ids(line.remove({PublisherId("other"), FactId("b")})), "");
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("p")})), "p");
    EXPECT_FALSE(line.empty());
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("b")})), "b");
    EXPECT_TRUE(line.empty());
}

TEST(Timeline, both_contents_of_a_disputed_fact_stand_in_it) {
    Timeline line;
    line.add(fact("a", "2026-01-01", tsh()));
    line.add(fact("a", "2026-01-02", tsh()));
    EXPECT_EQ(line.results(CodeId("tsh")).size(), 2u);
    EXPECT_EQ(line.remove({PublisherId("lab"), FactId("a")}).size(), 2u);
    EXPECT_TRUE(line.empty());
}

TEST(Timeline, a_retraction_is_no_fact) {
    Timeline line;
    line.add(fact("a", "2026-01-01", RetractionEvent{FactId("b"), {}}));
    EXPECT_TRUE(line.empty());
}

FactPtr supply(std::string id, const char* at, std::vector<FactId> fulfils, bool is_disputed = false) {
    SupplyEvent body;
    body.drug = CodeId(id.starts_with("d") ? "prednisolone" : "prednisone");
    body.fulfils = std::move(fulfils);
    Fact made = *fact(std::move(id), at, body);
    made.disputed = is_disputed;
    return std::make_shared<const Fact>(made);
}

/// What counts of the order's drug, `?` behind what is disputed; then what is set aside.
std::string orders_in(const Timeline& line) {
    std::string out;
    for (const FactPtr& each : line.supplies(CodeId("prednisone")))
        out += each->event.key.id.text + (each->disputed ? "?" : "");
    return out + "|" + ids(line.set_aside());
}

TEST(Timeline, an_order_counts_nothing_while_something_fulfils_it) {
    Timeline line;
    line.add(supply("a", "2026-01-01", {}));
    EXPECT_EQ(orders_in(line), "a|");
    EXPECT_EQ(ids(line.add(supply("d", "2026-01-03", {FactId("a"), FactId("b")}))), "a");
    EXPECT_EQ(orders_in(line), "|a");
    EXPECT_EQ(ids(line.fulfilling({PublisherId("lab"), FactId("a")})), "d");
    EXPECT_EQ(ids(line.add(supply("b", "2026-01-02", {}))), "");
    EXPECT_EQ(orders_in(line), "|ab");
    EXPECT_EQ(ids(line.all()), "abd");
    EXPECT_EQ(ids(line.add(supply("dd", "2026-01-04", {FactId("a")}))), "");
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("d")})), "db");
    EXPECT_EQ(orders_in(line), "b|a");
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("a")})), "a");
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("dd")})), "dd");
    EXPECT_EQ(orders_in(line), "b|");
}

TEST(Timeline, an_order_that_only_disputed_facts_fulfil_is_disputed) {
    Timeline line;
    line.add(supply("d", "2026-01-03", {FactId("a")}, true));
    line.add(supply("a", "2026-01-01", {}));
    EXPECT_EQ(orders_in(line), "a?|");
    EXPECT_EQ(ids(line.add(supply("dd", "2026-01-04", {FactId("a")}))), "a");
    EXPECT_EQ(orders_in(line), "|a");
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("dd")})), "dda");
    EXPECT_EQ(orders_in(line), "a?|");
    EXPECT_EQ(ids(line.remove({PublisherId("lab"), FactId("d")})), "da");
    EXPECT_EQ(orders_in(line), "a|");
}

TEST(Timeline, only_what_is_of_its_kind_and_publisher_fulfils_an_order) {
    Timeline line;
    line.add(supply("a", "2026-01-01", {FactId("a")}));
    AdministrationEvent given;
    given.fulfils = {FactId("a")};
    line.add(fact("g", "2026-01-02", given));
    Fact foreign = *supply("f", "2026-01-02", {FactId("a")});
    foreign.event.key.publisher = PublisherId("other");
    line.add(std::make_shared<const Fact>(foreign));
    EXPECT_EQ(orders_in(line), "af|");
}

TEST(Timeline, what_fulfils_an_order_leaves_no_trace_of_its_arrival) {
    std::vector<FactPtr> facts{supply("a", "2026-01-01", {}), supply("b", "2026-01-02", {}),
                               supply("c", "2026-01-03", {FactId("b")}), supply("d", "2026-01-04", {FactId("a")}, true),
                               supply("d", "2026-01-05", {FactId("c")}, true)};
    std::mt19937_64 random(1);
    for (int i = 0; i < 100; ++i) {
        std::ranges::shuffle(facts, random);
        Timeline line;
        for (const FactPtr& each : facts)
            line.add(each);
        ASSERT_EQ(orders_in(line), "a?c?|b");
        ASSERT_EQ(ids(line.all()), "abcdd");
    }
}

} // namespace
} // namespace bonewatch::model
