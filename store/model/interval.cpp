#include "store/model/interval.h"

#include <utility>

namespace bonewatch::model {

namespace {

/// Every value of `a` is below every value of `b`.
bool all_below(const ValueInterval& a, const ValueInterval& b) {
    if (!a.high || !b.low)
        return false;
    return a.high->value < b.low->value || (a.high->value == b.low->value && (a.high->is_open || b.low->is_open));
}

/// Every value of `a` is below or equal to every value of `b`.
bool all_at_most(const ValueInterval& a, const ValueInterval& b) {
    return a.high && b.low && a.high->value <= b.low->value;
}

Truth decided(bool all, bool none) {
    return all ? Truth::yes : none ? Truth::no : Truth::unknown;
}

Truth negated(Truth value) {
    return value == Truth::yes ? Truth::no : value == Truth::no ? Truth::yes : Truth::unknown;
}

std::optional<Bound> sum(const std::optional<Bound>& a, const std::optional<Bound>& b) {
    const auto value = a && b ? Rational::checked_sum(a->value, b->value) : std::nullopt;
    return value ? std::optional(Bound{*value, a->is_open || b->is_open}) : std::nullopt;
}

std::optional<Bound> scaled(const std::optional<Bound>& a, const Rational& factor) {
    const auto value = a ? Rational::checked_product(a->value, factor) : std::nullopt;
    return value ? std::optional(Bound{*value, a->is_open}) : std::nullopt;
}

} // namespace

Truth compare(const ValueInterval& value, Comparison comparison, const ValueInterval& other) {
    switch (comparison) {
    case Comparison::less:
        return decided(all_below(value, other), all_at_most(other, value));
    case Comparison::less_equal:
        return decided(all_at_most(value, other), all_below(other, value));
    case Comparison::greater:
        return compare(other, Comparison::less, value);
    case Comparison::greater_equal:
        return compare(other, Comparison::less_equal, value);
    case Comparison::equal:
        return decided(value.is_exact() && value == other, all_below(value, other) || all_below(other, value));
    case Comparison::not_equal:
        return negated(compare(value, Comparison::equal, other));
    }
    return Truth::unknown;
}

std::string to_text(const ValueInterval& value) {
    if (value.is_exact())
        return to_text(value.low->value);
    const bool from_zero = value.low && value.low->value.is_zero() && !value.low->is_open;
    if (value.high && (!value.low || from_zero))
        return (value.high->is_open ? "<" : "<=") + to_text(value.high->value);
    if (value.low && !value.high)
        return (value.low->is_open ? ">" : ">=") + to_text(value.low->value);
    if (!value.low)
        return "any value";
    return to_text(value.low->value) + " to " + to_text(value.high->value);
}

ValueInterval hull_of(const ValueInterval& a, const ValueInterval& b) {
    ValueInterval out;
    if (a.low && b.low)
        out.low = a.low->value < b.low->value ? a.low : b.low;
    if (a.high && b.high)
        out.high = a.high->value < b.high->value ? b.high : a.high;
    return out;
}

ValueInterval operator+(const ValueInterval& a, const ValueInterval& b) {
    return {sum(a.low, b.low), sum(a.high, b.high)};
}

ValueInterval operator-(const ValueInterval& a, const ValueInterval& b) {
    return a + b * Rational(-1);
}

ValueInterval operator*(const ValueInterval& a, const Rational& factor) {
    ValueInterval product{scaled(a.low, factor), scaled(a.high, factor)};
    if (factor < Rational(0))
        std::swap(product.low, product.high);
    return product;
}

} // namespace bonewatch::model
