#include "monitors/compile.h"

#include <algorithm>

namespace bonewatch::monitors {

using model::CodeId;
using model::Result;

/// What a name may be replaced by: the members of a set, or the name itself.
static std::vector<const Expr*> members_of(const Expr& expr) {
    std::vector<const Expr*> members;
    if (expr.kind == Expr::Kind::set)
        for (const Expr& child : expr.children)
            members.push_back(&child);
    else
        members.push_back(&expr);
    return members;
}

Result<CodeSet> Compiler::compile_codes(const Expr& expr) {
    CodeSet out;
    out.name = expr.source;
    for (const Expr* member : members_of(expr)) {
        if (member->kind != Expr::Kind::name)
            return problem(*member, "expected a vocabulary id or a group, found '" + member->source + "'");
        std::set<std::string> open_groups;
        if (auto ok = add_code(member->text, *member, out, open_groups); !ok)
            return std::unexpected(ok.error());
    }
    return out;
}

Result<void> Compiler::add_code(const std::string& name, const Expr& expr, CodeSet& out,
                                std::set<std::string>& open_groups) {
    const CodeId id(name);
    if (const auto group = common_.groups.find(name); group != common_.groups.end()) {
        if (!open_groups.insert(name).second)
            return problem(expr, "group '" + name + "' contains itself");
        for (const Written& member : group->second) {
            Expr place = expr;
            place.place = member.place;
            if (auto ok = add_code(member.text, place, out, open_groups); !ok)
                return ok;
        }
        open_groups.erase(name);
        return {};
    }
    if (vocabulary_.condition(id) != nullptr) {
        for (const CodeId& meant : vocabulary_.with_included(id)) {
            if (std::ranges::find(out.conditions, meant) == out.conditions.end())
                out.conditions.push_back(meant);
            reads_.codes.insert(meant);
        }
        return {};
    }
    if (vocabulary_.analyte(id) != nullptr) {
        out.analytes.push_back(id);
        reads_.codes.insert(id);
        return {};
    }
    if (vocabulary_.drug(id) == nullptr && vocabulary_.drug_class(id) == nullptr)
        return unknown_name(expr, name, "a vocabulary id or a group");

    std::vector<const config::Drug*> drugs;
    if (const config::Drug* drug = vocabulary_.drug(id))
        drugs.push_back(drug);
    else
        drugs = vocabulary_.drugs_of(id);
    bool any_daily = false;
    for (const config::Drug* drug : drugs) {
        any_daily = any_daily || !drug->is_single_dose;
        if (drug->is_single_dose) {
            out.doses.push_back(drug->id);
            reads_.codes.insert(drug->id);
        }
    }
    if (any_daily) {
        ExposureSet set;
        set.name = name;
        if (auto ok = add_exposure(name, expr, set); !ok)
            return ok;
        out.exposures.push_back(exposures_.index_of(std::move(set)));
        reads_.exposures.insert(out.exposures.back());
    }
    return {};
}

Result<ExposureSet> Compiler::compile_exposure(const Expr& expr) {
    ExposureSet out;
    out.name = expr.source;
    for (const Expr* member : members_of(expr)) {
        if (member->kind != Expr::Kind::name)
            return problem(*member, "expected a drug, a drug class or a group of them, found '" + member->source + "'");
        if (auto ok = add_exposure(member->text, *member, out); !ok)
            return std::unexpected(ok.error());
    }
    return out;
}

Result<void> Compiler::add_exposure(const std::string& name, const Expr& expr, ExposureSet& out) {
    const CodeId id(name);
    if (const config::DrugClass* drug_class = vocabulary_.drug_class(id)) {
        out.classes.push_back(id);
        out.gap = std::max(out.gap, drug_class->gap);
        out.sums_equivalents = out.sums_equivalents || drug_class->sums_equivalents;
        return {};
    }
    if (const config::Drug* drug = vocabulary_.drug(id)) {
        out.drugs.push_back(id);
        if (drug->gap)
            out.gap = std::max(out.gap, *drug->gap);
        else
            for (const config::Drug::ClassRow& row : drug->classes)
                out.gap = std::max(out.gap, vocabulary_.drug_class(row.drug_class)->gap);
        return {};
    }
    if (const auto group = common_.groups.find(name); group != common_.groups.end()) {
        for (const Written& member : group->second) {
            Expr place = expr;
            place.place = member.place;
            if (auto ok = add_exposure(member.text, place, out); !ok)
                return ok;
        }
        return {};
    }
    return unknown_name(expr, name, "a drug, a drug class or a group of them");
}

Result<EventsPtr> Compiler::compile_events(const Expr& written) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    const auto with_source = [&](EventsPtr node) -> Result<EventsPtr> {
        node->source = expr.source;
        return node;
    };
    if (expr.kind == Expr::Kind::name || expr.kind == Expr::Kind::set) {
        auto codes = compile_codes(expr);
        if (!codes)
            return std::unexpected(codes.error());
        return with_source(make_occurrences(std::move(*codes)));
    }
    if (expr.kind != Expr::Kind::call)
        return problem(expr,
                       "expected events: a code, a group, or a maker such as result(…), found '" + expr.source + "'");

    if (expr.text == "result") {
        if (auto ok = check_arguments(expr, 1); !ok)
            return std::unexpected(ok.error());
        const Expr* of = argument(expr, "of");
        auto analyte = of != nullptr ? series_of(*of) : series_of(expr.children[0]);
        if (!analyte)
            return std::unexpected(analyte.error());
        auto condition = compile_where(expr.children[0], *analyte);
        if (!condition)
            return std::unexpected(condition.error());
        auto where = where_argument(expr, *analyte);
        if (!where)
            return std::unexpected(where.error());
        reads_analyte(*analyte);
        return with_source(make_result_events(*analyte, std::move(*condition), std::move(*where), is_harder_));
    }
    if (expr.text == "started" || expr.text == "dose_change") {
        if (auto ok = check_arguments(expr, 1); !ok)
            return std::unexpected(ok.error());
        auto set = compile_exposure(expr.children[0]);
        if (!set)
            return std::unexpected(set.error());
        const std::size_t index = exposures_.index_of(std::move(*set));
        reads_.exposures.insert(index);
        if (expr.text == "started") {
            auto gap = span_argument(expr, "gap");
            if (!gap)
                return std::unexpected(gap.error());
            return with_source(make_started(index, *gap));
        }
        const Expr* by = argument(expr, "by");
        if (by == nullptr)
            return problem(expr, "'dose_change' needs 'by:'");
        auto dose = compile_dose(*by);
        if (!dose)
            return std::unexpected(dose.error());
        return with_source(make_dose_change(index, dose->amount));
    }
    if (expr.text == "given") {
        if (auto ok = check_arguments(expr, 1); !ok)
            return std::unexpected(ok.error());
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
        std::optional<model::Route> route;
        if (const Expr* value = argument(expr, "route")) {
            route = model::parse_route(value->text);
            if (!route)
                return problem(*value, "'" + value->text + "' is not a route");
        }
        return with_source(make_given(std::move(codes->doses), dose, route));
    }
    return problem(expr, "'" + expr.text + "' makes no events: use a code, result, given, started or dose_change");
}

/// The one analyte that a condition names outside of any question of its own.
Result<CodeId> Compiler::series_of(const Expr& expr) {
    std::set<CodeId> found;
    find_series(expr, found);
    if (found.size() == 1)
        return *found.begin();
    if (found.empty() && expr.kind == Expr::Kind::name)
        return unknown_name(expr, expr.text, "an analyte");
    return problem(expr, found.empty() ? "no analyte in '" + expr.source + "'; say 'of: …'"
                                       : "more than one analyte in '" + expr.source + "'; say 'of: …'");
}

void Compiler::find_series(const Expr& expr, std::set<CodeId>& out) const {
    if (expr.kind == Expr::Kind::name && vocabulary_.analyte(CodeId(expr.text)) != nullptr)
        out.insert(CodeId(expr.text));
    if (expr.kind != Expr::Kind::call)
        for (const Expr& child : expr.children)
            find_series(child, out);
}

void Compiler::reads_analyte(const CodeId& analyte) {
    reads_.codes.insert(analyte);
}

} // namespace bonewatch::monitors
