#pragma once

#include "ingest/decode.h"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::daemon {

/// A file divided into what is published as one message each.
struct FileMessages {
    std::deque<std::string> messages;
    /// `malformed`: what of an HL7 file is no message, or tells that the batch is incomplete. Whole messages are there.
    std::vector<model::Error> problems;
};

/// Bunches of lines where every line is an object of its own; an HL7 file message by message, however they are put
/// together in it; else the whole text.
[[nodiscard]] FileMessages messages_of(std::string_view text, ingest::Format format);

} // namespace bonewatch::daemon
