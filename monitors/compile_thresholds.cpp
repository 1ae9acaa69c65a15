#include "monitors/compile.h"

#include "config/nearest.h"

#include <algorithm>

namespace bonewatch::monitors {

using model::Result;

std::string Compiler::kind_of(const std::string& name) const {
    const model::CodeId id(name);
    if (std::ranges::find(plain_words(), name) != plain_words().end())
        return "a word of the language";
    if (vocabulary_.analyte(id) != nullptr)
        return "an analyte";
    if (vocabulary_.drug(id) != nullptr)
        return "a drug";
    if (vocabulary_.drug_class(id) != nullptr)
        return "a drug class";
    if (vocabulary_.condition(id) != nullptr)
        return "a condition or procedure";
    return common_.groups.contains(name) ? "a group" : "";
}

Result<void> Compiler::check_name(const std::string& name, const Place& place) const {
    const std::string other = kind_of(name);
    if (other.empty())
        return {};
    const Expr at{Expr::Kind::name, name, {}, {}, {}, place, {}};
    return problem(at, "'" + name + "' is already " + other + ": give the threshold or let another name");
}

Result<void> Compiler::check(const Threshold& threshold) {
    if (!threshold.choices.empty()) {
        if (std::ranges::find(threshold.choices, threshold.value.text) != threshold.choices.end())
            return {};
        Expr place{Expr::Kind::name, threshold.value.text, {}, {}, {}, threshold.value.place, {}};
        return problem(place, "threshold '" + threshold.name + "' cannot be '" + threshold.value.text + "'" +
                                  config::did_you_mean(threshold.value.text, threshold.choices));
    }
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
            return problem(a, b.unit.empty()
                                  ? "the range of threshold '" + threshold.name + "' lacks the unit " + a.unit
                                  : "give threshold '" + threshold.name + "' in " + b.unit + ", like its range");
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
    for (const Expr* side : {&*left, &*right})
        if (side->kind == Expr::Kind::name)
            return unknown_name(*side, side->text, "a threshold");
    const auto a = left->kind == Expr::Kind::quantity ? model::parse_decimal(left->text) : model::parse_decimal("");
    const auto b = right->kind == Expr::Kind::quantity ? model::parse_decimal(right->text) : model::parse_decimal("");
    if (!a || !b || left->unit != right->unit)
        return problem(*expr, "'require' compares two thresholds of one unit, found " + left->source + " and " +
                                  right->source);
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
