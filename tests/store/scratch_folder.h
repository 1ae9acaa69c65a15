#pragma once

#include <filesystem>
#include <string>

namespace bonewatch::tests {

/// A fresh folder of its own under the system's temporary folder; gone with this object.
class ScratchFolder {
  public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace bonewatch::tests
