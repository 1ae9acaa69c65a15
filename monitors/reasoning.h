#pragma once

#include "monitors/view.h"

namespace bonewatch::monitors {

/// The evidence of what came out as `wanted`, clause by clause; a clause that came out otherwise proves nothing.
void gather_evidence(const Clause& clause, Truth wanted, std::vector<FactPtr>& out);

/// The half sentences of the clauses that came out as `wanted`, outermost first, each once; one that is the beginning
/// of another is left out.
[[nodiscard]] std::vector<std::string> details_of(const Clause& clause, Truth wanted);

/// The half sentences of the clauses by which an answer turned: those that came out otherwise `before`. Both are
/// answers of one expression.
[[nodiscard]] std::vector<std::string> details_of_turn(const Clause& before, const Clause& after);

/// Adds what stayed unknown, for a person, and which facts were met and not used.
void add_not_known(const Clause& clause, const config::Vocabulary& vocabulary, std::string& out);

[[nodiscard]] std::string joined(const std::vector<std::string>& sentences);

} // namespace bonewatch::monitors
