#pragma once

#include "store/model/named.h"

#include <cstdint>

namespace bonewatch::store {

inline constexpr std::uint8_t partition_count = 64;

/// The unit of parallelism: 0 to 63.
struct Partition {
    std::uint8_t index = 0;
    friend auto operator<=>(const Partition&, const Partition&) = default;
};

/// Frozen for ever: SipHash-2-4 (libsodium's crypto_shorthash) of the number's 8 bytes, big endian, with a public key;
/// the first byte of the hash modulo 64. Test vectors: store/README.md.
[[nodiscard]] Partition partition_of(model::PatientNumber patient);

} // namespace bonewatch::store
