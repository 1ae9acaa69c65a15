#include "store/cursor.h"

#include "store/bytes.h"
#include "store/partition.h"

#include <sodium.h>

namespace bonewatch::store {

namespace {

constexpr std::string_view prefix = "bw1-";
constexpr int alphabet = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
/// Longer than the text of any cursor: 64 partitions with the greatest positions.
constexpr std::size_t text_size_max = 1024;

std::string to_base64(const std::string& bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), alphabet), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      alphabet);
    out.pop_back();
    return out;
}

} // namespace

std::string to_text(const Cursor& cursor) {
    ByteWriter out;
    out.varint(cursor.epoch);
    for (const auto& [partition, position] : cursor.positions) {
        if (position == 0)
            continue;
        out.byte(partition);
        out.varint(position);
    }
    return std::string(prefix) + to_base64(out.bytes());
}

model::Result<Cursor> parse_cursor(std::string_view text) {
    const auto malformed = [] {
        return model::fail(model::ErrorKind::malformed, "bad_cursor",
                           "this is not a cursor that a feed gave out: a cursor begins with bw1- and is passed back "
                           "unchanged");
    };
    if (!text.starts_with(prefix) || text.size() > text_size_max)
        return malformed();
    const std::string_view encoded = text.substr(prefix.size());
    std::string bytes(encoded.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), encoded.data(), encoded.size(),
                          nullptr, &size, nullptr, alphabet) != 0)
        return malformed();
    bytes.resize(size);

    ByteReader in(bytes);
    Cursor cursor{in.varint(), {}};
    while (!in.at_end()) {
        const std::uint8_t partition = in.byte();
        if (partition >= partition_count)
            return malformed();
        cursor.positions[partition] = in.varint();
    }
    if (in.failed() || to_text(cursor) != text)
        return malformed();
    return cursor;
}

} // namespace bonewatch::store
