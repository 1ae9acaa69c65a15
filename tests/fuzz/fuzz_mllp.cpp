#include "ingest/mllp.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace bonewatch::ingest;

namespace {

struct Read {
    std::vector<MllpBlock> blocks;
    MllpCounts counts;

    friend bool operator==(const Read&, const Read&) = default;
};

Read read(std::string_view stream, std::size_t bytes_max, std::size_t piece_bytes) {
    Read read;
    MllpReader reader(bytes_max);
    while (!stream.empty()) {
        std::string_view piece = stream.substr(0, piece_bytes);
        stream.remove_prefix(piece.size());
        while (auto block = reader.take(piece)) {
            if (block->bytes.size() > bytes_max || block->bytes.find_first_of("\x0b\x1c") != std::string::npos)
                std::abort();
            read.blocks.push_back(*std::move(block));
        }
    }
    reader.end();
    read.counts = reader.counts();
    if (read.counts.blocks != read.blocks.size())
        std::abort();
    return read;
}

} // namespace

/// The first byte says into what pieces the rest is cut: they must not matter.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    constexpr std::size_t bytes_max = 64;
    if (size == 0)
        return 0;
    const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    if (read(stream, bytes_max, std::size_t{1} + bytes[0]) != read(stream, bytes_max, size))
        std::abort();
    return 0;
}
