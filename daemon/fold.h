#pragma once

#include "daemon/kept_patients.h"
#include "store/key_value.h"
#include "store/partition.h"
#include "store/record.h"

#include <memory>

namespace bonewatch::daemon {

/// What a partition's fold has done so far, in this process.
struct FoldStats {
    std::uint64_t records = 0;
    std::uint64_t timers = 0;
    std::uint64_t entries = 0; ///< Feed entries.
};

/// The fold of one partition: takes the next record and gives the changes. It reads no clock, no randomness, no
/// settings: all it reads is in the journal. One thread drives it; several partitions need no common one
/// but for the patients in memory, which they share.
///
/// Changes go to the caller's batch and are seen by this object at once. After a failed commit throw the object away.
class PartitionFold {
  public:
    /// `store`, `revisions` and `kept` outlive the fold. Call `open` before anything else.
    PartitionFold(store::Partition partition, const store::KeyValue& store, Revisions& revisions, KeptPatients& kept);

    /// Reads where the partition stands. Fails with `unavailable`, or `config` for a revision that does not load.
    [[nodiscard]] model::Result<void> open();

    /// The revision in force; none before the first revision record.
    [[nodiscard]] const std::shared_ptr<const Revision>& revision() const { return revision_; }
    /// Greatest record time so far.
    [[nodiscard]] Instant now() const { return now_; }

    /// Journals a record and folds it. `recorded_at` must not be before `now()`, and no timer may be due before it:
    /// call `fire_timers` first. The outcome is that of an event record; of any other `applied`.
    [[nodiscard]] model::Result<store::Outcome> apply(const store::Record& record, store::WriteBatch& batch);

    /// Fires timers due before `until`, in order of (due, patient), each with now = its due time; at most `count_max`
    /// of them. True where none is left.
    [[nodiscard]] model::Result<bool> fire_timers(Instant until, std::size_t count_max, store::WriteBatch& batch);

    /// Writes where the partition stands, once after the records of a batch.
    void finish(store::WriteBatch& batch);

    /// A patient of this partition; the pointer holds until those in memory are trimmed.
    [[nodiscard]] model::Result<PatientState*> patient(model::PatientNumber number);
    /// The same as the store holds it, apart from those in memory: for questions about many.
    [[nodiscard]] model::Result<std::unique_ptr<PatientState>> read_patient(model::PatientNumber number) const;
    [[nodiscard]] std::uint64_t journal_position() const { return journal_position_; }
    [[nodiscard]] std::uint64_t feed_position() const { return feed_position_; }
    [[nodiscard]] const FoldStats& stats() const { return stats_; }
    /// By monitor.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& open_alerts() const { return open_alerts_; }

  private:
    model::Result<void> apply_event(const store::EventRecord& record, store::WriteBatch& batch,
                                    store::Outcome& outcome);
    model::Result<void> apply_members(const store::MembersRecord& record, store::WriteBatch& batch);
    /// Facts that name nobody of the patient any more are theirs alone whom they name.
    void release(PatientState& state, store::WriteBatch& batch);
    void carry(PatientState& state, const store::MembersRecord& record, store::WriteBatch& batch);
    model::Result<void> apply_command(const store::CommandRecord& record, store::WriteBatch& batch);
    /// Told, feed and timer follow from the facts and now.
    void settle(model::PatientNumber number, PatientState& state, store::WriteBatch& batch);
    void tell(model::PatientNumber number, PatientState& state, std::size_t monitor, store::WriteBatch& batch);
    [[nodiscard]] std::vector<std::vector<model::Event>> standing_of_changed(const PatientState& state,
                                                                             std::size_t monitor) const;
    [[nodiscard]] std::string regrouped_text(const PatientState& state) const;
    void say(PatientState& state, std::size_t monitor, const alerts::Step& step, store::WriteBatch& batch);
    void write_alerts(model::PatientNumber number, const std::vector<alerts::Alert>& alerts, std::size_t monitor,
                      std::size_t count_before, store::WriteBatch& batch);
    void write_row(model::PatientNumber number, PatientState& state, const PatientRow& row, store::WriteBatch& batch);
    model::Result<void> count_open_alerts();
    model::Result<void> load(model::PatientNumber number, PatientState& state) const;

    store::Partition partition_;
    const store::KeyValue& store_;
    Revisions& revisions_;
    KeptPatients& kept_;
    std::shared_ptr<const Revision> revision_;
    std::uint64_t revision_position_ = 0; ///< Journal position of the revision record in force.
    Instant now_ = Instant::min();
    std::uint64_t journal_position_ = 0;
    std::uint64_t feed_position_ = 0;
    FoldStats stats_;
    std::map<std::string, std::uint64_t> open_alerts_;
    bool is_changed_ = false;
};

} // namespace bonewatch::daemon
