#include "tests/reference/drug_table.h"

#include <array>
#include <string_view>
#include <unordered_map>

namespace bonewatch::reference {

namespace {

struct DrugRow {
    std::string_view drug;
    std::string_view drug_class;
    model::Rational equivalence{1};
    bool is_oral_only = false;
};

const std::array<DrugRow, 33> drugs{{
    {"prednisolone", "glucocorticoid-systemic", 1, true},
    {"prednisone", "glucocorticoid-systemic", 1, true},
    {"hydrocortisone", "glucocorticoid-systemic", {1, 4}, true},
    {"cortisone", "glucocorticoid-systemic", {1, 5}, true},
    {"methylprednisolone", "glucocorticoid-systemic", {5, 4}, true},
    {"dexamethasone", "glucocorticoid-systemic", {20, 3}, true},
    {"betamethasone", "glucocorticoid-systemic", {20, 3}, true},
    {"deflazacort", "glucocorticoid-systemic", {5, 6}, true},
    {"levothyroxine", "thyroid-hormone"},
    {"liothyronine", "thyroid-hormone"},
    {"carbimazole", "antithyroid"},
    {"thiamazole", "antithyroid"},
    {"propylthiouracil", "antithyroid"},
    {"alendronic-acid", "bisphosphonate"},
    {"risedronic-acid", "bisphosphonate"},
    {"ibandronic-acid", "bisphosphonate"},
    {"zoledronic-acid", "bisphosphonate"},
    {"pamidronic-acid", "bisphosphonate"},
    {"etidronic-acid", "bisphosphonate"},
    {"denosumab", "rankl-inhibitor"},
    {"teriparatide", "anabolic"},
    {"abaloparatide", "anabolic"},
    {"romosozumab", "anabolic"},
    {"raloxifene", "serm"},
    {"bazedoxifene", "serm"},
    {"estradiol", "sex-hormone-replacement"},
    {"conjugated-oestrogens", "sex-hormone-replacement"},
    {"tibolone", "sex-hormone-replacement"},
    {"carbamazepine", "anticonvulsant-bone"},
    {"phenytoin", "anticonvulsant-bone"},
    {"phenobarbital", "anticonvulsant-bone"},
    {"primidone", "anticonvulsant-bone"},
    {"valproate", "anticonvulsant-bone"},
}};

struct SingleDoseRow {
    std::string_view drug;
    model::Rational milligrams;
    int days;
};

/// Rising by dose: the greatest row that is not above the dose given decides.
const std::array<SingleDoseRow, 6> single_doses{{
    {"denosumab", 60, 183},
    {"denosumab", 120, 28},
    {"zoledronic-acid", 4, 28},
    {"zoledronic-acid", 5, 365},
    {"ibandronic-acid", 3, 91},
    {"romosozumab", 210, 30},
}};

const DrugRow* row_of(const std::string& drug) {
    static const auto rows = [] {
        std::unordered_map<std::string_view, const DrugRow*> by_drug;
        for (const DrugRow& row : drugs)
            by_drug.emplace(row.drug, &row);
        return by_drug;
    }();
    const auto found = rows.find(drug);
    return found == rows.end() ? nullptr : found->second;
}

} // namespace

Days gap_of_class(const std::string& drug_class) {
    return Days(drug_class == "bisphosphonate" ? 60 : 14);
}

bool is_in_class(const std::string& drug, model::Route route, const Codes& classes) {
    const DrugRow* row = row_of(drug);
    if (row == nullptr || !classes.contains(row->drug_class))
        return false;
    return !row->is_oral_only || route == model::Route::oral || route == model::Route::unstated;
}

Units equivalent_of(const std::string& drug, const model::Rational& milligrams) {
    const DrugRow* row = row_of(drug);
    return (milligrams * (row == nullptr ? model::Rational(1) : row->equivalence) * model::Rational(units_per_mg))
        .numerator();
}

Days days_covered_by(const model::AdministrationEvent& given) {
    Days days{0};
    if (given.dose && given.dose->unit == model::DoseUnit::milligram)
        for (const SingleDoseRow& row : single_doses)
            if (row.drug == given.drug.text && row.milligrams <= given.dose->amount)
                days = Days(row.days);
    return days;
}

bool concerns_class(const model::Event& event, const Codes& classes) {
    if (const auto* supply = std::get_if<model::SupplyEvent>(&event.body))
        return is_in_class(supply->drug.text, supply->route, classes);
    if (const auto* stop = std::get_if<model::StopEvent>(&event.body))
        return is_in_class(stop->drug.text, stop->route.value_or(model::Route::unstated), classes);
    if (const auto* given = std::get_if<model::AdministrationEvent>(&event.body))
        return is_in_class(given->drug.text, given->route, classes) && days_covered_by(*given) > Days(0);
    return false;
}

} // namespace bonewatch::reference
