#include "ingest/fhir_medication.h"

#include "ingest/fhir_modifier.h"
#include "ingest/fhir_supply.h"
#include "ingest/strength.h"

#include <algorithm>
#include <array>

namespace bonewatch::ingest {

namespace {

using model::ClinicalTime;
using model::Dose;
using model::Event;
using model::FactId;
using model::Rational;
using model::Result;
using model::Route;

struct StatusRow {
    MedicationType type;
    std::string_view status;
    MedicationStanding standing;
};

constexpr std::array<StatusRow, 25> statuses{{
    {MedicationType::request, "active", MedicationStanding::counts},
    {MedicationType::request, "completed", MedicationStanding::counts},
    {MedicationType::request, "stopped", MedicationStanding::stopped},
    {MedicationType::request, "on-hold", MedicationStanding::does_not},
    {MedicationType::request, "cancelled", MedicationStanding::does_not},
    {MedicationType::request, "draft", MedicationStanding::not_yet},
    {MedicationType::dispense, "completed", MedicationStanding::counts},
    {MedicationType::dispense, "stopped",
     MedicationStanding::counts}, // Partly supplied: what was handed over is stated.
    {MedicationType::dispense, "preparation", MedicationStanding::not_yet},
    {MedicationType::dispense, "in-progress", MedicationStanding::not_yet},
    {MedicationType::dispense, "on-hold", MedicationStanding::does_not},
    {MedicationType::dispense, "cancelled", MedicationStanding::does_not},
    {MedicationType::dispense, "declined", MedicationStanding::does_not},
    {MedicationType::statement, "active", MedicationStanding::counts},
    {MedicationType::statement, "completed", MedicationStanding::counts},
    {MedicationType::statement, "stopped", MedicationStanding::stopped},
    {MedicationType::statement, "on-hold", MedicationStanding::does_not},
    {MedicationType::statement, "intended", MedicationStanding::not_yet},
    {MedicationType::statement, "not-taken", MedicationStanding::does_not},
    {MedicationType::administration, "completed", MedicationStanding::counts},
    {MedicationType::administration, "stopped",
     MedicationStanding::counts}, // Begun, and part of it given: the dose is what it says.
    {MedicationType::administration, "in-progress", MedicationStanding::not_yet},
    {MedicationType::administration, "not-done", MedicationStanding::does_not},
    {MedicationType::administration, "on-hold", MedicationStanding::does_not},
    {MedicationType::administration, "preparation", MedicationStanding::not_yet},
}};

std::optional<MedicationType> type_of(std::string_view name) {
    if (name == "MedicationRequest")
        return MedicationType::request;
    if (name == "MedicationDispense")
        return MedicationType::dispense;
    if (name == "MedicationStatement")
        return MedicationType::statement;
    if (name == "MedicationAdministration")
        return MedicationType::administration;
    return std::nullopt;
}

MedicationStanding standing_of(MedicationType type, std::string_view status, const MessageContext& message) {
    if (status == "unknown" && message.publisher.settings->counts_unknown_status)
        return MedicationStanding::counts;
    if (status == "entered-in-error")
        return MedicationStanding::in_error;
    const auto found =
        std::ranges::find_if(statuses, [&](const StatusRow& row) { return row.type == type && row.status == status; });
    return found == statuses.end() ? MedicationStanding::unknown : found->standing;
}

/// When it began, or was given.
Result<std::optional<ClinicalTime>> start_of(const FhirResource& resource, const Medication& medication,
                                             Warnings& warnings) {
    switch (medication.type) {
    case MedicationType::request:
        if (medication.bounds.start)
            return *medication.bounds.start;
        return read_element_time(resource, {"authoredOn"}, warnings);
    case MedicationType::dispense:
        if (resource.json.find("whenHandedOver") == nullptr && resource.json.find("whenPrepared") != nullptr)
            warnings.emplace_back("time_is_prepared: it does not say when it was handed over");
        return read_element_time(resource, {"whenHandedOver", "whenPrepared"}, warnings);
    case MedicationType::statement:
    case MedicationType::administration:
        return read_element_time(resource, {"effectiveDateTime", "effectivePeriod"}, warnings);
    }
    return std::nullopt;
}

/// A whole dose: as the dosage says, else the strength times what was handed over.
Result<std::optional<Dose>> whole_dose_of(const FhirResource& resource, const Medication& medication,
                                          Warnings& warnings) {
    if (medication.dosage.single)
        return in_strength(*medication.dosage.single, medication.product);
    const auto items = items_of(resource, medication.type, warnings);
    if (!items)
        return std::unexpected(items.error());
    if (!medication.product.name.item_dose)
        return std::nullopt;
    // Of several syringes each is a dose of its own; what is known is the one.
    return storable(*medication.product.name.item_dose);
}

/// The dose given, of a MedicationAdministration.
Result<std::optional<Dose>> given_dose_of(const FhirResource& resource, const Medication& medication,
                                          Warnings& warnings) {
    const Json* dosage = resource.json.find("dosage");
    auto quantity = read_quantity(dosage == nullptr ? nullptr : dosage->find("dose"), warnings);
    if (!quantity)
        return unusable(resource, "dosage.dose" + quantity.error().place, "bad_number", quantity.error().message);
    if (!*quantity)
        return std::nullopt;
    if ((*quantity)->value <= Rational(0))
        return unusable(resource, "dosage.dose.value", "unusable_dose", "a dose that was given is more than nothing");
    const auto dose = dose_of(**quantity);
    if (!dose)
        warnings.emplace_back("dose_unit_unknown: the dose is counted in what no strength is stated in");
    return dose ? in_strength(*dose, medication.product) : std::nullopt;
}

Result<model::EventBody> read_body(const FhirResource& resource, const Medication& medication, Event& event,
                                   Warnings& warnings) {
    const bool is_given = medication.type == MedicationType::administration;
    const bool is_issue = medication.product.drug->is_single_dose && medication.type != MedicationType::statement;
    if (!is_given && !is_issue) {
        if (medication.type == MedicationType::statement) {
            // Its period is the days that it covers, not a doubt about when it began.
            const ClinicalTime said = event.at;
            event.at.date_last = resource.json.find("effectivePeriod") == nullptr ? said.date_last : said.date;
            return read_supply(resource, medication, said, warnings);
        }
        return read_supply(resource, medication, event.at, warnings);
    }
    if (!is_given && medication.standing == MedicationStanding::stopped)
        return unusable(resource, "status", "missing_stop_date",
                        "it was stopped: whether the dose was given is not known");
    event.attributes.emplace("form", is_given ? "administered" : "issue");
    auto dose =
        is_given ? given_dose_of(resource, medication, warnings) : whole_dose_of(resource, medication, warnings);
    if (!dose)
        return std::unexpected(std::move(dose.error()));
    return model::AdministrationEvent{medication.product.drug->id, medication.route, *dose, {}};
}

/// Reads dosage, bounds and route into `medication`.
Result<void> read_dosages(const FhirResource& resource, Medication& medication, Warnings& warnings) {
    if (medication.type == MedicationType::administration) {
        const Json* dosage = resource.json.find("dosage");
        auto route = read_route(resource, dosage == nullptr ? nullptr : dosage->find("route"), "dosage.route");
        if (!route)
            return std::unexpected(std::move(route.error()));
        medication.dosage.route = *route;
    } else {
        const std::string_view element = medication.type == MedicationType::statement ? "dosage" : "dosageInstruction";
        auto dosage = read_dosage(resource, element, warnings);
        if (!dosage)
            return std::unexpected(std::move(dosage.error()));
        medication.dosage = *dosage;
        auto bounds = read_bounds(resource, element, warnings);
        if (!bounds)
            return std::unexpected(std::move(bounds.error()));
        medication.bounds = *bounds;
    }
    medication.route = route_of(medication.product, medication.dosage.route, warnings);
    return {};
}

/// The fact of the order that a Reference names; nothing where it is not known which.
std::optional<FactId> order_of(const FhirResource& resource, std::string_view reference) {
    if (reference.starts_with('#'))
        return std::nullopt;
    if (const Json* order = resource.index.find(reference, resource.holder)) {
        const std::string id(resource.index.fact_of(*order));
        const bool is_order = order->text_of("resourceType") == "MedicationRequest" && !id.empty();
        return is_order ? std::optional(FactId(id)) : std::nullopt;
    }
    const auto name = type_and_id(reference);
    const auto base = resource.index.base_of(resource.json);
    const bool is_relative = name.size() == reference.substr(0, reference.find("/_history/")).size();
    const bool is_of_same_server = !base.empty() && reference.starts_with(base);
    if (!name.starts_with("MedicationRequest/") || (!is_relative && !is_of_same_server))
        return std::nullopt;
    return FactId(std::string(name));
}

/// The orders that a dispense was made out for, or the one that a dose was given on.
std::vector<FactId> read_orders(const FhirResource& resource, MedicationType type, Warnings& warnings) {
    std::vector<FactId> out;
    const auto add = [&](const Json& reference) {
        if (auto order = order_of(resource, reference.text_of("reference")))
            out.push_back(std::move(*order));
        else
            warnings.emplace_back("order_unknown: the order that it was made out for is not named so that it is known");
    };
    if (type == MedicationType::dispense)
        for (const auto& [key, reference] : resource.json.items_of("authorizingPrescription"))
            add(reference);
    if (const Json* request = resource.json.find("request");
        request != nullptr && type == MedicationType::administration)
        add(*request);
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

Result<Event> read_event(const FhirResource& resource, Medication medication, Warnings& warnings) {
    auto event = event_of(resource);
    if (!event)
        return event;
    if (auto read = read_dosages(resource, medication, warnings); !read)
        return std::unexpected(std::move(read.error()));
    auto at = start_of(resource, medication, warnings);
    if (!at)
        return std::unexpected(std::move(at.error()));
    if (!*at)
        return unusable(resource, {}, "missing_time",
                        "it does not say from when the drug was taken, or when it was given");
    event->at = **at;
    auto body = read_body(resource, medication, *event, warnings);
    if (!body)
        return std::unexpected(std::move(body.error()));
    event->body = std::move(*body);
    std::vector<FactId> orders = read_orders(resource, medication.type, warnings);
    if (auto* supply = std::get_if<model::SupplyEvent>(&event->body))
        supply->fulfils = std::move(orders);
    else
        std::get<model::AdministrationEvent>(event->body).fulfils = std::move(orders);
    event->attributes.emplace("source", resource.type);
    return event;
}

bool counts_by_intent(std::string_view intent) {
    return intent == "order" || intent == "original-order" || intent == "instance-order" || intent == "reflex-order" ||
           intent == "filler-order";
}

constexpr std::string_view prohibition = "doNotPerform";

/// Why a well-formed request does not concern what the patient takes; empty where it does.
std::string_view no_order(const FhirResource& resource, MedicationType type) {
    if (type != MedicationType::request)
        return {};
    const Json* prohibited = resource.json.find("doNotPerform");
    if (prohibited != nullptr && prohibited->text == "true")
        return prohibition;
    return counts_by_intent(resource.json.text_of("intent")) ? std::string_view{} : "not an order";
}

/// A resource whose drug is not known, or nobody watches.
Decoded without_drug(const FhirResource& resource, Result<Product>& product) {
    if (!product)
        return overtaking(resource, outcome(resource, product_name(resource), std::move(product.error())), resource.id,
                          Says::cannot_be_used);
    if (const auto reason = masked_code(resource.json.find("medicationCodeableConcept")); !reason.empty())
        return overtaking(resource,
                          not_used(resource, "(" + std::string(reason) + ")", "masked",
                                   "its drug is withheld: '" + std::string(reason) + "'"),
                          resource.id, Says::cannot_be_used);
    return overtaking(
        resource,
        outcome(resource, product_name(resource),
                model::Error{model::ErrorKind::not_used, "unknown_code", "its drug concerns nothing that is watched",
                             resource.path, product_name(resource)}),
        resource.id, Says::not_watched);
}

Decoded decode_known(const FhirResource& resource, MedicationType type, const Product& product) {
    const std::string& what = product.drug->id.text;
    const auto status = resource.json.text_of("status");
    const auto standing = standing_of(type, status, resource.message);
    if (const auto why = no_order(resource, type); !why.empty())
        return overtaking(
            resource,
            not_used(resource, what + " (" + std::string(why) + ")", "no_order", "it orders nothing to be taken"),
            resource.id, why == prohibition ? Says::not_so : Says::not_yet);
    if (standing == MedicationStanding::does_not || standing == MedicationStanding::not_yet)
        return overtaking(resource,
                          not_used(resource, what + " (" + std::string(status) + ")", "not_taken",
                                   "status is '" + std::string(status) + "'"),
                          resource.id, standing == MedicationStanding::not_yet ? Says::not_yet : Says::not_so);
    if (standing == MedicationStanding::unknown) {
        auto refused = unusable(resource, "status", "status_unknown",
                                "status '" + std::string(status) + "' does not say whether it was taken");
        return overtaking(resource, outcome(resource, what, std::move(refused.error())), resource.id,
                          Says::cannot_be_used);
    }
    Warnings warnings;
    auto event = read_event(resource, {type, standing, product, {}, {}}, warnings);
    if (event)
        return outcome(resource, what, std::move(*event), std::move(warnings));
    return overtaking(resource, outcome(resource, what, std::move(event.error()), std::move(warnings)), resource.id,
                      Says::cannot_be_used);
}

Decoded decode_one(const FhirResource& resource, MedicationType type) {
    auto product = read_product(resource);
    const bool is_known = product && product->drug != nullptr;
    if (standing_of(type, resource.json.text_of("status"), resource.message) == MedicationStanding::in_error)
        return is_known ? retraction_of(resource, product->drug->id.text, resource.id)
                        : retraction_of_unwatched(resource, without_drug(resource, product));
    return is_known ? decode_known(resource, type, *product) : without_drug(resource, product);
}

} // namespace

bool is_medication_type(std::string_view type) {
    return type_of(type).has_value();
}

std::vector<Decoded> decode_medication(const FhirResource& resource) {
    std::vector<Decoded> out;
    if (const auto type = type_of(resource.type))
        out.push_back(decode_one(resource, *type));
    return out;
}

} // namespace bonewatch::ingest
