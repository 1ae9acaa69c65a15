#pragma once

#include "store/key_value.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace rocksdb {
class FileSystem;
}

namespace bonewatch::store {

struct RocksSettings {
    std::filesystem::path folder;
    std::size_t cache_bytes = 256u << 20;        ///< Block cache; index and filter blocks and write buffers included.
    std::size_t write_buffer_bytes = 128u << 20; ///< Of that at most, for all tables together.
    std::uint64_t first_epoch =
        1;                 ///< Of a store that is made now. The daemon gives its clock: no two stores share one.
    bool is_synced = true; ///< Only a test turns it off, to be caught.
    std::shared_ptr<rocksdb::FileSystem> file_system; ///< A test's own; nothing: the machine's.
};

/// Opens the store in `folder`, or makes it (and the folder). Fails with `config` for a store that a newer program
/// wrote, that another process holds, or that is not ours; with `unavailable` when the disk fails.
[[nodiscard]] model::Result<std::unique_ptr<KeyValue>> open_rocks_store(const RocksSettings& settings);

} // namespace bonewatch::store
