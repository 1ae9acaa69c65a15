#pragma once

#include "daemon/core.h"

#include "ingest/decode.h"

#include <optional>

namespace bonewatch::daemon {

/// After a result that corrects or withdraws an earlier one was admitted as part of `message`: another fact of its
/// order that holds a result of the same analyte, where nobody has the one that it corrects. It may be the one that was
/// meant, known by another code or sub-id. What the message itself says something of is not meant.
[[nodiscard]] model::Result<std::optional<model::FactKey>> other_than_corrected(Core& core, const model::Event& event,
                                                                                store::Outcome outcome,
                                                                                const ingest::Correction& correction,
                                                                                const Message& message);

} // namespace bonewatch::daemon
