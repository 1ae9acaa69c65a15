#pragma once

#include "monitors/view.h"

#include <string>
#include <vector>

namespace bonewatch::monitors {

/// Kleene's and, or, not, and at least n of. Their next change is sound and not wasteful: a false `and` can only turn
/// once all of its false operands could have, so the greatest of theirs counts.
[[nodiscard]] TruthPtr make_and(std::vector<TruthPtr> operands);
[[nodiscard]] TruthPtr make_or(std::vector<TruthPtr> operands);
[[nodiscard]] TruthPtr make_not(TruthPtr operand);
struct Weighted {
    Rational weight; ///< Positive.
    TruthPtr truth;
};
/// The weights of the true ones reach `n`.
[[nodiscard]] TruthPtr make_at_least(Rational n, std::vector<Weighted> operands);
[[nodiscard]] TruthPtr make_constant(bool value);
[[nodiscard]] TruthPtr make_if(TruthPtr condition, TruthPtr then, TruthPtr otherwise);
/// What is said from a date that is only partly known: the same from its first day and from its last, or unknown.
[[nodiscard]] TruthPtr make_agreed(TruthPtr expression);
/// The left one where it is definite, else the right one.
[[nodiscard]] TruthPtr make_otherwise(TruthPtr left, TruthPtr right);

/// Compares two numbers. Nothing on either side: false. Several results of one date: any of them, or with `needs_all`
/// (in `clears`) all of them. `unit` is what the numbers are shown in.
[[nodiscard]] TruthPtr make_compare(QuantityPtr left, model::Comparison comparison, QuantityPtr right, bool needs_all);
/// Compares two dates; false where one does not exist.
[[nodiscard]] TruthPtr make_compare_dates(DatePtr left, model::Comparison comparison, DatePtr right);
/// X as it was on a date, or as it will be on one ahead if nothing arrives: everything in it is evaluated with that
/// date as the reference. False, or nothing, where the date does not exist.
[[nodiscard]] TruthPtr make_at(DatePtr date, TruthPtr expression);
[[nodiscard]] QuantityPtr make_at(DatePtr date, QuantityPtr expression);

[[nodiscard]] QuantityPtr make_constant(model::ValueInterval value);
[[nodiscard]] QuantityPtr make_sum(QuantityPtr left, QuantityPtr right, bool is_difference);
/// A number times a constant.
[[nodiscard]] QuantityPtr make_scaled(QuantityPtr operand, Rational factor);
[[nodiscard]] QuantityPtr make_otherwise(QuantityPtr left, QuantityPtr right);
[[nodiscard]] QuantityPtr make_if(TruthPtr condition, QuantityPtr then, QuantityPtr otherwise);

[[nodiscard]] DatePtr make_now();
/// The date on which the present episode opened.
[[nodiscard]] DatePtr make_raised();
[[nodiscard]] DatePtr make_constant(Date date);
[[nodiscard]] DatePtr make_shifted(DatePtr operand, Span span, bool is_back);

} // namespace bonewatch::monitors
