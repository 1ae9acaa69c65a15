#pragma once

#include "alerts/alert.h"
#include "daemon/revision.h"
#include "store/facts.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace bonewatch::daemon {

using model::Instant;

/// What the fold keeps for a patient besides facts and alerts.
struct PatientRow {
    Instant timer = monitors::never;           ///< The patient's one timer; `never` where there is none.
    std::optional<Instant> loading_until;      ///< Backfill: stored, not told, until then.
    std::vector<model::FactKey> changed;       ///< While loading: facts changed so far, to be named in withdrawals.
    model::PatientIdentifier identifier;       ///< To show: the first one published.
    model::PatientNumber goes_on_in;           ///< By a merge: in whom the patient's facts count; 0: here.
    std::vector<model::PatientNumber> members; ///< Whose facts count here, sorted; empty where it is the patient alone.
    std::vector<model::Event> merges;          ///< That make it so, sorted by key.
    std::vector<std::string> told_openly;      ///< Monitors of which to tell, however old, once members have parted.
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

    /// Those whose facts count here: none where the patient goes on in another one.
    [[nodiscard]] std::span<const model::PatientNumber> members() const;

    /// What it takes in memory, near enough to keep all patients within a bound. Costs the same however many facts.
    [[nodiscard]] std::size_t byte_estimate() const;
};

[[nodiscard]] std::uint64_t open_count(const std::vector<alerts::Alert>& alerts);

/// Of merged records: the one whom what stands of a fact names; 0 where it names none of them, or several.
[[nodiscard]] model::PatientNumber member_of(const PatientState& patient, const model::FactKey& key);

/// Lays into `watch`, the patient's own or another one, what of a fact counts for the patient. A merge counts nothing
/// by itself.
void lay_in(monitors::Watch& watch, const PatientState& patient, const model::FactKey& key,
            const store::FactVersions& versions);
/// Of merged records: where the surviving one says what sex the patient has, when born and when died, the others do
/// not. To be called after facts that say so were laid in.
void settle_person(monitors::Watch& watch, const PatientState& patient);

} // namespace bonewatch::daemon
