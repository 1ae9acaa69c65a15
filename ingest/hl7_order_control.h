#pragma once

#include <optional>
#include <string_view>

namespace bonewatch::ingest {

/// What ORC-1 (table 0119) and ORC-5 (table 0038) make of an order of drugs.
enum class Hl7Control : unsigned char {
    counts,    ///< It stands: new, changed, refilled, released, done.
    stopped,   ///< It ended early: discontinued, replaced by another.
    cancelled, ///< It never was: cancelled, refused.
    held,      ///< It stands still.
    asks,      ///< Somebody asks for something, or tells that it cannot be done: the order is as it was.
};

struct Hl7ControlMeaning {
    Hl7Control control = Hl7Control::counts;
    bool is_request = false; ///< Of `stopped`: DC, RP ask for it, and nobody has confirmed it yet.
};

/// By ORC-1; where that says only that something stands, changed, or is told of, by ORC-5. Nothing where ORC-1 is no
/// code of the table.
[[nodiscard]] std::optional<Hl7ControlMeaning> hl7_control(std::string_view order_control,
                                                           std::string_view order_status);

} // namespace bonewatch::ingest
