#include "config/document.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>

namespace bonewatch::config {

namespace {

Place place_of(const toml::source_region& source) {
    return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

Value value_of(const toml::node& node);

Value::Table table_of(const toml::table& from) {
    Value::Table table;
    for (const auto& [key, node] : from)
        table.push_back({std::string(key.str()), place_of(key.source()), value_of(node)});
    std::ranges::stable_sort(table, {},
                             [](const Entry& entry) { return std::pair{entry.place.line, entry.place.column}; });
    return table;
}

Value value_of(const toml::node& node) {
    Value value{{}, place_of(node.source())};
    if (const auto* table = node.as_table()) {
        value.content = table_of(*table);
    } else if (const auto* array = node.as_array()) {
        Value::Array items;
        for (const toml::node& item : *array)
            items.push_back(value_of(item));
        value.content = std::move(items);
    } else if (const auto* text = node.as_string()) {
        value.content = text->get();
    } else if (const auto* whole = node.as_integer()) {
        value.content = whole->get();
    } else if (const auto* decimal = node.as_floating_point()) {
        value.content = decimal->get();
    } else if (const auto* flag = node.as_boolean()) {
        value.content = flag->get();
    }
    return value;
}

} // namespace

model::Result<Value> parse_document(std::string_view file, std::string_view text) {
    try {
        const toml::table table = toml::parse(text, file);
        return Value{table_of(table), {}};
    } catch (const toml::parse_error& error) {
        return model::fail(model::ErrorKind::config, "bad_toml", std::string(error.description()),
                           to_text(file, place_of(error.source())));
    }
}

std::string to_text(std::string_view file, Place place) {
    return std::string(file) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string_view kind_word(const Value& value) {
    constexpr std::array<std::string_view, 7> words{"a date or time", "text",   "a whole number", "a decimal number",
                                                    "true or false",  "a list", "a table"};
    return words[value.content.index()];
}

} // namespace bonewatch::config
