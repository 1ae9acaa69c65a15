#pragma once

#include "ingest/hl7_element.h"

#include <vector>

namespace bonewatch::ingest {

/// Decodes ADT: what is known of a person (A01, A04, A05, A08, A28, A31), merges of records and changes of number (A18,
/// A24, A30, A34, A36, A39, A40, A46, A47), and a link undone (A37). Empty where nothing in it is watched.
[[nodiscard]] std::vector<Decoded> decode_hl7_person(const Hl7Context& context);

/// What the PID of an ADT states of a person that is named: a fact for each of birth, sex, death, and whether there was
/// one, where the field is not empty; of `""`, and of what cannot be used, that it is not known. Where none of them can
/// be used, which numbers are one person's. `event`: EVN, or null. Empty where it says nothing.
[[nodiscard]] std::vector<Decoded> hl7_person_stated(const Hl7Context& context, const Hl7Person& person,
                                                     const Hl7Segment* event, const model::Version& version);

/// What a PID says of a person beside whatever the message is about: birth and sex as they were first known, each the
/// fact that an ADT states, and which numbers are one person's. Of a version below all that ADT says; the same words
/// again are a duplicate, and `""` says nothing. Empty where nobody is named.
[[nodiscard]] std::vector<Decoded> hl7_person_mentioned(const Hl7Context& context, const Hl7Person& person);

} // namespace bonewatch::ingest
