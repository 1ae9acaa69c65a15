#pragma once

#include "ingest/drug_name.h"
#include "store/model/dose.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// What was ordered, handed over or given.
struct Product {
    const config::Drug* drug = nullptr;
    model::Route route = model::Route::unstated; ///< That its code implies.
    ProductName name;                            ///< Of the words beside the code; its drug may be nothing.
};

/// How it is taken.
struct Dosage {
    std::optional<model::Dose> single;      ///< Each time.
    std::optional<model::Rational> per_day; ///< How often a day: 2, or 1/7 for once a week.
    std::optional<model::Route> route;
    bool is_as_needed = false; ///< As needed: an upper end, not a dose.
};

/// An amount as sent, counted in what the vocabulary counts in: mass, international units, or items (tablets, puffs).
/// Nothing where the unit is none of these (mL). An amount without a unit counts items. `words`: beside the unit's
/// code.
[[nodiscard]] std::optional<model::Dose> dose_in(const model::Rational& amount, std::string_view unit,
                                                 std::string_view words);

/// Days in one unit of time, as FHIR and UCUM write it: a month is 30 of them, a year 365. Nothing for any other.
[[nodiscard]] std::optional<model::Rational> days_in(std::string_view unit);

/// In milligrams (or units) where the strength of an item is known, else in items.
[[nodiscard]] std::optional<model::Dose> in_strength(const model::Dose& dose, const Product& product);

/// The items taken a day: counted, or by mass and the strength of one. Nothing where it is not known.
[[nodiscard]] std::optional<model::Rational> items_a_day(const Dosage& dosage, const Product& product);

/// The whole days that so many items last; nothing where these are not 1 to 3660.
[[nodiscard]] std::optional<std::int32_t> days_lasting(const model::Rational& items, const model::Rational& a_day);

/// By which route: as stated, else as the product's code implies, else as its name says. An injection of a drug that
/// has one class by injection is taken for the first route of that class, with the warning `route_assumed`.
[[nodiscard]] model::Route route_of(const Product& product, const std::optional<model::Route>& stated,
                                    std::vector<std::string>& warnings);

} // namespace bonewatch::ingest
