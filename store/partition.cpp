#include "store/partition.h"

#include "store/bytes.h"

#include <sodium.h>

#include <array>

namespace bonewatch::store {

Partition partition_of(model::PatientNumber patient) {
    static constexpr char public_key[] = "bonewatch-part-1";
    static_assert(sizeof public_key - 1 == crypto_shorthash_KEYBYTES);
    ByteWriter number;
    number.fixed64(patient.value);
    std::array<unsigned char, crypto_shorthash_BYTES> hash{};
    crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(number.bytes().data()), number.bytes().size(),
                     reinterpret_cast<const unsigned char*>(public_key));
    return {static_cast<std::uint8_t>(hash[0] % partition_count)};
}

} // namespace bonewatch::store
