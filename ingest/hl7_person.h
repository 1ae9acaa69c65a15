#pragma once

#include "ingest/hl7_element.h"

#include <vector>

namespace bonewatch::ingest {

/// Decodes ADT: what is known of a person (A01, A04, A05, A08, A28, A31), merges of records and changes of number (A18,
/// A24, A30, A34, A36, A39, A40, A46, A47), and a link undone (A37). Empty where nothing in it is watched.
[[nodiscard]] std::vector<Decoded> decode_hl7_person(const Hl7Context& context);

/// What a PID says of a person beside whatever the message is about: sex and birth as they were first known, and which
/// numbers are one person's. Of a version below all that ADT says; the same words again are a duplicate. Empty where
/// nobody is named.
[[nodiscard]] std::vector<Decoded> hl7_person_mentioned(const Hl7Context& context, const Hl7Person& person);

} // namespace bonewatch::ingest
