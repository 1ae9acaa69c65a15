#pragma once

#include "store/model/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// Whether the bytes begin as a gzip file does.
[[nodiscard]] bool is_gzip(std::string_view bytes);

/// The content of a gzip file (RFC 1952), its members joined. Fails with `malformed`: `bad_gzip` (damaged, cut short,
/// something after it), or `inflated_too_large` as soon as the content passes `bytes_max`.
[[nodiscard]] model::Result<std::string> inflate_gzip(std::string_view bytes, std::size_t bytes_max);

} // namespace bonewatch::ingest
