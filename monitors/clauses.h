#pragma once

#include "monitors/definition.h"

#include <string>
#include <vector>

namespace bonewatch::monitors {

/// A smallest part of a monitor's expressions that is true or false by itself: what stands between and, or, not, if,
/// otherwise and at_least, in `where:` and in the condition on samples that `sustained`, `run` and `result` begin with.
/// `known(t1dm)`, `latest(tsh) < low`, `sustained(tsh < low, results: 2)`.
struct AtomicClause {
    std::vector<std::string> keys; ///< Whose answer it is part of: `when`, `severity urgent`, `tag lapsed`, …
    std::string let;               ///< The name under which it is written; empty where it stands in the key itself.
    std::string text;              ///< As written.
    Place place;                   ///< Of its first character.
};

/// The clauses of a monitor in the order of its keys, each place once; what a `let` writes is found where it is used.
/// The texts must parse: those of definitions that compiled do.
[[nodiscard]] std::vector<AtomicClause> atomic_clauses(const Definition& definition);

/// Those of `_common.toml`: `unless`, `cap LEVEL`, `readable ANALYTE`.
[[nodiscard]] std::vector<AtomicClause> atomic_clauses(const Common& common);

} // namespace bonewatch::monitors
