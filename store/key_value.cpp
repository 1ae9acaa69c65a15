#include "store/key_value.h"

#include "store/bytes.h"

#include <sodium.h>

#include <array>

namespace bonewatch::store {

namespace {

constexpr std::array<std::string_view, table_count> table_names{
    "journal",    "facts",     "patients",   "alerts",   "alert_ids", "timers", "feed",
    "partitions", "directory", "quarantine", "unmapped", "cursors",   "meta"};

constexpr std::array dumped_tables{Table::facts,  Table::patients, Table::alerts,
                                   Table::timers, Table::feed,     Table::partitions};

std::string hex(std::string_view bytes) {
    std::string out(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    out.pop_back();
    return out;
}

} // namespace

std::string_view to_text(Table table) {
    return table_names[static_cast<std::size_t>(table)];
}

void WriteBatch::put(Table table, std::string key, std::string value) {
    bytes_ += key.size() + value.size();
    writes_.push_back({table, std::move(key), std::move(value)});
}

void WriteBatch::remove(Table table, std::string key) {
    bytes_ += key.size();
    writes_.push_back({table, std::move(key), std::nullopt});
}

void WriteBatch::clear() {
    writes_.clear();
    bytes_ = 0;
}

std::string after_prefix(std::string_view prefix) {
    std::string after(prefix);
    while (!after.empty() && after.back() == '\xff')
        after.pop_back();
    if (!after.empty())
        after.back() = static_cast<char>(static_cast<unsigned char>(after.back()) + 1);
    return after;
}

model::Result<std::string> dump_hash(const KeyValue& store) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, crypto_generichash_BYTES);
    for (const Table table : dumped_tables) {
        const auto visited = store.scan(table, {}, {}, [&](std::string_view key, std::string_view value) {
            ByteWriter entry;
            entry.byte(static_cast<std::uint8_t>(table));
            entry.text(key);
            entry.text(value);
            crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(entry.bytes().data()),
                                      entry.bytes().size());
            return true;
        });
        if (!visited)
            return std::unexpected(visited.error());
    }
    std::string hash(crypto_generichash_BYTES, '\0');
    crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(hash.data()), hash.size());
    return hex(hash);
}

} // namespace bonewatch::store
