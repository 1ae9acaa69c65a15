#pragma once

#include <string_view>

namespace bonewatch::config {

/// Digits, a hyphen and the mod-10 check digit over them: `3016-3`. A check digit proves only that a code is well
/// formed.
[[nodiscard]] bool is_loinc(std::string_view code);

/// 6 to 18 digits, no leading 0, the last one the Verhoeff check digit of the others: `69896004`.
[[nodiscard]] bool is_snomed(std::string_view code);

/// 1 to 8 digits, no leading 0.
[[nodiscard]] bool is_rxnorm(std::string_view code);

/// A whole or the beginning of `A02BC01`: letter, two digits, letter, letter, two digits.
[[nodiscard]] bool is_atc(std::string_view code);

/// A letter, a digit, a digit or letter, then perhaps a point and one to four digits or letters: `M05`, `S72.0`.
[[nodiscard]] bool is_icd10(std::string_view code);

} // namespace bonewatch::config
