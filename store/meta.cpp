#include "store/meta.h"

#include "store/bytes.h"

#include <algorithm>
#include <limits>

namespace bonewatch::store {

namespace {

constexpr std::string_view schema_key = "schema";
constexpr std::string_view epoch_key = "epoch";

std::string varint(std::uint64_t value) {
    ByteWriter out;
    out.varint(value);
    return out.take();
}

model::Result<std::optional<std::uint64_t>> read_number(const KeyValue& store, std::string_view key) {
    const auto value = store.get(Table::meta, key);
    if (!value)
        return std::unexpected(value.error());
    if (!*value)
        return std::nullopt;
    ByteReader in(**value);
    const std::uint64_t number = in.varint();
    if (in.failed() || !in.at_end())
        return model::fail(model::ErrorKind::config, "bad_meta",
                           "the store's own '" + std::string(key) + "' cannot be read: it is damaged, or not ours");
    return number;
}

} // namespace

model::Result<std::optional<Meta>> read_meta(const KeyValue& store) {
    const auto schema = read_number(store, schema_key);
    if (!schema)
        return std::unexpected(schema.error());
    const auto epoch = read_number(store, epoch_key);
    if (!epoch)
        return std::unexpected(epoch.error());
    if (!*schema)
        return std::nullopt;
    const auto newest = std::uint64_t{std::numeric_limits<std::uint32_t>::max()};
    return Meta{static_cast<std::uint32_t>(std::min(**schema, newest)), epoch->value_or(0)};
}

void write_meta(WriteBatch& batch, const Meta& meta) {
    batch.put(Table::meta, std::string(schema_key), varint(meta.schema));
    batch.put(Table::meta, std::string(epoch_key), varint(meta.epoch));
}

} // namespace bonewatch::store
