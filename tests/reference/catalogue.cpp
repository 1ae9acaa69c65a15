#include "tests/reference/catalogue.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>

namespace bonewatch::reference {

namespace {

namespace fs = std::filesystem;

const char* const shipped_monitors = BONEWATCH_SOURCE_DIR "/config/monitors";

/// Every word, and the arguments that it takes by name.
const std::map<std::string, Codes, std::less<>> words{
    {"known", {"for", "within"}},
    {"on", {"for", "gap", "within", "coverage", "route"}},
    {"average_dose", {"over"}},
    {"total_dose", {"within"}},
    {"latest", {"within", "from", "where"}},
    {"sustained", {"results", "span", "gap", "where", "of"}},
    {"run", {"gap", "where", "of"}},
    {"result", {"where", "of"}},
    {"drop", {"over", "same", "where", "within"}},
    {"rise", {"over", "same", "where", "within"}},
    {"drop_percent", {"over", "same", "where", "within"}},
    {"rise_percent", {"over", "same", "where", "within"}},
    {"trend", {"within", "where", "results", "span"}},
    {"count", {"within", "from", "to", "where"}},
    {"first", {"within", "from", "to", "where"}},
    {"last", {"within", "from", "to", "where"}},
    {"missing", {"within", "from", "to", "observed"}},
    {"incomplete", {"within", "from", "to", "observed"}},
    {"near", {"within"}},
    {"open", {}},
    {"at", {}},
    {"at_least", {}},
    {"started", {"gap"}},
    {"stopped", {"gap"}},
    {"given", {"dose", "route"}},
    {"course", {"length", "apart"}},
    {"dose_change", {"by"}},
    {"taken_between", {}},
};

const Codes own_names{"true",   "false", "dead",       "registered",  "age", "born",
                      "raised", "value", "normal_low", "normal_high", "now"};
const Codes asked_with_is{"sex", "device", "fasting", "laterality", "route", "form"};

using Groups = std::map<std::string, Codes>;

/// Puts lets and thresholds in where they are used, and says what each name stands for.
class Resolver {
  public:
    Resolver(const Vocabulary& vocabulary, Groups groups, std::string place)
        : vocabulary_(vocabulary), groups_(std::move(groups)), place_(std::move(place)) {}

    void add_let(const std::string& name, const std::string& text) { lets_[name] = parse_expression(text, place_); }
    void add_threshold(const std::string& name, const toml::table& table, const Settings& settings) {
        const auto other = settings.values.find(name);
        if (table.contains("choices"))
            choices_[name] = other == settings.values.end() ? table["default"].value_or(std::string()) : other->second;
        else if (other != settings.values.end())
            numbers_[name] = parse_expression(other->second, place_);
        else if (const auto whole = table["default"].value_exact<std::int64_t>())
            numbers_[name] = parse_expression(std::to_string(*whole), place_);
        else
            numbers_[name] = parse_expression(table["default"].value_or(std::string()), place_);
    }
    ExprPtr read(const std::string& text) { return resolved(parse_expression(text, place_)); }
    [[nodiscard]] const Codes& asked_open() const { return asked_open_; }

  private:
    [[noreturn]] void fail(const std::string& problem) const { throw Unreadable(place_ + ": " + problem); }

    ExprPtr resolved(const ExprPtr& expr) {
        Expr out = *expr;
        if (expr->kind == Kind::name)
            return resolved_name(*expr);
        if (expr->kind == Kind::is)
            return resolved_choice(*expr);
        if (expr->kind == Kind::call && expr->text == "open")
            return resolved_open(*expr);
        for (ExprPtr& part : out.parts)
            part = resolved(part);
        if (expr->kind == Kind::call)
            resolve_arguments(out);
        if (expr->kind == Kind::set)
            for (const ExprPtr& part : out.parts) {
                out.ids.insert(part->ids.begin(), part->ids.end());
                if (part->ids.empty()) {
                    out.ids.clear();
                    break;
                }
            }
        return finished(std::move(out));
    }
    ExprPtr finished(Expr out) const {
        out.conditions = vocabulary_.with_included(out.ids);
        DrugSet drugs = vocabulary_.drug_set(out.ids);
        for (const std::string& id : out.ids)
            if (DrugSet one = vocabulary_.drug_set({id}); vocabulary_.has_daily_drug(one))
                drugs.with_daily_drugs.push_back(std::move(one));
        if (!out.ids.empty())
            out.drugs = std::make_shared<DrugSet>(std::move(drugs));
        return std::make_shared<Expr>(std::move(out));
    }

    ExprPtr resolved_name(const Expr& expr) {
        if (const auto found = lets_.find(expr.text); found != lets_.end()) {
            if (!being_read_.insert(expr.text).second)
                fail("'" + expr.text + "' is made of itself");
            ExprPtr out = resolved(found->second);
            being_read_.erase(expr.text);
            return out;
        }
        if (const auto found = numbers_.find(expr.text); found != numbers_.end())
            return found->second;
        Expr out = expr;
        if (own_names.contains(expr.text))
            return std::make_shared<Expr>(out);
        if (const auto found = groups_.find(expr.text); found != groups_.end())
            out.ids = found->second;
        else if (vocabulary_.knows(expr.text))
            out.ids = {expr.text};
        else
            fail("unknown name '" + expr.text + "'");
        return finished(std::move(out));
    }

    ExprPtr resolved_choice(const Expr& expr) {
        const ExprPtr& left = expr.parts.at(0);
        if (left->kind != Kind::name)
            fail("only a name is compared with 'is'");
        if (const auto found = choices_.find(left->text); found != choices_.end()) {
            Expr out;
            out.kind = Kind::name;
            out.text = found->second == expr.text ? "true" : "false";
            return std::make_shared<Expr>(std::move(out));
        }
        if (!asked_with_is.contains(left->text))
            fail("'" + left->text + "' is nothing to be compared with 'is'");
        return std::make_shared<Expr>(expr);
    }

    /// A row is written `family/row`, which the grammar reads as a division.
    ExprPtr resolved_open(const Expr& expr) {
        const ExprPtr what = expr.argument(0);
        Expr out = expr;
        if (what != nullptr && what->kind == Kind::name)
            out.text = what->text;
        else if (what != nullptr && what->kind == Kind::divide)
            out.text = what->parts[0]->text + "/" + what->parts[1]->text;
        else
            fail("'open' takes a monitor's id");
        asked_open_.insert(out.text);
        Expr name;
        name.kind = Kind::name;
        name.text = out.text;
        out.text = "open";
        out.arguments = {{"", std::make_shared<Expr>(std::move(name))}};
        return std::make_shared<Expr>(std::move(out));
    }

    void resolve_arguments(Expr& call) {
        const auto word = words.find(call.text);
        if (word == words.end())
            fail("unknown word '" + call.text + "'");
        for (Argument& one : call.arguments) {
            if (!one.name.empty() && !word->second.contains(one.name))
                fail("'" + call.text + "' has no argument '" + one.name + "'");
            if (one.name != "same" && one.name != "route") // words of their own
                one.value = resolved(one.value);
        }
        if (call.arguments.empty())
            fail("'" + call.text + "' asks about nothing");
    }

    const Vocabulary& vocabulary_;
    Groups groups_;
    std::string place_;
    std::map<std::string, ExprPtr> lets_, numbers_;
    std::map<std::string, std::string> choices_;
    std::set<std::string> being_read_;
    Codes asked_open_;
};

std::string text_of(const toml::table& table, std::string_view key) {
    return table[key].value_or(std::string());
}

std::vector<Row> rows_of(const toml::table& table, std::string_view key, std::string_view word, Resolver& resolver) {
    std::vector<Row> rows;
    if (const toml::array* list = table[key].as_array())
        for (const toml::node& one : *list) {
            const toml::table& row = *one.as_table();
            rows.push_back({text_of(row, word), row.contains("when") ? resolver.read(text_of(row, "when")) : nullptr});
        }
    return rows;
}

/// A row's keys over the file's; `let` and `thresholds` name by name.
toml::table laid_over(toml::table file, const toml::table& row) {
    for (const auto& [key, value] : row) {
        if ((key == "let" || key == "thresholds") && file[key.str()].is_table()) {
            for (const auto& [name, one] : *value.as_table())
                file[key.str()].as_table()->insert_or_assign(name, one);
        } else {
            file.insert_or_assign(key, value);
        }
    }
    return file;
}

Monitor read_monitor(const toml::table& table, const std::string& id, const std::string& family, Resolver resolver,
                     const Settings& settings) {
    Monitor monitor;
    monitor.id = id;
    monitor.family = family;
    if (const toml::table* lets = table["let"].as_table())
        for (const auto& [name, text] : *lets)
            resolver.add_let(std::string(name.str()), text.value_or(std::string()));
    if (const toml::table* thresholds = table["thresholds"].as_table())
        for (const auto& [name, one] : *thresholds)
            resolver.add_threshold(std::string(name.str()), *one.as_table(),
                                   settings.monitor == id ? settings : Settings{});
    monitor.when = resolver.read(text_of(table, "when"));
    if (table.contains("unless"))
        monitor.unless = resolver.read(text_of(table, "unless"));
    if (table.contains("clears"))
        monitor.clears = resolver.read(text_of(table, "clears"));
    monitor.severity = rows_of(table, "severity", "level", resolver);
    monitor.tags = rows_of(table, "tags", "name", resolver);
    monitor.is_enabled = table["enabled"].value_or(true);
    monitor.asks_open = resolver.asked_open();
    return monitor;
}

std::map<std::string, std::string> settings_of(const toml::table& test) {
    std::map<std::string, std::string> out;
    if (const toml::table* set = test["set"].as_table())
        for (const auto& [name, value] : *set) {
            const auto whole = value.value_exact<std::int64_t>();
            out[std::string(name.str())] = whole ? std::to_string(*whole) : value.value_or(std::string());
        }
    return out;
}

std::optional<std::vector<std::string>> tags_of(const toml::table& test) {
    const toml::array* tags = test["tags"].as_array();
    if (tags == nullptr)
        return std::nullopt;
    std::vector<std::string> out;
    for (const toml::node& tag : *tags)
        out.push_back(tag.value_or(std::string()));
    return out;
}

void read_file(const fs::path& path, const Groups& groups, const Settings& settings, Catalogue& catalogue) {
    const toml::table file = toml::parse_file(path.string());
    const std::string id = text_of(file, "id");
    const Resolver resolver(*catalogue.vocabulary, groups, path.filename().string());
    if (const toml::array* rows = file["row"].as_array())
        for (const toml::node& one : *rows) {
            const toml::table& row = *one.as_table();
            catalogue.monitors.push_back(
                read_monitor(laid_over(file, row), id + "/" + text_of(row, "id"), id, resolver, settings));
        }
    else
        catalogue.monitors.push_back(read_monitor(file, id, id, resolver, settings));
    if (const toml::array* tests = file["test"].as_array())
        for (const toml::node& one : *tests) {
            const toml::table& test = *one.as_table();
            const std::string row = text_of(test, "row");
            catalogue.tests.push_back({row.empty() ? id : id + "/" + row, text_of(test, "name"),
                                       text_of(test, "events"), text_of(test, "expect"), test["until"].value<int>(),
                                       test["day0"].value<std::string>(), settings_of(test), tags_of(test)});
        }
}

bool is_meant(const Monitor& monitor, const Codes& asked) {
    return asked.contains(monitor.id) || asked.contains(monitor.family);
}

/// Each after those that it asks about.
void put_in_order(std::vector<Monitor>& monitors) {
    std::vector<Monitor> waiting = std::move(monitors);
    monitors.clear();
    while (!waiting.empty()) {
        const auto ready = std::find_if(waiting.begin(), waiting.end(), [&](const Monitor& one) {
            return std::none_of(waiting.begin(), waiting.end(),
                                [&](const Monitor& other) { return is_meant(other, one.asks_open); });
        });
        if (ready == waiting.end())
            throw Unreadable("monitors ask about one another in a circle: " + waiting.front().id);
        monitors.push_back(std::move(*ready));
        waiting.erase(ready);
    }
}

} // namespace

Catalogue Catalogue::only(const Codes& ids) const {
    Catalogue out = *this;
    Codes wanted = ids;
    for (std::size_t before = 0; before != wanted.size();) {
        before = wanted.size();
        for (const Monitor& one : monitors)
            if (is_meant(one, wanted))
                wanted.insert(one.asks_open.begin(), one.asks_open.end());
    }
    std::erase_if(out.monitors, [&](const Monitor& one) { return !is_meant(one, wanted); });
    for (Monitor& one : out.monitors)
        one.is_enabled = one.is_enabled || is_meant(one, ids);
    return out;
}

Catalogue read_catalogue(const fs::path& folder, const Vocabulary& vocabulary, const Settings& settings) {
    Catalogue catalogue;
    catalogue.vocabulary = &vocabulary;
    fs::path shared = folder / "_common.toml";
    if (!fs::exists(shared))
        shared = fs::path(shipped_monitors) / "_common.toml";
    const toml::table common = toml::parse_file(shared.string());
    Groups groups;
    if (const toml::table* table = common["groups"].as_table())
        for (const auto& [name, members] : *table)
            for (const toml::node& one : *members.as_array()) {
                const std::string id = one.value_or(std::string());
                if (!vocabulary.knows(id))
                    throw Unreadable("_common.toml: unknown name '" + id + "' in group '" + std::string(name.str()) +
                                     "'");
                groups[std::string(name.str())].insert(id);
            }
    Resolver resolver(vocabulary, groups, "_common.toml");
    catalogue.unless = resolver.read(text_of(common, "unless"));
    catalogue.cap = rows_of(common, "cap", "level", resolver);
    if (const toml::table* lines = common["readable"].as_table())
        for (const auto& [analyte, line] : *lines)
            catalogue.readable[std::string(analyte.str())] = resolver.read(line.value_or(std::string()));

    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().extension() == ".toml" && entry.path().filename() != "_common.toml")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files)
        read_file(file, groups, settings, catalogue);
    for (const Monitor& one : catalogue.monitors)
        for (const std::string& asked : one.asks_open)
            if (std::none_of(catalogue.monitors.begin(), catalogue.monitors.end(),
                             [&](const Monitor& other) { return other.id == asked || other.family == asked; }))
                throw Unreadable(one.id + ": no monitor '" + asked + "'");
    put_in_order(catalogue.monitors);
    return catalogue;
}

ExprPtr read_expression(const std::string& text, const Vocabulary& vocabulary) {
    return Resolver(vocabulary, {}, "expression").read(text);
}

const Catalogue& shipped_catalogue() {
    static const Catalogue shipped = read_catalogue(shipped_monitors, shipped_vocabulary());
    return shipped;
}

} // namespace bonewatch::reference
