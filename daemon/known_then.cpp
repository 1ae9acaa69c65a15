#include "daemon/known_then.h"

#include "store/keys.h"
#include "store/record.h"

namespace bonewatch::daemon {

namespace {

using model::Result;

/// What the journal held of one patient by a time.
struct JournalledBy {
    std::map<model::FactKey, store::FactVersions> facts;
    std::optional<store::MembersRecord> members; ///< The last one.
    std::string revision;                        ///< Bytes of the record in force; empty: none yet.
};

Result<void> take_members(store::MembersRecord members, model::PatientNumber number, JournalledBy& out) {
    for (const std::string& bytes : members.facts) {
        const auto coming = store::FactVersions::decode(bytes);
        if (!coming)
            return std::unexpected(coming.error());
        out.facts[coming->key()].admit_all(*coming);
    }
    std::vector<model::PatientNumber> own = members.members;
    own.push_back(number);
    std::erase_if(out.facts, [&](const auto& known) { return !known.second.names(own); });
    out.members = std::move(members);
    return {};
}

Result<JournalledBy> read_journal(const store::KeyValue& store, model::PatientNumber number, Instant known_at) {
    JournalledBy out;
    Result<void> outcome;
    const std::string partition = store::partition_key(store::partition_of(number));
    const auto scanned = store.scan(store::Table::journal, partition, store::after_prefix(partition),
                                    [&](std::string_view, std::string_view bytes) {
                                        const auto head = store::decode_record_head(bytes);
                                        if (!head)
                                            outcome = std::unexpected(head.error());
                                        if (!head || head->recorded_at > known_at)
                                            return false;
                                        if (head->is_revision)
                                            out.revision = bytes;
                                        if ((!head->is_event && !head->is_members) || head->patient != number)
                                            return true;
                                        auto record = store::decode_record(bytes);
                                        if (!record) {
                                            outcome = std::unexpected(record.error());
                                            return false;
                                        }
                                        if (auto* members = std::get_if<store::MembersRecord>(&record->body)) {
                                            outcome = take_members(std::move(*members), number, out);
                                            return outcome.has_value();
                                        }
                                        const auto& event = std::get<store::EventRecord>(record->body);
                                        static_cast<void>(out.facts[model::fact_of(event.event)].admit(
                                            event.named_patient, event.event, event.from));
                                        return true;
                                    });
    if (!scanned || !outcome)
        return std::unexpected(scanned ? outcome.error() : scanned.error());
    return out;
}

} // namespace

Result<std::unique_ptr<PatientState>> patient_as_known_at(const store::KeyValue& store, Revisions& revisions,
                                                          model::PatientNumber number, Instant known_at) {
    auto known = read_journal(store, number, known_at);
    if (!known)
        return std::unexpected(known.error());
    if (known->members && known->members->goes_on_in.value != 0)
        return patient_as_known_at(store, revisions, known->members->goes_on_in, known_at);
    if (known->revision.empty() || known->facts.empty())
        return model::fail(model::ErrorKind::not_found, "not_known_then",
                           "nothing was known of this patient by " + model::to_text(known_at));
    auto record = store::decode_record(known->revision);
    if (!record)
        return std::unexpected(record.error());
    auto revision = revisions.of(std::get<store::RevisionRecord>(record->body));
    if (!revision)
        return std::unexpected(revision.error());
    auto state = std::make_unique<PatientState>(number, *revision);
    if (known->members && known->members->members.size() > 1) {
        state->row.members = known->members->members;
        state->row.merges = known->members->merges;
    }
    for (const auto& [key, versions] : known->facts) {
        state->facts.emplace(key, PackedVersions(versions.encode()));
        lay_in(state->watch, *state, key, versions);
    }
    settle_person(state->watch, *state);
    return state;
}

} // namespace bonewatch::daemon
