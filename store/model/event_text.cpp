#include "store/model/event.h"

namespace bonewatch::model {

namespace {

std::string_view basis_text(Basis basis) {
    return basis == Basis::stated ? "" : basis == Basis::computed ? " (computed)" : " (assumed)";
}

std::string dose_text(const std::optional<Dose>& dose, Route route) {
    std::string text = dose ? to_text(*dose) : "dose not stated";
    return text + (route == Route::unstated ? "" : " " + std::string(to_text(route)));
}

/// `, on order P-1`.
std::string order_text(const std::vector<FactId>& orders) {
    std::string text;
    for (const FactId& order : orders)
        text += (text.empty() ? ", on order " : ", ") + order.text;
    return text;
}

std::string text_of(const ResultEvent& result) {
    std::string text = result.value_text + (result.unit_text.empty() ? "" : " " + result.unit_text);
    if (result.status == ResultStatus::preliminary)
        text += " (preliminary: not counted)";
    if (result.status == ResultStatus::no_result)
        text += " (no result)";
    return text + (result.value ? "" : " (unreadable)");
}

/// What it states, and nothing of what it leaves out: `female born 1958-07-14`.
std::string person_text(const Event& event, const PatientEvent& person) {
    std::string text;
    const auto add = [&](const std::string& words) { text += (text.empty() ? "" : " ") + words; };
    if (person.sex != Sex::unknown)
        add(person.sex == Sex::female ? "female" : person.sex == Sex::male ? "male" : "other sex");
    if (person.born)
        add("born " + to_text(*person.born));
    const auto deceased = event.attributes.find("deceased");
    if (person.died)
        add("died " + to_text(*person.died));
    else if (deceased != event.attributes.end())
        add(deceased->second == "false" ? "has not died" : "has died");
    if (!text.empty())
        return text;
    const auto& same = person.identifiers;
    return same.size() == 1 && event.key.id.text.starts_with(to_text(event.patient))
               ? "the same as " + to_text(same.front())
               : "not known";
}

} // namespace

std::string content_text(const Event& event) {
    if (const auto* result = std::get_if<ResultEvent>(&event.body))
        return text_of(*result);
    if (const auto* supply = std::get_if<SupplyEvent>(&event.body))
        return dose_text(supply->daily_dose, supply->route) + (supply->daily_dose ? " a day" : "") + " for " +
               std::to_string(supply->days) + " days" + std::string(basis_text(supply->basis)) +
               order_text(supply->fulfils);
    if (const auto* given = std::get_if<AdministrationEvent>(&event.body))
        return dose_text(given->dose, given->route) + order_text(given->fulfils);
    if (const auto* condition = std::get_if<ConditionEvent>(&event.body))
        return condition->until ? "until " + to_text(*condition->until) : "";
    if (const auto* person = std::get_if<PatientEvent>(&event.body))
        return person_text(event, *person);
    return {};
}

std::string event_text(const Event& event) {
    std::string text(type_word(event));
    if (const CodeId* code = code_of(event))
        text += " " + code->text;
    if (const std::string content = content_text(event); !content.empty())
        text += " " + content;
    return text + " on " + to_text(event.at);
}

} // namespace bonewatch::model
