#pragma once

#include "config/keys.h"

#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// The folder of clients' keys, `NAME.pub` each, read when it changes. One thread reads; any thread takes the ring as
/// it stands.
class KeyShelf {
  public:
    /// Nothing is read yet.
    explicit KeyShelf(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Fails with every problem of every file: a daemon does not start with half of its keys.
    [[nodiscard]] static std::expected<std::unique_ptr<KeyShelf>, std::vector<model::Error>>
    open(std::filesystem::path folder);

    /// Reads the folder again where a file was added, removed or written since, or `is_forced`. What cannot be read
    /// stays as it was, and is returned once: a file written by half neither lets in nor shuts out anybody.
    [[nodiscard]] std::vector<model::Error> reload(bool is_forced);

    [[nodiscard]] std::shared_ptr<const config::KeyRing> ring() const { return ring_.load(); }
    /// Files that could not be read when last tried: their former state holds.
    [[nodiscard]] std::size_t refused_files() const { return refused_files_; }

  private:
    /// What tells a changed file from the same: size, inode and time of change.
    using Mark = std::array<std::int64_t, 4>;
    using Marks = std::map<std::string, Mark>;
    [[nodiscard]] model::Result<Marks> look() const;

    std::filesystem::path folder_;
    Marks marks_;
    std::map<std::string, config::ClientKey> clients_;
    std::atomic<std::shared_ptr<const config::KeyRing>> ring_{std::make_shared<const config::KeyRing>()};
    std::atomic<std::size_t> refused_files_ = 0;
    std::string last_trouble_; ///< Of the folder as such: said once.
};

} // namespace bonewatch::daemon
