#pragma once

#include "store/key_value.h"
#include "store/model/event.h"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace bonewatch::store {

/// Which identifiers stand for the same patient everywhere. Every other system counts within one publisher alone.
struct IdentityRules {
    std::set<std::string> strong_systems{"nhs"};
};

/// Who a fact concerns: whom the event names, and everyone whom any version of the fact ever named.
struct Routing {
    model::PatientNumber named;                  ///< 0 where it names nobody: a retraction alone may.
    std::vector<model::PatientNumber> concerned; ///< Sorted; `named` included.
    bool is_newly_named = false; ///< Somebody meets the fact for the first time while others already know it.
    model::PatientNumber from{}; ///< Of a merge: whom its `from` names.
    bool is_own = false;         ///< The event names its patient by an identifier of the publisher's own.
};

/// A correction may move a fact to another patient, and perhaps back. An id that has named so many is used again and
/// again, for facts that have nothing to do with each other.
inline constexpr std::size_t patients_of_a_fact_max = 16;

/// Nor are so many records one person's; what they cost grows with each.
inline constexpr std::size_t members_of_a_union_max = 64;

/// A merge that stands: two identities are one patient. Each is a number of its own, which is permanent.
struct StandingMerge {
    model::FactKey key;
    model::Version version;
    model::PatientNumber survivor, from;
    model::PatientIdentifier survivor_as, from_as; ///< As the publisher named them.
    friend bool operator==(const StandingMerge&, const StandingMerge&) = default;
};

/// Everyone whom standing merges make one patient. A function of the set of these merges.
struct Union {
    model::PatientNumber canonical;            ///< In whom all of them go on.
    std::vector<model::PatientNumber> members; ///< Sorted; `canonical` included.
    std::vector<StandingMerge> merges;         ///< Sorted by key; none where a patient is alone.
    friend bool operator==(const Union&, const Union&) = default;
};

/// A patient whom an identifier stands for.
struct Bearer {
    model::PublisherId publisher; ///< With whom it does; empty of a strong system: with everybody.
    model::PatientNumber patient;
    friend bool operator==(const Bearer&, const Bearer&) = default;
};

/// Resolves identifiers to patients and facts to the patients they ever named; gives new patients their number, from 1;
/// knows which patients are one by the merges that stand.
/// Writes go to the caller's batch and are seen by this object at once, whether or not the batch is committed yet: call
/// `committed` when it is; after a failed commit throw the object away. One thread.
class Directory {
  public:
    Directory(const KeyValue& store, IdentityRules rules);

    /// Reads who goes on in whom. Call before anything else where the store may hold merges.
    [[nodiscard]] model::Result<void> open();

    /// Fails with `unusable`, reason `identity_conflict`, where the event's identifiers stand for two known patients,
    /// reason `no_publisher` where it names none, reason `id_reused` where it would be one more patient of a fact than
    /// `patients_of_a_fact_max`, reason `union_too_large` where a merge would make more than `members_of_a_union_max`
    /// one, and reason `unknown_fact` where it names no patient and nobody is known to have the fact that it retracts;
    /// with `unavailable` when the store cannot be read. Where it fails, nothing of the fact was written.
    [[nodiscard]] model::Result<Routing> route(const model::Event& event, WriteBatch& batch);

    /// Whether anybody is known to have the fact, or a retraction of it. One look, which writes nothing.
    [[nodiscard]] model::Result<bool> is_known(const model::FactKey& fact) const;
    /// Everyone who is known to have the event's fact, and whom the event names, where that one is known. Sorted.
    [[nodiscard]] model::Result<std::vector<model::PatientNumber>> concerned_by(const model::Event& event) const;

    /// Everyone who was ever named by a part `ID#…` of the fact `ID`. Sorted.
    [[nodiscard]] model::Result<std::vector<model::PatientNumber>> named_by_parts_of(const model::FactKey& whole) const;

    /// In whom the patient goes on: in itself, unless a standing merge says otherwise.
    [[nodiscard]] model::PatientNumber canonical_of(model::PatientNumber patient) const;
    /// Whether any standing merge concerns the patient.
    [[nodiscard]] bool is_merged(model::PatientNumber patient) const { return goes_on_in_.contains(patient.value); }
    [[nodiscard]] model::Result<Union> union_of(model::PatientNumber patient) const;
    /// Whether a merge of this key stands as the directory knows it.
    [[nodiscard]] model::Result<std::optional<StandingMerge>> merge_of(const model::FactKey& key) const;
    /// What stands of a merge from now on; nothing where it was undone, or is disputed. Both its patients have been
    /// routed. Gives the unions of before whose members, or merges, are others now; none where nothing changes.
    [[nodiscard]] model::Result<std::vector<Union>> set_merge(const model::FactKey& key, const model::Event* standing,
                                                              WriteBatch& batch);
    /// How many numbers go on in another one.
    [[nodiscard]] std::uint64_t alias_count() const;

    /// What `route` and `set_merge` wrote stands in the store now: this object need not remember it any longer.
    void committed();

    /// Everyone whom the identifier stands for with one publisher or another, in order of the publishers' names.
    [[nodiscard]] model::Result<std::vector<Bearer>> bearers_of(const model::PatientIdentifier& identifier) const;

    /// 16 bytes that stand for an identifier as this publisher means it, where no identifier may stand.
    [[nodiscard]] std::string digest_of(const model::PublisherId& publisher,
                                        const model::PatientIdentifier& identifier) const;

    /// The patient of such a digest; nothing where nobody was published under the identifier.
    [[nodiscard]] model::Result<std::optional<model::PatientNumber>> patient_of_digest(std::string_view digest) const;

    /// How many patients have a number.
    [[nodiscard]] model::Result<std::uint64_t> patient_count() const { return last_number(); }

  private:
    /// An identifier as the directory keys it: of a strong one the publisher is empty.
    struct Scoped {
        std::string publisher;
        model::PatientIdentifier identifier;
        friend auto operator<=>(const Scoped&, const Scoped&) = default;
    };
    using Rows = std::unordered_map<std::string, std::string>;

    [[nodiscard]] bool is_strong(const Scoped& identifier) const { return identifier.publisher.empty(); }
    [[nodiscard]] Scoped scoped(const model::PublisherId& publisher, const model::PatientIdentifier& identifier) const;

    /// Who is meant, and the rows that say so: those of a new patient, and of identifiers seen for the first time.
    [[nodiscard]] model::Result<model::PatientNumber> resolve(const model::Event& event, Rows& rows) const;
    [[nodiscard]] model::Result<model::PatientNumber> resolve(const std::vector<Scoped>& identifiers, Rows& rows) const;
    /// Notes one more number of a strong system as the patient's. Fails with `identity_conflict` where he has others of
    /// that system and the event names none of them: then it may be another person under a record used again.
    [[nodiscard]] model::Result<void> list_strong(model::PatientNumber patient, const Scoped& identifier, bool is_new,
                                                  const std::vector<Scoped>& named, Rows& rows) const;
    [[nodiscard]] model::Result<void> refuse_large_union(model::PatientNumber one, model::PatientNumber other) const;
    void keep(Rows& rows, WriteBatch& batch);
    [[nodiscard]] model::Result<void> link(model::PatientNumber patient, const Scoped& identifier, Rows& rows) const;
    [[nodiscard]] model::Result<void> list_publisher(const Scoped& identifier, Rows& rows) const;
    [[nodiscard]] model::Result<void> list_wholes(const model::FactKey& part,
                                                  std::span<const model::PatientNumber> named, Rows& rows) const;

    [[nodiscard]] model::Result<std::optional<model::PatientNumber>> patient_of(const Scoped& identifier) const;
    [[nodiscard]] model::Result<std::vector<std::string>> publishers_of(const model::PatientIdentifier& weak) const;
    [[nodiscard]] model::Result<std::vector<model::PatientNumber>> named_by(const model::FactKey& fact) const;
    [[nodiscard]] model::Result<std::vector<model::PatientNumber>> listed_at(const std::string& key,
                                                                             const model::FactKey& fact) const;
    [[nodiscard]] model::Result<std::vector<StandingMerge>> merges_of(model::PatientNumber patient) const;
    [[nodiscard]] model::PatientNumber canonical_in(const Union& joined) const;
    [[nodiscard]] model::Result<std::vector<Union>> unions_of(const std::set<model::PatientNumber>& patients) const;
    [[nodiscard]] model::Result<Routing> route_nameless(const model::Event& event) const;
    [[nodiscard]] model::Result<std::uint64_t> last_number() const;

    [[nodiscard]] model::Result<std::optional<std::string>> read(const std::string& key) const;
    void remember(std::string key, std::string value) const;

    const KeyValue& store_; ///< Outlives this.
    IdentityRules rules_;
    Rows pending_; ///< Written, not known to be committed.
    /// Every patient whom a standing merge concerns, and in whom that one goes on: asked for each event.
    std::unordered_map<std::uint64_t, std::uint64_t> goes_on_in_;
    /// Identifiers known to be in the store, for speed. When `recent_` is full it becomes `older_`.
    mutable Rows recent_, older_;
};

} // namespace bonewatch::store
