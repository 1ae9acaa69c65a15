#pragma once

#include "store/model/rational.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace bonewatch::store {

/// Writes canonical bytes: one way, and only one, to write each value. Formats: store/README.md, "Canonical bytes".
class ByteWriter {
  public:
    void byte(std::uint8_t value);
    /// Unsigned LEB128, shortest form.
    void varint(std::uint64_t value);
    /// Zigzag, then varint.
    void signed_varint(std::int64_t value);
    /// Big endian, so that byte order is number order: for keys.
    void fixed64(std::uint64_t value);
    void fixed16(std::uint16_t value);
    /// Length as varint, then the bytes.
    void text(std::string_view value);
    void raw(std::string_view value) { out_.append(value); }
    void rational(const model::Rational& value);

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
    std::uint64_t varint();
    std::int64_t signed_varint();
    std::uint64_t fixed64();
    std::uint16_t fixed16();
    std::string_view text();
    model::Rational rational();

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
    bool failed_ = false;
};

} // namespace bonewatch::store
