#pragma once

#include "ingest/hl7_product.h"
#include "ingest/hl7_timing.h"

#include <optional>
#include <string>

namespace bonewatch::ingest {

/// What an order or dispense says of how much and how long, taken apart.
struct Hl7Amounts {
    Hl7Timing timing;
    Dosage dosage;                                                ///< Each time, and how often.
    std::optional<model::Dose> total_daily;                       ///< RXD-12, RXE-19, RXO-23.
    std::optional<model::Dose> dispensed;                         ///< RXD-4, RXE-10, RXO-11.
    std::string total_daily_place, dispensed_place, single_place; ///< `RXD[1]-12`.
    Hl7Text total_daily_text, dispensed_text, single_text;
};

/// The supply that they are, from `start`: the first of these that can be said gives its days: the service duration;
/// the window TQ1-7 to TQ1-8, capped by what was dispensed; what was dispensed ÷ the total daily dose; ÷ the dose of
/// one time × how often. Fails with `unusable`, `missing_days`. `origins`: of days and daily dose.
[[nodiscard]] model::Result<model::SupplyEvent> read_hl7_supply(const Hl7Context& context, const Hl7Amounts& amounts,
                                                                const Product& product,
                                                                const model::ClinicalTime& start,
                                                                const std::string& place, std::vector<Origin>& origins,
                                                                Warnings& warnings);

} // namespace bonewatch::ingest
