#pragma once

#include "store/key_value.h"
#include "store/model/event.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace bonewatch::store {

/// Which identifiers stand for the same patient everywhere. Every other system counts within one publisher alone.
struct IdentityRules {
    std::set<std::string> strong_systems{"nhs"};
};

/// Who a fact concerns: whom the event names, and everyone whom any version of the fact ever named.
struct Routing {
    model::PatientNumber named;
    std::vector<model::PatientNumber> concerned; ///< Sorted; `named` included.
    bool is_newly_named = false; ///< `named` meets the fact for the first time while others already know it.
};

/// Resolves identifiers to patients and facts to the patients they ever named; gives new patients their number. Writes
/// go to the caller's batch and are seen by this object at once, whether or not the batch is committed yet: after a
/// failed commit throw the object away. One thread.
class Directory {
  public:
    Directory(const KeyValue& store, IdentityRules rules);

    /// Fails with `unusable`, reason `identity_conflict`, where the event's identifiers stand for two known patients;
    /// with `unavailable` when the store cannot be read.
    [[nodiscard]] model::Result<Routing> route(const model::Event& event, WriteBatch& batch);

    /// The patient of an identifier; nothing where it was never seen. `publisher` matters for weak systems only: an
    /// empty one finds the patient if exactly one publisher uses that identifier.
    [[nodiscard]] model::Result<std::optional<model::PatientNumber>> find(const model::PatientIdentifier& identifier,
                                                                          const model::PublisherId& publisher) const;

    /// An identifier of `patient` to show to a person: the first seen, a strong one where there is one.
    [[nodiscard]] model::Result<std::optional<model::PatientIdentifier>>
    identifier_of(model::PatientNumber patient) const;

  private:
    [[nodiscard]] model::Result<std::optional<std::string>> read(std::string_view key) const;
    void write(WriteBatch& batch, std::string key, std::string value);

    const KeyValue& store_;
    IdentityRules rules_;
    std::map<std::string, std::string, std::less<>> pending_; ///< Written, perhaps not committed yet.
};

} // namespace bonewatch::store
