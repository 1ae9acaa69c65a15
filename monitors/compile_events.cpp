#include "monitors/compile.h"

#include <map>

namespace bonewatch::monitors {

using model::CodeId;
using model::Result;

Result<EventsPtr> Compiler::compile_events(const Expr& written) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    Result<EventsPtr> node = nullptr;
    if (expr.kind == Expr::Kind::name || is_all_names(expr)) {
        auto codes = compile_codes(expr);
        if (!codes)
            return std::unexpected(codes.error());
        node = make_occurrences(std::move(*codes));
    } else if (expr.kind == Expr::Kind::set) {
        std::vector<EventsPtr> members;
        for (const Expr& child : expr.children) {
            auto member = compile_events(child);
            if (!member)
                return member;
            members.push_back(std::move(*member));
        }
        node = make_any_of(std::move(members));
    } else if (expr.kind == Expr::Kind::call) {
        node = compile_maker(expr);
    } else {
        return problem(expr,
                       "expected events: a code, a group, or a maker such as result(…), found '" + expr.source + "'");
    }
    if (node)
        (*node)->title = title_of(expr);
    return node;
}

Result<EventsPtr> Compiler::compile_maker(const Expr& expr) {
    static const std::map<std::string, Result<EventsPtr> (Compiler::*)(const Expr&)> makers{
        {"result", &Compiler::compile_result},           {"given", &Compiler::compile_given},
        {"course", &Compiler::compile_course},           {"started", &Compiler::compile_exposure_events},
        {"stopped", &Compiler::compile_exposure_events}, {"dose_change", &Compiler::compile_exposure_events}};
    if (const auto maker = makers.find(expr.text); maker != makers.end()) {
        if (auto ok = check_arguments(expr, 1); !ok)
            return std::unexpected(ok.error());
        return (this->*maker->second)(expr);
    }
    if (expr.text != "run")
        return problem(expr, "'" + expr.text +
                                 "' makes no events: use a code, result, run, given, course, started, stopped or "
                                 "dose_change");
    auto nodes = compile_run(expr);
    if (!nodes)
        return std::unexpected(nodes.error());
    return make_run(std::move(*nodes));
}

Result<EventsPtr> Compiler::compile_result(const Expr& expr) {
    auto analyte = series_argument(expr);
    if (!analyte)
        return std::unexpected(analyte.error());
    auto condition = compile_where(expr.children[0], *analyte);
    if (!condition)
        return std::unexpected(condition.error());
    auto where = where_argument(expr, *analyte);
    if (!where)
        return std::unexpected(where.error());
    reads_analyte(*analyte);
    return make_result_events(*analyte, std::move(*condition), std::move(*where), is_harder_);
}

Result<std::size_t> Compiler::exposure_argument(const Expr& expr) {
    auto set = compile_exposure(expr.children[0]);
    if (!set)
        return std::unexpected(set.error());
    const std::size_t index = exposures_.index_of(std::move(*set));
    reads_.exposures.insert(index);
    return index;
}

Result<EventsPtr> Compiler::compile_exposure_events(const Expr& expr) {
    auto set = exposure_argument(expr);
    if (!set)
        return std::unexpected(set.error());
    if (expr.text != "dose_change") {
        auto gap = span_argument(expr, "gap");
        if (!gap)
            return std::unexpected(gap.error());
        return expr.text == "started" ? make_started(*set, *gap) : make_stopped(*set, *gap);
    }
    const Expr* by = argument(expr, "by");
    if (by == nullptr)
        return problem(expr, "'dose_change' needs 'by:'");
    auto dose = compile_dose(*by);
    if (!dose)
        return std::unexpected(dose.error());
    return make_dose_change(*set, dose->amount);
}

Result<EventsPtr> Compiler::compile_course(const Expr& expr) {
    CourseNodes nodes;
    auto set = exposure_argument(expr);
    if (!set)
        return std::unexpected(set.error());
    nodes.set = *set;
    auto length = range_argument(expr, "length");
    if (!length)
        return std::unexpected(length.error());
    std::tie(nodes.at_least, nodes.at_most) = *length;
    auto apart = span_argument(expr, "apart");
    if (!apart)
        return std::unexpected(apart.error());
    if (!*apart)
        return problem(expr, "'course' needs 'apart:', the free days that part two courses");
    nodes.apart = **apart;
    return make_course(nodes);
}

Result<std::pair<Span, Span>> Compiler::range_argument(const Expr& expr, std::string_view name) {
    const Expr* range = argument(expr, name);
    if (range == nullptr)
        return problem(expr, "'" + expr.text + "' needs '" + std::string(name) + ":', as in 90 d to 365 d");
    if (range->kind != Expr::Kind::range)
        return problem(*range, "expected a range of times, as 90 d to 365 d, found '" + range->source + "'");
    auto from = compile_span(range->children[0]);
    if (!from)
        return std::unexpected(from.error());
    auto to = compile_span(range->children[1]);
    if (!to)
        return std::unexpected(to.error());
    if (usual_days(*to) < usual_days(*from))
        return problem(*range, "the range '" + range->source + "' ends before it begins");
    return std::pair(*from, *to);
}

Result<std::optional<model::Route>> Compiler::route_argument(const Expr& expr) {
    const Expr* value = argument(expr, "route");
    if (value == nullptr)
        return std::nullopt;
    const auto route = model::parse_route(value->text);
    if (!route)
        return problem(*value, "'" + value->text + "' is not a route");
    return *route;
}

Result<EventsPtr> Compiler::compile_given(const Expr& expr) {
    auto codes = compile_codes(expr.children[0]);
    if (!codes)
        return std::unexpected(codes.error());
    if (codes->doses.empty())
        return problem(expr.children[0], "'given' asks about drugs that are given as single doses");
    std::optional<model::Dose> dose;
    if (const Expr* value = argument(expr, "dose")) {
        auto amount = compile_dose(*value);
        if (!amount)
            return std::unexpected(amount.error());
        dose = *amount;
    }
    auto route = route_argument(expr);
    if (!route)
        return std::unexpected(route.error());
    return make_given(std::move(codes->doses), dose, *route);
}

} // namespace bonewatch::monitors
