#pragma once

#include <filesystem>
#include <string>

namespace bonewatch::ingest::rules {

/// Where the data from elsewhere lies (`BONEWATCH_DATA`); empty where it is absent.
[[nodiscard]] std::filesystem::path data_folder();

/// A file's text, inflated where it is packed; the test fails where it cannot be.
[[nodiscard]] std::string read_text(const std::filesystem::path& path);

} // namespace bonewatch::ingest::rules
