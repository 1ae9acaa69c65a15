#pragma once

#include "daemon/revision.h"

#include <map>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// What came of one test timeline: the transitions that it expects, and those that were told, a line each.
struct MonitorTestOutcome {
    model::MonitorId monitor;
    std::string name;
    monitors::Place place;
    std::vector<std::string> expected, told;
    std::string trouble; ///< Why it could not be run; empty where it could.

    [[nodiscard]] bool has_passed() const { return trouble.empty() && expected == told; }
};

/// Runs monitors' own test timelines, each in a replay of its own with all monitors loaded and the tested one enabled.
class MonitorTests {
  public:
    /// `files` are tables that load. `settings` hold where a test sets nothing else.
    MonitorTests(config::Files files, std::chrono::minutes settle, monitors::ThresholdSettings settings = {})
        : files_(std::move(files)), settle_(settle), settings_(std::move(settings)) {}

    [[nodiscard]] MonitorTestOutcome run(const model::MonitorId& monitor, const monitors::Definition::Test& test);
    /// Whether the monitor's `when` is unknown on some day of the timeline, as its facts are known at the end.
    [[nodiscard]] bool is_unknown_once(const model::MonitorId& monitor, const monitors::Definition::Test& test);

  private:
    [[nodiscard]] model::Result<std::shared_ptr<const Revision>> revision(const monitors::ThresholdSettings& settings);
    /// What the test's own settings make of the files.
    [[nodiscard]] model::Result<std::shared_ptr<const Revision>> revision_of(const model::MonitorId& monitor,
                                                                             const monitors::Definition::Test& test);

    config::Files files_;
    std::chrono::minutes settle_;
    monitors::ThresholdSettings settings_;
    std::map<monitors::ThresholdSettings, std::shared_ptr<const Revision>> revisions_;
};

} // namespace bonewatch::daemon
