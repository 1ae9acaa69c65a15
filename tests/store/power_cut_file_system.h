#pragma once

#include <rocksdb/file_system.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace bonewatch::tests {

/// The machine's file system, until the power is cut: then nothing can be written, and when the power is back every
/// file ends where it was last synced. Directory entries are durable at once; a kept tail is a prefix of what was
/// written. Any thread.
class PowerCutFileSystem final : public rocksdb::FileSystemWrapper {
  public:
    PowerCutFileSystem();
    ~PowerCutFileSystem() override;

    void cut();
    /// Call it when whoever had files open has closed them. Forgets what was not synced, but for up to `kept_bytes` of
    /// each file: a disk may have written some of it.
    void restore(std::uint64_t kept_bytes = 0);
    /// From now on every sync fails, as on a broken disk.
    void break_syncs();

    const char* Name() const override { return "PowerCutFileSystem"; }
    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* result,
                                         rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result,
                                        rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* context) override;

    struct Power; ///< Shared with every open file.

  private:
    std::shared_ptr<Power> power_;
};

} // namespace bonewatch::tests
