#include "ingest/native_origins.h"

#include <algorithm>
#include <array>

namespace bonewatch::ingest {

namespace {

/// Members that are read, of whatever type; what is not among them is warned of.
constexpr std::array<std::string_view, 26> read_keys{
    "type",   "patient", "at",   "version", "publisher", "id",   "code", "value",     "unit",
    "status", "range",   "drug", "route",   "strength",  "dose", "days", "basis",     "fulfils",
    "until",  "sex",     "born", "died",    "practice",  "from", "of",   "daily_dose"};

bool is_time(std::string_view key) {
    return key == "at" || key == "until" || key == "born" || key == "died";
}

/// A clock without an offset: `2020-05-01T08:30`.
bool is_without_zone(std::string_view time) {
    const auto clock = time.find('T');
    return clock != std::string_view::npos && time.find_first_of("Zz+-", clock) == std::string_view::npos;
}

/// How it was made, where that is not plain.
std::string made_of(std::string_view key, const Json& value, const model::Event* event, const MessageContext& context) {
    if (event == nullptr)
        return {};
    if (is_time(key) && is_without_zone(value.text))
        return "in the publisher's zone, " + context.publisher.settings->zone;
    if ((key == "code" || key == "drug") && value.is_object())
        return "what the code stands for";
    const auto* result = std::get_if<model::ResultEvent>(&event->body);
    if (key == "value" && result != nullptr)
        return result->value ? "in the analyte's unit" : "words: neither normal nor abnormal";
    const auto* supply = std::get_if<model::SupplyEvent>(&event->body);
    if (key == "daily_dose" && supply != nullptr && supply->basis == model::Basis::computed)
        return "multiplied by the strength";
    if (key == "patient" && value.text != model::to_text(event->patient))
        return "as identifiers are compared";
    return {};
}

} // namespace

std::vector<Origin> native_origins(const Json& line, const model::Event* event, const MessageContext& context) {
    std::vector<Origin> out;
    const auto add = [&](std::string field, std::string place, std::string text, std::string made) {
        out.push_back({std::move(field), std::move(place), std::move(text), std::move(made)});
    };
    for (const auto& [key, value] : line.members) {
        const std::string name(key);
        if (key == "attributes") {
            for (const auto& [attribute, each] : value.members)
                add("attributes." + std::string(attribute), "$.attributes." + std::string(attribute),
                    std::string(each.text), {});
        } else if (key == "registered" || std::ranges::find(read_keys, key) != read_keys.end()) {
            add(name, "$." + name, std::string(value.text), made_of(key, value, event, context));
        }
    }
    if (event == nullptr)
        return out;
    const auto is_there = [&](std::string_view key) { return line.find(key) != nullptr; };
    const auto version_text = [](const Json& of) {
        const Json* version = of.find("version");
        return version == nullptr ? std::string_view{} : version->text;
    };
    if (!is_there("publisher"))
        add("publisher", "connection", context.publisher.id.text, {});
    if (!is_there("id"))
        add("id", "$.patient", std::string(line.text_of("patient")), "a patient's line is known by its identifier");
    if (!is_there("version") && event->version != model::Version{{1}})
        add("version", "$.at", std::string(line.text_of("at")), "in milliseconds, since no version is stated");
    else if (!is_there("version"))
        add("version", "default", {}, "no version is stated");
    if (std::holds_alternative<model::ResultEvent>(event->body) && !is_there("status"))
        add("status", "default", {}, "no status is stated");
    if (std::holds_alternative<model::SupplyEvent>(event->body) && !is_there("basis"))
        add("basis", "default", {}, "no basis is stated");
    if (const auto* retraction = std::get_if<model::RetractionEvent>(&event->body))
        add("of_version", is_there("version") ? "$.version" : "default", std::string(version_text(line)),
            retraction->of_version ? "hides this version and all below it" : "no version is stated: for good");
    return out;
}

} // namespace bonewatch::ingest
