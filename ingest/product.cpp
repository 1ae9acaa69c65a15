#include "ingest/product.h"

#include "ingest/strength.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::ingest {

using model::Dose;
using model::DoseUnit;
using model::Rational;
using model::Route;

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

} // namespace

std::optional<Dose> dose_in(const Rational& amount, std::string_view sent_unit, std::string_view words) {
    std::string unit = lower(sent_unit);
    if (unit.size() > 2 && unit.front() == '{' && unit.back() == '}')
        unit = unit.substr(1, unit.size() - 2);
    if (amount <= Rational(0))
        return std::nullopt;
    if (unit.empty() || unit == "1" || unit == "ea" || unit == "each" || unit == "tbl" || unit == "inj" ||
        unit == "pill")
        return Dose{amount, DoseUnit::item};
    if (unit == "u" || unit == "[iu]" || unit == "unt")
        unit = "iu";
    for (const std::string& spelling : {unit, lower(words)})
        if (const auto one = model::parse_dose("1 " + spelling))
            if (const auto all = Rational::checked_product(one->amount, amount))
                return storable({*all, one->unit});
    return std::nullopt;
}

std::optional<Rational> days_in(std::string_view unit) {
    const std::string word = lower(unit);
    static const std::array<std::pair<std::string_view, Rational>, 17> known{{{"d", 1},
                                                                              {"day", 1},
                                                                              {"days", 1},
                                                                              {"wk", 7},
                                                                              {"week", 7},
                                                                              {"weeks", 7},
                                                                              {"mo", 30},
                                                                              {"month", 30},
                                                                              {"months", 30},
                                                                              {"a", 365},
                                                                              {"year", 365},
                                                                              {"years", 365},
                                                                              {"h", {1, 24}},
                                                                              {"hour", {1, 24}},
                                                                              {"hours", {1, 24}},
                                                                              {"min", {1, 1440}},
                                                                              {"s", {1, 86400}}}};
    for (const auto& [each, days] : known)
        if (each == word)
            return days;
    return std::nullopt;
}

std::optional<Dose> in_strength(const Dose& dose, const Product& product) {
    if (dose.unit != DoseUnit::item || !product.name.item_dose)
        return storable(dose);
    const auto amount = Rational::checked_product(dose.amount, product.name.item_dose->amount);
    if (!amount || !amount->within_bounds())
        return std::nullopt;
    return storable({*amount, product.name.item_dose->unit});
}

std::optional<Rational> items_a_day(const Dosage& dosage, const Product& product) {
    const auto& [single, per_day, route, is_as_needed] = dosage;
    if (!single || !per_day || is_as_needed)
        return std::nullopt;
    auto each = single->amount;
    if (single->unit != DoseUnit::item) {
        const auto& item = product.name.item_dose;
        if (!item || item->unit != single->unit)
            return std::nullopt;
        const auto count =
            Rational::checked_product(each, Rational(item->amount.denominator(), item->amount.numerator()));
        if (!count || !count->within_bounds())
            return std::nullopt;
        each = *count;
    }
    const auto count = Rational::checked_product(each, *per_day);
    return count && count->within_bounds() && *count > Rational(0) ? count : std::nullopt;
}

std::optional<std::int32_t> days_lasting(const Rational& items, const Rational& a_day) {
    const auto covered = Rational::checked_product(items, Rational(a_day.denominator(), a_day.numerator()));
    const auto whole = covered ? covered->numerator() / covered->denominator() : 0;
    return whole >= 1 && whole <= 3660 ? std::optional(static_cast<std::int32_t>(whole)) : std::nullopt;
}

Route route_of(const Product& product, const std::optional<Route>& stated, std::vector<std::string>& warnings) {
    if (stated)
        return *stated;
    if (product.route != Route::unstated)
        return product.route;
    if (product.name.route)
        return *product.name.route;
    if (!product.name.is_injection)
        return Route::unstated;
    constexpr std::array injected{Route::subcutaneous, Route::intravenous, Route::intramuscular,
                                  Route::intra_articular};
    std::optional<Route> assumed;
    int classes = 0;
    for (const auto& row : product.drug->classes) {
        const auto first = std::ranges::find_if(
            row.routes, [&](Route route) { return std::ranges::find(injected, route) != injected.end(); });
        if (first == row.routes.end())
            continue;
        ++classes;
        assumed = assumed.value_or(*first);
    }
    if (classes != 1)
        return Route::other;
    warnings.emplace_back("route_assumed: an injection, it does not say which; taken for " +
                          std::string(model::to_text(*assumed)));
    return *assumed;
}

} // namespace bonewatch::ingest
