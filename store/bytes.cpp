#include "store/bytes.h"

#include <limits>
#include <numeric>

namespace bonewatch::store {

namespace {

std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

void append_fixed(std::string& out, std::uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> shift & 0xff));
}

} // namespace

void ByteWriter::varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
}

void ByteWriter::signed_varint(std::int64_t value) {
    varint(zigzag(value));
}
void ByteWriter::fixed64(std::uint64_t value) {
    append_fixed(out_, value, 8);
}
void ByteWriter::fixed32(std::uint32_t value) {
    append_fixed(out_, value, 4);
}
void ByteWriter::fixed16(std::uint16_t value) {
    append_fixed(out_, value, 2);
}

void ByteWriter::text(std::string_view value) {
    varint(value.size());
    out_.append(value);
}

void ByteWriter::rational(const model::Rational& value) {
    signed_varint(value.numerator());
    varint(static_cast<std::uint64_t>(value.denominator()));
}

void ByteReader::reject() {
    failed_ = true;
    rest_ = {};
}

std::string_view ByteReader::take(std::size_t size) {
    if (size > rest_.size()) {
        reject();
        return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
}

std::uint8_t ByteReader::byte() {
    const std::string_view taken = take(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
}

bool ByteReader::flag() {
    const std::uint8_t value = byte();
    if (value > 1)
        reject();
    return value == 1;
}

std::uint64_t ByteReader::varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        const std::uint8_t next = byte();
        if (failed_)
            return 0;
        const bool is_too_big = shift == 63 && next > 1;
        const bool is_padded = next == 0 && shift > 0;
        if (is_too_big || is_padded)
            break;
        value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
        if (next < 0x80)
            return value;
    }
    reject();
    return 0;
}

std::int64_t ByteReader::signed_varint() {
    return unzigzag(varint());
}

std::uint64_t ByteReader::fixed(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : take(size))
        value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
}

std::uint64_t ByteReader::fixed64() {
    return fixed(8);
}
std::uint32_t ByteReader::fixed32() {
    return static_cast<std::uint32_t>(fixed(4));
}
std::uint16_t ByteReader::fixed16() {
    return static_cast<std::uint16_t>(fixed(2));
}

std::string_view ByteReader::text() {
    const std::uint64_t size = varint();
    return take(size);
}

model::Rational ByteReader::rational() {
    constexpr auto limit = std::numeric_limits<std::int64_t>::max();
    const std::int64_t numerator = signed_varint();
    const std::uint64_t denominator = varint();
    const bool fits = numerator >= -limit && denominator >= 1 && denominator <= static_cast<std::uint64_t>(limit);
    if (failed_ || !fits || std::gcd(numerator, static_cast<std::int64_t>(denominator)) != 1) {
        reject();
        return {};
    }
    return {numerator, static_cast<std::int64_t>(denominator)};
}

std::size_t ByteReader::count() {
    const std::uint64_t value = varint();
    if (value > rest_.size()) {
        reject();
        return 0;
    }
    return value;
}

} // namespace bonewatch::store
