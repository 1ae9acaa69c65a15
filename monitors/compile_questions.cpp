#include "monitors/compile.h"
#include "monitors/logic.h"

#include <algorithm>

namespace bonewatch::monitors {

using model::Result;

Result<TruthPtr> Compiler::compile_known(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    auto codes = compile_codes(expr.children[0]);
    if (!codes)
        return std::unexpected(codes.error());
    if (!codes->analytes.empty() || !codes->doses.empty() || !codes->exposures.empty())
        return problem(expr.children[0], "'known' asks about conditions and procedures, found '" +
                                             expr.children[0].source + "'; ask 'on' of drugs, 'latest' of results");
    auto min_length = span_argument(expr, "for");
    if (!min_length)
        return std::unexpected(min_length.error());
    auto within = span_argument(expr, "within");
    if (!within)
        return std::unexpected(within.error());
    std::vector<model::CodeId> lasting;
    for (const model::CodeId& code : codes->conditions) {
        const config::Condition* condition = vocabulary_.condition(code);
        if (condition->kind == config::CodeKind::disorder || condition->kind == config::CodeKind::finding)
            lasting.push_back(code);
    }
    return make_known(std::move(*codes), *min_length, *within, std::move(lasting));
}

Result<TruthPtr> Compiler::compile_on(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    auto set = compile_exposure(expr.children[0]);
    if (!set)
        return std::unexpected(set.error());
    OnNodes nodes{exposures_.index_of(std::move(*set)), {}, {}, {}};
    reads_.exposures.insert(nodes.set);
    for (const auto& [target, name] :
         {std::pair{&nodes.min_length, "for"}, std::pair{&nodes.gap, "gap"}, std::pair{&nodes.within, "within"}}) {
        auto span = span_argument(expr, name);
        if (!span)
            return std::unexpected(span.error());
        *target = *span;
    }
    return make_on(nodes);
}

Result<TruthPtr> Compiler::compile_sustained(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    SustainedNodes nodes;
    auto analyte = argument(expr, "of") != nullptr ? series_of(*argument(expr, "of")) : series_of(expr.children[0]);
    if (!analyte)
        return std::unexpected(analyte.error());
    nodes.analyte = *analyte;
    nodes.is_harder = is_harder_;
    if (const Expr* results = argument(expr, "results")) {
        auto n = compile_whole(*results);
        if (!n)
            return std::unexpected(n.error());
        nodes.results = static_cast<std::size_t>(*n);
    }
    auto span = span_argument(expr, "span");
    if (!span)
        return std::unexpected(span.error());
    nodes.span = span->value_or(Span{});
    auto gap = span_argument(expr, "gap");
    if (!gap)
        return std::unexpected(gap.error());
    nodes.gap = *gap;
    auto condition = compile_where(expr.children[0], *analyte);
    if (!condition)
        return condition;
    nodes.condition = std::move(*condition);
    auto where = where_argument(expr, *analyte);
    if (!where)
        return where;
    nodes.where = std::move(*where);
    reads_analyte(*analyte);
    return make_sustained(std::move(nodes));
}

Result<TruthPtr> Compiler::compile_missing(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    is_harder_ = is_clears_ && !is_harder_; // As under `not`: the more there is, the harder it is that nothing is.
    auto events = compile_events(expr.children[0]);
    is_harder_ = is_clears_ && !is_harder_;
    if (!events)
        return std::unexpected(events.error());
    auto window = compile_window(expr);
    if (!window)
        return std::unexpected(window.error());
    if (!window->within && !window->from)
        return problem(expr, "'missing' needs 'within:' or 'from:': nobody could have seen all of the past");
    auto observed = span_argument(expr, "observed");
    if (!observed)
        return std::unexpected(observed.error());
    return make_missing(std::move(*events), std::move(*window), *observed);
}

/// A condition on a sample or an event: judged at its own date, where two results of one date are judged one by one.
Result<TruthPtr> Compiler::compile_where(const Expr& expr, const model::CodeId& analyte) {
    const auto outer_sample = sample_;
    const bool outer_harder = is_harder_;
    const bool outer_clears = is_clears_;
    sample_ = analyte;
    is_harder_ = is_clears_ = false;
    auto node = compile_truth(expr);
    sample_ = outer_sample;
    is_harder_ = outer_harder;
    is_clears_ = outer_clears;
    return node;
}

Result<TruthPtr> Compiler::where_argument(const Expr& expr, const model::CodeId& analyte) {
    const Expr* where = argument(expr, "where");
    return where != nullptr ? compile_where(*where, analyte) : Result<TruthPtr>(nullptr);
}

Result<std::optional<Span>> Compiler::span_argument(const Expr& expr, std::string_view name) {
    const Expr* value = argument(expr, name);
    if (value == nullptr)
        return std::nullopt;
    auto span = compile_span(*value);
    if (!span)
        return std::unexpected(span.error());
    return *span;
}

Result<model::Dose> Compiler::compile_dose(const Expr& written) {
    auto expr = resolved(written);
    if (!expr)
        return std::unexpected(expr.error());
    const auto dose = model::parse_dose(expr->text + " " + expr->unit);
    if (!dose || dose->unit != model::DoseUnit::milligram)
        return problem(*expr, "expected a dose in mg or ug, found '" + expr->source + "'");
    return *dose;
}

Result<WindowNodes> Compiler::compile_window(const Expr& expr) {
    WindowNodes window;
    auto within = span_argument(expr, "within");
    if (!within)
        return std::unexpected(within.error());
    window.within = *within;
    for (const auto& [target, name] : {std::pair{&window.from, "from"}, std::pair{&window.to, "to"}})
        if (const Expr* value = argument(expr, name)) {
            auto date = compile_date(*value);
            if (!date)
                return std::unexpected(date.error());
            *target = std::move(*date);
        }
    return window;
}

Result<DatePtr> Compiler::compile_date(const Expr& written) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    if (expr.kind == Expr::Kind::name && expr.text == "now")
        return make_now();
    if (expr.kind == Expr::Kind::name && expr.text == "raised")
        return make_raised();
    if (expr.kind == Expr::Kind::sum) {
        auto date = compile_date(expr.children[0]);
        if (!date)
            return date;
        auto span = compile_span(expr.children[1]);
        if (!span)
            return std::unexpected(span.error());
        return make_shifted(std::move(*date), *span, expr.text == "-");
    }
    if (expr.kind == Expr::Kind::call && (expr.text == "first" || expr.text == "last")) {
        if (auto ok = check_arguments(expr, 1); !ok)
            return std::unexpected(ok.error());
        auto events = compile_events(expr.children[0]);
        if (!events)
            return std::unexpected(events.error());
        auto window = compile_window(expr);
        if (!window)
            return std::unexpected(window.error());
        return expr.text == "first" ? make_first(std::move(*events), std::move(*window))
                                    : make_last(std::move(*events), std::move(*window));
    }
    return problem(expr, "expected a date: now, raised, first(…), last(…), or one of them plus or minus days; found '" +
                             expr.source + "'");
}

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
    if (expr.kind == Expr::Kind::quantity)
        return with_source(compile_literal(expr, wanted));
    if (expr.kind == Expr::Kind::name && expr.text == "age")
        return with_source(make_age());
    if (expr.kind == Expr::Kind::name && sample_) {
        if (expr.text == "value" || expr.text == sample_->text)
            return with_source(make_sample_value(*sample_, SampleValue::value));
        if (expr.text == "normal_low")
            return with_source(make_sample_value(*sample_, SampleValue::normal_low));
        if (expr.text == "normal_high")
            return with_source(make_sample_value(*sample_, SampleValue::normal_high));
    }
    if (expr.kind == Expr::Kind::call)
        return with_source(compile_quantity_call(expr));
    if (expr.kind == Expr::Kind::sum || expr.kind == Expr::Kind::otherwise) {
        auto left = compile_quantity(expr.children[0], wanted);
        if (!left)
            return left;
        auto right = compile_quantity(expr.children[1], wanted);
        if (!right)
            return right;
        return with_source(expr.kind == Expr::Kind::sum
                               ? make_sum(std::move(*left), std::move(*right), expr.text == "-")
                               : make_otherwise(std::move(*left), std::move(*right)));
    }
    if (expr.kind == Expr::Kind::product) {
        for (const auto& [factor_at, other_at] : {std::pair{0u, 1u}, std::pair{1u, 0u}}) {
            auto factor = resolved(expr.children[factor_at]);
            if (!factor)
                return std::unexpected(factor.error());
            if (factor->kind != Expr::Kind::quantity || !factor->unit.empty() || (expr.text == "/" && factor_at == 0))
                continue;
            const auto number = model::parse_decimal(factor->text);
            if (!number || number->is_zero())
                return problem(*factor, "expected a number other than 0, found '" + factor->source + "'");
            auto other = compile_quantity(expr.children[other_at], wanted);
            if (!other)
                return other;
            return with_source(make_scaled(std::move(*other), expr.text == "*" ? *number : Rational(1) / *number));
        }
        return problem(expr, "one side of '" + expr.text + "' must be a plain number");
    }
    return problem(expr, "expected a quantity, found '" + expr.source + "'");
}

Result<QuantityPtr> Compiler::compile_literal(const Expr& expr, const Type& wanted) {
    const auto number = model::parse_decimal(expr.text);
    if (!number)
        return problem(expr, number.error().message);
    const auto constant = [&](const Rational& value) -> QuantityPtr {
        return make_constant(model::ValueInterval::exactly(value));
    };
    switch (wanted.kind) {
    case Kind::value: {
        const config::Analyte& analyte = *vocabulary_.analyte(wanted.analyte);
        const std::string unit = expr.unit.empty() && analyte.unit == "1" ? "1" : expr.unit;
        auto converted = vocabulary_.convert(analyte, model::ValueInterval::exactly(*number), unit);
        if (!converted || !converted->value.is_exact())
            return problem(expr, "expected a value of " + analyte.id.text + " in " + analyte.unit + ", found '" +
                                     expr.source + "'" + (converted ? "" : ": " + converted.error().message));
        return constant(converted->value.low->value);
    }
    case Kind::dose: {
        auto dose = compile_dose(expr);
        if (!dose)
            return std::unexpected(dose.error());
        return constant(dose->amount);
    }
    case Kind::years:
        if (expr.unit != "y")
            return problem(expr, "expected an age in y, found '" + expr.source + "'");
        return constant(*number);
    case Kind::number:
        if (!expr.unit.empty())
            return problem(expr, "expected a plain number, found '" + expr.source + "'");
        return constant(*number);
    default:
        return problem(expr, "expected a quantity, found '" + expr.source + "'");
    }
}

Result<QuantityPtr> Compiler::compile_quantity_call(const Expr& expr) {
    if (expr.text == "latest") {
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
    if (expr.text == "average_dose" || expr.text == "total_dose") {
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
        auto set = compile_exposure(expr.children[0]);
        if (!set)
            return std::unexpected(set.error());
        const std::size_t index = exposures_.index_of(std::move(*set));
        reads_.exposures.insert(index);
        return is_average ? make_average_dose(index, *span) : make_total_dose(index, *span);
    }
    if (expr.text == "count") {
        if (auto ok = check_arguments(expr, 1); !ok)
            return std::unexpected(ok.error());
        auto events = compile_events(expr.children[0]);
        if (!events)
            return std::unexpected(events.error());
        auto window = compile_window(expr);
        if (!window)
            return std::unexpected(window.error());
        auto where = where_argument(expr, {});
        if (!where)
            return std::unexpected(where.error());
        return make_count(std::move(*events), std::move(*window), std::move(*where));
    }
    return problem(expr, "'" + expr.text + "' is not a quantity");
}

} // namespace bonewatch::monitors
