#pragma once

#include "store/key_value.h"

#include <cstdint>

namespace bonewatch::store {

/// What a store says of itself, in the table `meta`.
struct Meta {
    std::uint32_t schema = 0;
    std::uint64_t epoch = 0; ///< Which numbering of the feed its positions belong to.
};

/// The schema that this program writes, and the only one that it reads: 2 since supplies name the orders they fulfil, 3
/// since patients are merged (records of kind 5).
inline constexpr std::uint32_t schema_version = 3;

/// Nothing where nobody wrote it yet. Fails with `config` where it cannot be read.
[[nodiscard]] model::Result<std::optional<Meta>> read_meta(const KeyValue& store);
void write_meta(WriteBatch& batch, const Meta& meta);

} // namespace bonewatch::store
