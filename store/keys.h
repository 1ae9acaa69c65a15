#pragma once

#include "store/model/clock.h"
#include "store/model/event.h"
#include "store/partition.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::store {

/// The keys of every table: big endian, so that byte order is number order, the partition first wherever there is one.
/// No identifier of a patient and no fact id stands in a key. Layout: store/README.md, "Keys".
///
/// Positions of journal and feed count from 1 in each partition; 0 means "nothing yet".

/// `journal` and `feed`.
[[nodiscard]] std::string position_key(Partition partition, std::uint64_t position);

/// `facts`: one fact of one patient.
[[nodiscard]] std::string fact_key(Partition partition, model::PatientNumber patient, const model::FactKey& fact);

/// `patients`; also the prefix of all facts and of all alerts of a patient.
[[nodiscard]] std::string patient_key(Partition partition, model::PatientNumber patient);

/// `alerts`: the `ordinal`-th alert of a monitor for a patient, from 0. The prefix of one monitor's is `alert_prefix`.
[[nodiscard]] std::string alert_key(Partition partition, model::PatientNumber patient, const model::MonitorId& monitor,
                                    std::uint32_t ordinal);
[[nodiscard]] std::string alert_prefix(Partition partition, model::PatientNumber patient,
                                       const model::MonitorId& monitor);

/// `timers`: in order of due time. Timers due before `due` are those in [partition_key, timer_key(due, patient 0)).
[[nodiscard]] std::string timer_key(Partition partition, model::Instant due, model::PatientNumber patient);

/// `partitions`; also the prefix of all that a partition owns.
[[nodiscard]] std::string partition_key(Partition partition);

/// `alert_ids`: whose alert it is.
[[nodiscard]] std::string alert_id_key(Partition partition, std::string_view id);

/// `quarantine`: numbered from 1.
[[nodiscard]] std::string quarantine_key(std::uint64_t number);
/// `quarantine`: the number under which these bytes of this publisher are kept.
[[nodiscard]] std::string quarantined_key(const model::PublisherId& publisher, std::string_view raw);
/// `quarantine`: how many lie there of one publisher for one reason at one place, without indices.
[[nodiscard]] std::string quarantine_group_key(const model::PublisherId& publisher, std::string_view reason,
                                               std::string_view place);
/// `quarantine`: one of a group that waits. `group_key` is the group's; number 0 comes before all of them.
[[nodiscard]] std::string quarantine_waiting_key(std::string_view group_key, std::uint64_t number);
/// `quarantine`: a message that something in it cannot be read without.
[[nodiscard]] std::string quarantine_message_key(std::string_view message);
/// `quarantine`: one that waits and is about the patient of an identifier. `digest`: `identifier_digest`.
[[nodiscard]] std::string quarantine_patient_key(std::string_view digest, std::uint64_t number);
/// The number at the end of `quarantine_waiting_key` and `quarantine_patient_key`.
[[nodiscard]] std::optional<std::uint64_t> parse_quarantine_index_key(std::string_view key);

/// `unmapped`: why a publisher's code or unit could not be used, and the words.
[[nodiscard]] std::string unmapped_key(const model::PublisherId& publisher, std::string_view reason,
                                       std::string_view words);

/// `cursors`: a subscriber's name as it stands.
[[nodiscard]] std::string cursor_key(std::string_view subscriber);

struct PositionKey {
    Partition partition;
    std::uint64_t position = 0;
};
struct PatientKey {
    Partition partition;
    model::PatientNumber patient;
};
struct AlertKey {
    Partition partition;
    model::PatientNumber patient;
    model::MonitorId monitor;
    std::uint32_t ordinal = 0;
};
struct TimerKey {
    Partition partition;
    model::Instant due;
    model::PatientNumber patient;
};

/// Each reads what its namesake wrote; nothing for any other bytes.
[[nodiscard]] std::optional<PositionKey> parse_position_key(std::string_view key);
[[nodiscard]] std::optional<PatientKey> parse_patient_key(std::string_view key);
[[nodiscard]] std::optional<AlertKey> parse_alert_key(std::string_view key);
[[nodiscard]] std::optional<TimerKey> parse_timer_key(std::string_view key);
[[nodiscard]] std::optional<std::uint64_t> parse_quarantine_key(std::string_view key);

/// 16 bytes that stand for a text which no key may show: BLAKE2b-128, personalised. `domain` tells kinds of text apart.
[[nodiscard]] std::string key_digest(char domain, std::string_view text);

} // namespace bonewatch::store
