#pragma once

#include "store/model/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bonewatch::store {

/// One event of one patient, admitted: with the message it came in, so that a laboratory's own words are never lost.
struct EventRecord {
    model::PatientNumber patient;       ///< Whose partition and timeline this record belongs to.
    model::PatientNumber named_patient; ///< Whom the event itself names; another one where a fact was moved away.
    model::Event event;
    bool is_backfill = false;
    bool is_group_end = true;    ///< Last record of its message for this patient: told is reconciled after it.
    bool is_relayed = false;     ///< An older version, repeated for a patient whom the fact names for the first time.
    bool is_own = false;         ///< The event's identifier counts within its publisher alone.
    model::PatientNumber from{}; ///< Of a merge: whom its `from` names.
    std::string vocabulary;      ///< Revision it was decoded with.
    std::string raw;             ///< As received; empty for all but the first record of one raw text, and when relayed.
    /// The number under which it lay in quarantine before; 0: it did not. Changes nothing.
    std::uint64_t retried{};
};

/// The monitors, thresholds, drug classes and equivalences from here on: content-addressed, carried whole.
struct RevisionRecord {
    std::string revision;
    std::string files; ///< Encoded config::Files.
};

/// The clock said so; nothing else happened.
struct TickRecord {};

/// A person's command about one alert.
struct CommandRecord {
    model::PatientNumber patient;
    std::string alert;
    std::string action; ///< `acknowledge`.
    std::string actor;
    std::string note;
};

/// An alert that goes with its facts to another patient, as the store has it.
struct CarriedAlert {
    std::string monitor;
    std::string alert; ///< Encoded alerts::Alert.
    friend bool operator==(const CarriedAlert&, const CarriedAlert&) = default;
};

/// From here on a patient is made of other identities than before: records were merged, or are separate again.
struct MembersRecord {
    model::PatientNumber patient;
    model::PatientNumber goes_on_in; ///< In whom the patient's facts count; 0: in the patient.
    std::vector<model::PatientNumber>
        members;                      ///< Those whose facts count here, sorted; none where it goes on elsewhere.
    std::vector<model::Event> merges; ///< The merges that stand and make it so, sorted by key.
    std::vector<std::string> facts;   ///< What the new members know: encoded FactVersions.
    std::vector<CarriedAlert> told;   ///< Alerts that come with them, or back.
    std::vector<std::string> gone;    ///< Ids of alerts that leave, and the partition with it.
    /// Monitors of which an alert was open before the members parted: who has such an episode now is told of it,
    /// however old it is.
    std::vector<std::string> told_openly;
    std::optional<model::Instant> loading_until; ///< Of a new member.
    model::FactKey cause;                        ///< The merge that came, changed or was undone.
    bool is_backfill = false;
    bool is_group_end = true;
};

/// One entry of a partition's journal. `recorded_at` never falls along a journal.
struct Record {
    model::Instant recorded_at;
    std::variant<EventRecord, RevisionRecord, TickRecord, CommandRecord, MembersRecord> body;
};

/// The record envelope of store/README.md.
[[nodiscard]] std::string encode(const Record& record);
[[nodiscard]] model::Result<Record> decode_record(std::string_view bytes);

/// What a record is about, read without the rest: for passing over records of others.
struct RecordHead {
    model::Instant recorded_at;
    bool is_revision = false;
    bool is_event = false;
    bool is_members = false;
    model::PatientNumber patient; ///< Of an event, and of members.
};
[[nodiscard]] model::Result<RecordHead> decode_record_head(std::string_view bytes);

} // namespace bonewatch::store
