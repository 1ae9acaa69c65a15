#pragma once

#include "store/model/clock.h"
#include "store/model/rational.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace bonewatch::store {

/// Writes canonical bytes: one way, and only one, to write each value. Formats: store/README.md, "Canonical bytes".
class ByteWriter {
  public:
    void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
    /// One byte, 0 or 1.
    void flag(bool value) { byte(value ? 1 : 0); }
    /// Unsigned LEB128, shortest form.
    void varint(std::uint64_t value);
    /// Zigzag, then varint.
    void signed_varint(std::int64_t value);
    /// Big endian, so that byte order is number order: for keys.
    void fixed64(std::uint64_t value);
    void fixed32(std::uint32_t value);
    void fixed16(std::uint16_t value);
    /// Length as varint, then the bytes.
    void text(std::string_view value);
    void raw(std::string_view value) { out_.append(value); }
    void rational(const model::Rational& value);
    /// Milliseconds since 1970, as svarint.
    void instant(model::Instant value) { signed_varint(value.time_since_epoch().count()); }
    void reserve(std::size_t byte_count) { out_.reserve(byte_count); }

    [[nodiscard]] const std::string& bytes() const { return out_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

/// Reads what ByteWriter wrote. A read past the end or a malformed value turns `failed()` on and yields zero or empty;
/// check once at the end. Views point into the bytes given.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    std::uint8_t byte();
    bool flag();
    std::uint64_t varint();
    std::int64_t signed_varint();
    std::uint64_t fixed64();
    std::uint32_t fixed32();
    std::uint16_t fixed16();
    std::string_view text();
    model::Rational rational();
    model::Instant instant() { return model::Instant(std::chrono::milliseconds(signed_varint())); }
    /// How many items follow, each of at least one byte: never more than there are bytes.
    std::size_t count();
    /// For a reader that understands what it read and finds it wrong.
    void reject();

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }

  private:
    std::string_view take(std::size_t size);
    std::uint64_t fixed(std::size_t size);

    std::string_view rest_;
    bool failed_ = false;
};

} // namespace bonewatch::store
