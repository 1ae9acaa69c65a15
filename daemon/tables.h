#pragma once

#include "config/settings.h"
#include "daemon/commands.h"
#include "daemon/revision.h"

#include <expected>
#include <memory>
#include <vector>

namespace bonewatch::daemon {

/// Settings and revision for work without a daemon.
struct Tables {
    config::Settings settings;
    monitors::ThresholdSettings thresholds;
    std::shared_ptr<const Revision> revision;
};

/// Every problem of the settings, the vocabulary and the monitors.
[[nodiscard]] std::expected<Tables, std::vector<model::Error>> load_tables(const TableOptions& options);

/// Each message on standard error; the exit code for a wrong configuration.
int failed(const std::vector<model::Error>& errors);

} // namespace bonewatch::daemon
