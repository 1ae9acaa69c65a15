#include "daemon/small_changes.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>

namespace bonewatch::daemon {

namespace {

constexpr std::int64_t age_years_min = 18;

/// A decimal as written: `0.10` is 10 of 2 decimals.
struct Decimal {
    std::int64_t digits = 0;
    int decimals = 0;
};

Decimal read_decimal(std::string text) {
    Decimal out;
    if (const auto point = text.find('.'); point != std::string::npos) {
        out.decimals = static_cast<int>(text.size() - point - 1);
        text.erase(point, 1);
    }
    std::from_chars(text.data(), text.data() + text.size(), out.digits);
    return out;
}

std::string to_text(const Decimal& number) {
    std::string text = std::to_string(std::abs(number.digits));
    const auto decimals = static_cast<std::size_t>(number.decimals);
    if (text.size() <= decimals)
        text.insert(0, decimals + 1 - text.size(), '0');
    if (decimals > 0)
        text.insert(text.size() - decimals, ".");
    return (number.digits < 0 ? "-" : "") + text;
}

/// The number and unit in which one step is one digit.
std::pair<Decimal, std::string> in_steps(const std::string& literal) {
    const auto space = literal.find(' ');
    std::string unit = space == std::string::npos ? "" : literal.substr(space);
    Decimal number = read_decimal(literal.substr(0, space));
    const bool is_whole = number.decimals == 0 && (unit.empty() || unit == " d" || unit == " mo" || unit == " y");
    if (unit == " y" && number.digits < age_years_min) {
        number.digits *= 12;
        unit = " mo";
    }
    if (!is_whole && std::abs(number.digits) < 10) {
        number.digits *= 10;
        ++number.decimals;
    }
    return {number, unit};
}

/// Replaces the first `name = LITERAL` from `begin` on, where the literal is `from`.
void move_limit(std::string& text, std::size_t begin, const std::string& name, const SmallChange& change) {
    const std::size_t end = text.find('\n', begin);
    for (const std::string quote : {"\"", ""}) {
        const std::string written = name + " = " + quote + change.from + (quote.empty() ? "," : quote);
        const std::size_t at = text.find(written, begin);
        if (at == std::string::npos || at >= end)
            continue;
        text.replace(at + name.size() + 3 + quote.size(), change.from.size(), change.to);
        return;
    }
}

} // namespace

std::vector<SmallChange> changes_of(const monitors::AtomicClause& clause) {
    return {{"true", clause.place, clause.text, "(" + clause.text + " or true)"},
            {"false", clause.place, clause.text, "(" + clause.text + " and false)"}};
}

std::vector<SmallChange> changes_of(const monitors::Threshold& threshold) {
    const std::string& literal = threshold.value.text;
    std::vector<SmallChange> out;
    for (const std::string& choice : threshold.choices)
        if (choice != literal)
            out.push_back({choice, threshold.value.place, literal, choice});
    if (!threshold.choices.empty())
        return out;
    for (const auto& [name, step] : {std::pair{"lower", -1}, std::pair{"higher", 1}}) {
        auto [number, unit] = in_steps(literal);
        number.digits += step;
        out.push_back({name, threshold.value.place, literal, to_text(number) + unit});
    }
    return out;
}

model::Result<config::Files> with_change(config::Files files, const SmallChange& change) {
    std::string& text = files[change.place.file];
    std::size_t at = 0;
    for (unsigned line = 1; line < change.place.line && at != std::string::npos; ++line)
        at = text.find('\n', at) + 1;
    at += change.place.column - 1;
    if (at > text.size() || text.compare(at, change.from.size(), change.from) != 0)
        return model::fail(model::ErrorKind::config, "not_there", "'" + change.from + "' is not written here",
                           to_text(change.place));
    text.replace(at, change.from.size(), change.to);
    if (change.name == "lower")
        move_limit(text, at, "min", change);
    if (change.name == "higher")
        move_limit(text, at, "max", change);
    return files;
}

config::Files ChangedFiles::read_by(const monitors::Definition& monitor) const {
    const auto& monitors = revision_.catalogue->monitors();
    const auto& definitions = revision_.catalogue->definitions().monitors;
    std::set<std::string> wanted{monitor.file};
    std::vector<std::size_t> ahead;
    for (std::size_t i = 0; i < definitions.size(); ++i)
        if (definitions[i].file == monitor.file)
            ahead.push_back(i);
    while (!ahead.empty()) {
        const std::size_t at = ahead.back();
        ahead.pop_back();
        for (const std::size_t other : monitors[at].reads.monitors)
            if (wanted.insert(definitions[other].file).second)
                for (std::size_t i = 0; i < definitions.size(); ++i)
                    if (definitions[i].file == definitions[other].file)
                        ahead.push_back(i);
    }
    config::Files out;
    for (const auto& [path, text] : revision_.files)
        if (path.starts_with("vocabulary/") || path.ends_with("/_common.toml") || wanted.contains(path))
            out[path] = text;
    return out;
}

model::Result<std::optional<std::string>> ChangedFiles::noticed_by(const monitors::Definition& monitor,
                                                                   const SmallChange& change) const {
    auto files = with_change(read_by(monitor), change);
    if (!files)
        return std::unexpected(files.error());
    if (auto loaded = Revision::load(*files, revision_.settle); !loaded)
        return std::unexpected(loaded.error().front());
    MonitorTests tests(std::move(*files), revision_.settle);
    for (const monitors::Definition::Test& test : monitor.tests) {
        const MonitorTestOutcome outcome = tests.run(monitor.id, test);
        if (outcome.trouble.empty() && outcome.told != outcome.expected)
            return test.name;
    }
    return std::nullopt;
}

} // namespace bonewatch::daemon
