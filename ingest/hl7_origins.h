#pragma once

#include "ingest/hl7_element.h"

namespace bonewatch::ingest {

/// Says where an identifier of a person stands: `patient`, `identifier`, or what a link names. Only where it is asked
/// for, as all of these.
void hl7_origin_of(const Hl7Context& context, const Hl7Segment& pid, const model::PatientIdentifier& identifier,
                   std::string field, std::vector<Origin>& origins);
/// Of a version by `hl7_version`: the field of a status change, MSH-7, or that neither says a time.
void hl7_version_origins(const Hl7Context& context, const Hl7Segment* segment, std::size_t field,
                         std::vector<Origin>& origins);
/// Of a retraction by `hl7_retract`: its patient, version and time.
void hl7_retraction_origins(const Hl7Context& context, const Hl7Person& person, const model::Event& event,
                            const Hl7Segment* segment, std::size_t field, std::vector<Origin>& origins);
/// Of a patient from a PID: whom it names, and its version. `said`: EVN, whose second field is the time at which it was
/// said. `is_mentioned`: only in passing, at the version of the month.
void hl7_person_origins(const Hl7Context& context, const Hl7Segment& pid, const Hl7Segment* said, bool is_mentioned,
                        Decoded& decoded);
/// Of the attributes that an OBX and its comments give a result.
void hl7_attribute_origins(const Hl7Context& context, std::span<const Hl7Segment> segments, const model::Event& event,
                           std::vector<Origin>& origins);

} // namespace bonewatch::ingest
