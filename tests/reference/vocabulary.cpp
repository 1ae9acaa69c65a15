#include "tests/reference/vocabulary.h"

#include <toml++/toml.h>

#include <algorithm>

namespace bonewatch::reference {

namespace {

/// A number as written: whole, or a decimal or fraction in quotes.
std::optional<model::Rational> number_in(const toml::table& table, std::string_view key) {
    if (const auto whole = table[key].value_exact<std::int64_t>())
        return model::Rational(*whole);
    if (const auto text = table[key].value_exact<std::string>())
        if (const auto value = model::parse_rational(*text))
            return *value;
    return std::nullopt;
}

std::vector<std::string> texts_in(const toml::table& table, std::string_view key) {
    std::vector<std::string> out;
    if (const toml::array* list = table[key].as_array())
        for (const toml::node& one : *list)
            out.push_back(one.value_or(std::string()));
    return out;
}

std::vector<const toml::table*> tables_in(const toml::table& table, std::string_view key) {
    std::vector<const toml::table*> out;
    if (const toml::array* list = table[key].as_array())
        for (const toml::node& one : *list)
            out.push_back(one.as_table());
    return out;
}

model::Route route_of(const std::string& word) {
    const auto route = model::parse_route(word);
    if (!route)
        throw Unreadable("no route '" + word + "'");
    return *route;
}

Drug read_drug(const toml::table& row) {
    Drug drug;
    drug.equivalence = number_in(row, "equivalence");
    drug.is_single_dose = row["single_dose"].value_or(false);
    if (const auto gap = row["gap"].value<int>())
        drug.gap = Days(*gap);
    for (const toml::table* one : tables_in(row, "classes")) {
        Drug::ClassRow entry{(*one)["class"].value_or(std::string()), {}};
        for (const std::string& word : texts_in(*one, "routes"))
            entry.routes.insert(route_of(word));
        drug.classes.push_back(std::move(entry));
    }
    for (const toml::table* one : tables_in(row, "covers")) {
        Drug::Cover cover;
        cover.days = Days((*one)["days"].value_or(0));
        if (const auto dose = (*one)["dose"].value<std::string>())
            cover.dose = model::parse_dose(*dose).value();
        if (const auto route = (*one)["route"].value<std::string>())
            cover.route = route_of(*route);
        drug.covers.push_back(cover);
    }
    return drug;
}

Analyte read_analyte(const toml::table& row) {
    Analyte analyte;
    analyte.may_be_negative = row["may_be_negative"].value_or(false);
    analyte.unit = row["unit"].value_or(std::string());
    for (const toml::table* one : tables_in(row, "units")) {
        const UnitRow unit{number_in(*one, "factor").value_or(1), number_in(*one, "offset").value_or(0)};
        analyte.units.emplace((*one)["unit"].value_or(std::string()), unit);
        for (const std::string& spelling : texts_in(*one, "spelt"))
            analyte.units.emplace(spelling, unit);
    }
    analyte.units.emplace(analyte.unit, UnitRow{});
    if (analyte.unit == "1")
        analyte.units.emplace("", UnitRow{});
    if (analyte.unit == "{xULN}")
        analyte.units.emplace("xULN", UnitRow{});
    return analyte;
}

} // namespace

Vocabulary::Vocabulary(const std::filesystem::path& folder) {
    const toml::table drugs = toml::parse_file((folder / "drugs.toml").string());
    for (const auto& [id, row] : *drugs["classes"].as_table()) {
        const toml::table& table = *row.as_table();
        for (const auto& [key, value] : table)
            if (!Codes{"title", "gap", "equivalents", "source", "note"}.contains(key.str()))
                throw Unreadable("drugs.toml: unknown key '" + std::string(key.str()) + "' of a class");
        classes_[std::string(id.str())] = {Days(table["gap"].value_or(14)), table.contains("equivalents")};
    }
    for (const auto& [id, row] : *drugs["drugs"].as_table())
        drugs_[std::string(id.str())] = read_drug(*row.as_table());
    for (const auto& [id, row] : toml::parse_file((folder / "analytes.toml").string()))
        analytes_[std::string(id.str())] = read_analyte(*row.as_table());
    for (const auto& [id, row] : toml::parse_file((folder / "conditions.toml").string())) {
        const toml::table& table = *row.as_table();
        for (const std::string& narrower : texts_in(table, "includes"))
            included_[std::string(id.str())].insert(narrower);
        included_[std::string(id.str())];
        if (table["kind"].value_or(std::string()) == "event")
            event_types_.insert(std::string(id.str()));
    }
}

bool Vocabulary::knows(const std::string& id) const {
    return classes_.contains(id) || drugs_.contains(id) || analytes_.contains(id) || included_.contains(id);
}

const Analyte* Vocabulary::analyte(const std::string& id) const {
    const auto found = analytes_.find(id);
    return found == analytes_.end() ? nullptr : &found->second;
}

const Drug* Vocabulary::drug(const std::string& id) const {
    const auto found = drugs_.find(id);
    return found == drugs_.end() ? nullptr : &found->second;
}

Codes Vocabulary::with_included(const Codes& ids) const {
    Codes out = ids;
    for (const std::string& id : ids)
        if (const auto found = included_.find(id); found != included_.end())
            out.merge(with_included(found->second));
    return out;
}

DrugSet Vocabulary::drug_set(const Codes& ids) const {
    DrugSet set;
    for (const std::string& id : ids) {
        if (const auto found = classes_.find(id); found != classes_.end()) {
            set.classes.insert(id);
            set.gap = std::max(set.gap, found->second.gap);
            set.sums_equivalents = set.sums_equivalents || found->second.sums_equivalents;
        } else if (const Drug* one = drug(id)) {
            set.drugs.insert(id);
            Days gap = one->gap.value_or(Days(0));
            if (!one->gap)
                for (const Drug::ClassRow& row : one->classes)
                    gap = std::max(gap, classes_.at(row.drug_class).gap);
            set.gap = std::max(set.gap, gap);
        } else {
            continue;
        }
        set.name += (set.name.empty() ? "" : ",") + id;
    }
    return set;
}

bool Vocabulary::has_daily_drug(const DrugSet& set) const {
    return std::any_of(drugs_.begin(), drugs_.end(), [&](const auto& entry) {
        return !entry.second.is_single_dose && may_be_member(set, entry.first);
    });
}

bool Vocabulary::is_member(const DrugSet& set, const std::string& drug_id, model::Route route) const {
    if (set.drugs.contains(drug_id))
        return true;
    const Drug* one = drug(drug_id);
    if (one == nullptr)
        return false;
    if (route == model::Route::unstated)
        return !one->classes.empty() && set.classes.contains(one->classes.front().drug_class);
    for (const Drug::ClassRow& row : one->classes)
        if (row.routes.empty() || row.routes.contains(route))
            return set.classes.contains(row.drug_class);
    return false;
}

bool Vocabulary::may_be_member(const DrugSet& set, const std::string& drug_id) const {
    const Drug* one = drug(drug_id);
    return set.drugs.contains(drug_id) ||
           (one != nullptr && std::any_of(one->classes.begin(), one->classes.end(), [&](const Drug::ClassRow& row) {
                return set.classes.contains(row.drug_class);
            }));
}

Days Vocabulary::days_covered_by(const model::AdministrationEvent& given) const {
    const Drug* one = drug(given.drug.text);
    const Drug::Cover* best = nullptr;
    if (one == nullptr)
        return Days(0);
    for (const Drug::Cover& row : one->covers) {
        if (row.route && *row.route != given.route)
            continue;
        if (row.dose && (!given.dose || given.dose->unit != row.dose->unit || given.dose->amount < row.dose->amount))
            continue;
        if (best == nullptr || (row.dose && (!best->dose || best->dose->amount <= row.dose->amount)))
            best = &row;
    }
    return best == nullptr ? Days(0) : best->days;
}

std::optional<model::Rational> Vocabulary::counted(const DrugSet& set, const std::string& drug_id,
                                                   const model::Rational& milligrams) const {
    if (!set.sums_equivalents || set.drugs.contains(drug_id))
        return milligrams;
    const Drug* one = drug(drug_id);
    if (one == nullptr || !one->equivalence)
        return std::nullopt;
    return milligrams * *one->equivalence;
}

const Vocabulary& shipped_vocabulary() {
    static const Vocabulary shipped(BONEWATCH_SOURCE_DIR "/config/vocabulary");
    return shipped;
}

} // namespace bonewatch::reference
