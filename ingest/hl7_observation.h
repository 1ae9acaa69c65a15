#pragma once

#include "ingest/hl7_element.h"

#include <span>
#include <string>
#include <vector>

namespace bonewatch::ingest {

/// What stands above an OBX. Null where there is none.
struct Hl7Order {
    const Hl7Person& person;
    const Hl7Segment* orc = nullptr;
    const Hl7Segment* obr = nullptr;
    const Hl7Segment* spm = nullptr;
};

/// OBR-3, else ORC-3: the order's number with whoever filled it, and its facts' key. Empty where nobody says.
[[nodiscard]] std::string hl7_filler_order(const Hl7Order& order);

/// Where a time stands, and how well it tells when the patient was so.
struct Hl7TimePlace {
    const Hl7Segment* segment = nullptr; ///< Null: no time is stated.
    std::size_t field = 0;
    bool is_receipt = false; ///< Of the specimen: only near the time that is meant.
};
/// OBX-14, OBR-7, SPM-17, OBR-14: the first that is there. `obx` may be null.
[[nodiscard]] Hl7TimePlace hl7_time_place(const Hl7Order& order, const Hl7Segment* obx);

/// Decodes one observation: an OBX, the OBX that go on with its text, and the NTE of each. `segments` begins with it.
/// One outcome for each repetition of a numeric value, else one.
[[nodiscard]] std::vector<Decoded> decode_hl7_observation(const Hl7Context& context, const Hl7Order& order,
                                                          std::span<const Hl7Segment> segments);

/// Whether an OBX goes on with the text of the one before it: the same code, sub-id and status, and formatted text.
[[nodiscard]] bool goes_on_with_text(const Hl7Segment& before, const Hl7Segment& obx);

} // namespace bonewatch::ingest
