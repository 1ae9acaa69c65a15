#pragma once

#include "ingest/json.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bonewatch::oracles {

/// How often one patient counts in each population of one group: `numerator` 1.
using Counts = std::map<std::string, int>;

/// One patient's Bundle, and what whoever wrote the measure says is true of it.
struct MeasureCase {
    std::string name; ///< `NUMERPass-DEXA2YearsBeforeADT`.
    std::string text; ///< The Bundle.
    ingest::JsonText json;
    std::vector<Counts> expected; ///< By group, of its MeasureReport.
};

/// The cases of one measure (`CMS645`) in `bundles.tar.gz`, sorted by name. The test fails where the archive cannot be
/// read, and where a case has no MeasureReport, or two that differ.
[[nodiscard]] std::vector<MeasureCase> read_cases(const std::filesystem::path& archive, const std::string& measure);

} // namespace bonewatch::oracles
