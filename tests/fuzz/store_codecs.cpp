#include "store/cursor.h"
#include "store/event_codec.h"
#include "store/facts.h"
#include "store/model/ensure.h"
#include "store/record.h"

#include <cstddef>
#include <cstdint>

using namespace bonewatch;

/// Whatever bytes come: no decoder crashes, and what it accepts is what the encoder would have written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    switch (data[0] % 4) {
    case 0:
        if (const auto event = store::decode_event(bytes))
            ENSURE(store::encode(*event) == bytes, "an event has a second spelling");
        break;
    case 1:
        if (const auto record = store::decode_record(bytes))
            ENSURE(store::encode(*record) == bytes, "a record has a second spelling");
        break;
    case 2:
        if (const auto fact = store::FactVersions::decode(bytes))
            ENSURE(fact->encode() == bytes, "a fact has a second spelling");
        break;
    default:
        if (const auto cursor = store::parse_cursor(bytes))
            ENSURE(store::to_text(*cursor) == bytes, "a cursor has a second spelling");
    }
    return 0;
}
