#pragma once

#include "tests/bench/measure.h"

namespace bonewatch::bench {

/// Durable and acknowledged: RocksDB alone, the core over RocksDB with and without monitors, the daemon over a socket.
[[nodiscard]] Figures durable(const Scale& scale);
/// Evaluation alone, in memory, on the equal workload, and how many alerts are missed, wrong or left standing. Any of
/// those ends the bench.
[[nodiscard]] Figures evaluation(const Scale& scale);
/// The newest fact of a patient with a long history beside one with a short one.
[[nodiscard]] Figures newest_fact(const Scale& scale);
/// From publish to result at light load, beside fdatasync in the same folder.
[[nodiscard]] Figures acknowledgement(const Scale& scale);
/// What it costs to decode a message, by its format, and to frame and answer one of HL7 v2, beside RocksDB's cost of an
/// event.
[[nodiscard]] Figures decode(const Scale& scale);
/// A result of HL7 v2 with its PID, through intake and the core over RocksDB, beside RocksDB's cost of an event.
[[nodiscard]] Figures reports(const Scale& scale);

} // namespace bonewatch::bench
