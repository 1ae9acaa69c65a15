#pragma once

#include "store/model/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::store {

/// The tables of a store. Keys: store/README.md, and store/keys.h to build them. Where a key begins with the partition
/// the fold of that partition owns it. The canonical dump covers facts, patients, alerts, timers, feed and partitions:
/// what a replay of the journal makes anew.
enum class Table : std::uint8_t {
    journal,    ///< partition, position -> record. What a dump is made from; not in it
    facts,      ///< partition, patient, fact -> FactVersions
    patients,   ///< partition, patient -> what the fold keeps for the patient: timer, loading
    alerts,     ///< partition, patient, monitor, ordinal -> told alert
    alert_ids,  ///< partition, alert's id -> its patient. Follows from alerts; not in the dump
    timers,     ///< partition, due, patient -> nothing
    feed,       ///< partition, position -> feed entry
    partitions, ///< partition -> now, positions, revision
    directory,  ///< identifier -> patient; fact -> patients; the counter. Outside the dump: records hold the number
    quarantine, ///< number -> what could not be used, whole, with the reason; bytes -> number. Outside the dump
    unmapped,   ///< publisher and words -> a code or unit that no table knows, counted. Outside the fold and the dump
    cursors,    ///< subscriber -> positions. Delivery: outside the fold and the dump
    meta,       ///< schema version, epoch. Outside the dump
};
inline constexpr std::size_t table_count = 13;

/// Writes that are applied together or not at all.
class WriteBatch {
  public:
    struct Write {
        Table table;
        std::string key;
        std::optional<std::string> value; ///< Nothing: the key is removed.
    };

    void put(Table table, std::string key, std::string value);
    void remove(Table table, std::string key);
    void clear();

    [[nodiscard]] bool empty() const { return writes_.empty(); }
    [[nodiscard]] std::size_t byte_count() const { return bytes_; }
    [[nodiscard]] const std::vector<Write>& writes() const { return writes_; }

  private:
    std::vector<Write> writes_;
    std::size_t bytes_ = 0; ///< Keys and values.
};

/// `journal`, `facts`, …: the table's name on disk.
[[nodiscard]] std::string_view to_text(Table table);

/// An ordered map from bytes to bytes in several tables: RocksDB in the daemon, memory in replay and tests. One thread
/// writes; any thread may read. Reads fail with `unavailable` when the disk does.
class KeyValue {
  public:
    virtual ~KeyValue() = default;

    [[nodiscard]] virtual model::Result<std::optional<std::string>> get(Table table, std::string_view key) const = 0;

    /// Visits keys in [from, to) in byte order until `visit` returns false; an empty `to` means the table's end. What
    /// is written during the visit is not seen by it.
    [[nodiscard]] virtual model::Result<void>
    scan(Table table, std::string_view from, std::string_view to,
         const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;

    /// Applies the batch whole. Once it returns, a crash or a power cut cannot undo it. After a failure no later write
    /// succeeds: stop, and open the store anew.
    [[nodiscard]] virtual model::Result<void> commit(const WriteBatch& batch) = 0;
};

/// A store in memory.
[[nodiscard]] std::unique_ptr<KeyValue> memory_store();

/// The first key after all keys that begin with `prefix`; empty where there is none.
[[nodiscard]] std::string after_prefix(std::string_view prefix);

/// The canonical dump: hex of BLAKE2b-256 over the sorted keys and values of the tables that a replay of the journal
/// makes anew. Equal state has an equal dump. The journal is its input, and stands outside, as do directory,
/// quarantine, unmapped, alert_ids, cursors and meta.
[[nodiscard]] model::Result<std::string> dump_hash(const KeyValue& store);

} // namespace bonewatch::store
