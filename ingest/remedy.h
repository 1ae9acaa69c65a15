#pragma once

#include <string_view>

namespace bonewatch::ingest {

/// What to do about a reason of quarantine or rejection (README.md, "Reasons"), for a person; empty where the message
/// says it all.
[[nodiscard]] std::string_view remedy_of(std::string_view reason);

} // namespace bonewatch::ingest
