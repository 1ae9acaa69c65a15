#include "monitors/definition.h"

#include "config/nearest.h"

#include <algorithm>
#include <set>
#include <toml++/toml.h>

namespace bonewatch::monitors {

namespace {

using model::Error;
using model::ErrorKind;

Place place_of(const toml::node& node, const std::string& file) {
    return {file, node.source().begin.line, node.source().begin.column};
}

/// Reads one file's tables; problems are gathered, so that an author sees all of them at once.
class Reader {
  public:
    Reader(std::string file, std::vector<Error>& problems) : file_(std::move(file)), problems_(problems) {}

    void problem(const toml::node& node, const std::string& message) {
        problems_.push_back({ErrorKind::config, "monitor_file", message, to_text(place_of(node, file_))});
    }
    void problem(const std::string& message) {
        problems_.push_back({ErrorKind::config, "monitor_file", message, file_});
    }

    void check_keys(const toml::table& table, const std::vector<std::string>& known) {
        for (const auto& [key, node] : table)
            if (std::ranges::find(known, key.str()) == known.end())
                problem(node, "unknown key '" + std::string(key.str()) + "'" + config::did_you_mean(key.str(), known));
    }

    std::optional<std::string> text(const toml::table& table, std::string_view key, bool is_required = false) {
        const toml::node* node = table.get(key);
        if (node == nullptr) {
            if (is_required)
                problem(table, "missing key '" + std::string(key) + "'");
            return std::nullopt;
        }
        if (const auto value = node->value<std::string>(); value && node->is_string())
            return value;
        problem(*node, "'" + std::string(key) + "' must be a text in quotes");
        return std::nullopt;
    }

    std::optional<Written> written(const toml::table& table, std::string_view key, bool is_required = false) {
        const auto value = text(table, key, is_required);
        if (!value)
            return std::nullopt;
        return Written{*value, inside(*table.get(key))};
    }

    /// The place of a text's first character, after its quote; of several lines, perhaps on the line after it.
    Place inside(const toml::node& node) const {
        Place place = place_of(node, file_);
        const auto lines = static_cast<unsigned>(std::ranges::count(node.value<std::string>().value_or(""), '\n'));
        const unsigned spanned = node.source().end.line - node.source().begin.line;
        if (spanned > lines)
            return {place.file, place.line + spanned - lines, 1};
        place.column += spanned > 0 ? 3 : 1;
        return place;
    }

    std::vector<Row> rows(const toml::table& table, std::string_view key, std::string_view name_key) {
        std::vector<Row> out;
        const toml::node* node = table.get(key);
        if (node == nullptr)
            return out;
        if (!node->is_array()) {
            problem(*node, "'" + std::string(key) + "' must be a list of tables");
            return out;
        }
        for (const toml::node& item : *node->as_array()) {
            if (!item.is_table()) {
                problem(item, "expected a table { " + std::string(name_key) + " = …, when = … }");
                continue;
            }
            const toml::table& row = *item.as_table();
            check_keys(row, {std::string(name_key), "when"});
            if (const auto name = text(row, name_key, true))
                out.push_back({*name, written(row, "when")});
        }
        return out;
    }

    std::map<std::string, Written> named_texts(const toml::table& table, std::string_view key) {
        std::map<std::string, Written> out;
        if (const toml::node* node = table.get(key)) {
            if (!node->is_table())
                problem(*node, "'" + std::string(key) + "' must be a table");
            else
                for (const auto& [name, value] : *node->as_table())
                    if (const auto one = written(*node->as_table(), name.str()))
                        out.emplace(std::string(name.str()), *one);
        }
        return out;
    }

    const std::string& file() const { return file_; }

  private:
    std::string file_;
    std::vector<Error>& problems_;
};

/// A threshold's value may be a text with a unit, or a bare number.
std::string literal(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (node == nullptr)
        return {};
    if (const auto whole = node->value_exact<std::int64_t>())
        return std::to_string(*whole);
    return node->value<std::string>().value_or("");
}

Threshold read_threshold(Reader& reader, const std::string& name, const toml::table& table) {
    reader.check_keys(table, {"default", "min", "max", "basis", "meaning", "choices"});
    Threshold out{name,
                  {literal(table, "default"), {reader.file(), 0, 0}},
                  literal(table, "min"),
                  literal(table, "max"),
                  literal(table, "basis"),
                  reader.text(table, "meaning").value_or(""),
                  {}};
    if (const toml::node* choices = table.get("choices"); choices != nullptr && choices->is_array())
        for (const toml::node& choice : *choices->as_array())
            out.choices.push_back(choice.value<std::string>().value_or(""));
    const bool is_choice = table.contains("choices");
    for (const char* key : {"default", "min", "max", "basis"}) {
        const bool is_limit = std::string_view(key) == "min" || std::string_view(key) == "max";
        if (const toml::node* node = table.get(key); node != nullptr && literal(table, key).empty())
            reader.problem(*node, "'" + std::string(key) + "' must be a whole number, or a text in quotes with its " +
                                      "unit, as \"0.1 mU/L\"");
        else if (literal(table, key).empty() != (is_choice && is_limit))
            reader.problem(table, "threshold '" + name + "' " +
                                      (is_choice && is_limit ? "has choices, and also '" : "lacks '") + key + "'");
    }
    if (const toml::node* standard = table.get("default")) {
        out.value.place = place_of(*standard, reader.file());
        out.value.place.column += standard->is_string() ? 1 : 0;
    }
    return out;
}

/// Those of a family's row take the place of the file's.
void read_thresholds(Reader& reader, const toml::table& root, std::vector<Threshold>& out) {
    const toml::node* node = root.get("thresholds");
    if (node == nullptr)
        return;
    if (!node->is_table()) {
        reader.problem(*node, "'thresholds' must be a table");
        return;
    }
    for (const auto& [name, value] : *node->as_table()) {
        if (!value.is_table()) {
            reader.problem(value, "a threshold is a table { default = …, min = …, max = …, basis = … }");
            continue;
        }
        Threshold threshold = read_threshold(reader, std::string(name.str()), *value.as_table());
        std::erase_if(out, [&](const Threshold& old) { return old.name == threshold.name; });
        out.push_back(std::move(threshold));
    }
    std::ranges::sort(out, {}, &Threshold::name);
}

/// The tests of one row of a family, or of the one monitor of a file.
std::vector<Definition::Test> read_tests(Reader& reader, const toml::table& root, const std::string& row) {
    std::vector<Definition::Test> out;
    const toml::node* node = root.get("test");
    if (node == nullptr)
        return out;
    if (!node->is_array_of_tables()) {
        reader.problem(*node, "'test' must be a list of tables: [[test]]");
        return out;
    }
    for (const toml::node& item : *node->as_array()) {
        const toml::table* table = item.as_table();
        if (table == nullptr)
            continue;
        reader.check_keys(*table, {"name", "events", "expect", "tags", "note", "until", "day0", "row", "set"});
        if (reader.text(*table, "row").value_or("") != row)
            continue;
        Definition::Test test;
        test.name = reader.text(*table, "name", true).value_or("");
        test.events = reader.text(*table, "events", true).value_or("");
        test.expect = reader.text(*table, "expect", true).value_or("");
        test.note = reader.text(*table, "note").value_or("");
        if (const auto until = table->get("until"); until != nullptr && until->is_integer())
            test.until = static_cast<int>(until->value<std::int64_t>().value_or(0));
        if (const toml::node* tags = table->get("tags"); tags != nullptr && tags->is_array()) {
            test.tags.emplace();
            for (const toml::node& tag : *tags->as_array())
                test.tags->push_back(tag.value<std::string>().value_or(""));
        }
        test.day0 = reader.text(*table, "day0").value_or(test.day0);
        if (const toml::node* set = table->get("set"); set != nullptr && set->is_table())
            for (const auto& [name, value] : *set->as_table())
                test.set[std::string(name.str())] = literal(*set->as_table(), name.str());
        test.place = place_of(item, reader.file());
        for (const auto& [key, place] : {std::pair{"events", &test.events_place}, {"expect", &test.expect_place}})
            if (const toml::node* lines = table->get(key); lines != nullptr)
                *place = reader.inside(*lines);
        out.push_back(std::move(test));
    }
    return out;
}

const std::vector<std::string> monitor_keys{"id",       "title",   "when", "unless",    "clears", "ends",
                                            "severity", "tags",    "note", "advice",    "source", "fresh",
                                            "enabled",  "require", "let",  "thresholds"};

void read_enabled_and_require(Reader& reader, const toml::table& table, Definition& out) {
    if (const toml::node* enabled = table.get("enabled")) {
        if (!enabled->is_boolean())
            reader.problem(*enabled, "'enabled' must be true or false");
        out.is_enabled = enabled->value<bool>().value_or(true);
    }
    if (const toml::node* require = table.get("require"); require != nullptr && require->is_array())
        for (const toml::node& item : *require->as_array())
            if (item.is_string())
                out.require.push_back({item.value<std::string>().value_or(""), reader.inside(item)});
}

void check_severity(Reader& reader, const toml::table& holder, const std::vector<Row>& severity) {
    if (severity.empty()) {
        if (!holder.contains("severity"))
            reader.problem(holder, "missing key 'severity'");
        return;
    }
    for (std::size_t i = 0; i < severity.size(); ++i) {
        if (!parse_severity(severity[i].name))
            reader.problem(*holder.get("severity"),
                           "'" + severity[i].name + "' is not a level: info, warning or urgent");
        if (severity[i].when.has_value() == (i + 1 == severity.size()))
            reader.problem(*holder.get("severity"),
                           "every row of 'severity' but the last has a 'when', and the last has none");
    }
}

/// Reads a monitor; of a family, one `row` laid over the file.
Definition read_definition(Reader& reader, const toml::table& root, const toml::table* row) {
    const auto holder = [&](std::string_view key) -> const toml::table& {
        return row != nullptr && row->contains(key) ? *row : root;
    };
    const auto text = [&](std::string_view key) { return reader.text(holder(key), key, true).value_or(""); };
    Definition out;
    out.file = reader.file();
    const std::string path = out.file.substr(0, out.file.rfind('/'));
    out.chapter = path == "monitors" ? "" : path.substr(path.rfind('/') + 1);
    out.id = model::MonitorId(reader.text(root, "id", true).value_or(""));
    out.title = text("title");
    const std::string row_id = row != nullptr ? reader.text(*row, "id", true).value_or("") : "";
    if (row != nullptr) {
        out.family = out.id.text;
        out.id.text += "/" + row_id;
        out.title = reader.text(root, "title", true).value_or("");
        if (const auto at = out.title.find("{row}"); at != std::string::npos)
            out.title.replace(at, 5, reader.text(*row, "title").value_or(row_id));
    }
    out.advice = text("advice");
    out.source = text("source");
    out.note = reader.text(holder("note"), "note").value_or("");
    out.when = reader.written(holder("when"), "when", true).value_or(Written{});
    out.unless = reader.written(holder("unless"), "unless");
    out.clears = reader.written(holder("clears"), "clears");
    out.ends = reader.written(holder("ends"), "ends");
    out.fresh = reader.written(holder("fresh"), "fresh");
    out.severity = reader.rows(holder("severity"), "severity", "level");
    check_severity(reader, holder("severity"), out.severity);
    out.tags = reader.rows(holder("tags"), "tags", "name");
    if (row != nullptr)
        out.lets = reader.named_texts(*row, "let");
    out.lets.merge(reader.named_texts(root, "let"));
    read_thresholds(reader, root, out.thresholds);
    read_enabled_and_require(reader, root, out);
    if (row != nullptr) {
        read_thresholds(reader, *row, out.thresholds);
        read_enabled_and_require(reader, *row, out);
    }
    out.tests = read_tests(reader, root, row_id);
    return out;
}

void read_file(Reader& reader, const toml::table& root, std::vector<Definition>& out) {
    std::vector<std::string> keys = monitor_keys;
    keys.insert(keys.end(), {"row", "test"});
    reader.check_keys(root, keys);
    const toml::node* rows = root.get("row");
    if (rows == nullptr) {
        out.push_back(read_definition(reader, root, nullptr));
        return;
    }
    if (!rows->is_array_of_tables()) {
        reader.problem(*rows, "'row' must be a list of tables: [[row]]");
        return;
    }
    std::vector<std::string> ids;
    for (const toml::node& row : *rows->as_array()) {
        reader.check_keys(*row.as_table(), monitor_keys);
        out.push_back(read_definition(reader, root, row.as_table()));
        ids.push_back(out.back().id.text.substr(out.back().family.size() + 1));
    }
    if (const toml::node* tests = root.get("test"); tests != nullptr && tests->is_array())
        for (const toml::node& test : *tests->as_array())
            if (const auto* table = test.as_table())
                if (const auto row = reader.text(*table, "row", true); row && std::ranges::find(ids, *row) == ids.end())
                    reader.problem(test, "no row '" + *row + "'" + config::did_you_mean(*row, ids));
}

Common read_common(Reader& reader, const toml::table& root) {
    reader.check_keys(root, {"fresh", "unless", "cap", "groups", "readable"});
    Common out;
    out.fresh = reader.written(root, "fresh", true);
    out.unless = reader.written(root, "unless");
    out.cap = reader.rows(root, "cap", "level");
    out.readable = reader.named_texts(root, "readable");
    if (const toml::node* groups = root.get("groups"); groups != nullptr && groups->is_table())
        for (const auto& [name, value] : *groups->as_table()) {
            std::vector<Written>& members = out.groups[std::string(name.str())];
            if (!value.is_array()) {
                reader.problem(value, "a group is a list of vocabulary ids");
                continue;
            }
            for (const toml::node& member : *value.as_array())
                members.push_back({member.value<std::string>().value_or(""), reader.inside(member)});
        }
    return out;
}

void apply_settings(Definitions& definitions, const ThresholdSettings& settings, std::vector<Error>& problems) {
    for (const auto& [name, value] : settings) {
        std::vector<std::string> known;
        bool is_found = false;
        for (Definition& monitor : definitions.monitors) {
            known.push_back(monitor.id.text + ".enabled");
            if (known.back() == name && (value == "true" || value == "false")) {
                monitor.is_enabled = value == "true";
                is_found = true;
            }
            for (Threshold& threshold : monitor.thresholds) {
                known.push_back(monitor.id.text + "." + threshold.name);
                if (known.back() != name)
                    continue;
                threshold.value = {value, {"--set " + name, 1, 1}};
                is_found = true;
            }
        }
        if (is_found)
            continue;
        problems.push_back({ErrorKind::config, "unknown_threshold",
                            "'" + name + "' names no threshold" + config::did_you_mean(name, known), "--set " + name});
    }
}

} // namespace

std::string_view to_text(Severity severity) {
    return severity == Severity::urgent ? "urgent" : severity == Severity::warning ? "warning" : "info";
}

std::optional<Severity> parse_severity(std::string_view text) {
    for (const Severity severity : {Severity::info, Severity::warning, Severity::urgent})
        if (to_text(severity) == text)
            return severity;
    return std::nullopt;
}

std::expected<Definitions, std::vector<Error>> read_definitions(const config::Files& files,
                                                                const ThresholdSettings& settings) {
    Definitions out;
    std::vector<Error> problems;
    for (const auto& [path, text] : files) {
        if (!path.starts_with("monitors/"))
            continue;
        Reader reader(path, problems);
        try {
            const toml::table root = toml::parse(text, path);
            if (path.ends_with("/_common.toml"))
                out.common = read_common(reader, root);
            else
                read_file(reader, root, out.monitors);
        } catch (const toml::parse_error& error) {
            const Place place{path, error.source().begin.line, error.source().begin.column};
            problems.push_back({ErrorKind::config, "toml", std::string(error.description()), to_text(place)});
        }
    }
    std::ranges::sort(out.monitors, {}, &Definition::id);
    for (std::size_t i = 1; i < out.monitors.size(); ++i)
        if (out.monitors[i].id == out.monitors[i - 1].id)
            problems.push_back({ErrorKind::config, "twice",
                                "monitor '" + out.monitors[i].id.text + "' is also in " + out.monitors[i - 1].file,
                                out.monitors[i].file});
    apply_settings(out, settings, problems);
    if (!problems.empty())
        return std::unexpected(std::move(problems));
    return out;
}

} // namespace bonewatch::monitors
