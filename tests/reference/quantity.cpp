#include "tests/reference/quantity.h"

#include <algorithm>

namespace bonewatch::reference {

using model::Bound;
using model::Rational;
using model::ValueInterval;

ValueInterval unbounded() {
    return {std::nullopt, std::nullopt};
}
Quantity nothing(UnitText unit) {
    return {{}, std::move(unit)};
}
Quantity anything(UnitText unit) {
    return single({unbounded(), true, nullptr}, std::move(unit));
}
Quantity exactly(Rational value, UnitText unit) {
    return single({ValueInterval::exactly(value), false, nullptr}, std::move(unit));
}
Quantity single(Possible value, UnitText unit) {
    return {{value}, std::move(unit)};
}

namespace {

std::optional<Bound> wider(const std::optional<Bound>& a, const std::optional<Bound>& b, bool is_low) {
    if (!a || !b)
        return std::nullopt;
    if (a->value == b->value)
        return Bound{a->value, a->is_open && b->is_open};
    return (a->value < b->value) == is_low ? a : b;
}

Possible either_of(const Possible& a, const Possible& b) {
    if (!a.value || !b.value)
        return {a.value ? a.value : b.value, true, nullptr};
    return {hull(*a.value, *b.value), a.may_be_nothing || b.may_be_nothing, nullptr};
}

/// Everything in it, as one value.
Possible all_of(const Quantity& a) {
    if (a.each.empty())
        return {std::nullopt, true, nullptr};
    Possible out = a.each.front();
    for (const Possible& one : a.each)
        out = either_of(out, one);
    return out;
}

} // namespace

ValueInterval hull(const ValueInterval& a, const ValueInterval& b) {
    return {wider(a.low, b.low, true), wider(a.high, b.high, false)};
}

Quantity either_of(const Vocabulary& vocabulary, const Quantity& a, const Quantity& b) {
    Quantity left = a;
    Quantity right = b;
    reconcile(vocabulary, left, right, false);
    if (left.each == right.each)
        return left;
    return single(either_of(all_of(left), all_of(right)), left.unit);
}

namespace {

const UnitRow& row_of(const Vocabulary& vocabulary, const UnitText& analyte, const UnitText& unit) {
    const Analyte* found = vocabulary.analyte(analyte.substr(1));
    if (found != nullptr)
        if (const auto row = found->units.find(unit); row != found->units.end())
            return row->second;
    throw Unreadable("'" + unit + "' is no unit of " + analyte.substr(1));
}

void convert(const Vocabulary& vocabulary, Quantity& one, const UnitText& analyte, bool as_difference) {
    const UnitRow& row = row_of(vocabulary, analyte, one.unit);
    for (Possible& each : one.each)
        if (each.value) {
            each.value = *each.value * row.factor;
            if (!as_difference)
                each.value = *each.value + ValueInterval::exactly(row.offset);
        }
    one.unit = analyte;
}

bool is_of_analyte(const UnitText& unit) {
    return unit.starts_with('@');
}

} // namespace

void reconcile(const Vocabulary& vocabulary, Quantity& a, Quantity& b, bool as_difference) {
    if (a.unit == b.unit)
        return;
    if (is_of_analyte(a.unit) && !is_of_analyte(b.unit))
        return convert(vocabulary, b, a.unit, as_difference);
    if (is_of_analyte(b.unit) && !is_of_analyte(a.unit))
        return convert(vocabulary, a, b.unit, as_difference);
    throw Unreadable("'" + a.unit + "' and '" + b.unit + "' cannot be compared");
}

Quantity sum(const Vocabulary& vocabulary, Quantity a, Quantity b, bool subtract) {
    reconcile(vocabulary, a, b, true);
    Quantity out{{}, a.unit};
    for (const Possible& left : a.each)
        for (const Possible& right : b.each) {
            Possible both{std::nullopt, left.may_be_nothing || right.may_be_nothing, nullptr};
            if (left.value && right.value)
                both.value = subtract ? *left.value - *right.value : *left.value + *right.value;
            out.each.push_back(both);
        }
    return out;
}

Quantity product(const Quantity& a, const Quantity& b) {
    if (!a.unit.empty() && !b.unit.empty())
        throw Unreadable("'" + a.unit + "' times '" + b.unit + "'");
    Quantity out{{}, a.unit.empty() ? b.unit : a.unit};
    for (const Possible& left : a.each)
        for (const Possible& right : b.each) {
            Possible both{std::nullopt, left.may_be_nothing || right.may_be_nothing, nullptr};
            if (left.value && right.value)
                both.value = right.value->is_exact()  ? *left.value * right.value->low->value
                             : left.value->is_exact() ? *right.value * left.value->low->value
                                                      : unbounded();
            out.each.push_back(both);
        }
    return out;
}

Quantity quotient(const Vocabulary& vocabulary, Quantity a, Quantity b) {
    const bool is_ratio = !b.unit.empty();
    if (is_ratio)
        reconcile(vocabulary, a, b, false);
    Quantity out{{}, is_ratio ? "" : a.unit};
    for (const Possible& left : a.each)
        for (const Possible& right : b.each) {
            Possible both{std::nullopt, left.may_be_nothing || right.may_be_nothing, nullptr};
            if (left.value && right.value)
                both.value = right.value->is_exact() && !right.value->low->value.is_zero()
                                 ? *left.value * (Rational(1) / right.value->low->value)
                                 : unbounded();
            out.each.push_back(both);
        }
    return out;
}

Truth compared(const Possible& a, model::Comparison comparison, const Possible& b) {
    if (!a.value || !b.value)
        return Truth::no;
    const Truth answer = model::compare(*a.value, comparison, *b.value);
    return a.may_be_nothing || b.may_be_nothing ? at_most_unknown(answer) : answer;
}

Truth compared(const Vocabulary& vocabulary, Quantity a, model::Comparison comparison, Quantity b, Rule rule) {
    reconcile(vocabulary, a, b, false);
    std::optional<Truth> answer;
    for (const Possible& left : a.each)
        for (const Possible& right : b.each) {
            const Truth one = compared(left, comparison, right);
            answer = !answer ? one : rule == Rule::any ? either(*answer, one) : both(*answer, one);
        }
    return answer.value_or(Truth::no);
}

} // namespace bonewatch::reference
