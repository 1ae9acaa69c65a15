#include "tests/store/key_value_rules.h"

#include <thread>

namespace bonewatch::tests {
namespace {

using namespace store;

INSTANTIATE_TEST_SUITE_P(MemoryStore, KeyValueRules, testing::Values(&memory_store));

TEST(WriteBatch, counts_its_bytes) {
    WriteBatch batch;
    EXPECT_TRUE(batch.empty());
    batch.put(Table::facts, "key", "value");
    batch.remove(Table::facts, "key");
    EXPECT_EQ(batch.byte_count(), 11u);
    EXPECT_EQ(batch.writes().size(), 2u);
    batch.clear();
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.byte_count(), 0u);
}

TEST(MemoryStore, is_read_while_it_is_written) {
    const auto store = memory_store();
    std::jthread reader([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::string last;
            (void)store->scan(Table::facts, "", "", [&](std::string_view key, std::string_view) {
                EXPECT_LT(last, key);
                last = key;
                return true;
            });
        }
    });
    for (int i = 0; i < 2000; ++i) {
        WriteBatch batch;
        batch.put(Table::facts, "k" + std::to_string(i % 100), std::to_string(i));
        ASSERT_TRUE(store->commit(batch).has_value());
    }
}

} // namespace
} // namespace bonewatch::tests
