#include "monitors/compile.h"

#include "monitors/phrases.h"

#include <algorithm>
#include <map>

namespace bonewatch::monitors {

using model::CodeId;
using model::Result;

namespace {

/// What a name may be replaced by: the members of a set, or the name itself.
std::vector<const Expr*> members_of(const Expr& expr) {
    std::vector<const Expr*> members;
    if (expr.kind == Expr::Kind::set)
        for (const Expr& child : expr.children)
            members.push_back(&child);
    else
        members.push_back(&expr);
    return members;
}

} // namespace

bool Compiler::is_all_names(const Expr& expr) const {
    const auto is_code = [&](const Expr& member) {
        return member.kind == Expr::Kind::name &&
               (definition_ == nullptr ||
                (!definition_->lets.contains(member.text) && threshold(member.text) == nullptr));
    };
    return expr.kind == Expr::Kind::set && std::ranges::all_of(expr.children, is_code);
}

std::string Compiler::title_of(const std::string& name) const {
    return monitors::title_of(vocabulary_, CodeId(name));
}

/// What events are called in a sentence for people.
std::string Compiler::title_of(const Expr& expr) const {
    if (expr.kind == Expr::Kind::name)
        return title_of(expr.text);
    if (expr.kind == Expr::Kind::set) {
        std::string out;
        for (const Expr& member : expr.children)
            out += (out.empty() ? "" : " or ") + title_of(member);
        return out;
    }
    if (expr.kind != Expr::Kind::call || expr.children.empty())
        return expr.source;
    static const std::map<std::string, std::string> before{
        {"started", "start of "}, {"stopped", "end of "}, {"dose_change", "dose change of "}, {"course", "course of "}};
    if (const auto word = before.find(expr.text); word != before.end())
        return word->second + title_of(expr.children[0]);
    if (expr.text == "given") {
        const Expr* dose = argument(expr, "dose");
        return title_of(expr.children[0]) + (dose != nullptr ? " " + dose->source : "") + " given";
    }
    if (expr.text != "result" && expr.text != "run")
        return expr.source;
    std::set<model::CodeId> analytes;
    find_series(expr.children[0], analytes);
    std::string titles;
    for (const model::CodeId& analyte : analytes)
        titles += (titles.empty() ? "" : " or ") + title_of(analyte.text);
    return "qualifying " + titles;
}

Result<CodeSet> Compiler::compile_codes(const Expr& written) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    CodeSet out;
    out.title = title_of(expr);
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
        set.title = title_of(name);
        if (auto ok = add_exposure(name, expr, set); !ok)
            return ok;
        out.exposures.push_back(exposures_.index_of(std::move(set)));
        reads_.exposures.insert(out.exposures.back());
    }
    return {};
}

Result<ExposureSet> Compiler::compile_exposure(const Expr& written) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    ExposureSet out;
    out.title = title_of(expr);
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
        if (!drug_class->equivalents.empty())
            out.equivalents = drug_class->equivalents;
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

/// The one analyte that a condition names outside of any question of its own.
Result<CodeId> Compiler::series_of(const Expr& expr) {
    std::set<CodeId> found;
    find_series(expr, found);
    if (found.size() == 1)
        return *found.begin();
    if (found.empty() && expr.kind == Expr::Kind::name)
        return unknown_name(expr, expr.text, "an analyte");
    if (const Expr* strange = found.empty() ? strange_name(expr) : nullptr)
        return unknown_name(*strange, strange->text, "an analyte");
    return problem(expr, found.empty() ? "no analyte in '" + expr.source + "'; say 'of: …'"
                                       : "more than one analyte in '" + expr.source + "'; say 'of: …'");
}

/// The first name in an expression that means nothing anywhere.
const Expr* Compiler::strange_name(const Expr& expr) const {
    if (expr.kind == Expr::Kind::name) {
        const std::vector<std::string> names = known_names();
        return std::ranges::find(names, expr.text) == names.end() ? &expr : nullptr;
    }
    for (const Expr& child : expr.children)
        if (const Expr* strange = strange_name(child))
            return strange;
    return nullptr;
}

void Compiler::find_series(const Expr& written, std::set<CodeId>& out) const {
    const auto found = resolved(written);
    const Expr& expr = found ? *found : written;
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
