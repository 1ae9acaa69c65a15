#pragma once

#include "tests/reference/view.h"

#include <optional>
#include <string>
#include <vector>

namespace bonewatch::reference {

/// How several answers of one question are joined: any of them where an opening is weighed, all of them in `clears`.
enum class Rule { any, all };

/// Every value that a quantity may have. Definite is only what holds for all of them.
struct Possible {
    std::optional<model::ValueInterval> value; ///< None: certainly nothing.
    bool may_be_nothing = false;               ///< There may be none besides.
    const Sample* sample = nullptr;            ///< Whose value it is.
    friend bool operator==(const Possible&, const Possible&) = default;
};

/// What a quantity's numbers count: `@tsh` is the analyte's canonical unit, `mg` doses, `y` ages, `` plain numbers,
/// anything else a unit as written.
using UnitText = std::string;

/// One value for each result of the newest day; a single one for everything else. Empty: nothing.
struct Quantity {
    std::vector<Possible> each;
    UnitText unit;
};

[[nodiscard]] model::ValueInterval unbounded();
[[nodiscard]] Quantity nothing(UnitText unit);
[[nodiscard]] Quantity anything(UnitText unit); ///< Unknown: any value, or none.
[[nodiscard]] Quantity exactly(model::Rational value, UnitText unit);
[[nodiscard]] Quantity single(Possible value, UnitText unit);

/// The least interval that holds both; no end where one has none.
[[nodiscard]] model::ValueInterval hull(const model::ValueInterval& a, const model::ValueInterval& b);
/// Everything that either may be.
[[nodiscard]] Quantity either_of(const Vocabulary& vocabulary, const Quantity& a, const Quantity& b);

/// Brings both to one unit. Throws Unreadable where there is none.
void reconcile(const Vocabulary& vocabulary, Quantity& a, Quantity& b, bool as_difference);

[[nodiscard]] Quantity sum(const Vocabulary& vocabulary, Quantity a, Quantity b, bool subtract);
[[nodiscard]] Quantity product(const Quantity& a, const Quantity& b);
[[nodiscard]] Quantity quotient(const Vocabulary& vocabulary, Quantity a, Quantity b);

/// Nothing there supports no comparison.
[[nodiscard]] Truth compared(const Possible& a, model::Comparison comparison, const Possible& b);
[[nodiscard]] Truth compared(const Vocabulary& vocabulary, Quantity a, model::Comparison comparison, Quantity b,
                             Rule rule);

} // namespace bonewatch::reference
