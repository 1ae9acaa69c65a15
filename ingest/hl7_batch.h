#pragma once

#include "store/model/result.h"

#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// What of a body is no message, or is wrong with the batch around the messages.
struct Hl7Problem {
    /// `malformed`: `not_hl7` (text that is part of no message), `batch_incomplete` (the batch says that it holds
    /// another number of messages than came, or has no end: it was cut short, or something was lost on the way).
    model::Error error;
    std::string_view text;
};

/// A body divided into its messages.
struct Hl7Batch {
    std::vector<std::string_view> messages;
    std::vector<Hl7Problem> problems;
};

/// Divides a body at each MSH. FHS, BHS, BTS and FTS, which may stand around the messages, are checked and left out.
[[nodiscard]] Hl7Batch split_hl7(std::string_view body);

/// Whether a text begins as HL7 v2 does: MSH, FHS or BHS, and a separator.
[[nodiscard]] bool is_hl7(std::string_view text);

} // namespace bonewatch::ingest
