#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bonewatch::config {

/// The candidate that `word` was most likely meant to be: fewest single-character edits (a swap of neighbours counts as
/// one, another letter case for none), at most a third of the word's length and at least one; of equals the one nearest
/// in letter case, else the first. Nothing where none is that near.
[[nodiscard]] std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> candidates);

/// `; did you mean 'gap'?`, or nothing: the end of a message about an unknown word.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

} // namespace bonewatch::config
