#include "store/model/dose.h"

#include <array>
#include <utility>

namespace bonewatch::model {

namespace {

struct UnitWord {
    std::string_view word;
    Rational factor;
    DoseUnit unit;
};

const std::array<UnitWord, 30> unit_words{{
    {"mg", 1, DoseUnit::milligram},
    {"milligram", 1, DoseUnit::milligram},
    {"milligrams", 1, DoseUnit::milligram},
    {"ug", {1, 1000}, DoseUnit::milligram},
    {"mcg", {1, 1000}, DoseUnit::milligram},
    {"\u00b5g", {1, 1000}, DoseUnit::milligram},
    {"\u03bcg", {1, 1000}, DoseUnit::milligram},
    {"microgram", {1, 1000}, DoseUnit::milligram},
    {"micrograms", {1, 1000}, DoseUnit::milligram},
    {"g", 1000, DoseUnit::milligram},
    {"gram", 1000, DoseUnit::milligram},
    {"grams", 1000, DoseUnit::milligram},
    {"iu", 1, DoseUnit::international_unit},
    {"[iu]", 1, DoseUnit::international_unit},
    {"unit", 1, DoseUnit::international_unit},
    {"units", 1, DoseUnit::international_unit},
    {"item", 1, DoseUnit::item},
    {"items", 1, DoseUnit::item},
    {"tablet", 1, DoseUnit::item},
    {"tablets", 1, DoseUnit::item},
    {"tab", 1, DoseUnit::item},
    {"tabs", 1, DoseUnit::item},
    {"capsule", 1, DoseUnit::item},
    {"capsules", 1, DoseUnit::item},
    {"puff", 1, DoseUnit::item},
    {"puffs", 1, DoseUnit::item},
    {"patch", 1, DoseUnit::item},
    {"patches", 1, DoseUnit::item},
    {"dose", 1, DoseUnit::item},
    {"doses", 1, DoseUnit::item},
}};

const std::array<std::pair<Route, std::string_view>, 16> route_words{{
    {Route::unstated, "unstated"},
    {Route::oral, "oral"},
    {Route::subcutaneous, "subcutaneous"},
    {Route::intravenous, "intravenous"},
    {Route::intramuscular, "intramuscular"},
    {Route::intra_articular, "intra-articular"},
    {Route::inhaled, "inhaled"},
    {Route::nasal, "nasal"},
    {Route::topical, "topical"},
    {Route::transdermal, "transdermal"},
    {Route::rectal, "rectal"},
    {Route::vaginal, "vaginal"},
    {Route::ophthalmic, "ophthalmic"},
    {Route::otic, "otic"},
    {Route::implant, "implant"},
    {Route::other, "other"},
}};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

} // namespace

Result<Dose> parse_dose(std::string_view text) {
    const auto unusable = [&](const std::string& why) {
        return fail(ErrorKind::unusable, "unusable_dose", "'" + std::string(text) + "' is not a dose: " + why);
    };
    std::size_t end = 0;
    while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.'))
        ++end;
    const auto number = parse_decimal(text.substr(0, end));
    if (!number)
        return unusable("write a number and a unit, as in 5 mg");
    while (end < text.size() && text[end] == ' ')
        ++end;
    const std::string word = lower(text.substr(end));
    for (const UnitWord& unit : unit_words) {
        if (unit.word != word)
            continue;
        const auto amount = Rational::checked_product(*number, unit.factor);
        if (!amount || *amount > Rational(1'000'000) || 1'000'000 % amount->denominator() != 0)
            return unusable("out of range");
        return Dose{*amount, unit.unit};
    }
    return unusable("unknown unit '" + word + "'; known are mg, ug, g, iu, tablets");
}

std::string to_text(const Dose& dose) {
    switch (dose.unit) {
    case DoseUnit::milligram:
        if (dose.amount < Rational(1) && !dose.amount.is_zero())
            return to_text(dose.amount * Rational(1000)) + " ug";
        return to_text(dose.amount) + " mg";
    case DoseUnit::international_unit:
        return to_text(dose.amount) + " iu";
    case DoseUnit::item:
        return to_text(dose.amount) + (dose.amount == Rational(1) ? " item" : " items");
    }
    return {};
}

std::string_view to_text(Route route) {
    for (const auto& [value, word] : route_words)
        if (value == route)
            return word;
    return "other";
}

std::optional<Route> parse_route(std::string_view text) {
    for (const auto& [value, word] : route_words)
        if (word == text)
            return value;
    return std::nullopt;
}

} // namespace bonewatch::model
