#pragma once

#include "tests/reference/expression.h"
#include "tests/reference/vocabulary.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bonewatch::reference {

/// A row of `severity`, `cap` or `tags`.
struct Row {
    std::string word; ///< The level, or the tag's name.
    ExprPtr when;     ///< None: always.
};

/// One monitor, or one row of a family. Thresholds and lets are put in where they are used.
struct Monitor {
    std::string id;
    std::string family;           ///< The file's id: of a row, what `open` names all of them by.
    ExprPtr when, unless, clears; ///< The last two may be missing.
    std::vector<Row> severity;
    std::vector<Row> tags;
    bool is_enabled = true;
    Codes asks_open; ///< Monitors and families whose `open` it asks.
};

/// A `[[test]]` table of a monitor's file.
struct TimelineTest {
    std::string monitor;
    std::string name;
    std::string events, expect;
    std::optional<int> until;
    std::optional<std::string> day0;
    std::map<std::string, std::string> set;       ///< Thresholds that it runs with.
    std::optional<std::vector<std::string>> tags; ///< Of the alert at the end; not looked at where it says none.
};

/// Every monitor of a folder, each after those whose `open` it asks, and what `_common.toml` says of all.
struct Catalogue {
    const Vocabulary* vocabulary = nullptr;
    std::vector<Monitor> monitors;
    ExprPtr unless;
    std::vector<Row> cap;
    std::map<std::string, ExprPtr> readable; ///< By analyte.
    std::vector<TimelineTest> tests;

    /// Those monitors and what they depend on; those named are enabled.
    [[nodiscard]] Catalogue only(const Codes& ids) const;
};

/// Other values of a monitor's thresholds.
struct Settings {
    std::string monitor;
    std::map<std::string, std::string> values;
};

/// Reads every .toml below `folder`; without a `_common.toml` of its own, the shipped one. Throws Unreadable (or
/// toml::parse_error) for what is no monitor: an unknown word, argument, name or key in an expression.
[[nodiscard]] Catalogue read_catalogue(const std::filesystem::path& folder, const Vocabulary& vocabulary,
                                       const Settings& settings = {});

/// One expression, without lets, thresholds or groups. Throws Unreadable.
[[nodiscard]] ExprPtr read_expression(const std::string& text, const Vocabulary& vocabulary);

/// What the product ships with.
[[nodiscard]] const Catalogue& shipped_catalogue();

} // namespace bonewatch::reference
