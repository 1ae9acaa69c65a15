#include "tests/store/power_cut_file_system.h"

#include <algorithm>
#include <filesystem>

namespace bonewatch::tests {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

struct PowerCutFileSystem::Power {
    std::mutex mutex;
    bool is_on = true;
    bool are_syncs_broken = false;
    struct Sizes {
        std::uint64_t written = 0;
        std::uint64_t synced = 0;
    };
    std::map<std::string, std::shared_ptr<Sizes>> files; ///< By path; an open file keeps its entry when renamed.

    static IOStatus off() { return IOStatus::IOError("the power is off"); }
};

namespace {

using Power = PowerCutFileSystem::Power;

class PowerCutFile final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    PowerCutFile(std::unique_ptr<FSWritableFile> file, std::shared_ptr<Power> power,
                 std::shared_ptr<Power::Sizes> sizes)
        : FSWritableFileOwnerWrapper(std::move(file)), power_(std::move(power)), sizes_(std::move(sizes)) {}

    using FSWritableFileOwnerWrapper::Append;
    using FSWritableFileOwnerWrapper::PositionedAppend;

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
        const std::lock_guard lock(power_->mutex);
        if (!power_->is_on)
            return Power::off();
        IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, context);
        if (status.ok())
            sizes_->written += data.size();
        return status;
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                    IODebugContext* context) override {
        return Append(data, options, context);
    }
    IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                              IODebugContext* context) override {
        const std::lock_guard lock(power_->mutex);
        if (!power_->is_on)
            return Power::off();
        IOStatus status = FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, context);
        if (status.ok())
            sizes_->written = std::max(sizes_->written, offset + data.size());
        return status;
    }
    IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                              const rocksdb::DataVerificationInfo&, IODebugContext* context) override {
        return PositionedAppend(data, offset, options, context);
    }
    IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* context) override {
        const std::lock_guard lock(power_->mutex);
        if (!power_->is_on)
            return Power::off();
        sizes_->written = size;
        return FSWritableFileOwnerWrapper::Truncate(size, options, context);
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* context) override { return synced(options, context); }
    IOStatus Fsync(const IOOptions& options, IODebugContext* context) override { return synced(options, context); }

  private:
    IOStatus synced(const IOOptions& options, IODebugContext* context) {
        const std::lock_guard lock(power_->mutex);
        if (!power_->is_on)
            return Power::off();
        if (power_->are_syncs_broken)
            return IOStatus::IOError("the disk is broken");
        IOStatus status = FSWritableFileOwnerWrapper::Sync(options, context);
        if (status.ok())
            sizes_->synced = sizes_->written;
        return status;
    }

    std::shared_ptr<Power> power_;
    std::shared_ptr<Power::Sizes> sizes_;
};

IOStatus watch(const std::shared_ptr<Power>& power, const std::string& name, Power::Sizes sizes,
               std::unique_ptr<FSWritableFile>* result) {
    auto shared = std::make_shared<Power::Sizes>(sizes);
    power->files[name] = shared;
    *result = std::make_unique<PowerCutFile>(std::move(*result), power, std::move(shared));
    return IOStatus::OK();
}

} // namespace

PowerCutFileSystem::PowerCutFileSystem()
    : FileSystemWrapper(rocksdb::FileSystem::Default()), power_(std::make_shared<Power>()) {}

PowerCutFileSystem::~PowerCutFileSystem() = default;

void PowerCutFileSystem::cut() {
    const std::lock_guard lock(power_->mutex);
    power_->is_on = false;
}

void PowerCutFileSystem::restore(std::uint64_t kept_bytes) {
    const std::lock_guard lock(power_->mutex);
    for (const auto& [name, sizes] : power_->files)
        if (sizes->written > sizes->synced && std::filesystem::exists(name))
            std::filesystem::resize_file(name, std::min(sizes->written, sizes->synced + kept_bytes));
    power_->files.clear();
    power_->is_on = true;
}

void PowerCutFileSystem::break_syncs() {
    const std::lock_guard lock(power_->mutex);
    power_->are_syncs_broken = true;
}

IOStatus PowerCutFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                             std::unique_ptr<FSWritableFile>* result, IODebugContext* context) {
    const std::lock_guard lock(power_->mutex);
    if (!power_->is_on)
        return Power::off();
    IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, context);
    return status.ok() ? watch(power_, name, {}, result) : status;
}

IOStatus PowerCutFileSystem::ReopenWritableFile(const std::string& name, const FileOptions& options,
                                                std::unique_ptr<FSWritableFile>* result, IODebugContext* context) {
    const std::lock_guard lock(power_->mutex);
    if (!power_->is_on)
        return Power::off();
    IOStatus status = FileSystemWrapper::ReopenWritableFile(name, options, result, context);
    if (!status.ok())
        return status;
    const auto known = power_->files.find(name);
    const std::uint64_t size = std::filesystem::file_size(name);
    return watch(power_, name, known == power_->files.end() ? Power::Sizes{size, size} : *known->second, result);
}

IOStatus PowerCutFileSystem::ReuseWritableFile(const std::string& name, const std::string& old_name,
                                               const FileOptions& options, std::unique_ptr<FSWritableFile>* result,
                                               IODebugContext* context) {
    if (IOStatus status = RenameFile(old_name, name, options.io_options, context); !status.ok())
        return status;
    return NewWritableFile(name, options, result, context);
}

IOStatus PowerCutFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* context) {
    const std::lock_guard lock(power_->mutex);
    if (!power_->is_on)
        return Power::off();
    power_->files.erase(name);
    return FileSystemWrapper::DeleteFile(name, options, context);
}

IOStatus PowerCutFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                        IODebugContext* context) {
    const std::lock_guard lock(power_->mutex);
    if (!power_->is_on)
        return Power::off();
    IOStatus status = FileSystemWrapper::RenameFile(from, to, options, context);
    if (auto entry = power_->files.extract(from); status.ok() && !entry.empty()) {
        power_->files.erase(to);
        entry.key() = to;
        power_->files.insert(std::move(entry));
    }
    return status;
}

} // namespace bonewatch::tests
