#pragma once

#include "store/key_value.h"

#include <filesystem>
#include <memory>

namespace rocksdb {
class FileSystem;
}

namespace bonewatch::store {

struct RocksSettings {
    std::filesystem::path folder;
    std::size_t cache_bytes = 256u << 20;             ///< Block cache, index and filter blocks included.
    std::size_t write_buffer_bytes = 128u << 20;      ///< For all tables together.
    bool is_synced = true;                            ///< Only a test turns it off, to be caught.
    std::shared_ptr<rocksdb::FileSystem> file_system; ///< A test's own; nothing: the machine's.
};

/// Opens the store in `folder`, or makes it: a new epoch, the schema version of this program. Fails with `config` for
/// a store that a newer program wrote, or that another process holds; with `unavailable` when the disk fails.
[[nodiscard]] model::Result<std::unique_ptr<KeyValue>> open_rocks_store(const RocksSettings& settings);

inline constexpr std::uint32_t schema_version = 1;

} // namespace bonewatch::store
