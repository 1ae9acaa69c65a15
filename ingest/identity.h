#pragma once

#include "store/model/event.h"

#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// The one national system known today; every other system is the publisher's own affair.
inline constexpr std::string_view nhs_system = "nhs";

/// Ten digits whose last is the check digit (modulus 11: digits times 10 down to 2; NHS Data Dictionary).
[[nodiscard]] bool is_nhs_number(std::string_view digits);

/// An NHS number as people write it, without its spaces and hyphens.
[[nodiscard]] std::string plain_nhs_number(std::string_view text);

/// The identifier as the directory will look it up: outer spaces gone, an NHS number plain. A wrong check digit is the
/// warning `bad_check_digit`. Fails with `unusable`, `bad_patient`, where system or value is empty or over 128 bytes.
[[nodiscard]] model::Result<model::PatientIdentifier> identify(std::string_view system, std::string_view value,
                                                               std::vector<std::string>& warnings);

/// Reads `nhs:9990000018`: the system ends at the first colon.
[[nodiscard]] model::Result<model::PatientIdentifier> read_identifier(std::string_view text,
                                                                      std::vector<std::string>& warnings);

} // namespace bonewatch::ingest
