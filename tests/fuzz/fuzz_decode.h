#pragma once

#include "ingest/decode.h"
#include "ingest/lines.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace bonewatch::fuzz {

/// Decodes whatever bytes there are. Every message that is not blank has an outcome, and every outcome says what it
/// was.
inline void decode_bytes(ingest::Format format, const std::uint8_t* bytes, std::size_t size) {
    static const auto vocabulary =
        config::Vocabulary::load(config::read_files(BONEWATCH_SOURCE_DIR "/config").value()).value();
    static const ingest::Publisher publisher{.id = model::PublisherId("fuzz")};
    const std::string_view message(reinterpret_cast<const char*>(bytes), size);
    (void)ingest::recognise(message);
    const auto all = ingest::decode(format, message, publisher, vocabulary,
                                    model::Instant(model::Date(std::chrono::year(2026) / 6 / 1)));
    if (all.empty() && ingest::Lines(message).next())
        std::abort();
    for (const auto& each : all) {
        const auto* error = std::get_if<model::Error>(&each.outcome);
        const bool is_said = !each.kind.empty() || each.raw.empty() || error != nullptr;
        if (!is_said || (error != nullptr && (error->reason.empty() || error->message.empty())))
            std::abort();
    }
}

} // namespace bonewatch::fuzz
