#pragma once

#include "ingest/native.h"

#include <string>
#include <vector>

namespace bonewatch::ingest {

/// What a native line states.
enum class LineType : unsigned char {
    result,
    supply,
    stop,
    administration,
    condition,
    procedure,
    patient,
    retraction,
    merge
};

/// The member as a clinical time; nothing where there is none. Fails with `unusable`: `bad_field`, `bad_time`,
/// `too_early`, `too_far_ahead`, `unknown_zone`.
[[nodiscard]] model::Result<std::optional<model::ClinicalTime>> optional_time(const Json& line, std::string_view key,
                                                                              const MessageContext& context,
                                                                              std::vector<std::string>& warnings);

/// What is particular to a line's type: the members beside those that every line has.
[[nodiscard]] model::Result<model::EventBody> read_body(const Json& line, LineType type, const MessageContext& context,
                                                        std::vector<std::string>& warnings);

} // namespace bonewatch::ingest
