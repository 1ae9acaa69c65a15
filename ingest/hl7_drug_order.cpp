#include "ingest/hl7_drug_order.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using model::FactId;
using model::Result;

/// The first of several places that says something.
Hl7FieldChoice first_of(std::initializer_list<Hl7FieldChoice> choices) {
    for (const Hl7FieldChoice& each : choices)
        if (each.segment != nullptr && (*each.segment)[each.field].has_value())
            return each;
    return {};
}

const Hl7Segment* dispense_of(const Hl7DrugOrder& order) {
    return order.done != nullptr && order.done->is("RXD") ? order.done : nullptr;
}

std::string number_in(const Hl7Segment* segment, std::size_t field) {
    return segment == nullptr ? std::string() : hl7_entity((*segment)[field]);
}

} // namespace

Hl7Text orc_field(const Hl7DrugOrder& order, std::size_t field) {
    return order.orc == nullptr ? Hl7Text() : (*order.orc)[field];
}

std::vector<FactId> order_facts(const Hl7DrugOrder& order) {
    std::vector<FactId> out;
    const std::string numbers[] = {number_in(order.orc, 2), number_in(order.orc, 3), number_in(order.rxe, 15),
                                   number_in(dispense_of(order), 7)};
    for (const std::string& number : numbers)
        if (const FactId id("order/" + number); !number.empty() && std::ranges::find(out, id) == out.end())
            out.push_back(id);
    return out;
}

std::string done_fact(const Hl7DrugOrder& order) {
    const Hl7Segment& done = *order.done;
    const bool is_dispense = done.is("RXD");
    std::string number = number_in(order.orc, 3);
    if (number.empty() && is_dispense)
        number = number_in(&done, 7);
    if (number.empty())
        number = number_in(order.orc, 2);
    if (number.empty())
        return {};
    if (!is_dispense)
        return "administration/" + number + "/" + done[1].text() + "." + done[2].text();
    // A pharmacy that counts no dispenses counts refills down.
    const std::string left = done[8].text();
    return "dispense/" + number + "/" + done[1].text() + (left.empty() ? "" : "/" + left);
}

Hl7DrugField drug_field(const Hl7DrugOrder& order) {
    if (order.done != nullptr && order.done->is("RXA"))
        return {order.done, 5, 13, 14, 23, 24};
    const Hl7DrugField choices[] = {
        {dispense_of(order), 2, 16, 17, 28, 29}, {order.rxe, 2, 25, 26, 33, 34}, {order.rxo, 1, 18, 19, 25, 26}};
    for (const Hl7DrugField& each : choices)
        if (each.segment != nullptr && (*each.segment)[each.code].has_value())
            return each;
    return {};
}

Result<Hl7Amounts> read_hl7_amounts(const Hl7Context& context, const Hl7DrugOrder& order, Warnings& warnings) {
    Hl7Amounts out;
    const Hl7Segments& tq1 = order.tq1.empty() ? order.tq1_requested : order.tq1;
    const Hl7FieldChoice tq = first_of({{order.rxe, 1}, {order.orc, 7}});
    auto timing = read_hl7_timing(context, tq1, tq.segment, tq.field, warnings);
    if (!timing)
        return std::unexpected(std::move(timing.error()));
    out.timing = *timing;
    out.dosage.per_day = timing->per_day;
    out.dosage.is_as_needed = timing->is_as_needed;

    const Hl7Segment* rxd = dispense_of(order);
    // What was handed over is not what was ordered: a dispense that does not say how much it was says nothing of that.
    const Hl7FieldChoice dispensed =
        rxd != nullptr ? first_of({{rxd, 4, 5}}) : first_of({{order.rxe, 10, 11}, {order.rxo, 11, 12}});
    if (dispensed.segment != nullptr) {
        out.dispensed_text = (*dispensed.segment)[dispensed.field];
        out.dispensed = hl7_dose(out.dispensed_text, (*dispensed.segment)[dispensed.unit]);
        out.dispensed_place = hl7_place(context, *dispensed.segment, dispensed.field);
    }
    if (const auto total = first_of({{rxd, 12}, {order.rxe, 19}, {order.rxo, 23}}); total.segment != nullptr) {
        out.total_daily_text = (*total.segment)[total.field];
        out.total_daily = hl7_quantity(out.total_daily_text);
        out.total_daily_place = hl7_place(context, *total.segment, total.field);
        if (!out.total_daily)
            warnings.push_back("dose_unit_unknown: the total daily dose '" +
                               std::string(out.total_daily_text.raw().substr(0, 40)) +
                               "' is counted in what no strength is stated in");
    }
    const Hl7FieldChoice single = first_of({{order.rxe, 3, 5}, {order.rxo, 2, 4}});
    if (single.segment == nullptr)
        return out;
    const Hl7Segment& segment = *single.segment;
    const auto most = hl7_number(segment[single.field + 1]);
    if (most && most != hl7_number(segment[single.field])) {
        warnings.emplace_back("dose_varies: the dose is stated as a range");
        return out;
    }
    out.single_text = segment[single.field];
    out.dosage.single = hl7_dose(out.single_text, segment[single.unit]);
    out.single_place = hl7_place(context, segment, single.field);
    return out;
}

Result<std::optional<model::Route>> read_order_route(const Hl7Context& context, const Hl7DrugOrder& order) {
    for (const Hl7Segments* rxr : {&order.rxr, &order.rxr_encoded, &order.rxr_requested})
        if (!rxr->empty())
            return read_hl7_route(context, *rxr);
    return std::nullopt;
}

} // namespace bonewatch::ingest
