#pragma once

#include "store/model/event.h"

#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// The one national system known today; every other system is the publisher's own affair.
inline constexpr std::string_view nhs_system = "nhs";
/// Of a FHIR Patient resource's own id: strong within its publisher alone. The one system written with a capital.
inline constexpr std::string_view resource_system = "Patient";

/// Ten digits, not all the same, whose last is the check digit (modulus 11: digits times 10 down to 2; NHS Data
/// Dictionary).
[[nodiscard]] bool is_nhs_number(std::string_view digits);

/// An NHS number as people write it, without its spaces and hyphens.
[[nodiscard]] std::string plain_nhs_number(std::string_view text);

/// The identifier as the directory looks it up: outer spaces gone, the system in lower case, an NHS number plain. Fails
/// with `unusable`, `bad_patient`, where system or value is empty or over 128 bytes, and for an NHS number that cannot
/// be one: it would unite strangers.
[[nodiscard]] model::Result<model::PatientIdentifier> identify(std::string_view system, std::string_view value);

/// Reads `nhs:9990000018`: the system ends at the first colon.
[[nodiscard]] model::Result<model::PatientIdentifier> read_identifier(std::string_view text);

} // namespace bonewatch::ingest
