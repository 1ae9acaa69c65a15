#pragma once

#include "store/model/result.h"

#include <filesystem>
#include <map>
#include <string>

namespace bonewatch::config {

/// Texts of configuration files by path relative to their folder (`vocabulary/drugs.toml`, `monitors/tsh-low.toml`).
/// All that the fold reads of the configuration is such a set: it is journalled whole, as a revision.
using Files = std::map<std::string, std::string>;

/// A file's text. Fails with `config`, `unreadable_file`, saying why; also for a folder.
[[nodiscard]] model::Result<std::string> read_text(const std::filesystem::path& path);

/// Reads every `*.toml` below `folder`. Fails with `config`, naming the file that could not be read.
[[nodiscard]] model::Result<Files> read_files(const std::filesystem::path& folder);

/// The content address of a set: hex of BLAKE2b-128 over every path and text, each preceded by its length. The same
/// files give the same revision on every machine.
[[nodiscard]] std::string revision_of(const Files& files);

} // namespace bonewatch::config
