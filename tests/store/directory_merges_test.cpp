#include "store/directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace bonewatch::store {
namespace {

using namespace model;

PatientIdentifier person(int number) {
    return {"nhs", std::string("P") + static_cast<char>('0' + number)};
}

Event merge(std::string id, int from, int into, std::int64_t version = 1) {
    Event event;
    event.key = {PublisherId("lab"), FactId(std::move(id))};
    event.version = {{version}};
    event.patient = person(into);
    event.body = MergeEvent{person(from)};
    return event;
}

Event fact_of(int number) {
    Event event;
    event.key = {PublisherId("lab"), FactId("L-" + std::to_string(number))};
    event.patient = person(number);
    event.body = ProcedureEvent{CodeId("dxa")};
    return event;
}

/// A directory in which the persons 0 to 5 are known by the numbers 1 to 6, unless told to meet them in another order.
class DirectoryMerges : public testing::Test {
  protected:
    explicit DirectoryMerges(std::vector<int> order = {0, 1, 2, 3, 4, 5}) {
        for (const int number : order)
            numbers_[number] = directory_->route(fact_of(number), batch_).value().named;
    }
    /// Says that a merge stands, or with `stands` false that it does not. Gives whether that changed anything.
    bool set(const Event& event, bool stands = true) {
        EXPECT_TRUE(directory_->route(event, batch_).has_value());
        return !directory_->set_merge(event.key, stands ? &event : nullptr, batch_).value().empty();
    }
    /// `in 0: 0 1 2; in 3: 3`, the persons by union.
    std::string unions() {
        std::map<int, std::vector<int>> by_canonical;
        for (const auto& [number, patient] : numbers_) {
            const Union joined = directory_->union_of(patient).value();
            EXPECT_EQ(joined.canonical, directory_->canonical_of(patient));
            EXPECT_TRUE(std::ranges::binary_search(joined.members, patient));
            by_canonical[name_of(joined.canonical)].push_back(number);
        }
        std::string out;
        for (const auto& [canonical, members] : by_canonical) {
            if (members.size() == 1)
                continue;
            out += (out.empty() ? "in " : "; in ") + std::to_string(canonical) + ":";
            for (const int member : members)
                out += " " + std::to_string(member);
        }
        return out;
    }
    int name_of(PatientNumber patient) {
        for (const auto& [number, known] : numbers_)
            if (known == patient)
                return number;
        return -1;
    }
    /// The process ends, and another one reads the store.
    void restart() {
        ASSERT_TRUE(store_->commit(batch_).has_value());
        batch_.clear();
        directory_ = std::make_unique<Directory>(*store_, IdentityRules{});
        ASSERT_TRUE(directory_->open().has_value());
    }

    std::unique_ptr<KeyValue> store_ = memory_store();
    WriteBatch batch_;
    std::unique_ptr<Directory> directory_ = std::make_unique<Directory>(*store_, IdentityRules{});
    std::map<int, PatientNumber> numbers_;
};

TEST_F(DirectoryMerges, nobody_is_merged_to_begin_with) {
    EXPECT_EQ(unions(), "");
    EXPECT_FALSE(directory_->is_merged(numbers_[0]));
    EXPECT_EQ(directory_->alias_count(), 0u);
}

TEST_F(DirectoryMerges, the_one_merged_away_goes_on_in_the_survivor) {
    EXPECT_TRUE(set(merge("M-1", 0, 1)));
    EXPECT_EQ(unions(), "in 1: 0 1");
    EXPECT_EQ(directory_->alias_count(), 1u);
    EXPECT_FALSE(set(merge("M-1", 0, 1))) << "nothing new";
    EXPECT_TRUE(set(merge("M-1", 0, 1), false));
    EXPECT_EQ(unions(), "");
    EXPECT_EQ(directory_->alias_count(), 0u);
    EXPECT_FALSE(set(merge("M-1", 0, 1), false)) << "not there any more";
}

TEST_F(DirectoryMerges, more_records_than_a_person_has_are_not_joined) {
    const auto refusal = [&](const Event& event) {
        const auto routing = directory_->route(event, batch_);
        return routing ? std::string() : routing.error().reason;
    };
    const int last = static_cast<int>(members_of_a_union_max);
    for (int number = 1; number < last; ++number)
        ASSERT_TRUE(set(merge("M-" + std::to_string(number), number, 0)));
    EXPECT_EQ(refusal(merge("M-last", last, 0)), "union_too_large");
    EXPECT_EQ(refusal(merge("M-again", 3, 7)), "") << "they are one already";
    ASSERT_TRUE(set(merge("M-9", 9, 0), false));
    EXPECT_EQ(refusal(merge("M-last", last, 0)), "") << "one is another patient after all";
}

TEST_F(DirectoryMerges, a_chain_ends_in_the_last_survivor_and_parts_where_it_is_cut) {
    set(merge("M-1", 2, 1));
    set(merge("M-2", 1, 0));
    EXPECT_EQ(unions(), "in 0: 0 1 2");
    set(merge("M-2", 1, 0), false);
    EXPECT_EQ(unions(), "in 1: 1 2");
    set(merge("M-2", 1, 0));
    set(merge("M-1", 2, 1), false);
    EXPECT_EQ(unions(), "in 0: 0 1");
}

TEST_F(DirectoryMerges, of_two_survivors_the_least_name_goes_on) {
    set(merge("M-1", 0, 3));
    EXPECT_EQ(unions(), "in 3: 0 3");
    set(merge("M-2", 0, 2));
    EXPECT_EQ(unions(), "in 2: 0 2 3");
}

TEST_F(DirectoryMerges, a_second_merge_of_the_same_two_holds_when_the_first_is_undone) {
    set(merge("M-1", 1, 0));
    EXPECT_TRUE(set(merge("M-2", 1, 0))) << "another merge stands";
    set(merge("M-1", 1, 0), false);
    EXPECT_EQ(unions(), "in 0: 0 1");
    set(merge("M-2", 1, 0), false);
    EXPECT_EQ(unions(), "");
}

TEST_F(DirectoryMerges, a_circle_goes_on_in_the_least_name) {
    set(merge("M-1", 1, 2));
    set(merge("M-2", 2, 3));
    set(merge("M-3", 3, 1));
    EXPECT_EQ(unions(), "in 1: 1 2 3");
}

TEST_F(DirectoryMerges, a_later_version_may_name_others) {
    set(merge("M-1", 0, 1));
    EXPECT_TRUE(set(merge("M-1", 0, 4, 2)));
    EXPECT_EQ(unions(), "in 4: 0 4");
    EXPECT_TRUE(set(merge("M-1", 0, 0, 3))) << "it names nobody but one";
    EXPECT_EQ(unions(), "");
}

TEST_F(DirectoryMerges, unknown_patients_are_made_by_it) {
    Event unknown = merge("M-1", 7, 8);
    const Routing routing = directory_->route(unknown, batch_).value();
    EXPECT_EQ(routing.concerned.size(), 2u);
    EXPECT_EQ(directory_->patient_count().value(), 8u);
    EXPECT_FALSE(routing.is_newly_named);
    EXPECT_TRUE(directory_->route(merge("M-1", 1, 8, 2), batch_).value().is_newly_named);
}

TEST_F(DirectoryMerges, who_is_one_by_a_merge_is_no_conflict_of_identities) {
    Event details = fact_of(0);
    PatientEvent both;
    both.identifiers = {person(1)};
    details.body = both;
    EXPECT_EQ(directory_->route(details, batch_).error().reason, "identity_conflict");
    set(merge("M-1", 1, 0));
    EXPECT_EQ(directory_->route(details, batch_).value().named, numbers_[0]);
    set(merge("M-1", 1, 0), false);
    EXPECT_EQ(directory_->route(details, batch_).error().reason, "identity_conflict");
}

TEST_F(DirectoryMerges, a_restart_knows_them) {
    set(merge("M-1", 2, 1));
    set(merge("M-2", 1, 0));
    set(merge("M-3", 4, 5));
    set(merge("M-3", 4, 5), false);
    restart();
    EXPECT_EQ(unions(), "in 0: 0 1 2");
    EXPECT_EQ(directory_->alias_count(), 2u);
    EXPECT_EQ(directory_->merge_of(merge("M-2", 1, 0).key).value().value().from, numbers_[1]);
    EXPECT_FALSE(directory_->merge_of(merge("M-3", 4, 5).key).value());
    set(merge("M-2", 1, 0), false);
    EXPECT_EQ(unions(), "in 1: 1 2");
}

/// Obviously right: everyone starts alone, and merges are tried until nothing moves.
std::string unions_of(const std::map<std::string, Event>& standing, const std::vector<int>& everyone) {
    std::map<int, int> group;
    for (const int one : everyone)
        group[one] = one;
    const auto number_in = [](const PatientIdentifier& who) { return who.value[1] - '0'; };
    for (const auto& [id, event] : standing) {
        const int a = group[number_in(event.patient)];
        const int b = group[number_in(std::get<MergeEvent>(event.body).from)];
        for (auto& [one, its] : group)
            if (its == b)
                its = a;
    }
    std::map<int, std::string> texts; ///< By whom the group goes on in.
    for (const int one : everyone) {
        std::vector<int> members;
        for (const int other : everyone)
            if (group[other] == group[one])
                members.push_back(other);
        if (members.size() == 1)
            continue;
        int best = -1;
        for (const bool may_be_merged_away : {false, true})
            for (const int member : members) {
                const bool is_merged_away = std::ranges::any_of(standing, [&](const auto& known) {
                    return number_in(std::get<MergeEvent>(known.second.body).from) == member &&
                           number_in(known.second.patient) != member;
                });
                if (best < 0 && (may_be_merged_away || !is_merged_away))
                    best = member;
            }
        texts[best] = std::to_string(best) + ":";
        for (const int member : members)
            texts[best] += " " + std::to_string(member);
    }
    std::string out;
    for (const auto& [best, text] : texts)
        out += (out.empty() ? "in " : "; in ") + text;
    return out;
}

class AnyDirectory : public DirectoryMerges {
  public:
    explicit AnyDirectory(const std::vector<int>& order) : DirectoryMerges(order) {}
    void TestBody() override {}
    using DirectoryMerges::restart;
    using DirectoryMerges::set;
    using DirectoryMerges::unions;
};

TEST(AnyDirectoryMerges, are_what_the_set_of_standing_merges_says) {
    std::mt19937_64 random(3);
    const auto below = [&](std::uint64_t bound) { return static_cast<int>(random() % bound); };
    std::size_t joined = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<int> order{0, 1, 2, 3, 4, 5};
        std::ranges::shuffle(order, random);
        AnyDirectory directory(order);
        std::map<std::string, Event> standing;
        for (int step = 0; step < 25; ++step) {
            const std::string id = "M-" + std::to_string(below(5));
            const Event event = merge(id, below(6), below(6), step);
            const bool stands = below(3) > 0;
            directory.set(event, stands);
            standing.erase(id);
            if (stands)
                standing.emplace(id, event);
            if (below(10) == 0)
                directory.restart();
            const std::string expected = unions_of(standing, {0, 1, 2, 3, 4, 5});
            joined += expected.empty() ? 0 : 1;
            ASSERT_EQ(directory.unions(), expected) << "round " << round << ", step " << step;
        }
    }
    EXPECT_GT(joined, 3000u);
}

} // namespace
} // namespace bonewatch::store
