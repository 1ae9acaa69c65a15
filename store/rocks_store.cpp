#include "store/rocks_store.h"

#include "store/meta.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>

namespace bonewatch::store {

using model::ErrorKind;
using model::fail;
using model::Result;

namespace {

rocksdb::Slice slice(std::string_view view) {
    return {view.data(), view.size()};
}
std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

/// A shard smaller than one filter block reloads that block on every read: a cliff of 30 to 50 times. So shards have
/// at least 8 MiB, and indexes and filters come in partitions of 4 KiB.
std::shared_ptr<rocksdb::Cache> new_cache(std::size_t bytes) {
    const std::size_t shards = std::clamp<std::size_t>(bytes >> 23, 1, 16);
    return rocksdb::NewLRUCache(bytes, static_cast<int>(std::bit_width(shards) - 1), false, 0.5);
}

rocksdb::BlockBasedTableOptions block_options(const std::shared_ptr<rocksdb::Cache>& cache, bool is_sequential) {
    rocksdb::BlockBasedTableOptions options;
    options.block_cache = cache;
    options.format_version = 5;
    options.block_size = is_sequential ? 32 << 10 : 8 << 10;
    options.cache_index_and_filter_blocks = true;
    options.cache_index_and_filter_blocks_with_high_priority = true;
    options.pin_top_level_index_and_filter = true;
    options.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    options.metadata_block_size = 4096;
    if (!is_sequential) {
        options.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
        options.partition_filters = true;
    }
    return options;
}

/// Journal and feed are written in order and read in order: larger blocks, no filter.
bool is_sequential(Table table) {
    return table == Table::journal || table == Table::feed;
}

rocksdb::ColumnFamilyOptions table_options(Table table, const std::shared_ptr<rocksdb::Cache>& cache,
                                           std::size_t write_buffer_bytes) {
    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(block_options(cache, is_sequential(table))));
    options.write_buffer_size = std::clamp<std::size_t>(write_buffer_bytes / 4, 1 << 20, 64 << 20);
    options.arena_block_size = 256 << 10;
    if (!is_sequential(table)) { // Most facts are new: a filter says so without a search through the write buffer.
        options.memtable_prefix_bloom_size_ratio = 0.02;
        options.memtable_whole_key_filtering = true;
    }
    options.compression = rocksdb::kLZ4Compression;
    options.bottommost_compression = rocksdb::kZSTD;
    options.level_compaction_dynamic_level_bytes = true;
    options.compaction_pri = rocksdb::kMinOverlappingRatio;
    return options;
}

rocksdb::DBOptions database_options(const RocksSettings& settings, rocksdb::Env* env,
                                    const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::DBOptions options;
    options.env = env;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(settings.write_buffer_bytes, cache);
    options.max_total_wal_size = 2 * settings.write_buffer_bytes;
    options.max_background_jobs = 2;
    options.max_open_files = 512;
    options.bytes_per_sync = 1 << 20;
    // After a power cut the log may end in garbage: the records before it count. That a whole log is missing, or
    // shorter than what was synced, is an error.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.track_and_verify_wals_in_manifest = true;
    options.keep_log_file_num = 4;
    options.max_log_file_size = 4 << 20;
    options.stats_dump_period_sec = 0;
    return options;
}

/// So much may be written between two looks at the free space.
constexpr std::size_t bytes_between_looks = 256 << 10;

/// What is said where the disk of a folder has too little room; nothing where it has enough, or nobody can say. What
/// the logs hold is still to be written into tables, in the background or when the store is opened, and RocksDB
/// asserts, rather than fails, where the disk is full then: so there must be room for as much as the logs have, and a
/// little.
std::optional<std::string> lack_of_room(const std::filesystem::path& folder) {
    constexpr std::uintmax_t reserve_bytes = 4 << 20;
    std::uintmax_t needed = reserve_bytes;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(folder, error))
        if (file.path().extension() == ".log")
            needed += file.file_size(error);
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    if (error || space.available >= needed)
        return std::nullopt;
    const auto kib = [](std::uintmax_t bytes) { return std::to_string(bytes >> 10) + " KiB"; };
    return "the store in " + folder.string() + " needs " + kib(needed) + " free, and there are " + kib(space.available);
}

Result<void> check_room(const std::filesystem::path& folder) {
    const auto lack = lack_of_room(folder);
    if (!lack)
        return {};
    return fail(ErrorKind::unavailable, "disk_full", "the disk is full: " + *lack + "; make room and start again");
}

class RocksStore final : public KeyValue {
  public:
    static Result<std::unique_ptr<KeyValue>> open(const RocksSettings& settings);

    RocksStore(const RocksStore&) = delete;
    RocksStore& operator=(const RocksStore&) = delete;
    ~RocksStore() override {
        for (rocksdb::ColumnFamilyHandle* table : tables_)
            if (table != nullptr)
                (void)database_->DestroyColumnFamilyHandle(table);
        if (default_ != nullptr)
            (void)database_->DestroyColumnFamilyHandle(default_);
    }

    Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
        rocksdb::PinnableSlice value;
        const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), handle(table), slice(key), &value);
        if (status.IsNotFound())
            return std::nullopt;
        if (!status.ok())
            return read_failed(status);
        return std::string(view(value));
    }

    Result<void> scan(Table table, std::string_view from, std::string_view to,
                      const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        const rocksdb::Slice bound = slice(to);
        rocksdb::ReadOptions options;
        options.iterate_upper_bound = to.empty() ? nullptr : &bound;
        options.auto_prefix_mode = false;
        const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(options, handle(table)));
        for (at->Seek(slice(from)); at->Valid(); at->Next())
            if (!visit(view(at->key()), view(at->value())))
                return {};
        if (!at->status().ok())
            return read_failed(at->status());
        return {};
    }

    Result<void> commit(const WriteBatch& batch) override {
        const std::lock_guard lock(mutex_);
        if (!failure_.empty())
            return write_failed();
        bytes_since_look_ += batch.byte_count();
        if (bytes_since_look_ >= bytes_between_looks) {
            bytes_since_look_ = 0;
            if (const auto lack = lack_of_room(folder_)) {
                failure_ = "No space left on device: " + *lack;
                return write_failed();
            }
        }
        rocksdb::WriteBatch writes(batch.byte_count() + 16 * batch.writes().size());
        for (const WriteBatch::Write& write : batch.writes()) {
            if (write.value)
                (void)writes.Put(handle(write.table), slice(write.key), slice(*write.value));
            else
                (void)writes.Delete(handle(write.table), slice(write.key));
        }
        rocksdb::WriteOptions options;
        options.sync = is_synced_;
        if (const rocksdb::Status status = database_->Write(options, &writes); !status.ok()) {
            failure_ = status.ToString();
            return write_failed();
        }
        return {};
    }

  private:
    explicit RocksStore(const RocksSettings& settings)
        : folder_(settings.folder), file_system_(settings.file_system), is_synced_(settings.is_synced) {}

    Result<void> open_database(const RocksSettings& settings);
    Result<void> check_meta(const RocksSettings& settings);

    rocksdb::ColumnFamilyHandle* handle(Table table) const { return tables_[static_cast<std::size_t>(table)]; }

    static std::unexpected<model::Error> read_failed(const rocksdb::Status& status) {
        return fail(ErrorKind::unavailable, "store_unreadable", "the store cannot be read: " + status.ToString());
    }
    std::unexpected<model::Error> write_failed() const {
        return fail(ErrorKind::unavailable, "store_unwritable",
                    "the store could not be written, and takes no more until it is opened anew: " + failure_);
    }

    std::filesystem::path folder_;
    std::shared_ptr<rocksdb::FileSystem> file_system_;
    std::unique_ptr<rocksdb::Env> env_; ///< Around `file_system_`; outlives the database.
    std::unique_ptr<rocksdb::DB> database_;
    rocksdb::ColumnFamilyHandle* default_ = nullptr;
    std::array<rocksdb::ColumnFamilyHandle*, table_count> tables_{};
    bool is_synced_;

    std::mutex mutex_;
    std::string failure_;              ///< Why the first write failed; guarded by `mutex_`.
    std::size_t bytes_since_look_ = 0; ///< Written since the free space was last looked at; likewise.
};

Table table_at(std::size_t index) {
    return static_cast<Table>(index);
}

bool is_table_name(std::string_view name) {
    for (std::size_t index = 0; index < table_count; ++index)
        if (to_text(table_at(index)) == name)
            return true;
    return name == rocksdb::kDefaultColumnFamilyName;
}

Result<void> RocksStore::open_database(const RocksSettings& settings) {
    const std::string folder = settings.folder.string();
    if (file_system_)
        env_ = rocksdb::NewCompositeEnv(file_system_);
    rocksdb::Env* env = env_ ? env_.get() : rocksdb::Env::Default();
    const auto cache = new_cache(settings.cache_bytes);
    const rocksdb::DBOptions options = database_options(settings, env, cache);

    std::vector<std::string> names;
    if (rocksdb::DB::ListColumnFamilies(options, folder, &names).ok())
        for (const std::string& name : names)
            if (!is_table_name(name))
                return fail(ErrorKind::config, "newer_store",
                            "the store in " + folder + " has a table '" + name +
                                "' that this program does not know: a newer bonewatchd wrote it, use that one");

    std::vector<rocksdb::ColumnFamilyDescriptor> families{
        {rocksdb::kDefaultColumnFamilyName, table_options(Table::meta, cache, settings.write_buffer_bytes)}};
    for (std::size_t index = 0; index < table_count; ++index)
        families.emplace_back(std::string(to_text(table_at(index))),
                              table_options(table_at(index), cache, settings.write_buffer_bytes));
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, folder, families, &handles, &database);
    if (!status.ok()) {
        const std::string text = status.ToString();
        if (text.find("While lock file") != std::string::npos || text.find("lock hold by") != std::string::npos)
            return fail(ErrorKind::config, "store_in_use",
                        "another process holds the store in " + folder + ": stop it first, or name another folder");
        const bool is_forbidden = text.find("Permission denied") != std::string::npos;
        return fail(ErrorKind::unavailable, is_forbidden ? "store_forbidden" : "store_unopenable",
                    "the store in " + folder + " does not open: " + text);
    }
    database_.reset(database);
    default_ = handles.front();
    std::copy(handles.begin() + 1, handles.end(), tables_.begin());
    return {};
}

Result<void> RocksStore::check_meta(const RocksSettings& settings) {
    const auto meta = read_meta(*this);
    if (!meta)
        return std::unexpected(meta.error());
    if (*meta) {
        if ((*meta)->schema == schema_version)
            return {};
        if ((*meta)->schema < schema_version)
            return fail(ErrorKind::config, "older_store",
                        "the store in " + settings.folder.string() + " has schema " + std::to_string((*meta)->schema) +
                            ", written by an older bonewatchd; this one reads " + std::to_string(schema_version) +
                            ": publish into a new store, or use the older one");
        return fail(ErrorKind::config, "newer_store",
                    "the store in " + settings.folder.string() + " has schema " + std::to_string((*meta)->schema) +
                        ", written by a newer bonewatchd; this one reads " + std::to_string(schema_version) +
                        ": use the newer one");
    }
    bool is_empty = true;
    for (std::size_t index = 0; index < table_count; ++index)
        if (const auto visited = scan(table_at(index), {}, {}, [&](auto, auto) { return is_empty = false; }); !visited)
            return visited;
    if (!is_empty)
        return fail(ErrorKind::config, "foreign_store",
                    "the folder " + settings.folder.string() +
                        " holds a store without a schema version: it is not ours");
    WriteBatch batch;
    write_meta(batch, {schema_version, settings.first_epoch});
    return commit(batch);
}

Result<std::unique_ptr<KeyValue>> RocksStore::open(const RocksSettings& settings) {
    std::error_code error;
    std::filesystem::create_directories(settings.folder, error);
    if (error)
        return fail(ErrorKind::unavailable,
                    error == std::errc::permission_denied ? "store_forbidden" : "store_unopenable",
                    "the folder " + settings.folder.string() + " cannot be made: " + error.message());
    // It may be one from before that others could read; where it is somebody else's, opening it says more.
    std::filesystem::permissions(settings.folder, std::filesystem::perms::owner_all, error);
    if (auto room = check_room(settings.folder); !room)
        return std::unexpected(room.error());
    std::unique_ptr<RocksStore> store(new RocksStore(settings));
    if (auto opened = store->open_database(settings); !opened)
        return std::unexpected(opened.error());
    if (auto checked = store->check_meta(settings); !checked)
        return std::unexpected(checked.error());
    return store;
}

} // namespace

Result<std::unique_ptr<KeyValue>> open_rocks_store(const RocksSettings& settings) {
    return RocksStore::open(settings);
}

} // namespace bonewatch::store
