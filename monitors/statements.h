#pragma once

#include "monitors/clauses.h"

#include <expected>
#include <map>
#include <string>
#include <vector>

namespace bonewatch::monitors {

/// One statement of a guideline, or a choice made where guidelines are silent, and what carries it.
struct Statement {
    std::string id, says, source;
    std::string basis;              ///< How it was read, as a threshold's `basis`: V, V2, SEED, GK, ENG.
    std::vector<std::string> lines; ///< Ids of the lines of the seed article that it takes up.
    /// By monitor, family or `_common`: its keys (`when`, `tags`, …) and thresholds that come from the statement.
    std::map<std::string, std::vector<std::string>> carried;
    std::string place;
};

/// A small change that no timeline can notice, and why.
struct Unnoticed {
    std::string monitor; ///< Or `_common`.
    std::string part;    ///< The clause as written, or a threshold's name.
    std::string change;  ///< `true`, `false`, `lower`, `higher` or a choice.
    std::string why;
    std::string place;
};

/// `config/statements.toml`: why the monitors watch for what they watch.
struct Statements {
    std::map<std::string, std::string> lines;     ///< Of the seed article, in a few words, by id.
    std::map<std::string, std::string> elsewhere; ///< Lines that no monitor can carry: where they went instead.
    std::vector<Statement> statements;            ///< In the file's order.
    std::vector<Unnoticed> unnoticed;
};

/// Fails with every problem of the file: unknown keys, missing ones, wrong types, an unknown basis.
[[nodiscard]] std::expected<Statements, std::vector<model::Error>> read_statements(const std::string& file,
                                                                                   const std::string& text);

/// What does not hold between statements and monitors, a sentence each. Every statement has a monitor and names keys
/// and thresholds that it has; every monitor has a statement; each of its keys and thresholds comes from one, a
/// threshold from one of its own basis; every line of the seed is taken up by a statement or went elsewhere.
[[nodiscard]] std::vector<std::string> mismatches(const Statements& statements, const Definitions& definitions);

/// The keys of a monitor that say something true or false: `when`, `unless`, `clears`, `severity`, `tags`.
[[nodiscard]] std::vector<std::string> keys_of(const Definition& definition);

/// Whether a statement carried by `name` is carried by this monitor: by itself or as a row of the family.
[[nodiscard]] bool names(const std::string& name, const Definition& definition);

} // namespace bonewatch::monitors
