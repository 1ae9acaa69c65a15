#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// Of a connection's bytes, since it was made.
struct MllpCounts {
    std::uint64_t blocks = 0;              ///< Handed on, those cut included.
    std::uint64_t discarded_bytes = 0;     ///< Between blocks.
    std::uint64_t resyncs = 0;             ///< A block that was given up because another began.
    std::uint64_t ends_without_return = 0; ///< Blocks whose 0x1C no 0x0D followed.
    std::uint64_t cut = 0;                 ///< Blocks above the limit.

    friend bool operator==(const MllpCounts&, const MllpCounts&) = default;
};

/// What stood between 0x0B and 0x1C.
struct MllpBlock {
    std::string bytes;
    bool is_cut = false; ///< It was above the limit: `bytes` has only its beginning, enough to answer it.

    friend bool operator==(const MllpBlock&, const MllpBlock&) = default;
};

/// Finds the blocks of MLLP in a stream of bytes: 0x0B, a message, 0x1C, 0x0D. However the stream is cut into pieces,
/// the blocks and counts are the same. Pure; one thread.
///
/// A block is over at its 0x1C, so that a sender who leaves the 0x0D out is answered too. A 0x0B within a block means
/// that the sender began anew: what stood before is given up and counted. Bytes outside of blocks are, too.
class MllpReader {
  public:
    /// Blocks of more than `bytes_max` are cut.
    explicit MllpReader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Takes bytes from the front of `bytes` up to the end of a block, and gives that block; or all, and gives nothing.
    [[nodiscard]] std::optional<MllpBlock> take(std::string_view& bytes);
    /// The stream is over: a block under way never ends.
    void end();

    [[nodiscard]] bool is_within_block() const { return place_ == Place::inside; }
    [[nodiscard]] const MllpCounts& counts() const { return counts_; }

  private:
    enum class Place : unsigned char { outside, inside, behind_end };

    void append(std::string_view bytes);

    std::size_t bytes_max_;
    Place place_ = Place::outside;
    MllpBlock block_;
    MllpCounts counts_;
};

/// The message as a block.
[[nodiscard]] std::string mllp_block(std::string_view message);

} // namespace bonewatch::ingest
