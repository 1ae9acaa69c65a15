#pragma once

#include "daemon/fold.h"
#include "daemon/shelf.h"
#include "store/directory.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bonewatch::daemon {

/// One event on its way into the journal, with the text it came from.
struct Incoming {
    model::Event event;
    std::string raw;
    /// Journalled only where somebody is known to have its fact. Comes after the message's other events.
    bool is_for_known_fact = false;
    /// A retraction that reaches the facts `ID#…` of its fact `ID` too, in all whom it concerns: the resource's parts.
    bool reaches_parts = false;
};

/// One message as a door decoded it.
struct Message {
    std::vector<Incoming> events;
    bool is_backfill = false;
    std::uint64_t retried = 0; ///< The number under which it lay in quarantine; 0: it comes for the first time.
};

/// Where nobody says otherwise.
constexpr std::size_t patients_bytes_default = 128u << 20;

/// The directory and the 64 partition folds over one store: what a message goes through between its door and the
/// commit. One thread drives it.
///
/// All that is admitted between two commits is journalled at the same time. A failed commit ends the core: throw it
/// away, and open another one over the store opened anew.
class Core {
  public:
    /// Reads where the store stands. `revision` takes effect in a store that has none yet; a store keeps the one it
    /// has. `store` outlives the core. Of patients about `patients_bytes` are kept in memory between commits. Fails
    /// with `unavailable` or `config`.
    [[nodiscard]] static model::Result<std::unique_ptr<Core>> open(store::KeyValue& store,
                                                                   std::shared_ptr<const Revision> revision,
                                                                   store::IdentityRules rules,
                                                                   std::size_t patients_bytes = patients_bytes_default);

    /// The revision in force.
    [[nodiscard]] const Revision& revision() const { return *revision_; }
    /// Greatest time journalled so far, over all partitions.
    [[nodiscard]] Instant now() const { return now_; }

    /// Journals and folds a message at `now`, which must not be before `now()`. Gives the outcome for each event, or
    /// why it cannot be a fact (`identity_conflict`, `unknown_fact`). Fails with `unavailable` when the store does.
    [[nodiscard]] model::Result<std::vector<model::Result<store::Outcome>>> admit(const Message& message, Instant now);
    /// Journals and folds a record as it stands: replaying a journal. Relays and groups are in the records.
    [[nodiscard]] model::Result<void> replay(store::Partition partition, const store::Record& record);
    /// A person's command. Gives the alert as it was before; where it says what stands already, nothing is journalled.
    /// Fails with `not_found` where no such alert is open.
    [[nodiscard]] model::Result<alerts::Alert> command(store::CommandRecord command, Instant now);
    /// Keeps what cannot be used: daemon/shelf.h. Gives the number under which it is kept.
    [[nodiscard]] model::Result<std::uint64_t> shelve(ShelvedRow row, std::string_view message);
    /// Puts one row in the place of another, in the commit of what was admitted before.
    [[nodiscard]] model::Result<void> reshelve(std::uint64_t number, const ShelvedRow& before, const ShelvedRow& after);
    [[nodiscard]] const Shelf& shelf() const { return shelf_; }
    /// Whether the event's version of its fact is known already, with another content.
    [[nodiscard]] model::Result<bool> is_replaced(const model::Event& event);

    /// Makes everything since the last commit durable, and only then lets it be seen.
    [[nodiscard]] model::Result<void> commit();
    /// Nothing to commit.
    [[nodiscard]] bool is_clean() const { return batch_.empty(); }
    [[nodiscard]] std::size_t pending_bytes() const { return batch_.byte_count(); }
    /// Events admitted and things shelved since the last commit.
    [[nodiscard]] std::size_t pending_events() const { return pending_events_; }

    /// Lets the clock pass to `now`: journals a tick in each partition with a timer due before it, and fires what is
    /// due, committing as it goes. Nothing else may be pending.
    [[nodiscard]] model::Result<void> tick(Instant now);
    /// The earliest timer of all partitions; `never` where there is none.
    [[nodiscard]] model::Result<Instant> next_timer() const;

    /// Who is who.
    [[nodiscard]] const store::Directory& directory() const { return directory_; }
    /// The patient, loaded; the pointer holds until the next commit.
    [[nodiscard]] model::Result<PatientState*> patient(model::PatientNumber number);
    /// The patient as the store holds it, apart from those kept in memory: for questions about many. Null where the
    /// number has no facts.
    [[nodiscard]] model::Result<std::unique_ptr<PatientState>> read_patient(model::PatientNumber number) const;
    /// The patient as it was known at a time: daemon/known_then.h.
    [[nodiscard]] model::Result<std::unique_ptr<PatientState>> patient_as_known_at(model::PatientNumber number,
                                                                                   Instant known_at);
    /// Whose alert has this id. Fails with `not_found`.
    [[nodiscard]] model::Result<model::PatientNumber> owner_of_alert(std::string_view alert) const;

    [[nodiscard]] store::KeyValue& store() { return store_; }
    [[nodiscard]] const store::KeyValue& store() const { return store_; }
    [[nodiscard]] FoldStats stats() const;
    /// Those in memory.
    [[nodiscard]] const KeptPatients& kept_patients() const { return kept_; }
    /// How many alerts are open, by monitor.
    [[nodiscard]] std::map<std::string, std::uint64_t> open_alerts() const;
    /// Position in a partition's journal of its last record, and in its feed of its last entry.
    [[nodiscard]] std::uint64_t journal_position(store::Partition partition) const;
    [[nodiscard]] std::uint64_t feed_position(store::Partition partition) const;
    /// Where the last admitted event stands: `PARTITION-POSITION`.
    [[nodiscard]] const std::string& last_position() const { return last_position_; }

  private:
    Core(store::KeyValue& store, store::IdentityRules rules, std::size_t patients_bytes);

    /// Fires what is due in a partition before `now`, and gives it its revision.
    model::Result<PartitionFold*> ready(store::Partition partition, Instant now);
    /// A store of before has alerts without rows in `alert_ids`.
    model::Result<void> index_alerts();
    model::Result<void> fire(PartitionFold& fold, Instant now);
    struct Arriving {
        const Incoming* incoming;
        std::size_t index;    ///< Of the event of the message whose outcome it has.
        bool is_part = false; ///< Of what that event names.
    };
    struct Routed {
        Arriving arriving;
        store::Routing routing;
        std::vector<model::PatientNumber> recipients; ///< Those concerned, and in whom they go on. Sorted.
    };
    using Outcomes = std::vector<model::Result<store::Outcome>>;
    /// The unions of before that merges of a message have changed, by member, and the merge that did.
    struct Regrouping {
        std::map<model::PatientNumber, store::Union> before;
        std::map<model::PatientNumber, model::FactKey> cause;
    };
    /// The message's events and `parts`, in the order in which they are to be journalled.
    model::Result<std::vector<Arriving>> arriving(const Message& message, std::vector<Incoming>& parts);
    /// Whether it is a merge, or is said of one.
    model::Result<bool> is_of_merge(const model::Event& event) const;
    /// A result that was posted to the wrong patient may have been so under another number of that one's: then a
    /// retraction that says so is of that number, and leaves what the right patient has.
    model::Result<void> mean_member(const model::Event& event, store::Routing& routing);
    /// Who has what of it; writes to `outcomes` why not.
    model::Result<std::vector<Routed>> route(const std::vector<Arriving>& arriving, Outcomes& outcomes);
    /// Journals and folds it; a patient's group ends with the event that `last` names.
    model::Result<void> admit(const Routed& one, const std::map<model::PatientNumber, const Routed*>& last,
                              const Message& message, Outcomes& outcomes);
    /// After a fact was admitted to `owner`: if it is a merge, the directory learns what stands of it.
    model::Result<void> note_merge(const model::FactKey& fact, model::PatientNumber owner, Regrouping& regrouping);
    /// Journals and folds who is made of whom now. Patients in `settled_later` have more to come of their group.
    model::Result<void> regroup(const Regrouping& regrouping, bool is_backfill,
                                const std::map<model::PatientNumber, const Routed*>& settled_later);
    model::Result<store::MembersRecord> members_record(const store::Union& joined, const Regrouping& regrouping);
    /// Retractions of the known parts of what the event retracts.
    model::Result<std::vector<Incoming>> parts_of(const Incoming& incoming, const Message& message);
    /// The records of one event, for everyone concerned; older versions first for whom it names for the first time.
    model::Result<std::vector<store::EventRecord>> records_of(const Routed& one, const Message& message);

    store::KeyValue& store_;
    store::Directory directory_;
    Revisions revisions_;
    KeptPatients kept_;
    std::shared_ptr<const Revision> revision_;
    std::vector<std::unique_ptr<PartitionFold>> folds_;
    store::WriteBatch batch_;
    Instant now_ = Instant::min();
    Shelf shelf_;
    std::size_t pending_events_ = 0;
    std::string last_position_ = "none";
};

} // namespace bonewatch::daemon
