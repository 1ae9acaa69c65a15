#pragma once

#include "ingest/hl7_element.h"
#include "ingest/product.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bonewatch::ingest {

/// What the timing of an order says: TQ1, or the TQ of RXE-1 and ORC-7.
struct Hl7Timing {
    std::optional<std::int32_t> days; ///< The service duration.
    std::optional<model::ClinicalTime> start, end;
    std::optional<model::Rational> per_day; ///< How often a day: 2, or 1/7 for once a week.
    std::optional<model::Rational> times;   ///< How many times in all.
    bool is_as_needed = false;
    std::string days_place, start_place; ///< Where it stands: `TQ1[1]-6`.
    Hl7Text days_text, start_text;
};

/// Reads the only TQ1, else the only repetition of a TQ. Of several, which change or divide the dose, it takes nothing,
/// with the warning `several_dosages`. `tq` may stand in no segment: null. Fails with `unusable`: `bad_days`,
/// `bad_time`, `too_early`, `too_far_ahead`.
[[nodiscard]] model::Result<Hl7Timing> read_hl7_timing(const Hl7Context& context,
                                                       std::span<const Hl7Segment* const> tq1,
                                                       const Hl7Segment* tq_segment, std::size_t tq_field,
                                                       Warnings& warnings);

/// How often a day a repeat pattern says (table 0335 and what prescribers write): `BID`, `TDS`, `Q12H`, `QOD`, `Q1W`.
/// Nothing of any other.
[[nodiscard]] std::optional<model::Rational> hl7_per_day(std::string_view pattern);

/// An amount with its unit, a number field beside a coded one; `{tbl}^^UCUM`, `mg`. Nothing where there is no number,
/// or the unit counts neither mass, international units nor items.
[[nodiscard]] std::optional<model::Dose> hl7_dose(const Hl7Text& number, const Hl7Text& unit);
/// The same of a CQ: `10^mg`, and `10&mg` inside of a component.
[[nodiscard]] std::optional<model::Dose> hl7_quantity(const Hl7Text& cq);
/// A number above 0.
[[nodiscard]] std::optional<model::Rational> hl7_number(const Hl7Text& text);

} // namespace bonewatch::ingest
