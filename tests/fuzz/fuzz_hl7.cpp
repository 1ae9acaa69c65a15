#include "tests/fuzz/fuzz_decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    bonewatch::fuzz::decode_bytes(bonewatch::ingest::Format::hl7v2, bytes, size);
    return 0;
}
