#pragma once

#include "store/model/event.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace bonewatch::store {

/// One event of one patient, admitted: with the message it came in, so that a laboratory's own words are never lost.
struct EventRecord {
    model::PatientNumber patient;       ///< Whose partition and timeline this record belongs to.
    model::PatientNumber named_patient; ///< Whom the event itself names; another one where a fact was moved away.
    model::Event event;
    bool is_backfill = false;
    bool is_group_end = true; ///< Last record of its message for this patient: told is reconciled after it.
    bool is_relayed = false;  ///< An older version, repeated for a patient whom the fact names for the first time.
    bool is_own = false;      ///< The event's identifier counts within its publisher alone.
    std::string vocabulary;   ///< Revision it was decoded with.
    std::string raw;          ///< As received; empty for all but the first record of one raw text, and when relayed.
    std::uint64_t retried{};  ///< The number under which it lay in quarantine before; 0: it did not. Changes nothing.
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

/// One entry of a partition's journal. `recorded_at` never falls along a journal.
struct Record {
    model::Instant recorded_at;
    std::variant<EventRecord, RevisionRecord, TickRecord, CommandRecord> body;
};

/// The record envelope of store/README.md.
[[nodiscard]] std::string encode(const Record& record);
[[nodiscard]] model::Result<Record> decode_record(std::string_view bytes);

/// What a record is about, read without the rest: for passing over records of others.
struct RecordHead {
    model::Instant recorded_at;
    bool is_revision = false;
    bool is_event = false;
    model::PatientNumber patient; ///< Of an event.
};
[[nodiscard]] model::Result<RecordHead> decode_record_head(std::string_view bytes);

} // namespace bonewatch::store
