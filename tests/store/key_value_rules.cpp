#include "tests/store/key_value_rules.h"

namespace bonewatch::tests {

using namespace store;

void KeyValueRules::put(Table table, std::string key, std::string value) {
    WriteBatch batch;
    batch.put(table, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(batch).has_value());
}

std::string KeyValueRules::get(Table table, std::string_view key) {
    return store_->get(table, key).value().value_or("-");
}

std::vector<std::string> KeyValueRules::keys(Table table, std::string_view from, std::string_view to) {
    std::vector<std::string> found;
    EXPECT_TRUE(store_->scan(table, from, to, [&](std::string_view key, std::string_view) {
        found.emplace_back(key);
        return true;
    }));
    return found;
}

using Keys = std::vector<std::string>;

TEST_P(KeyValueRules, what_was_put_is_found) {
    EXPECT_EQ(get(Table::facts, "a"), "-");
    put(Table::facts, "a", "1");
    EXPECT_EQ(get(Table::facts, "a"), "1");
    put(Table::facts, "a", "");
    EXPECT_EQ(get(Table::facts, "a"), "");
}

TEST_P(KeyValueRules, tables_do_not_meet) {
    put(Table::facts, "a", "1");
    put(Table::feed, "a", "2");
    EXPECT_EQ(get(Table::facts, "a"), "1");
    EXPECT_EQ(get(Table::feed, "a"), "2");
    EXPECT_EQ(keys(Table::alerts, "", ""), Keys{});
}

TEST_P(KeyValueRules, the_last_write_of_a_batch_counts) {
    WriteBatch batch;
    batch.put(Table::facts, "a", "1");
    batch.put(Table::facts, "a", "2");
    batch.put(Table::facts, "b", "1");
    batch.remove(Table::facts, "b");
    batch.remove(Table::facts, "never there");
    ASSERT_TRUE(store_->commit(batch).has_value());
    EXPECT_EQ(get(Table::facts, "a"), "2");
    EXPECT_EQ(get(Table::facts, "b"), "-");
}

TEST_P(KeyValueRules, a_scan_is_half_open_and_in_byte_order) {
    for (const char* key : {"b", "a", "c", "\xff", "ab"})
        put(Table::timers, key, "");
    EXPECT_EQ(keys(Table::timers, "a", "c"), (Keys{"a", "ab", "b"}));
    EXPECT_EQ(keys(Table::timers, "ab", ""), (Keys{"ab", "b", "c", "\xff"}));
    EXPECT_EQ(keys(Table::timers, "", "a"), Keys{});
    EXPECT_EQ(keys(Table::timers, "aa", "ab"), Keys{});
}

TEST_P(KeyValueRules, a_scan_ends_when_its_visitor_has_enough) {
    for (const char* key : {"a", "b", "c"})
        put(Table::timers, key, "");
    int seen = 0;
    ASSERT_TRUE(store_->scan(Table::timers, "", "", [&](std::string_view, std::string_view) { return ++seen < 2; }));
    EXPECT_EQ(seen, 2);
}

TEST_P(KeyValueRules, a_write_during_a_scan_is_not_seen_by_it) {
    for (const char* key : {"a", "c"})
        put(Table::timers, key, "old");
    std::string seen;
    ASSERT_TRUE(store_->scan(Table::timers, "", "", [&](std::string_view key, std::string_view value) {
        seen.append(key).append(value).append(" ");
        if (key == "a") {
            put(Table::timers, "b", "new");
            put(Table::timers, "c", "new");
        }
        return true;
    }));
    EXPECT_EQ(seen, "aold cold ");
    EXPECT_EQ(get(Table::timers, "c"), "new");
    EXPECT_EQ(keys(Table::timers, "", ""), (Keys{"a", "b", "c"}));
}

TEST_P(KeyValueRules, zero_bytes_are_bytes) {
    const std::string key("a\0b", 3);
    put(Table::facts, key, std::string("\0", 1));
    EXPECT_EQ(get(Table::facts, key), std::string("\0", 1));
    EXPECT_EQ(get(Table::facts, "a"), "-");
}

TEST_P(KeyValueRules, an_empty_batch_changes_nothing) {
    const std::string before = dump_hash(*store_).value();
    ASSERT_TRUE(store_->commit({}).has_value());
    EXPECT_EQ(dump_hash(*store_).value(), before);
    EXPECT_EQ(before, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

TEST_P(KeyValueRules, the_dump_covers_what_a_replay_makes_anew) {
    const std::string empty = dump_hash(*store_).value();
    for (const Table outside :
         {Table::journal, Table::alert_ids, Table::directory, Table::quarantine, Table::cursors, Table::meta}) {
        put(outside, "a", "1");
        EXPECT_EQ(dump_hash(*store_).value(), empty) << to_text(outside);
    }
    std::string last = empty;
    for (const Table inside :
         {Table::facts, Table::patients, Table::alerts, Table::timers, Table::feed, Table::partitions}) {
        put(inside, "a", "1");
        EXPECT_NE(dump_hash(*store_).value(), last) << to_text(inside);
        last = dump_hash(*store_).value();
    }
    put(Table::feed, "a", "2");
    EXPECT_NE(dump_hash(*store_).value(), last);
    put(Table::feed, "a", "1");
    EXPECT_EQ(dump_hash(*store_).value(), last);
}

} // namespace bonewatch::tests
