#pragma once

#include "config/fields.h"
#include "config/settings.h"
#include "config/vocabulary.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::config {

/// Reads `[publishers.NAME]` of the settings. Without a vocabulary what needs one is passed over: `missing_units` and
/// the mapping files. `folder`: of the settings file, for mapping files that are named relative to it. What is wrong in
/// a mapping file is added to `problems` under that file's own name.
[[nodiscard]] Publishers read_publishers(Fields& top, Problems& problems, const std::filesystem::path& folder,
                                         const Vocabulary* vocabulary);

/// Why values of the analyte cannot come in the unit, with the nearest one that they can; empty where they can.
[[nodiscard]] std::string refusal_of_unit(const Vocabulary& vocabulary, const Analyte& analyte,
                                          const std::string& unit);

/// Reads the text of a mapping file into the publisher's `codes` and `units`. Gives every problem, with file, line and
/// column.
[[nodiscard]] std::vector<model::Error> read_mapping(const std::string& file, std::string_view text,
                                                     const Vocabulary& vocabulary, PublisherSettings& publisher);

} // namespace bonewatch::config
