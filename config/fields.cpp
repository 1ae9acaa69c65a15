#include "config/fields.h"

#include "config/nearest.h"

namespace bonewatch::config {

namespace {

const Value::Table no_fields;
const Value::Array no_items;

} // namespace

void Problems::add(Place place, std::string reason, std::string message) {
    found_.push_back({model::ErrorKind::config, std::move(reason), std::move(message), to_text(file_, place)});
}

Fields::Fields(const Value& table, std::string what, Problems& problems)
    : table_(std::get_if<Value::Table>(&table.content)), place_(table.place), what_(std::move(what)),
      problems_(problems) {
    if (table_ == nullptr) {
        problem(place_, "wrong_type", "expected a table, found " + std::string(kind_word(table)));
        table_ = &no_fields;
    }
}

const Value* Fields::find(const std::string& key) {
    asked_.insert(key);
    for (const Entry& entry : *table_)
        if (entry.key == key)
            return &entry.value;
    return nullptr;
}

bool Fields::has(const std::string& key) const {
    for (const Entry& entry : *table_)
        if (entry.key == key)
            return true;
    return false;
}

Place Fields::place(const std::string& key) const {
    for (const Entry& entry : *table_)
        if (entry.key == key)
            return entry.value.place;
    return place_;
}

void Fields::problem(Place place, std::string reason, const std::string& message) {
    problems_.add(place, std::move(reason), what_ + ": " + message);
}

void Fields::wrong_type(const std::string& key, const Value& value, std::string_view expected) {
    problem(value.place, "wrong_type",
            "'" + key + "' must be " + std::string(expected) + ", found " + std::string(kind_word(value)));
}

std::string Fields::required_text(const std::string& key) {
    if (!has(key)) {
        asked_.insert(key);
        if (table_ != &no_fields)
            problem(place_, "missing_key", "'" + key + "' is missing");
        return {};
    }
    return text(key).value_or("");
}

std::optional<std::string> Fields::text(const std::string& key) {
    const Value* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* found = std::get_if<std::string>(&value->content))
        return *found;
    wrong_type(key, *value, "text");
    return std::nullopt;
}

std::optional<std::int64_t> Fields::whole(const std::string& key, std::int64_t least, std::int64_t most) {
    const Value* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    const auto* found = std::get_if<std::int64_t>(&value->content);
    if (found == nullptr) {
        wrong_type(key, *value, "a whole number");
        return std::nullopt;
    }
    if (*found < least || *found > most) {
        problem(value->place, "out_of_range",
                "'" + key + "' must be from " + std::to_string(least) + " to " + std::to_string(most) + ", found " +
                    std::to_string(*found));
        return std::nullopt;
    }
    return *found;
}

bool Fields::flag(const std::string& key) {
    const Value* value = find(key);
    if (value == nullptr)
        return false;
    if (const auto* found = std::get_if<bool>(&value->content))
        return *found;
    wrong_type(key, *value, "true or false");
    return false;
}

std::optional<model::Rational> Fields::number(const std::string& key) {
    const Value* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto* whole = std::get_if<std::int64_t>(&value->content))
        return model::Rational(*whole);
    if (const auto* written = std::get_if<std::string>(&value->content)) {
        if (const auto exact = model::parse_rational(*written); exact && exact->within_bounds())
            return *exact;
        problem(value->place, "bad_number", "'" + key + "' is not a number: '" + *written + "'");
        return std::nullopt;
    }
    wrong_type(key, *value, "a whole number, or a decimal in quotes so that it stays exact");
    return std::nullopt;
}

std::vector<std::string> Fields::texts(const std::string& key) {
    std::vector<std::string> found;
    for (const Value& item : list(key)) {
        if (const auto* text = std::get_if<std::string>(&item.content))
            found.push_back(*text);
        else
            wrong_type(key, item, "a list of texts");
    }
    return found;
}

const Value::Array& Fields::list(const std::string& key) {
    const Value* value = find(key);
    if (value == nullptr)
        return no_items;
    if (const auto* found = std::get_if<Value::Array>(&value->content))
        return *found;
    wrong_type(key, *value, "a list");
    return no_items;
}

const Value* Fields::table(const std::string& key) {
    const Value* value = find(key);
    if (value != nullptr && !std::holds_alternative<Value::Table>(value->content)) {
        wrong_type(key, *value, "a table");
        return nullptr;
    }
    return value;
}

void Fields::finish() {
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    for (const Entry& entry : *table_)
        if (!asked_.contains(entry.key))
            problem(entry.place, "unknown_key", "unknown key '" + entry.key + "'" + did_you_mean(entry.key, known));
}

} // namespace bonewatch::config
