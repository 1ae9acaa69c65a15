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

/// One patient in memory: the facts, what follows from them, and what was told. What is here equals what the store
/// says with the batches under way applied.
struct PatientState {
    PatientState(model::PatientNumber whose, std::shared_ptr<const Revision> with)
        : number(whose), revision(std::move(with)), watch(*revision->catalogue),
          told(revision->catalogue->monitors().size()) {}

    model::PatientNumber number;
    std::shared_ptr<const Revision> revision;
    std::map<model::FactKey, store::FactVersions> facts;
    monitors::Watch watch;
    std::vector<std::vector<alerts::Alert>> told; ///< By monitor.
    PatientRow row;
    bool is_stored = false;              ///< The row is in the store.
    std::vector<model::FactKey> changed; ///< Facts changed since told was last reconciled.
    std::uint64_t last_used = 0;
};

} // namespace bonewatch::daemon
