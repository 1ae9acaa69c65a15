#include "monitors/phrases.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

/// So many dates of one name are listed; of more, the first and the last.
constexpr std::size_t dates_listed_max = 5;

const model::ResultEvent& result_of(const model::Fact& fact) {
    return std::get<model::ResultEvent>(fact.event.body);
}

std::string date_text(const Occurrence& occurrence) {
    const bool is_partial = occurrence.fact && occurrence.fact->event.at.is_partial();
    return is_partial ? model::to_text(occurrence.fact->event.at) : model::to_text(occurrence.first);
}

/// What happened, by its own name, without its date.
std::string name_of(const View& view, const Occurrence& occurrence, const std::string& title) {
    if (!occurrence.fact)
        return occurrence.title != nullptr ? *occurrence.title : title;
    const model::Event& event = occurrence.fact->event;
    if (std::holds_alternative<model::AdministrationEvent>(event.body))
        return title_of(view.vocabulary, *model::code_of(event)) + " given";
    if (std::holds_alternative<model::SupplyEvent>(event.body))
        return occurrence.title != nullptr ? *occurrence.title : title;
    return title_of(view.vocabulary, *model::code_of(event));
}

/// Those of one name; results with their values.
std::string one_name_text(const std::string& name, std::span<const Occurrence> occurrences) {
    if (occurrences.front().fact && std::holds_alternative<model::ResultEvent>(occurrences.front().fact->event.body)) {
        std::vector<FactPtr> results;
        for (const Occurrence& occurrence : occurrences)
            results.push_back(occurrence.fact);
        return name + " " + dated_values(results);
    }
    if (occurrences.size() == 1)
        return name + " on " + date_text(occurrences.front());
    std::string dates;
    for (const Occurrence& occurrence : occurrences)
        dates += (dates.empty() ? "" : ", ") + date_text(occurrence);
    if (occurrences.size() > dates_listed_max)
        dates = date_text(occurrences.front()) + " to " + date_text(occurrences.back());
    return name + ": " + std::to_string(occurrences.size()) + " (" + dates + ")";
}

std::string number_of(std::int64_t n, const std::string& unit) {
    return std::to_string(n) + " " + unit + (n == 1 ? "" : "s");
}

} // namespace

std::string title_of(const config::Vocabulary& vocabulary, const CodeId& code) {
    if (const config::Condition* condition = vocabulary.condition(code))
        return condition->title;
    if (const config::Analyte* analyte = vocabulary.analyte(code))
        return analyte->title;
    if (const config::DrugClass* drug_class = vocabulary.drug_class(code))
        return drug_class->title;
    if (const config::Drug* drug = vocabulary.drug(code))
        return drug->title;
    std::string words = code.text;
    std::ranges::replace(words, '-', ' ');
    return words;
}

std::string unit_for_people(std::string_view unit) {
    if (unit == "1")
        return {};
    std::string out;
    bool is_annotation = false;
    for (const char c : unit) {
        is_annotation = c == '{' || (is_annotation && c != '}');
        if (std::string_view("{}[]").find(c) == std::string_view::npos)
            out += is_annotation && c == '_' ? ' ' : c;
    }
    return out;
}

std::string value_text(const model::Fact& fact) {
    const model::ResultEvent& result = result_of(fact);
    const std::string unit = unit_for_people(result.unit_text);
    return result.value_text + (unit.empty() ? "" : " " + unit);
}

std::string dated_values(std::span<const FactPtr> results) {
    const auto unit = [](const FactPtr& fact) { return unit_for_people(result_of(*fact).unit_text); };
    const bool is_one_unit = results.size() > 1 && std::ranges::all_of(results, [&](const FactPtr& fact) {
                                 return unit(fact) == unit(results.front());
                             });
    std::string out;
    for (const FactPtr& fact : results)
        out += (out.empty() ? "" : ", ") + (is_one_unit ? result_of(*fact).value_text : value_text(*fact)) + " on " +
               model::to_text(fact->event.at);
    return out + (is_one_unit && !unit(results.front()).empty() ? " (" + unit(results.front()) + ")" : "");
}

std::string told_text(const config::Vocabulary& vocabulary, const model::Event& event) {
    const CodeId* code = model::code_of(event);
    std::string text = code != nullptr ? title_of(vocabulary, *code) : std::string(model::type_word(event));
    std::string content = model::content_text(event);
    const std::string date = " on " + model::to_text(event.at);
    if (const auto* result = std::get_if<model::ResultEvent>(&event.body)) {
        const std::string as_sent = result->value_text + (result->unit_text.empty() ? "" : " " + result->unit_text);
        content = value_text({event, false}) + content.substr(as_sent.size());
    }
    if (std::holds_alternative<model::ConditionEvent>(event.body))
        return text + date + (content.empty() ? "" : " " + content);
    if (std::holds_alternative<model::StopEvent>(event.body))
        return text + " stopped" + date;
    if (std::holds_alternative<model::AdministrationEvent>(event.body))
        text += " given";
    return text + (content.empty() ? "" : " " + content) + date;
}

std::string days_text(std::int64_t days) {
    return number_of(days, "day");
}

std::string in_words(Span span) {
    std::string text;
    if (span.months != 0)
        text = span.months % 12 == 0 ? number_of(span.months / 12, "year") : number_of(span.months, "month");
    if (span.days != 0 || span.months == 0)
        text += (text.empty() ? "" : " and ") + days_text(span.days);
    return text;
}

std::string none_of(const std::string& title) {
    return "no " + (title.starts_with("any ") ? title.substr(4) : title);
}

std::string window_text(const View& view, const WindowNodes& window) {
    if (window.within)
        return " in the last " + in_words(*window.within);
    if (window.from == nullptr)
        return {};
    const DateAnswer from = window.from->eval(view, nullptr);
    return from.state == DateAnswer::State::known ? " from " + model::to_text(from.date) : "";
}

std::string occurrence_text(const View& view, const Occurrence& occurrence, const std::string& title) {
    return one_name_text(name_of(view, occurrence, title), {&occurrence, 1});
}

std::string occurrences_text(const View& view, std::vector<Occurrence> occurrences, const std::string& title) {
    std::ranges::stable_sort(occurrences, {}, &Occurrence::first);
    std::string text;
    while (!occurrences.empty()) {
        const std::string name = name_of(view, occurrences.front(), title);
        const auto others = std::ranges::stable_partition(
            occurrences, [&](const Occurrence& one) { return name_of(view, one, title) == name; });
        text += (text.empty() ? "" : ", ") + one_name_text(name, {occurrences.begin(), others.begin()});
        occurrences.erase(occurrences.begin(), others.begin());
    }
    return text;
}

} // namespace bonewatch::monitors
