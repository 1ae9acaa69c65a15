#include "store/rocks_store.h"

#include "store/keys.h"
#include "store/meta.h"
#include "tests/store/key_value_rules.h"
#include "tests/store/power_cut_file_system.h"
#include "tests/store/scratch_folder.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>

namespace bonewatch::tests {
namespace {

using namespace store;

/// A store in a folder that goes with it.
class ScratchStore final : public KeyValue {
  public:
    model::Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
        return store_->get(table, key);
    }
    model::Result<void> scan(Table table, std::string_view from, std::string_view to,
                             const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        return store_->scan(table, from, to, visit);
    }
    model::Result<void> commit(const store::WriteBatch& batch) override { return store_->commit(batch); }

  private:
    std::unique_ptr<KeyValue> open() const {
        RocksSettings settings;
        settings.folder = folder_.path();
        return open_rocks_store(settings).value();
    }
    ScratchFolder folder_;
    std::unique_ptr<KeyValue> store_ = open();
};

std::unique_ptr<KeyValue> scratch_store() {
    return std::make_unique<ScratchStore>();
}

INSTANTIATE_TEST_SUITE_P(RocksStore, KeyValueRules, testing::Values(&scratch_store));

class RocksStoreRules : public testing::Test {
  protected:
    RocksStoreRules() { settings_.folder = folder_.path() / "store"; }

    std::unique_ptr<KeyValue> open() {
        auto store = open_rocks_store(settings_);
        EXPECT_TRUE(store.has_value()) << store.error().message;
        return store ? std::move(*store) : nullptr;
    }
    model::Error refused() {
        const auto store = open_rocks_store(settings_);
        EXPECT_FALSE(store.has_value());
        return store ? model::Error{} : store.error();
    }
    static void put(KeyValue& store, Table table, std::string key, std::string value) {
        store::WriteBatch batch;
        batch.put(table, std::move(key), std::move(value));
        ASSERT_TRUE(store.commit(batch).has_value());
    }

    ScratchFolder folder_;
    RocksSettings settings_;
};

TEST_F(RocksStoreRules, what_was_committed_is_there_after_reopening) {
    put(*open(), Table::facts, "a", "1");
    const auto store = open();
    EXPECT_EQ(store->get(Table::facts, "a").value(), "1");
}

TEST_F(RocksStoreRules, a_new_store_takes_the_epoch_given_and_an_old_one_keeps_its_own) {
    settings_.first_epoch = 77;
    EXPECT_EQ(read_meta(*open()).value().value().epoch, 77u);
    settings_.first_epoch = 78;
    const Meta meta = read_meta(*open()).value().value();
    EXPECT_EQ(meta.epoch, 77u);
    EXPECT_EQ(meta.schema, schema_version);
}

TEST_F(RocksStoreRules, an_older_schema_is_refused) {
    store::WriteBatch batch;
    write_meta(batch, {schema_version - 1, 1});
    ASSERT_TRUE(open()->commit(batch).has_value());
    const model::Error error = refused();
    EXPECT_EQ(error.kind, model::ErrorKind::config);
    EXPECT_EQ(error.reason, "older_store");
}

TEST_F(RocksStoreRules, a_newer_schema_is_refused_and_the_present_one_is_not) {
    for (const std::uint32_t schema : {schema_version, schema_version + 1}) {
        store::WriteBatch batch;
        write_meta(batch, {schema, 1});
        ASSERT_TRUE(open()->commit(batch).has_value());
    }
    const model::Error error = refused();
    EXPECT_EQ(error.kind, model::ErrorKind::config);
    EXPECT_EQ(error.reason, "newer_store");
    EXPECT_EQ(error.message, "the store in " + settings_.folder.string() +
                                 " has schema 4, written by a newer bonewatchd; this one reads 3: use the newer one");
}

TEST_F(RocksStoreRules, a_store_without_schema_is_not_ours_unless_it_is_empty) {
    {
        const auto store = open();
        store::WriteBatch batch;
        batch.remove(Table::meta, "schema");
        batch.remove(Table::meta, "epoch");
        ASSERT_TRUE(store->commit(batch).has_value());
    }
    {
        const auto store = open();
        EXPECT_EQ(read_meta(*store).value().value().schema, schema_version);
        store::WriteBatch batch;
        batch.remove(Table::meta, "schema");
        batch.put(Table::facts, "a", "1");
        ASSERT_TRUE(store->commit(batch).has_value());
    }
    EXPECT_EQ(refused().reason, "foreign_store");
}

TEST_F(RocksStoreRules, a_store_held_in_this_process_is_refused) {
    const auto store = open();
    const model::Error error = refused();
    EXPECT_EQ(error.kind, model::ErrorKind::config);
    EXPECT_EQ(error.reason, "store_in_use");
}

TEST_F(RocksStoreRules, a_store_held_by_another_process_is_refused) {
    (void)open();
    int held[2];
    int done[2];
    ASSERT_EQ(::pipe(held), 0);
    ASSERT_EQ(::pipe(done), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto store = open_rocks_store(settings_);
        char byte = store.has_value() ? '1' : '0';
        (void)!::write(held[1], &byte, 1);
        (void)!::read(done[0], &byte, 1);
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(held[0], &byte, 1), 1);
    ASSERT_EQ(byte, '1');
    const model::Error error = refused();
    EXPECT_EQ(error.reason, "store_in_use");
    EXPECT_EQ(error.message, "another process holds the store in " + settings_.folder.string() +
                                 ": stop it first, or name another folder");
    ASSERT_EQ(::write(done[1], "x", 1), 1);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_NE(open(), nullptr);
}

TEST_F(RocksStoreRules, a_folder_that_cannot_be_made_is_unavailable) {
    settings_.folder = "/proc/bonewatch/store";
    EXPECT_EQ(refused().kind, model::ErrorKind::unavailable);
}

TEST_F(RocksStoreRules, after_a_failed_write_nothing_is_committed_any_more) {
    const auto disk = std::make_shared<PowerCutFileSystem>();
    settings_.file_system = disk;
    const auto store = open();
    put(*store, Table::facts, "a", "1");
    disk->break_syncs();
    store::WriteBatch batch;
    batch.put(Table::facts, "b", "2");
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto committed = store->commit(batch);
        ASSERT_FALSE(committed.has_value());
        EXPECT_EQ(committed.error().kind, model::ErrorKind::unavailable);
        EXPECT_EQ(committed.error().reason, "store_unwritable");
    }
    EXPECT_FALSE(store->commit({}).has_value());
    EXPECT_EQ(store->get(Table::facts, "a").value(), "1");
}

constexpr int batch_count = 200;
constexpr int batch_size = 5;

/// How many batches are there after a power cut; -1 where one is there in part, or one is missing before another.
int kept_after_cut(bool is_synced, std::uint64_t kept_bytes) {
    const ScratchFolder folder;
    const auto disk = std::make_shared<PowerCutFileSystem>();
    RocksSettings settings;
    settings.folder = folder.path();
    settings.file_system = disk;
    settings.is_synced = is_synced;
    {
        const auto store = open_rocks_store(settings).value();
        for (int number = 0; number < batch_count; ++number) {
            store::WriteBatch batch;
            for (std::uint8_t item = 0; item < batch_size; ++item)
                batch.put(item % 2 == 0 ? Table::journal : Table::facts,
                          position_key({item}, static_cast<std::uint64_t>(number)), std::string(50, 'x'));
            EXPECT_TRUE(store->commit(batch).has_value());
        }
        disk->cut();
    }
    disk->restore(kept_bytes);
    settings.is_synced = true;
    const auto store = open_rocks_store(settings).value();
    int kept = 0;
    bool is_over = false;
    for (int number = 0; number < batch_count; ++number) {
        int items = 0;
        for (std::uint8_t item = 0; item < batch_size; ++item)
            items += store->get(item % 2 == 0 ? Table::journal : Table::facts,
                                position_key({item}, static_cast<std::uint64_t>(number)))
                             .value()
                             .has_value()
                         ? 1
                         : 0;
        if ((items != 0 && items != batch_size) || (is_over && items != 0))
            return -1;
        is_over = items == 0;
        kept += items == batch_size ? 1 : 0;
    }
    return kept;
}

TEST(PowerCut, synced_commits_survive_a_power_cut) {
    EXPECT_EQ(kept_after_cut(true, 0), batch_count);
}

TEST(PowerCut, unsynced_commits_do_not) {
    EXPECT_EQ(kept_after_cut(false, 0), 0);
}

TEST(PowerCut, a_torn_tail_keeps_batches_whole) {
    int last = 0;
    for (const std::uint64_t kept_bytes : {1ull, 100ull, 1000ull, 5000ull, 12'345ull, 30'000ull}) {
        const int kept = kept_after_cut(false, kept_bytes);
        EXPECT_GE(kept, last) << kept_bytes;
        EXPECT_LT(kept, batch_count);
        last = kept;
    }
    EXPECT_GT(last, 10);
}

TEST_F(RocksStoreRules, synced_commits_survive_cut_after_cut_while_tables_are_flushed) {
    const auto disk = std::make_shared<PowerCutFileSystem>();
    settings_.file_system = disk;
    settings_.write_buffer_bytes = 1 << 20;
    std::mt19937_64 random(1);
    std::uint64_t committed = 0;
    for (int round = 0; round < 8; ++round) {
        {
            const auto store = open();
            ASSERT_NE(store, nullptr);
            for (std::uint64_t position = 0; position < committed; ++position)
                ASSERT_TRUE(store->get(Table::journal, position_key({1}, position)).value().has_value()) << position;
            for (auto left = random() % 60; left > 0; --left)
                put(*store, Table::journal, position_key({1}, committed++), std::string(40'000, 'j'));
            disk->cut();
        }
        disk->restore(random() % 3 == 0 ? random() % 50'000 : 0);
    }
    EXPECT_GT(committed, 100u);
}

/// The machine's file system, counting what is read at random.
class ReadCounter final : public rocksdb::FileSystemWrapper {
  public:
    ReadCounter() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
    const char* Name() const override { return "ReadCounter"; }
    rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                          rocksdb::IODebugContext* context) override {
        rocksdb::IOStatus status = FileSystemWrapper::NewRandomAccessFile(name, options, result, context);
        if (status.ok())
            *result = std::make_unique<CountedFile>(std::move(*result), bytes_);
        return status;
    }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  private:
    class CountedFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
      public:
        CountedFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::atomic<std::uint64_t>& bytes)
            : FSRandomAccessFileOwnerWrapper(std::move(file)), bytes_(bytes) {}
        rocksdb::IOStatus Read(std::uint64_t offset, std::size_t size, const rocksdb::IOOptions& options,
                               rocksdb::Slice* result, char* scratch, rocksdb::IODebugContext* context) const override {
            bytes_ += size;
            return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch, context);
        }

      private:
        std::atomic<std::uint64_t>& bytes_;
    };
    std::atomic<std::uint64_t> bytes_ = 0;
};

TEST_F(RocksStoreRules, a_read_through_a_cache_far_below_the_data_reloads_no_whole_filter) {
    settings_.cache_bytes = 128 << 10;
    settings_.write_buffer_bytes = 64 << 20;
    const auto disk = std::make_shared<ReadCounter>();
    settings_.file_system = disk;
    constexpr std::uint64_t row_count = 100'000;
    {
        const auto store = open();
        for (std::uint64_t row = 0; row < row_count;) {
            store::WriteBatch batch;
            for (int i = 0; i < 5000; ++i, ++row)
                batch.put(Table::facts, key_digest('t', std::to_string(row)), std::string(100, 'v'));
            ASSERT_TRUE(store->commit(batch).has_value());
        }
    }
    const auto store = open(); // The log becomes one file of rows, whose filter alone has 125 kB.
    const std::uint64_t before = disk->bytes();
    std::mt19937_64 random(2);
    constexpr std::uint64_t read_count = 2000;
    for (std::uint64_t read = 0; read < read_count; ++read)
        ASSERT_TRUE(
            store->get(Table::facts, key_digest('t', std::to_string(random() % row_count))).value().has_value());
    const std::uint64_t bytes_each = (disk->bytes() - before) / read_count;
    EXPECT_GT(bytes_each, 1u << 10);
    EXPECT_LT(bytes_each, 32u << 10);
    RecordProperty("bytes_each", static_cast<int>(bytes_each));
}

} // namespace
} // namespace bonewatch::tests
