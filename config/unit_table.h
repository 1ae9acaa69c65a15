#pragma once

#include <string_view>

namespace bonewatch::config {

/// The units of UCUM beside its bases, in order: each is defined by earlier ones.
///
///     [+]SYMBOL=DEFINITION      entries, with white space between them
///
/// `+`: takes prefixes. The definition is a UCUM expression, `?` for an arbitrary unit, or `!` for a function of
/// another unit, which no factor converts.
[[nodiscard]] std::string_view unit_table();

} // namespace bonewatch::config
