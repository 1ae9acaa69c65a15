#pragma once

#include "alerts/alert.h"
#include "daemon/revision.h"
#include "store/facts.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace bonewatch::daemon {

using model::Instant;

/// What the fold keeps for a patient besides facts and alerts.
struct PatientRow {
    Instant timer = monitors::never;      ///< The patient's one timer; `never` where there is none.
    std::optional<Instant> loading_until; ///< Backfill: stored, not told, until then.
    std::vector<model::FactKey> changed;  ///< While loading: facts changed so far, to be named in withdrawals.
    model::PatientIdentifier identifier;  ///< To show: the first one published.
    friend bool operator==(const PatientRow&, const PatientRow&) = default;
};

[[nodiscard]] std::string encode(const PatientRow& row);
[[nodiscard]] model::Result<PatientRow> decode_patient_row(std::string_view bytes);

/// A row of `alert_ids`: whose alert it is.
[[nodiscard]] std::string alert_id_row(model::PatientNumber patient);
[[nodiscard]] std::optional<model::PatientNumber> read_alert_id_row(std::string_view bytes);

/// Everything ever said of one fact, as the store has it: small, for hardly any is looked at again.
class PackedVersions {
  public:
    PackedVersions() = default;
    /// `bytes` are what `FactVersions::encode` gave.
    explicit PackedVersions(std::string bytes) : bytes_(std::move(bytes)) {}
    [[nodiscard]] store::FactVersions unpacked() const;
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_; ///< Empty: nothing was said yet.
};

/// One patient in memory: the facts, what follows from them, and what was told. What is here equals what the store
/// says with the batches under way applied.
struct PatientState {
    PatientState(model::PatientNumber whose, std::shared_ptr<const Revision> with)
        : number(whose), revision(std::move(with)), watch(*revision->catalogue) {}

    model::PatientNumber number;
    std::shared_ptr<const Revision> revision;
    std::map<model::FactKey, PackedVersions> facts;
    monitors::Watch watch;
    std::map<std::size_t, std::vector<alerts::Alert>> told; ///< By monitor; few have any.
    PatientRow row;
    bool is_stored = false;              ///< The row is in the store.
    std::vector<model::FactKey> changed; ///< Facts changed since told was last reconciled.

    /// What it takes in memory, near enough to keep all patients within a bound. Costs the same however many facts.
    [[nodiscard]] std::size_t byte_estimate() const;
};

} // namespace bonewatch::daemon
