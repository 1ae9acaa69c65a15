#pragma once

#include "ingest/hl7_element.h"
#include "ingest/hl7_supply.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace bonewatch::ingest {

using Hl7Segments = std::vector<const Hl7Segment*>;

/// One order of drugs: an ORC and what stands below it, with one of its dispenses or doses, where it has any.
struct Hl7DrugOrder {
    const Hl7Person* person = nullptr;
    const Hl7Segment* orc = nullptr;
    const Hl7Segment* rxo = nullptr;             ///< As requested.
    const Hl7Segment* rxe = nullptr;             ///< As the pharmacy encoded it.
    const Hl7Segment* done = nullptr;            ///< RXD or RXA.
    Hl7Segments tq1_requested, tq1;              ///< Of the RXO; of the RXE, and where there is none.
    Hl7Segments rxr_requested, rxr_encoded, rxr; ///< The last: of what was done.
};

/// A field of an order that several segments may state, the best first.
struct Hl7FieldChoice {
    const Hl7Segment* segment = nullptr; ///< Null: none of them does.
    std::size_t field = 0;
    std::size_t unit = 0;
};

/// The field of ORC; empty where there is none.
[[nodiscard]] Hl7Text orc_field(const Hl7DrugOrder& order, std::size_t field);

/// The order's numbers, as facts of orders: `order/RX900^GPSYS`. The first is that of its own fact; empty where it has
/// none.
[[nodiscard]] std::vector<model::FactId> order_facts(const Hl7DrugOrder& order);
/// The fact of the dispense or dose; empty where it has no number.
[[nodiscard]] std::string done_fact(const Hl7DrugOrder& order);

/// Where its drug is stated: RXD-2, RXA-5, RXE-2, RXO-1. Its segment is null where it is not.
[[nodiscard]] Hl7DrugField drug_field(const Hl7DrugOrder& order);

/// Timing, doses and amounts of an order or dispense. Fails as `read_hl7_timing`.
[[nodiscard]] model::Result<Hl7Amounts> read_hl7_amounts(const Hl7Context& context, const Hl7DrugOrder& order,
                                                         Warnings& warnings);

/// Its route: of the RXR nearest to what was done. Fails as `read_hl7_route`.
[[nodiscard]] model::Result<std::optional<model::Route>> read_order_route(const Hl7Context& context,
                                                                          const Hl7DrugOrder& order);

} // namespace bonewatch::ingest
