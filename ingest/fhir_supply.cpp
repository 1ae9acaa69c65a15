#include "ingest/fhir_supply.h"

#include <algorithm>

namespace bonewatch::ingest {

using model::Basis;
using model::ClinicalTime;
using model::Dose;
using model::DoseUnit;
using model::Rational;
using model::Result;

Result<std::optional<Rational>> items_of(const FhirResource& resource, MedicationType type, Warnings& warnings) {
    const Json* holder = type == MedicationType::request ? resource.json.find("dispenseRequest") : &resource.json;
    const Json* quantity = holder == nullptr ? nullptr : holder->find("quantity");
    auto read = read_quantity(quantity, warnings);
    if (!read)
        return unusable(
            resource, (type == MedicationType::request ? "dispenseRequest.quantity" : "quantity") + read.error().place,
            "bad_number", read.error().message);
    const auto dose = *read ? dose_of(**read) : std::nullopt;
    if (!dose || dose->unit != DoseUnit::item)
        return std::nullopt;
    return dose->amount;
}

namespace {

struct Length {
    std::int32_t days = 0;
    Basis basis = Basis::stated;
};

/// The days that a statement covers: its period, or, while it runs, from its start to the day on which it was said.
Result<std::optional<Length>> statement_length(const FhirResource& resource, const ClinicalTime& start,
                                               Warnings& warnings) {
    const Json* period = resource.json.find("effectivePeriod");
    if (period == nullptr)
        return std::nullopt;
    if (period->find("end") != nullptr) {
        const auto days = (start.date_last - start.date).count() + 1;
        if (days < 1 || days > 3660)
            return unusable(resource, "effectivePeriod", "bad_days", "it must be a period of 1 to 3660 days");
        return Length{static_cast<std::int32_t>(days), Basis::computed};
    }
    const auto asserted = read_element_time(resource, {"dateAsserted"}, warnings);
    if (!asserted)
        return std::unexpected(asserted.error());
    const auto days = *asserted ? ((*asserted)->date - start.date).count() : 0;
    if (days < 1 || days > 3660)
        return std::nullopt;
    warnings.emplace_back("open_end: it runs on; counted until the day on which that was said");
    return Length{static_cast<std::int32_t>(days), Basis::assumed};
}

Result<std::optional<Length>> length_of(const FhirResource& resource, const Medication& medication,
                                        const ClinicalTime& start, Warnings& warnings) {
    if (medication.type == MedicationType::statement)
        return statement_length(resource, start, warnings);
    const bool is_request = medication.type == MedicationType::request;
    const Json* request = resource.json.find("dispenseRequest");
    const Json* stated = is_request ? (request == nullptr ? nullptr : request->find("expectedSupplyDuration"))
                                    : resource.json.find("daysSupply");
    const auto days =
        read_days(resource, stated, is_request ? "dispenseRequest.expectedSupplyDuration" : "daysSupply", warnings);
    if (!days)
        return std::unexpected(days.error());
    if (*days)
        return Length{**days, Basis::stated};
    const auto items = items_of(resource, medication.type, warnings);
    if (!items)
        return std::unexpected(items.error());
    const auto daily = items_a_day(medication.dosage, medication.product);
    if (const auto lasting = *items && daily ? days_lasting(**items, *daily) : std::nullopt) {
        // What is left over after the course is not taken.
        const std::int32_t bound = medication.bounds.days.value_or(*lasting);
        if (bound + 1 < *lasting)
            warnings.push_back("quantity_disagrees: the quantity lasts " + std::to_string(*lasting) +
                               " days, and it is to be taken for " + std::to_string(bound));
        return Length{std::min(bound, *lasting), Basis::computed};
    }
    if (medication.bounds.days)
        return Length{*medication.bounds.days, Basis::computed};
    return std::nullopt;
}

/// What is taken a day: by the dosage, else by the items handed over for the days that they cover.
std::optional<Dose> daily_dose_of(const FhirResource& resource, const Medication& medication, const Length& length,
                                  Basis& basis, Warnings& warnings) {
    const auto& dosage = medication.dosage;
    if (dosage.is_as_needed) {
        warnings.emplace_back("as_needed: taken as needed; no daily dose is taken from it");
        return std::nullopt;
    }
    if (dosage.single && dosage.per_day) {
        const auto amount = Rational::checked_product(dosage.single->amount, *dosage.per_day);
        if (!amount || !amount->within_bounds())
            return std::nullopt;
        const auto daily = in_strength({*amount, dosage.single->unit}, medication.product);
        const bool is_stated = dosage.single->unit != DoseUnit::item && *dosage.per_day == Rational(1);
        if (!is_stated)
            basis = std::max(basis, Basis::computed);
        return daily;
    }
    const std::string_view element = medication.type == MedicationType::statement ? "dosage" : "dosageInstruction";
    const bool may_divide = length.basis == Basis::stated && resource.json.items_of(element).size() <= 1;
    const auto items = may_divide ? items_of(resource, medication.type, warnings) : Result<std::optional<Rational>>{};
    if (!may_divide || !items || !*items)
        return std::nullopt;
    basis = std::max(basis, Basis::computed);
    return in_strength({**items * Rational(1, length.days), DoseUnit::item}, medication.product);
}

/// Cuts what was stopped to the day on which the publisher last said so; it has no date of its own.
Result<Length> cut_where_stopped(const FhirResource& resource, const Medication& medication, const ClinicalTime& start,
                                 Length length, Warnings& warnings) {
    const bool is_dated =
        medication.bounds.days && length.basis == Basis::computed && *medication.bounds.days == length.days;
    if (medication.standing != MedicationStanding::stopped || is_dated || medication.type == MedicationType::statement)
        return length;
    const Json* meta = resource.json.find("meta");
    const auto updated = model::parse_instant(meta == nullptr ? std::string_view{} : meta->text_of("lastUpdated"));
    if (!updated)
        return unusable(resource, "status", "missing_stop_date", "it was stopped, and nothing says when");
    const auto days = (model::date_of(*updated) - start.date).count();
    if (days >= length.days)
        return length;
    if (days < 1)
        return unusable(resource, "status", "missing_stop_date", "it was stopped before it covered a day");
    warnings.emplace_back("stop_assumed: counted until meta.lastUpdated, the day on which it was said to be stopped");
    return Length{static_cast<std::int32_t>(days), Basis::assumed};
}

} // namespace

Result<model::EventBody> read_supply(const FhirResource& resource, const Medication& medication,
                                     const ClinicalTime& start, Warnings& warnings) {
    auto length = length_of(resource, medication, start, warnings);
    if (!length)
        return std::unexpected(std::move(length.error()));
    if (!*length)
        return unusable(resource, {}, "missing_days",
                        "nothing in it says or lets compute how many days of " + medication.product.drug->id.text +
                            " it covers");
    auto cut = cut_where_stopped(resource, medication, start, **length, warnings);
    if (!cut)
        return std::unexpected(std::move(cut.error()));
    Basis basis = cut->basis;
    auto daily_dose = daily_dose_of(resource, medication, **length, basis, warnings);
    return model::SupplyEvent{.drug = medication.product.drug->id,
                              .route = medication.route,
                              .strength = medication.product.name.strength,
                              .daily_dose = daily_dose,
                              .days = cut->days,
                              .basis = basis,
                              .fulfils = {}};
}

} // namespace bonewatch::ingest
