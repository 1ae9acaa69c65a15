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
    std::optional<Span> spans[2];
    for (const auto& [index, name] : {std::pair{0, "for"}, std::pair{1, "within"}})
        if (const Expr* value = argument(expr, name)) {
            auto span = compile_span(*value);
            if (!span)
                return std::unexpected(span.error());
            spans[index] = *span;
        }
    std::vector<model::CodeId> lasting;
    for (const model::CodeId& code : codes->conditions) {
        const config::Condition* condition = vocabulary_.condition(code);
        if (condition->kind == config::CodeKind::disorder || condition->kind == config::CodeKind::finding)
            lasting.push_back(code);
    }
    return make_known(std::move(*codes), spans[0], spans[1], std::move(lasting));
}

Result<TruthPtr> Compiler::compile_on(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    auto set = compile_exposure(expr.children[0]);
    if (!set)
        return std::unexpected(set.error());
    OnNodes nodes{exposures_.index_of(std::move(*set)), {}, {}, {}};
    reads_.exposures.insert(nodes.set);
    for (const auto& [target, name] : {std::pair{&nodes.min_length, "for"}, std::pair{&nodes.gap, "gap"},
                                       std::pair{&nodes.within, "within"}})
        if (const Expr* value = argument(expr, name)) {
            auto span = compile_span(*value);
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
    if (const Expr* value = argument(expr, "span")) {
        auto span = compile_span(*value);
        if (!span)
            return std::unexpected(span.error());
        nodes.span = *span;
    }
    if (const Expr* value = argument(expr, "gap")) {
        auto span = compile_span(*value);
        if (!span)
            return std::unexpected(span.error());
        nodes.gap = *span;
    }
    auto condition = compile_where(expr.children[0], *analyte);
    if (!condition)
        return condition;
    nodes.condition = std::move(*condition);
    if (const Expr* where = argument(expr, "where")) {
        auto rule = compile_where(*where, *analyte);
        if (!rule)
            return rule;
        nodes.where = std::move(*rule);
    }
    reads_analyte(*analyte);
    return make_sustained(std::move(nodes));
}

Result<TruthPtr> Compiler::compile_missing(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    auto events = compile_events(expr.children[0]);
    if (!events)
        return std::unexpected(events.error());
    auto window = compile_window(expr);
    if (!window)
        return std::unexpected(window.error());
    if (!window->within && !window->from)
        return problem(expr, "'missing' needs 'within:' or 'from:': nobody could have seen all of the past");
    std::optional<Span> observed;
    if (const Expr* value = argument(expr, "observed")) {
        auto span = compile_span(*value);
        if (!span)
            return std::unexpected(span.error());
        observed = *span;
    }
    return make_missing(std::move(*events), std::move(*window), observed);
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

Result<WindowNodes> Compiler::compile_window(const Expr& expr) {
    WindowNodes window;
    if (const Expr* within = argument(expr, "within")) {
        auto span = compile_span(*within);
        if (!span)
            return std::unexpected(span.error());
        window.within = *span;
    }
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
        return with_source(expr.kind == Expr::Kind::sum ? make_sum(std::move(*left), std::move(*right), expr.text == "-")
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
        const auto dose = model::parse_dose(expr.text + " " + expr.unit);
        if (!dose || dose->unit != model::DoseUnit::milligram)
            return problem(expr, "expected a dose in mg or ug, found '" + expr.source + "'");
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
        TruthPtr where;
        if (const Expr* rule = argument(expr, "where")) {
            auto node = compile_where(*rule, *analyte);
            if (!node)
                return std::unexpected(node.error());
            where = std::move(*node);
        }
        reads_analyte(*analyte);
        return make_latest(*analyte, std::move(*window), std::move(where));
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
        TruthPtr where;
        if (const Expr* rule = argument(expr, "where")) {
            auto node = compile_where(*rule, {});
            if (!node)
                return std::unexpected(node.error());
            where = std::move(*node);
        }
        return make_count(std::move(*events), std::move(*window), std::move(where));
    }
    return problem(expr, "'" + expr.text + "' is not a quantity");
}

Result<void> Compiler::check(const Threshold& threshold) {
    const auto bound = [&](const std::string& text) { return parse(text, threshold.value.place); };
    auto value = bound(threshold.value.text);
    auto low = bound(threshold.min);
    auto high = bound(threshold.max);
    for (const auto* part : {&value, &low, &high})
        if (!*part)
            return std::unexpected(part->error());
    if (value->kind != Expr::Kind::quantity || low->kind != Expr::Kind::quantity || high->kind != Expr::Kind::quantity)
        return problem(*value, "a threshold is a number with its unit, found '" + value->source + "'");

    const auto is_above = [&](const Expr& a, const Expr& b) -> Result<bool> {
        const auto in_days = [](const Expr& e) {
            const double n = std::stod(e.text);
            return e.unit == "y" ? n * 365.25 : e.unit == "mo" ? n * 30.44 : n;
        };
        if (a.unit == b.unit)
            return *model::parse_decimal(a.text) > *model::parse_decimal(b.text);
        const std::set<std::string> spans{"d", "mo", "y"};
        if (!spans.contains(a.unit) || !spans.contains(b.unit))
            return problem(a, "give threshold '" + threshold.name + "' in " + b.unit + ", like its range");
        return in_days(a) > in_days(b);
    };
    auto above = is_above(*value, *high);
    if (!above)
        return std::unexpected(above.error());
    auto below = is_above(*low, *value);
    if (!below)
        return std::unexpected(below.error());
    if (*above || *below)
        return problem(*value, "threshold '" + threshold.name + "' must lie between " + threshold.min + " and " +
                                   threshold.max + ", found " + threshold.value.text);
    return {};
}

Result<void> Compiler::check_require(const Written& written) {
    auto expr = parsed(written);
    if (!expr)
        return std::unexpected(expr.error());
    if (expr->kind != Expr::Kind::compare)
        return problem(*expr, "'require' compares two thresholds, as in 'due < overdue'");
    auto left = resolved(expr->children[0]);
    auto right = resolved(expr->children[1]);
    if (!left || !right)
        return std::unexpected(left ? right.error() : left.error());
    const auto a = left->kind == Expr::Kind::quantity ? model::parse_decimal(left->text) : model::parse_decimal("");
    const auto b = right->kind == Expr::Kind::quantity ? model::parse_decimal(right->text) : model::parse_decimal("");
    if (!a || !b || left->unit != right->unit)
        return problem(*expr, "'require' compares two thresholds of one unit");
    const bool holds = expr->text == "<"    ? *a < *b
                       : expr->text == "<=" ? *a <= *b
                       : expr->text == ">"  ? *a > *b
                       : expr->text == ">=" ? *a >= *b
                       : expr->text == "="  ? *a == *b
                                            : *a != *b;
    if (!holds)
        return problem(*expr, "the thresholds do not keep to '" + written.text + "': " + left->source + " against " +
                                  right->source);
    return {};
}

} // namespace bonewatch::monitors
