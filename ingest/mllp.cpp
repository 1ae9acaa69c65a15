#include "ingest/mllp.h"

#include <algorithm>
#include <utility>

namespace bonewatch::ingest {

namespace {

constexpr char block_start = 0x0b;
constexpr char block_end = 0x1c;
constexpr char carriage_return = 0x0d;

/// Of a block that is cut: its first segment is the one that an answer needs.
constexpr std::size_t head_bytes_max = 4096;

} // namespace

std::optional<MllpBlock> MllpReader::take(std::string_view& bytes) {
    while (!bytes.empty()) {
        switch (place_) {
        case Place::behind_end:
            place_ = Place::outside;
            if (bytes.front() == carriage_return)
                bytes.remove_prefix(1);
            else
                ++counts_.ends_without_return;
            break;
        case Place::outside: {
            const std::size_t before = std::min(bytes.find(block_start), bytes.size());
            counts_.discarded_bytes += before;
            place_ = before < bytes.size() ? Place::inside : Place::outside;
            bytes.remove_prefix(std::min(before + 1, bytes.size()));
            break;
        }
        case Place::inside: {
            const std::size_t end = bytes.find(block_end);
            const std::string_view content = bytes.substr(0, end);
            if (const std::size_t start = content.rfind(block_start); start != std::string_view::npos) {
                counts_.resyncs += static_cast<std::uint64_t>(std::ranges::count(content, block_start));
                block_ = {};
                bytes.remove_prefix(start + 1);
                break;
            }
            append(content);
            bytes.remove_prefix(content.size());
            if (end == std::string_view::npos)
                break;
            bytes.remove_prefix(1);
            place_ = Place::behind_end;
            ++counts_.blocks;
            counts_.cut += block_.is_cut ? 1 : 0;
            return std::exchange(block_, {});
        }
        }
    }
    return std::nullopt;
}

void MllpReader::append(std::string_view bytes) {
    if (!block_.is_cut && block_.bytes.size() + bytes.size() <= bytes_max_) {
        block_.bytes += bytes;
        return;
    }
    if (!block_.is_cut) {
        // The same head however the block came in pieces.
        const std::size_t head = std::min(head_bytes_max, bytes_max_);
        block_.bytes.resize(std::min(block_.bytes.size(), head));
        block_.bytes += bytes.substr(0, head - block_.bytes.size());
        block_.bytes.shrink_to_fit();
        block_.is_cut = true;
    }
}

void MllpReader::end() {
    if (place_ == Place::behind_end)
        ++counts_.ends_without_return;
    place_ = Place::outside;
    block_ = {};
}

std::string mllp_block(std::string_view message) {
    std::string block;
    block.reserve(message.size() + 3);
    block += block_start;
    block += message;
    block += block_end;
    block += carriage_return;
    return block;
}

} // namespace bonewatch::ingest
