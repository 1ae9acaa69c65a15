#include "store/directory.h"

#include <gtest/gtest.h>

namespace bonewatch::store {
namespace {

using namespace model;

Event result_of(std::string publisher, std::string id, PatientIdentifier patient) {
    Event event;
    event.key = {PublisherId(std::move(publisher)), FactId(std::move(id))};
    event.patient = std::move(patient);
    event.body = ProcedureEvent{CodeId("dxa")};
    return event;
}

Event person(std::string publisher, PatientIdentifier patient, std::vector<PatientIdentifier> further) {
    Event event = result_of(std::move(publisher), to_text(patient), patient);
    PatientEvent body;
    body.identifiers = std::move(further);
    event.body = body;
    return event;
}

Event retraction_of(std::string publisher, std::string id, std::string of, PatientIdentifier patient) {
    Event event = result_of(std::move(publisher), std::move(id), std::move(patient));
    event.body = RetractionEvent{FactId(std::move(of)), std::nullopt};
    return event;
}

const PatientIdentifier nhs_1{"nhs", "9990000018"};
const PatientIdentifier nhs_2{"nhs", "9990000026"};
const PatientIdentifier nhs_3{"nhs", "9990000034"};
const PatientIdentifier nhs_4{"nhs", "9990000042"};
const PatientIdentifier own_1{"lab", "H1"};
const PatientIdentifier own_2{"lab", "H2"};

class DirectoryRules : public testing::Test {
  protected:
    Routing route(const Event& event) {
        const auto routing = directory_.route(event, batch_);
        EXPECT_TRUE(routing.has_value()) << routing.error().message;
        return routing.value_or(Routing{});
    }
    std::uint64_t named(const Event& event) { return route(event).named.value; }
    std::vector<std::uint64_t> concerned(const Event& event) {
        std::vector<std::uint64_t> numbers;
        for (const PatientNumber patient : route(event).concerned)
            numbers.push_back(patient.value);
        return numbers;
    }
    void commit() {
        ASSERT_TRUE(store_->commit(batch_).has_value());
        batch_.clear();
        directory_.committed();
    }
    /// With an empty publisher: of a strong system, or where one publisher alone uses it.
    std::optional<std::uint64_t> found(const PatientIdentifier& identifier, const std::string& publisher = {}) {
        auto bearers = directory_.bearers_of(identifier).value();
        if (!publisher.empty())
            std::erase_if(bearers, [&](const Bearer& bearer) {
                return !bearer.publisher.empty() && bearer.publisher.text != publisher;
            });
        return bearers.size() == 1 ? std::optional<std::uint64_t>(bearers.front().patient.value) : std::nullopt;
    }

    std::unique_ptr<KeyValue> store_ = memory_store();
    Directory directory_{*store_, {}};
    WriteBatch batch_;
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(DirectoryRules, an_unseen_strong_identifier_makes_a_patient) {
    EXPECT_EQ(named(result_of("a", "1", nhs_1)), 1u);
    EXPECT_EQ(named(result_of("a", "2", nhs_2)), 2u);
    EXPECT_EQ(named(result_of("a", "3", nhs_1)), 1u);
}

TEST_F(DirectoryRules, a_strong_identifier_links_publishers) {
    EXPECT_EQ(named(result_of("a", "1", nhs_1)), 1u);
    EXPECT_EQ(named(result_of("b", "1", nhs_1)), 1u);
}

TEST_F(DirectoryRules, another_system_counts_within_one_publisher_alone) {
    EXPECT_EQ(named(result_of("a", "1", own_1)), 1u);
    EXPECT_EQ(named(result_of("b", "1", own_1)), 2u);
    EXPECT_EQ(named(result_of("a", "2", own_1)), 1u);
    EXPECT_TRUE(route(result_of("a", "2", own_1)).is_own);
    EXPECT_FALSE(route(result_of("a", "3", nhs_1)).is_own);
}

TEST_F(DirectoryRules, everyone_who_bears_an_identifier_is_known_by_publisher) {
    (void)route(result_of("b", "1", own_1));
    (void)route(result_of("a", "1", own_1));
    (void)route(result_of("a", "2", nhs_1));
    EXPECT_EQ(directory_.bearers_of(own_1).value(),
              (std::vector<Bearer>{{PublisherId("a"), {2}}, {PublisherId("b"), {1}}}));
    EXPECT_EQ(directory_.bearers_of(nhs_1).value(), (std::vector<Bearer>{{PublisherId(), {3}}}));
    EXPECT_EQ(directory_.bearers_of(nhs_2).value(), std::vector<Bearer>{});
}

TEST_F(DirectoryRules, a_patient_event_links_further_identifiers) {
    EXPECT_EQ(named(result_of("a", "1", own_1)), 1u);
    EXPECT_EQ(named(person("a", own_1, {nhs_1})), 1u);
    EXPECT_EQ(named(result_of("b", "1", nhs_1)), 1u);
}

TEST_F(DirectoryRules, a_patient_event_meets_a_patient_known_elsewhere) {
    EXPECT_EQ(named(result_of("b", "1", nhs_1)), 1u);
    EXPECT_EQ(named(person("a", own_1, {nhs_1, own_2})), 1u);
    EXPECT_EQ(named(result_of("a", "1", own_1)), 1u);
    EXPECT_EQ(named(result_of("a", "2", own_2)), 1u);
    EXPECT_EQ(named(result_of("b", "2", own_2)), 2u);
}

TEST_F(DirectoryRules, an_id_that_stands_for_everybody_is_refused) {
    const auto patient = [](std::size_t number) { return PatientIdentifier{"a", "H" + std::to_string(number)}; };
    for (std::size_t i = 0; i < patients_of_a_fact_max; ++i)
        EXPECT_EQ(named(result_of("a", "1", patient(i))), i + 1);
    const auto written = batch_.writes().size();
    const auto routing = directory_.route(result_of("a", "1", patient(patients_of_a_fact_max)), batch_);
    ASSERT_FALSE(routing.has_value());
    EXPECT_EQ(routing.error().kind, ErrorKind::unusable);
    EXPECT_EQ(routing.error().reason, "id_reused");
    EXPECT_EQ(batch_.writes().size(), written);
    EXPECT_EQ(named(result_of("a", "1", patient(3))), 4u) << "a later version for one of them counts";
    EXPECT_EQ(named(result_of("a", "2", patient(patients_of_a_fact_max))), patients_of_a_fact_max + 1);
    EXPECT_EQ(named(result_of("b", "1", nhs_1)), patients_of_a_fact_max + 2) << "ids count within a publisher";
}

TEST_F(DirectoryRules, identifiers_of_two_known_patients_conflict_and_write_nothing) {
    EXPECT_EQ(named(result_of("a", "1", nhs_1)), 1u);
    EXPECT_EQ(named(result_of("a", "2", nhs_2)), 2u);
    const auto written = batch_.writes().size();
    const auto routing = directory_.route(person("a", own_1, {nhs_1, nhs_2}), batch_);
    ASSERT_FALSE(routing.has_value());
    EXPECT_EQ(routing.error().kind, ErrorKind::unusable);
    EXPECT_EQ(routing.error().reason, "identity_conflict");
    EXPECT_EQ(routing.error().message,
              "the identifiers of this event, of the systems 'nhs' and 'nhs', stand for two different known patients");
    EXPECT_EQ(batch_.writes().size(), written);
    EXPECT_EQ(found(own_1, "a"), std::nullopt);
    EXPECT_EQ(named(result_of("a", "3", own_1)), 3u);
}

TEST_F(DirectoryRules, a_second_number_of_a_strong_system_is_another_person_unless_the_event_says_both) {
    EXPECT_EQ(named(person("a", own_1, {nhs_1})), 1u);
    const auto written = batch_.writes().size();
    const auto routing = directory_.route(person("a", own_1, {nhs_2}), batch_);
    ASSERT_FALSE(routing.has_value());
    EXPECT_EQ(routing.error().reason, "identity_conflict");
    EXPECT_EQ(batch_.writes().size(), written);
    EXPECT_EQ(named(result_of("a", "1", nhs_2)), 2u) << "whose number it is";
    EXPECT_EQ(named(person("a", own_2, {nhs_3})), 3u);
    EXPECT_EQ(named(person("a", own_2, {nhs_3, nhs_4})), 3u) << "an old one and a new one";
    EXPECT_EQ(named(result_of("b", "1", nhs_4)), 3u);
    EXPECT_EQ(named(person("b", own_2, {nhs_4})), 3u);
}

TEST_F(DirectoryRules, an_event_without_publisher_is_unusable) {
    const auto routing = directory_.route(result_of("", "1", nhs_1), batch_);
    ASSERT_FALSE(routing.has_value());
    EXPECT_EQ(routing.error().reason, "no_publisher");
}

TEST_F(DirectoryRules, a_fact_concerns_everyone_it_ever_named) {
    EXPECT_EQ(concerned(result_of("a", "1", nhs_1)), Numbers{1});
    EXPECT_EQ(concerned(result_of("a", "1", nhs_2)), (Numbers{1, 2}));
    EXPECT_EQ(concerned(result_of("a", "1", nhs_1)), (Numbers{1, 2}));
    EXPECT_EQ(concerned(result_of("a", "2", nhs_2)), Numbers{2});
    EXPECT_EQ(concerned(result_of("b", "1", nhs_2)), Numbers{2});
}

TEST_F(DirectoryRules, a_retraction_concerns_those_of_the_fact_it_names) {
    EXPECT_EQ(concerned(result_of("a", "1", nhs_1)), Numbers{1});
    EXPECT_EQ(concerned(result_of("a", "1", nhs_2)), (Numbers{1, 2}));
    EXPECT_EQ(concerned(retraction_of("a", "R", "1", nhs_2)), (Numbers{1, 2}));
}

TEST_F(DirectoryRules, a_retraction_before_its_target_is_remembered_for_it) {
    EXPECT_EQ(concerned(retraction_of("a", "R", "1", nhs_1)), Numbers{1});
    const Routing routing = route(result_of("a", "1", nhs_2));
    EXPECT_EQ(routing.concerned.size(), 2u);
    EXPECT_TRUE(routing.is_newly_named);
}

TEST_F(DirectoryRules, newly_named_is_who_meets_a_fact_that_others_know) {
    EXPECT_FALSE(route(result_of("a", "1", nhs_1)).is_newly_named);
    EXPECT_FALSE(route(result_of("a", "1", nhs_1)).is_newly_named);
    EXPECT_TRUE(route(result_of("a", "1", nhs_2)).is_newly_named);
    EXPECT_FALSE(route(result_of("a", "1", nhs_2)).is_newly_named);
}

TEST_F(DirectoryRules, what_is_known_costs_no_write) {
    (void)route(result_of("a", "1", nhs_1));
    const auto written = batch_.writes().size();
    (void)route(result_of("a", "1", nhs_1));
    EXPECT_EQ(batch_.writes().size(), written);
}

TEST_F(DirectoryRules, a_new_directory_over_the_store_knows_what_was_committed) {
    (void)route(person("a", own_1, {nhs_1}));
    (void)route(result_of("a", "1", nhs_2));
    commit();
    EXPECT_EQ(found(nhs_1), 1u);

    Directory other(*store_, {});
    WriteBatch batch;
    EXPECT_EQ(other.route(result_of("b", "7", nhs_1), batch).value().named.value, 1u);
    EXPECT_EQ(other.route(result_of("a", "1", nhs_1), batch).value().concerned.size(), 2u);
    EXPECT_EQ(other.route(result_of("b", "8", {"nhs", "new"}), batch).value().named.value, 3u);
}

TEST_F(DirectoryRules, numbers_go_on_after_many_commits) {
    for (std::uint64_t number = 1; number <= 300; ++number) {
        EXPECT_EQ(named(result_of("a", std::to_string(number), {"nhs", std::to_string(number)})), number);
        if (number % 7 == 0)
            commit();
    }
    EXPECT_EQ(found({"nhs", "1"}), 1u);
    EXPECT_EQ(found({"nhs", "300"}), 300u);
}

TEST_F(DirectoryRules, a_retraction_that_names_nobody_reaches_whom_the_fact_ever_named) {
    (void)route(result_of("lab", "L-1", nhs_1));
    (void)route(result_of("lab", "L-1", nhs_2));
    const Routing routing = route(retraction_of("lab", "R-1", "L-1", {}));
    EXPECT_EQ(routing.named.value, 0u);
    EXPECT_EQ(routing.concerned, (std::vector{PatientNumber{1}, PatientNumber{2}}));
    EXPECT_FALSE(routing.is_newly_named);
    EXPECT_EQ(named(result_of("lab", "L-9", {"nhs", "3"})), 3u);
    for (const Event& event : {retraction_of("lab", "R-1", "L-2", {}), retraction_of("pharmacy", "R-1", "L-1", {})}) {
        const auto unknown = directory_.route(event, batch_);
        ASSERT_FALSE(unknown.has_value());
        EXPECT_EQ(unknown.error().kind, ErrorKind::unusable);
        EXPECT_EQ(unknown.error().reason, "unknown_fact");
    }
}

TEST_F(DirectoryRules, a_weak_identifier_is_found_without_its_publisher_if_one_alone_uses_it) {
    (void)route(result_of("a", "1", own_1));
    EXPECT_EQ(found(own_1), 1u);
    EXPECT_EQ(found(own_1, "a"), 1u);
    EXPECT_EQ(found(own_1, "b"), std::nullopt);
    (void)route(result_of("b", "1", own_1));
    EXPECT_EQ(found(own_1), std::nullopt);
    EXPECT_EQ(found(own_1, "a"), 1u);
    EXPECT_EQ(found(own_1, "b"), 2u);
}

TEST_F(DirectoryRules, configured_systems_are_strong) {
    Directory directory(*store_, {{"ehic"}});
    EXPECT_EQ(directory.route(result_of("a", "1", {"ehic", "1"}), batch_).value().named.value, 1u);
    EXPECT_EQ(directory.route(result_of("b", "1", {"ehic", "1"}), batch_).value().named.value, 1u);
    EXPECT_EQ(directory.route(result_of("a", "2", nhs_1), batch_).value().named.value, 2u);
    EXPECT_EQ(directory.route(result_of("b", "2", nhs_1), batch_).value().named.value, 3u);
}

TEST_F(DirectoryRules, no_key_shows_an_identifier_or_a_fact_id) {
    (void)route(person("north-lab", own_1, {nhs_1}));
    (void)route(result_of("north-lab", "fact-of-9990000018", nhs_1));
    for (const WriteBatch::Write& write : batch_.writes())
        for (const char* text : {"9990000018", "H1", "north-lab", "fact-of"})
            EXPECT_EQ(write.key.find(text), std::string::npos);
}

TEST_F(DirectoryRules, two_texts_with_one_digest_are_reported) {
    (void)route(result_of("a", "1", nhs_1));
    commit();
    WriteBatch forged;
    ASSERT_TRUE(store_->scan(Table::directory, "", "", [&](std::string_view key, std::string_view value) {
        std::string other(value);
        if (const auto at = other.find("9990000018"); at != std::string::npos)
            other[at] = '8';
        forged.put(Table::directory, std::string(key), other);
        return true;
    }));
    ASSERT_TRUE(store_->commit(forged).has_value());
    Directory fresh(*store_, {});
    const auto routing = fresh.route(result_of("a", "2", nhs_1), batch_);
    ASSERT_FALSE(routing.has_value());
    EXPECT_EQ(routing.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(routing.error().reason, "digest_collision");
}

TEST_F(DirectoryRules, damaged_rows_are_reported_and_never_crash) {
    (void)route(person("a", own_1, {nhs_1}));
    (void)route(result_of("a", "1", nhs_1));
    commit();
    std::vector<std::pair<std::string, std::string>> rows;
    ASSERT_TRUE(store_->scan(Table::directory, "", "", [&](std::string_view key, std::string_view value) {
        rows.emplace_back(key, value);
        return true;
    }));
    for (const auto& [key, value] : rows)
        for (std::size_t size = 0; size < value.size(); ++size) {
            const auto damaged_store = memory_store();
            WriteBatch batch;
            for (const auto& [other_key, other_value] : rows)
                batch.put(Table::directory, other_key, other_key == key ? value.substr(0, size) : other_value);
            ASSERT_TRUE(damaged_store->commit(batch).has_value());
            Directory directory(*damaged_store, {});
            for (const Event& event :
                 {person("a", own_1, {nhs_1}), result_of("a", "1", nhs_1), result_of("b", "2", nhs_2)})
                if (const auto routing = directory.route(event, batch); !routing) {
                    ASSERT_EQ(routing.error().kind, ErrorKind::unavailable);
                }
            (void)directory.bearers_of(own_1);
        }
}

} // namespace
} // namespace bonewatch::store
