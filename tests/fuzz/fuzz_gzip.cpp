#include "ingest/gzip.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    constexpr std::size_t bytes_max = std::size_t{1} << 20;
    const auto text = bonewatch::ingest::inflate_gzip({reinterpret_cast<const char*>(bytes), size}, bytes_max);
    if (text && text->size() > bytes_max)
        std::abort();
    return 0;
}
