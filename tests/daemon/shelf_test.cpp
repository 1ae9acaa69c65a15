#include "daemon/shelf.h"
#include "store/keys.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <random>

namespace bonewatch::daemon {
namespace {

ShelvedRow row(const std::string& raw, const std::string& reason = "unknown_unit",
               const std::string& format = "native") {
    ShelvedRow out;
    out.received_at = "2026-06-01T09:00:00Z";
    out.publisher = "lab";
    out.format = format;
    out.reason = reason;
    out.place = "line 3, $.unit";
    out.patient = std::string(32, 'a');
    out.raw = raw;
    return out;
}

/// A shelf over a store in memory, every write of which is committed at once.
class Shelved {
  public:
    Shelved() { reopen(); }
    void reopen() {
        shelf_ = std::make_unique<Shelf>(*store_);
        store::WriteBatch batch;
        EXPECT_TRUE(shelf_->open(batch));
        commit(batch);
    }
    std::uint64_t keep(const ShelvedRow& one, const std::string& message = "") {
        store::WriteBatch batch;
        const auto number = shelf_->keep(one, message, batch);
        commit(batch);
        return number.value();
    }
    void set_state(std::uint64_t number, std::string_view state) {
        const ShelvedRow before = shelf_->row(number).value().value();
        ShelvedRow after = before;
        after.state = state;
        store::WriteBatch batch;
        EXPECT_TRUE(shelf_->change(number, before, after, batch));
        commit(batch);
    }
    /// `unknown_unit 2 waiting 1 resolved 0 dismissed, first 3`, a line a group.
    std::string groups() {
        std::string out;
        const std::vector<ShelfGroup> all = shelf_->groups().value();
        for (const ShelfGroup& group : all)
            out += group.reason + " " + std::to_string(group.waiting) + " waiting " + std::to_string(group.resolved) +
                   " resolved " + std::to_string(group.dismissed) + " dismissed, first " +
                   std::to_string(shelf_->first_waiting(group).value()) + "\n";
        return out;
    }
    std::uint64_t of_patient() { return shelf_->waiting_of_patient(std::string(16, '\xaa')).value().size(); }
    Shelf& shelf() { return *shelf_; }
    store::KeyValue& store() { return *store_; }

  private:
    void commit(const store::WriteBatch& batch) {
        EXPECT_TRUE(store_->commit(batch));
        shelf_->committed();
    }
    std::unique_ptr<store::KeyValue> store_ = store::memory_store();
    std::unique_ptr<Shelf> shelf_;
};

TEST(Shelf, knows_of_whom_something_waits_unless_too_much_does) {
    Shelved s;
    const std::string anna(16, '\xaa'), bea(16, '\xbb');
    EXPECT_EQ(s.shelf().patients_waiting(2).value().value(), std::set<std::string>{});
    ShelvedRow of_bea = row("b");
    of_bea.patient = std::string(32, 'b');
    s.keep(row("a"));
    s.keep(of_bea);
    EXPECT_EQ(s.shelf().patients_waiting(2).value().value(), (std::set{anna, bea}));
    s.keep(row("c"));
    EXPECT_EQ(s.shelf().patients_waiting(2).value(), std::nullopt);
    s.set_state(2, dismissed_state);
    EXPECT_EQ(s.shelf().patients_waiting(2).value().value(), std::set{anna});
}

TEST(Shelf, counts_by_group_and_finds_the_one_that_waits_longest) {
    Shelved s;
    EXPECT_EQ(s.keep(row("a")), 1u);
    EXPECT_EQ(s.keep(row("b")), 2u);
    EXPECT_EQ(s.keep(row("c", "bad_time")), 3u);
    EXPECT_EQ(s.keep(row("a")), 1u) << "the same bytes are kept once";
    EXPECT_EQ(s.of_patient(), 3u);
    s.set_state(1, resolved_state);
    s.set_state(3, dismissed_state);
    const std::string expected = "bad_time 0 waiting 0 resolved 1 dismissed, first 0\n"
                                 "unknown_unit 1 waiting 1 resolved 0 dismissed, first 2\n";
    EXPECT_EQ(s.groups(), expected);
    EXPECT_EQ(s.of_patient(), 1u);
    s.reopen();
    EXPECT_EQ(s.groups(), expected);
    EXPECT_EQ(s.shelf().count(), 3u);
}

TEST(Shelf, what_was_resolved_waits_anew_and_what_was_dismissed_does_not) {
    Shelved s;
    s.keep(row("a"));
    s.keep(row("b"));
    s.set_state(1, resolved_state);
    s.set_state(2, dismissed_state);
    EXPECT_EQ(s.keep(row("a")), 1u);
    EXPECT_EQ(s.keep(row("b")), 2u);
    EXPECT_EQ(s.groups(), "unknown_unit 1 waiting 0 resolved 1 dismissed, first 1\n");
    EXPECT_EQ(s.keep(row("a", "bad_time")), 1u) << "it is the same one, for another reason";
    EXPECT_EQ(s.groups(), "bad_time 1 waiting 0 resolved 0 dismissed, first 1\n"
                          "unknown_unit 0 waiting 0 resolved 1 dismissed, first 0\n");
}

TEST(Shelf, keeps_the_message_where_a_part_of_it_says_not_all) {
    Shelved s;
    const std::string bundle = R"({"resourceType":"Bundle"})";
    s.keep(row("{}", "unknown_unit", "fhir"), bundle);
    s.keep(row("{ }", "unknown_unit", "fhir"), bundle);
    s.keep(row("{\"a\":1}", "unknown_unit", "fhir"), "{\"a\":1}\n");
    s.keep(row("line", "unknown_unit", "native"), "line\nother");
    const std::vector<std::string> messages_of_rows{bundle, bundle, "{\"a\":1}", "line"};
    for (std::uint64_t number = 1; number <= messages_of_rows.size(); ++number) {
        const ShelvedRow kept = s.shelf().row(number).value().value();
        EXPECT_EQ(s.shelf().message_of(kept).value(), messages_of_rows[number - 1]) << number;
        EXPECT_EQ(kept.within.empty(), number > 2) << number;
    }
    std::size_t messages = 0;
    EXPECT_TRUE(s.store().scan(store::Table::quarantine, "m", "n", [&](auto, auto) { return ++messages != 0; }));
    EXPECT_EQ(messages, 1u) << "once for both";
}

TEST(Shelf, a_store_of_before_has_its_groups_counted_at_the_first_start) {
    Shelved s;
    store::WriteBatch batch;
    const std::string old = R"({"received_at":"2026-06-01T09:00:00Z","publisher":"lab","kind":"result","reason":"r",)"
                            R"("place":"$.unit","message":"m","raw":"{}"})";
    batch.put(store::Table::quarantine, store::quarantine_key(0), "\x02");
    batch.put(store::Table::quarantine, store::quarantine_key(1), old);
    batch.put(store::Table::quarantine, store::quarantine_key(2), old);
    ASSERT_TRUE(s.store().commit(batch));
    s.reopen();
    EXPECT_EQ(s.groups(), "r 2 waiting 0 resolved 0 dismissed, first 1\n");
    s.reopen();
    EXPECT_EQ(s.groups(), "r 2 waiting 0 resolved 0 dismissed, first 1\n");
}

/// What is counted is what is there, whatever happened.
TEST(Shelf, counts_are_those_of_the_rows) {
    constexpr std::array states{waiting_state, resolved_state, dismissed_state};
    std::mt19937 random(5);
    Shelved s;
    for (int step = 0; step < 2000; ++step) {
        const std::string raw(1, static_cast<char>('a' + random() % 20));
        if (random() % 2 == 0 || s.shelf().count() == 0)
            s.keep(row(raw, random() % 2 == 0 ? "r" : "q"));
        else
            s.set_state(1 + random() % s.shelf().count(), states[random() % states.size()]);
    }
    std::map<std::string, std::array<std::uint64_t, 4>> expected; // By reason: waiting, resolved, dismissed, first.
    for (std::uint64_t number = 1; number <= s.shelf().count(); ++number) {
        const ShelvedRow one = s.shelf().row(number).value().value();
        auto& counts = expected[one.reason];
        ++counts[one.is_waiting() ? 0 : one.state == resolved_state ? 1 : 2];
        if (one.is_waiting() && counts[3] == 0)
            counts[3] = number;
    }
    std::string text;
    for (const auto& [reason, c] : expected)
        text += reason + " " + std::to_string(c[0]) + " waiting " + std::to_string(c[1]) + " resolved " +
                std::to_string(c[2]) + " dismissed, first " + std::to_string(c[3]) + "\n";
    EXPECT_EQ(s.groups(), text);
    EXPECT_EQ(s.of_patient(), expected["q"][0] + expected["r"][0]);
}

} // namespace
} // namespace bonewatch::daemon
