#pragma once

#include "tests/reference/exposure.h"

namespace bonewatch::reference {

/// The reference's own small table of drugs: what the twelve monitors ask about and no more.
[[nodiscard]] Days gap_of_class(const std::string& drug_class);
[[nodiscard]] bool is_in_class(const std::string& drug, model::Route route, const Codes& classes);
/// Of its class's reference drug; the amount itself where the class has none.
[[nodiscard]] Units equivalent_of(const std::string& drug, const model::Rational& milligrams);
/// How long a single dose covers; nothing for drugs that are taken daily.
[[nodiscard]] Days days_covered_by(const model::AdministrationEvent& given);
/// A supply or single dose of a drug of the classes by a route that counts, or a stop of such a drug.
[[nodiscard]] bool concerns_class(const model::Event& event, const Codes& classes);

} // namespace bonewatch::reference
