#pragma once

#include "monitors/view.h"

namespace bonewatch::monitors {

/// The evidence of what came out as `wanted`, clause by clause; a clause that came out otherwise proves nothing.
void gather_evidence(const Clause& clause, Truth wanted, std::vector<FactPtr>& out);

/// The half sentences of the clauses that came out as `wanted`, outermost first, each once.
[[nodiscard]] std::vector<std::string> details_of(const Clause& clause, Truth wanted);

/// Adds what stayed unknown, for a person, and which facts were met and not used.
void add_not_known(const Clause& clause, std::string& out);

[[nodiscard]] std::string joined(const std::vector<std::string>& sentences);

} // namespace bonewatch::monitors
