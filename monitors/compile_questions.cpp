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
    auto route = route_argument(expr);
    if (!route)
        return std::unexpected(route.error());
    set->route = *route;
    OnNodes nodes{exposures_.index_of(std::move(*set)), {}, {}, {}, {}};
    reads_.exposures.insert(nodes.set);
    for (const auto& [target, name] :
         {std::pair{&nodes.min_length, "for"}, std::pair{&nodes.gap, "gap"}, std::pair{&nodes.within, "within"}}) {
        auto span = span_argument(expr, name);
        if (!span)
            return std::unexpected(span.error());
        *target = *span;
    }
    if (const Expr* coverage = argument(expr, "coverage")) {
        auto share = literal_value(*coverage, {Kind::percent, {}});
        if (!share)
            return std::unexpected(share.error());
        nodes.coverage = *share / Rational(100);
    }
    return make_on(nodes);
}

Result<RunNodes> Compiler::compile_run(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    RunNodes nodes;
    auto analyte = series_argument(expr);
    if (!analyte)
        return std::unexpected(analyte.error());
    nodes.analyte = *analyte;
    nodes.is_harder = is_harder_;
    auto gap = span_argument(expr, "gap");
    if (!gap)
        return std::unexpected(gap.error());
    nodes.gap = *gap;
    auto condition = compile_where(expr.children[0], *analyte);
    if (!condition)
        return std::unexpected(condition.error());
    nodes.condition = std::move(*condition);
    auto where = where_argument(expr, *analyte);
    if (!where)
        return std::unexpected(where.error());
    nodes.where = std::move(*where);
    reads_analyte(*analyte);
    return nodes;
}

Result<TruthPtr> Compiler::compile_sustained(const Expr& expr) {
    auto nodes = compile_run(expr);
    if (!nodes)
        return std::unexpected(nodes.error());
    auto results = results_argument(expr, 1);
    if (!results)
        return std::unexpected(results.error());
    auto span = span_argument(expr, "span");
    if (!span)
        return std::unexpected(span.error());
    return make_sustained(std::move(*nodes), *results, span->value_or(Span{}));
}

Result<std::size_t> Compiler::results_argument(const Expr& expr, std::size_t otherwise) {
    const Expr* results = argument(expr, "results");
    if (results == nullptr)
        return otherwise;
    auto n = compile_whole(*results);
    if (!n)
        return std::unexpected(n.error());
    return static_cast<std::size_t>(*n);
}

Result<model::CodeId> Compiler::series_argument(const Expr& expr) {
    const Expr* of = argument(expr, "of");
    return series_of(of != nullptr ? *of : expr.children[0]);
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
        return problem(expr, "'" + expr.text + "' needs 'within:' or 'from:': nobody could have seen all of the past");
    auto observed = span_argument(expr, "observed");
    if (!observed)
        return std::unexpected(observed.error());
    return make_missing(std::move(*events), std::move(*window), *observed);
}

Result<TruthPtr> Compiler::compile_incomplete(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    auto members = resolved(expr.children[0]);
    if (!members)
        return std::unexpected(members.error());
    if (members->kind != Expr::Kind::set)
        return problem(*members, "'incomplete' takes a set, as in {vitd25, pth}, found '" + members->source + "'");
    std::vector<TruthPtr> missing;
    std::vector<std::string> names;
    for (const Expr& member : members->children) {
        Expr question = expr;
        question.children = {member};
        auto one = compile_missing(question);
        if (!one)
            return one;
        missing.push_back(names_anchor(question) ? make_agreed(std::move(*one)) : std::move(*one));
        missing.back()->source = "missing(" + member.source + ")";
        names.push_back(title_of(member));
    }
    return make_incomplete(std::move(missing), std::move(names));
}

Result<TruthPtr> Compiler::compile_at_least(const Expr& expr) {
    if (expr.children.size() < 2)
        return problem(expr, "'at_least' takes a number and the clauses to count");
    auto n = compile_number(expr.children[0]);
    if (!n)
        return std::unexpected(n.error());
    std::vector<Weighted> operands;
    for (std::size_t i = 1; i < expr.children.size(); ++i) {
        const Expr& clause = expr.children[i];
        const bool is_weighted = clause.kind == Expr::Kind::product && clause.text == "*";
        Result<Rational> weight = is_weighted ? compile_number(clause.children[0]) : Rational(1);
        if (!weight)
            return std::unexpected(weight.error());
        auto operand = compile_truth(is_weighted ? clause.children[1] : clause);
        if (!operand)
            return operand;
        operands.push_back({*weight, std::move(*operand)});
    }
    return make_at_least(*n, std::move(operands));
}

Result<TruthPtr> Compiler::compile_open(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    // A row of a family is written FAMILY/ROW, which the grammar reads as a division.
    const Expr& asked = expr.children[0];
    const bool is_row = asked.kind == Expr::Kind::product && asked.text == "/" &&
                        asked.children[0].kind == Expr::Kind::name && asked.children[1].kind == Expr::Kind::name;
    const std::string name = is_row ? asked.children[0].text + "/" + asked.children[1].text : asked.text;
    std::vector<TruthPtr> rows;
    for (std::size_t i = 0; i < monitors_.size(); ++i) {
        const std::string& id = monitors_[i].id.text;
        if (id != name && monitors_[i].family != name)
            continue;
        reads_.monitors.insert(i);
        rows.push_back(make_open(i, monitors_[i].title));
        rows.back()->source = "open(" + id + ")";
    }
    if (rows.empty())
        return unknown_name(expr.children[0], name, "a monitor's id");
    return rows.size() == 1 ? std::move(rows.front()) : make_or(std::move(rows));
}

Result<TruthPtr> Compiler::compile_near(const Expr& expr) {
    if (auto ok = check_arguments(expr, 1); !ok)
        return std::unexpected(ok.error());
    const Expr* within = argument(expr, "within");
    if (within == nullptr)
        return problem(expr, "'near' needs 'within:'");
    auto distance = compile_span(*within);
    if (!distance)
        return std::unexpected(distance.error());
    auto events = compile_events(expr.children[0]);
    if (!events)
        return std::unexpected(events.error());
    return make_near(std::move(*events), *distance);
}

Result<TruthPtr> Compiler::compile_at(const Expr& expr) {
    if (auto ok = check_arguments(expr, 2); !ok)
        return std::unexpected(ok.error());
    auto date = compile_date(expr.children[0]);
    if (!date)
        return std::unexpected(date.error());
    auto inner = compile_truth(expr.children[1]);
    if (!inner)
        return inner;
    return make_at(std::move(*date), std::move(*inner));
}

Result<TruthPtr> Compiler::compile_taken_between(const Expr& expr) {
    if (auto ok = check_arguments(expr, 2); !ok)
        return std::unexpected(ok.error());
    if (!sample_)
        return asked_of_a_sample(expr);
    std::chrono::minutes clocks[2];
    for (std::size_t i = 0; i < 2; ++i) {
        const Expr& clock = expr.children[i];
        if (clock.kind != Expr::Kind::clock)
            return problem(clock, "expected a time of day, as 08:00, found '" + clock.source + "'");
        clocks[i] = std::chrono::hours(std::stoi(clock.text.substr(0, 2))) +
                    std::chrono::minutes(std::stoi(clock.text.substr(3, 2)));
    }
    return make_taken_between(clocks[0], clocks[1]);
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
    // `from: now - D` is `within: D`, of which the turns are known.
    const auto from = argument(expr, "from") != nullptr ? resolved(*argument(expr, "from")) : Result<Expr>(expr);
    if (window.from && !window.within && from && from->kind == Expr::Kind::sum && from->text == "-" &&
        from->children[0].kind == Expr::Kind::name && from->children[0].text == "now") {
        auto length = compile_span(from->children[1]);
        if (!length)
            return std::unexpected(length.error());
        window.within = *length;
        window.from = nullptr;
    }
    return window;
}

Result<Compiler::EventQuestion> Compiler::compile_event_question(const Expr& expr) {
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
    return EventQuestion{std::move(*events), std::move(*window), std::move(*where)};
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
        auto asked = compile_event_question(expr);
        if (!asked)
            return std::unexpected(asked.error());
        const auto make = expr.text == "first" ? make_first : make_last;
        return make(std::move(asked->events), std::move(asked->window), std::move(asked->where));
    }
    return problem(expr, "expected a date: now, raised, first(…), last(…), or one of them plus or minus days; found '" +
                             expr.source + "'");
}

} // namespace bonewatch::monitors
