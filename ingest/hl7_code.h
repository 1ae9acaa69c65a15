#pragma once

#include "ingest/hl7_text.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace bonewatch::ingest {

/// Where the codes of a CE or CWE stand, each two before the name of its system: the identifier, the alternate one, and
/// from 2.7 on the second alternate one.
inline constexpr std::array<std::size_t, 3> hl7_triplets{1, 4, 10};

/// The name of table 0396 for a system of codes that belongs to no laboratory, whatever it is called: `LN` for `LOINC`,
/// `http://loinc.org` or its OID. Of any other its name in capitals, without spaces. Compiled in: what a fact is called
/// depends on no file.
[[nodiscard]] std::string hl7_system(std::string_view name);

/// Of several codes for one thing the one by which it is known again: that of LOINC, else of SNOMED CT, else of ICD-10,
/// wherever it stands; else the first. `3016-3^LN`, `TSH^L`; the code alone where no system is stated, and nothing
/// where there is no code.
[[nodiscard]] std::string hl7_code_identity(const Hl7Text& code);

} // namespace bonewatch::ingest
