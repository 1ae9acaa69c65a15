#include "ingest/hl7_supply.h"

#include "ingest/strength.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using model::Basis;
using model::ClinicalTime;
using model::Dose;
using model::DoseUnit;
using model::Rational;
using model::Result;

struct Length {
    std::int32_t days = 0;
    Basis basis = Basis::computed;
    std::string place; ///< Where it was found.
    Hl7Text text;
    std::string how; ///< For a person.
};

/// In the product's own measure, whatever its size: mass where the strength of an item is known.
Dose in_measure(const Dose& dose, const Product& product) {
    if (dose.unit != DoseUnit::item || !product.name.item_dose)
        return dose;
    const auto amount = Rational::checked_product(dose.amount, product.name.item_dose->amount);
    return amount && amount->within_bounds() ? Dose{*amount, product.name.item_dose->unit} : dose;
}

/// What is taken a day: as a whole, else each time and how often.
std::optional<Dose> daily_of(const Hl7Amounts& amounts, const Product& product) {
    if (amounts.dosage.is_as_needed)
        return std::nullopt;
    if (amounts.total_daily)
        return in_measure(*amounts.total_daily, product);
    if (!amounts.dosage.single || !amounts.dosage.per_day)
        return std::nullopt;
    const Dose each = in_measure(*amounts.dosage.single, product);
    const auto amount = Rational::checked_product(each.amount, *amounts.dosage.per_day);
    return amount && amount->within_bounds() && *amount > Rational(0) ? std::optional(Dose{*amount, each.unit})
                                                                      : std::nullopt;
}

/// The days that what was dispensed lasts; nothing where the units do not meet.
std::optional<Length> lasting(const Hl7Amounts& amounts, const Product& product) {
    const auto daily = daily_of(amounts, product);
    if (!amounts.dispensed || !daily)
        return std::nullopt;
    const Dose all = in_measure(*amounts.dispensed, product);
    const auto days = all.unit == daily->unit ? days_lasting(all.amount, daily->amount) : std::nullopt;
    if (!days)
        return std::nullopt;
    return Length{*days, Basis::computed, amounts.dispensed_place, amounts.dispensed_text,
                  "what was dispensed, at " + model::to_text(*daily) + " a day"};
}

std::optional<Length> window(const Hl7Timing& timing, const ClinicalTime& start) {
    if (!timing.end)
        return std::nullopt;
    // The last day is a day of the window; a last instant ends it.
    const auto from = timing.start ? std::max(timing.start->date, start.date) : start.date;
    const auto days = (timing.end->date_last - from).count() + (timing.end->clock ? 0 : 1);
    if (days < 1 || days > 3660)
        return std::nullopt;
    return Length{static_cast<std::int32_t>(days), Basis::computed, timing.start_place, timing.start_text,
                  "until the prescribed end"};
}

std::optional<Length> occurrences(const Hl7Timing& timing) {
    if (!timing.times || !timing.per_day)
        return std::nullopt;
    const auto days = days_lasting(*timing.times, *timing.per_day);
    return days ? std::optional(Length{*days, Basis::computed, {}, {}, "as many times as are ordered"}) : std::nullopt;
}

std::optional<Length> length_of(const Hl7Amounts& amounts, const Product& product, const ClinicalTime& start,
                                Warnings& warnings) {
    const Hl7Timing& timing = amounts.timing;
    auto supply = lasting(amounts, product);
    if (timing.days) {
        if (supply && std::abs(supply->days - *timing.days) > 1)
            warnings.push_back("quantity_disagrees: " + std::to_string(*timing.days) +
                               " days are stated, and what was dispensed lasts " + std::to_string(supply->days));
        return Length{*timing.days, Basis::stated, timing.days_place, timing.days_text, "the service duration"};
    }
    auto prescribed = window(timing, start);
    if (prescribed && supply && supply->days < prescribed->days)
        return supply;
    if (prescribed)
        return prescribed;
    return supply ? supply : occurrences(timing);
}

/// What is taken a day, and whether somebody said so or it was worked out.
std::optional<Dose> daily_dose_of(const Hl7Amounts& amounts, const Product& product, const Length& length, Basis& basis,
                                  std::string& place, Hl7Text& text, Warnings& warnings) {
    if (amounts.dosage.is_as_needed) {
        warnings.emplace_back("as_needed: taken as needed; no daily dose is taken from it");
        return std::nullopt;
    }
    const auto computed = [&] { basis = std::max(basis, Basis::computed); };
    if (const auto daily = daily_of(amounts, product)) {
        const auto& said = amounts.total_daily ? amounts.total_daily : amounts.dosage.single;
        const bool is_once = amounts.total_daily || *amounts.dosage.per_day == Rational(1);
        if (said->unit == DoseUnit::item || !is_once)
            computed();
        place = amounts.total_daily ? amounts.total_daily_place : amounts.single_place;
        text = amounts.total_daily ? amounts.total_daily_text : amounts.single_text;
        return storable(*daily);
    }
    // Divided among the days that are stated.
    const bool may_divide = length.basis == Basis::stated;
    if (!may_divide || !amounts.dispensed || amounts.dispensed->unit != DoseUnit::item)
        return std::nullopt;
    computed();
    place = amounts.dispensed_place;
    text = amounts.dispensed_text;
    return in_strength({amounts.dispensed->amount * Rational(1, length.days), DoseUnit::item}, product);
}

} // namespace

Result<model::SupplyEvent> read_hl7_supply(const Hl7Context& context, const Hl7Amounts& amounts, const Product& product,
                                           const ClinicalTime& start, const std::string& place,
                                           std::vector<Origin>& origins, Warnings& warnings) {
    const auto length = length_of(amounts, product, start, warnings);
    if (!length)
        return hl7_unusable(place, "missing_days",
                            "nothing in it says or lets compute how many days of " + product.drug->id.text +
                                " it covers");
    Basis basis = length->basis;
    std::string dose_place;
    Hl7Text dose_text;
    const auto daily = daily_dose_of(amounts, product, *length, basis, dose_place, dose_text, warnings);
    hl7_origin(context, origins, "days", length->place, length->text,
               std::to_string(length->days) + ", " + length->how);
    if (daily)
        hl7_origin(context, origins, "daily_dose", dose_place, dose_text, model::to_text(*daily));
    return model::SupplyEvent{.drug = product.drug->id,
                              .route = model::Route::unstated,
                              .strength = product.name.strength,
                              .daily_dose = daily,
                              .days = length->days,
                              .basis = basis,
                              .fulfils = {}};
}

} // namespace bonewatch::ingest
