#pragma once

#include "ingest/hl7_element.h"
#include "ingest/result_event.h"

#include <string>
#include <vector>

namespace bonewatch::ingest {

/// What one or several OBX say was found, before the vocabulary has been asked.
struct Hl7Value {
    std::string text;               ///< `<0.01`; of formatted text its lines; empty where nothing was sent.
    std::vector<std::string> units; ///< As they may be meant, the likeliest first; empty where none is stated.
    Warnings warnings;
};

/// Whether lines of that OBX-2 are one text: TX and FT.
[[nodiscard]] bool is_hl7_prose(const Hl7Segment& obx);

/// Whether each repetition of OBX-5 is a value of its own: NM and SN.
[[nodiscard]] bool is_hl7_numeric(const Hl7Segment& obx);

/// Reads repetition `number` of OBX-5 where `is_hl7_numeric`, else all of them, by OBX-2: NM, SN, ST, TX, FT, CE, CWE,
/// CNE, or nothing stated. `value_type_mismatch` warns of NM that is none. Fails with `unusable`, `unusable_value`,
/// where it is of another type.
[[nodiscard]] model::Result<Hl7Value> read_hl7_value(const Hl7Context& context, const Hl7Segment& obx,
                                                     std::size_t number);

/// OBX-7: `0.27-4.20`, `<5`, `>60`. `range_unusable` warns of one that is no range.
void read_hl7_range(const Hl7Text& field, PublishedResult& published, Warnings& warnings);

} // namespace bonewatch::ingest
