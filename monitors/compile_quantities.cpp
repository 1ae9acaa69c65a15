#include "monitors/compile.h"

#include "config/nearest.h"
#include "monitors/logic.h"

#include <algorithm>
#include <map>

namespace bonewatch::monitors {

using model::Result;

Result<QuantityPtr> Compiler::compile_quantity(const Expr& written, const Type& wanted) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    const auto with_source = [&](Result<QuantityPtr> node) {
        if (node)
            (*node)->source = written.source;
        return node;
    };
    if (expr.kind == Expr::Kind::call || expr.kind == Expr::Kind::name)
        if (auto ok = check_dimension(expr, wanted); !ok)
            return std::unexpected(ok.error());
    switch (expr.kind) {
    case Expr::Kind::quantity:
        return with_source(compile_literal(expr, wanted));
    case Expr::Kind::name:
        if (expr.text == "age")
            return with_source(make_age());
        if (sample_ && (expr.text == "value" || expr.text == sample_->text))
            return with_source(make_sample_value(*sample_, SampleValue::value));
        if (sample_ && expr.text == "normal_low")
            return with_source(make_sample_value(*sample_, SampleValue::normal_low));
        if (sample_ && expr.text == "normal_high")
            return with_source(make_sample_value(*sample_, SampleValue::normal_high));
        break;
    case Expr::Kind::call:
        return with_source(compile_quantity_call(expr, wanted));
    case Expr::Kind::product:
        return with_source(compile_product(expr, wanted));
    case Expr::Kind::sum:
    case Expr::Kind::otherwise: {
        auto left = compile_quantity(expr.children[0], wanted);
        if (!left)
            return left;
        Type added = wanted; // What is added to a value is a difference.
        const auto second = resolved(expr.children[1]);
        added.is_difference =
            wanted.is_difference || (expr.kind == Expr::Kind::sum && second && second->kind == Expr::Kind::quantity);
        auto right = compile_quantity(expr.children[1], added);
        if (!right)
            return right;
        return with_source(expr.kind == Expr::Kind::sum
                               ? make_sum(std::move(*left), std::move(*right), expr.text == "-")
                               : make_otherwise(std::move(*left), std::move(*right)));
    }
    case Expr::Kind::if_: {
        auto condition = compile_truth(expr.children[0]);
        if (!condition)
            return std::unexpected(condition.error());
        auto then = compile_quantity(expr.children[1], wanted);
        if (!then)
            return then;
        auto otherwise = compile_quantity(expr.children[2], wanted);
        if (!otherwise)
            return otherwise;
        return with_source(make_if(std::move(*condition), std::move(*then), std::move(*otherwise)));
    }
    default:
        break;
    }
    if (expr.kind == Expr::Kind::name)
        return unknown_name(expr, expr.text, "a quantity");
    return problem(expr, "expected a quantity, found '" + expr.source + "'");
}

/// One side is a plain number, a number times a unit (`age / 1 y * 1 mm/h`), or a quantity over its own unit.
Result<QuantityPtr> Compiler::compile_product(const Expr& expr, const Type& wanted) {
    const bool divides = expr.text == "/";
    for (const auto& [factor_at, other_at] : {std::pair{0u, 1u}, std::pair{1u, 0u}}) {
        auto factor = resolved(expr.children[factor_at]);
        if (!factor)
            return std::unexpected(factor.error());
        if (factor->kind != Expr::Kind::quantity || (divides && factor_at == 0))
            continue;
        Type factor_type{Kind::number, {}};
        Type other_type = wanted;
        if (!factor->unit.empty() && divides) {
            auto divided = type_of(expr.children[other_at]);
            if (!divided)
                return std::unexpected(divided.error());
            factor_type = other_type = *divided;
        } else if (!factor->unit.empty()) {
            factor_type = wanted;
            other_type = {Kind::number, {}};
        }
        auto number = literal_value(*factor, factor_type);
        if (!number)
            return std::unexpected(number.error());
        if (number->is_zero())
            return problem(*factor, "expected a number other than 0, found '" + factor->source + "'");
        auto other = compile_quantity(expr.children[other_at], other_type);
        if (!other)
            return other;
        return make_scaled(std::move(*other), divides ? Rational(1) / *number : *number);
    }
    return problem(expr, "one side of '" + expr.text + "' must be a plain number, or a number with its unit");
}

Result<QuantityPtr> Compiler::compile_literal(const Expr& expr, const Type& wanted) {
    auto value = literal_value(expr, wanted);
    if (!value)
        return std::unexpected(value.error());
    return make_constant(model::ValueInterval::exactly(*value));
}

Result<Rational> Compiler::literal_value(const Expr& written, const Type& wanted) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    const auto number = model::parse_decimal(expr.kind == Expr::Kind::quantity ? expr.text : "");
    const auto expected = [&](const std::string& what) {
        return problem(expr, "expected " + what + ", found '" + expr.source + "'");
    };
    if (!number)
        return expected("a number");
    switch (wanted.kind) {
    case Kind::value: {
        const config::Analyte& analyte = *vocabulary_.analyte(wanted.analyte);
        const std::string unit = expr.unit.empty() && analyte.unit == "1" ? "1" : expr.unit;
        if (wanted.is_difference)
            return difference_value(expr, *number, analyte, unit);
        const auto converted = vocabulary_.convert(analyte, model::ValueInterval::exactly(*number), unit);
        if (!converted || !converted->value.is_exact())
            return problem(expr, "expected a value of " + analyte.id.text + " in " + analyte.unit + ", found '" +
                                     expr.source + "'" + (converted ? "" : ": " + converted.error().message));
        return converted->value.low->value;
    }
    case Kind::dose: {
        auto dose = compile_dose(expr);
        if (!dose)
            return std::unexpected(dose.error());
        return dose->amount;
    }
    case Kind::percent:
        return expr.unit == "%" ? Result<Rational>(*number) : expected("a percentage, as 5 %");
    case Kind::years:
        return expr.unit == "y" ? Result<Rational>(*number) : expected("an age in y");
    case Kind::number:
        return expr.unit.empty() ? Result<Rational>(*number) : expected("a plain number");
    default:
        return expected("a quantity");
    }
}

/// A difference has no plausible range of its own, and an offset unit (HbA1c in %) does not measure it.
Result<Rational> Compiler::difference_value(const Expr& expr, const Rational& number, const config::Analyte& analyte,
                                            const std::string& unit) const {
    for (const config::UnitConversion& conversion : analyte.conversions)
        if (conversion.unit == config::normalised_unit(unit) && conversion.offset.is_zero())
            if (const auto value = Rational::checked_product(number, conversion.factor))
                return *value;
    return problem(expr, "expected a difference of " + analyte.id.text + " in " + analyte.unit + ", found '" +
                             expr.source + "'");
}

Result<QuantityPtr> Compiler::compile_quantity_call(const Expr& expr, const Type& wanted) {
    static const std::map<std::string, Result<QuantityPtr> (Compiler::*)(const Expr&)> questions{
        {"latest", &Compiler::compile_latest},
        {"average_dose", &Compiler::compile_window_dose},
        {"total_dose", &Compiler::compile_window_dose},
        {"count", &Compiler::compile_count},
        {"drop", &Compiler::compile_change},
        {"rise", &Compiler::compile_change},
        {"drop_percent", &Compiler::compile_change},
        {"rise_percent", &Compiler::compile_change},
        {"trend", &Compiler::compile_trend}};
    if (const auto question = questions.find(expr.text); question != questions.end())
        return (this->*question->second)(expr);
    if (expr.text != "at")
        return problem(expr, "'" + expr.text + "' is not a quantity");
    if (auto ok = check_arguments(expr, 2); !ok)
        return std::unexpected(ok.error());
    auto date = compile_date(expr.children[0]);
    if (!date)
        return std::unexpected(date.error());
    auto inner = compile_quantity(expr.children[1], wanted);
    if (!inner)
        return inner;
    return make_at(std::move(*date), std::move(*inner));
}

Result<QuantityPtr> Compiler::compile_latest(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    auto analyte = series_of(expr.children[0]);
    if (!analyte)
        return std::unexpected(analyte.error());
    auto window = compile_window(expr);
    if (!window)
        return std::unexpected(window.error());
    auto where = where_argument(expr, *analyte);
    if (!where)
        return std::unexpected(where.error());
    reads_analyte(*analyte);
    return make_latest(*analyte, std::move(*window), std::move(*where));
}

Result<QuantityPtr> Compiler::compile_window_dose(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    const bool is_average = expr.text == "average_dose";
    const Expr* length = argument(expr, is_average ? "over" : "within");
    if (length == nullptr)
        return problem(expr, "'" + expr.text + "' needs '" + (is_average ? "over" : "within") + ":'");
    auto span = compile_span(*length);
    if (!span)
        return std::unexpected(span.error());
    if (span->months != 0 || span->days < 1)
        return problem(*length, "a sum of doses counts dates: give its length in d");
    auto set = exposure_argument(expr);
    if (!set)
        return std::unexpected(set.error());
    return is_average ? make_average_dose(*set, *span) : make_total_dose(*set, *span);
}

Result<QuantityPtr> Compiler::compile_count(const Expr& expr) {
    auto asked = compile_event_question(expr);
    if (!asked)
        return std::unexpected(asked.error());
    return make_count(std::move(asked->events), std::move(asked->window), std::move(asked->where));
}

Result<QuantityPtr> Compiler::compile_change(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    ChangeNodes nodes;
    auto analyte = series_of(expr.children[0]);
    if (!analyte)
        return std::unexpected(analyte.error());
    nodes.analyte = *analyte;
    nodes.is_rise = expr.text.starts_with("rise");
    nodes.is_percent = expr.text.ends_with("_percent");
    if (nodes.is_percent && vocabulary_.analyte(*analyte)->may_be_negative)
        return problem(expr, "'" + expr.text + "' needs a series that cannot be negative: ask '" +
                                 (nodes.is_rise ? "rise" : "drop") + "' of " + analyte->text);
    auto over = range_argument(expr, "over");
    if (!over)
        return std::unexpected(over.error());
    std::tie(nodes.from, nodes.to) = *over;
    if (const Expr* same = argument(expr, "same")) {
        if (same->kind != Expr::Kind::name)
            return problem(*same, "expected an attribute of a sample, as 'device', found '" + same->source + "'");
        static const std::vector<std::string> attributes{"device", "fasting", "form", "laterality"};
        if (std::ranges::find(attributes, same->text) == attributes.end())
            return problem(*same, "expected an attribute of a sample, as 'device', found '" + same->text + "'" +
                                      config::did_you_mean(same->text, attributes));
        nodes.same = same->text;
    }
    auto where = where_argument(expr, *analyte);
    if (!where)
        return std::unexpected(where.error());
    nodes.where = std::move(*where);
    auto within = span_argument(expr, "within");
    if (!within)
        return std::unexpected(within.error());
    nodes.within = *within;
    reads_analyte(*analyte);
    return make_change(std::move(nodes));
}

Result<QuantityPtr> Compiler::compile_trend(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    TrendNodes nodes;
    auto analyte = series_of(expr.children[0]);
    if (!analyte)
        return std::unexpected(analyte.error());
    nodes.analyte = *analyte;
    auto within = span_argument(expr, "within");
    if (!within)
        return std::unexpected(within.error());
    if (!*within)
        return problem(expr, "'trend' needs 'within:'");
    nodes.within = **within;
    auto where = where_argument(expr, *analyte);
    if (!where)
        return std::unexpected(where.error());
    nodes.where = std::move(*where);
    auto results = results_argument(expr, 2);
    if (!results)
        return std::unexpected(results.error());
    nodes.results = std::max<std::size_t>(*results, 2);
    auto span = span_argument(expr, "span");
    if (!span)
        return std::unexpected(span.error());
    nodes.span = span->value_or(Span{});
    reads_analyte(*analyte);
    return make_trend(std::move(nodes));
}

} // namespace bonewatch::monitors
