#pragma once

#include "monitors/catalogue.h"
#include "store/record.h"

#include <chrono>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// All that the fold reads besides its records: vocabulary, monitors, thresholds, and how long a backfill settles.
/// Content-addressed and journalled whole, so that a replay needs no configuration folder. Immutable.
struct Revision {
    std::string id;
    config::Files files;
    std::chrono::minutes settle{10}; ///< A patient stays loading so long after its last backfilled record.
    config::Vocabulary vocabulary;
    std::unique_ptr<monitors::Catalogue> catalogue;

    /// Every problem of the files is reported.
    [[nodiscard]] static std::expected<std::shared_ptr<const Revision>, std::vector<model::Error>>
    load(config::Files files, std::chrono::minutes settle, const monitors::ThresholdSettings& settings = {});

    [[nodiscard]] store::RevisionRecord record() const;
    [[nodiscard]] static std::expected<std::shared_ptr<const Revision>, std::vector<model::Error>>
    from_record(const store::RevisionRecord& record);
};

/// Revisions by id, so that 64 partitions that meet the same record compile it once. One thread.
class Revisions {
  public:
    /// Fails with `config` where a journalled revision does not load in this program.
    [[nodiscard]] model::Result<std::shared_ptr<const Revision>> of(const store::RevisionRecord& record);
    void keep(std::shared_ptr<const Revision> revision) { known_[revision->id] = std::move(revision); }

  private:
    std::map<std::string, std::shared_ptr<const Revision>> known_;
};

} // namespace bonewatch::daemon
