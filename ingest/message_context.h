#pragma once

#include "ingest/decode.h"
#include "ingest/time_text.h"

namespace bonewatch::ingest {

/// What a message brings with it: the same for each of its lines, resources or segments.
struct MessageContext {
    const Publisher& publisher;
    const model::Result<Zone>& zone;
    const config::Vocabulary& vocabulary;
    const std::optional<model::Instant>& received;
    bool is_explained = false; ///< Each Decoded says where its fields came from.

    /// What a code stands for: with this publisher, else in the vocabulary. Null where nobody knows it.
    [[nodiscard]] const config::CodeMeaning* meaning(std::string_view system, std::string_view code) const;
};

} // namespace bonewatch::ingest
