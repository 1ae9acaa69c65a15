#include "monitors/compile.h"

#include "config/nearest.h"
#include "monitors/logic.h"

#include <algorithm>
#include <map>

namespace bonewatch::monitors {

using model::Result;

namespace {

std::optional<model::Comparison> comparison_of(const std::string& sign) {
    static const std::map<std::string, model::Comparison> signs{
        {"<", model::Comparison::less},    {"<=", model::Comparison::less_equal},
        {">", model::Comparison::greater}, {">=", model::Comparison::greater_equal},
        {"=", model::Comparison::equal},   {"!=", model::Comparison::not_equal}};
    const auto at = signs.find(sign);
    return at == signs.end() ? std::nullopt : std::optional(at->second);
}

/// `a < b` read from the right: `b > a`.
model::Comparison mirrored(model::Comparison comparison) {
    switch (comparison) {
    case model::Comparison::less:
        return model::Comparison::greater;
    case model::Comparison::less_equal:
        return model::Comparison::greater_equal;
    case model::Comparison::greater:
        return model::Comparison::less;
    case model::Comparison::greater_equal:
        return model::Comparison::less_equal;
    default:
        return comparison;
    }
}

} // namespace

Result<Compiler::Type> Compiler::type_of(const Expr& written) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    switch (expr.kind) {
    case Expr::Kind::quantity:
        return Type{(expr.unit == "d" || expr.unit == "mo" || expr.unit == "y") ? Kind::span
                    : expr.unit.empty()                                         ? Kind::number
                                                                                : Kind::literal,
                    {}};
    case Expr::Kind::name:
        if (expr.text == "age")
            return Type{Kind::years, {}};
        if (expr.text == "now" || expr.text == "raised")
            return Type{Kind::date, {}};
        if (expr.text == "value" || expr.text == "normal_low" || expr.text == "normal_high") {
            if (sample_ && !sample_->text.empty())
                return Type{Kind::value, *sample_};
            return problem(expr, "'" + expr.text + "' is asked of one analyte's result: in the condition or 'where:' " +
                                     "of latest, sustained, result, run, trend or a change");
        }
        if (sample_ && expr.text == sample_->text)
            return Type{Kind::value, *sample_};
        return Type{Kind::truth, {}};
    case Expr::Kind::call:
        return type_of_call(expr);
    case Expr::Kind::if_: {
        auto then = type_of(expr.children[1]);
        const bool is_open = then && (then->kind == Kind::literal || then->kind == Kind::number);
        return is_open ? type_of(expr.children[2]) : then;
    }
    case Expr::Kind::sum:
    case Expr::Kind::product:
    case Expr::Kind::otherwise: {
        auto left = type_of(expr.children[0]);
        auto right = left ? type_of(expr.children[1]) : left;
        if (!right || left->kind == Kind::date)
            return right ? left : right;
        if (expr.kind == Expr::Kind::product && expr.text == "/" && right->kind != Kind::number)
            return Type{Kind::number, {}}; // A quantity over its own unit.
        if (expr.kind == Expr::Kind::sum && expr.text == "-" && left->kind == Kind::value && right->kind == Kind::value)
            return Type{Kind::value, left->analyte, true};
        const bool is_left_open = left->kind == Kind::literal || left->kind == Kind::number;
        return is_left_open && right->kind != Kind::number ? right : left;
    }
    default:
        return Type{Kind::truth, {}};
    }
}

Result<Compiler::Type> Compiler::type_of_call(const Expr& expr) {
    static const std::map<std::string, Kind> kinds{{"latest", Kind::value},
                                                   {"drop", Kind::value},
                                                   {"rise", Kind::value},
                                                   {"trend", Kind::value},
                                                   {"drop_percent", Kind::percent},
                                                   {"rise_percent", Kind::percent},
                                                   {"average_dose", Kind::dose},
                                                   {"total_dose", Kind::dose},
                                                   {"count", Kind::number},
                                                   {"first", Kind::date},
                                                   {"last", Kind::date}};
    if (expr.text == "at" && expr.children.size() == 2)
        return type_of(expr.children[1]);
    const auto kind = kinds.find(expr.text);
    if (kind == kinds.end())
        return words_with_arguments().contains(expr.text) ? Result<Type>(Type{Kind::truth, {}}) : no_word(expr);
    if (kind->second != Kind::value)
        return Type{kind->second, {}};
    auto analyte =
        expr.children.empty() ? problem(expr, "'" + expr.text + "' needs a series") : series_of(expr.children.front());
    if (!analyte)
        return std::unexpected(analyte.error());
    return Type{Kind::value, *analyte, expr.text != "latest"};
}

std::string Compiler::text_of(const Type& type) const {
    switch (type.kind) {
    case Kind::value:
        return (type.is_difference ? "a difference of " : "a value of ") + type.analyte.text + " in " +
               vocabulary_.analyte(type.analyte)->unit;
    case Kind::dose:
        return "a dose in mg or ug";
    case Kind::percent:
        return "a percentage";
    case Kind::years:
        return "an age in y";
    case Kind::number:
        return "a plain number";
    case Kind::date:
        return "a date";
    default:
        return "a quantity";
    }
}

Result<void> Compiler::check_dimension(const Expr& expr, const Type& wanted) {
    auto own = type_of(expr);
    if (!own)
        return std::unexpected(own.error());
    if (own->kind == Kind::truth || own->kind == Kind::literal || own->kind == Kind::span)
        return {}; // Said where it is compiled.
    const bool is_same = own->kind == wanted.kind &&
                         (own->kind != Kind::value ||
                          vocabulary_.analyte(own->analyte)->unit == vocabulary_.analyte(wanted.analyte)->unit);
    if (is_same)
        return {};
    return problem(expr, "expected " + text_of(wanted) + ", found '" + expr.source + "', " + text_of(*own));
}

Result<TruthPtr> Compiler::compile_is(const Expr& expr) {
    const Expr& what = expr.children[0];
    const Threshold* chosen = what.kind == Expr::Kind::name ? threshold(what.text) : nullptr;
    if (chosen != nullptr && !chosen->choices.empty()) {
        if (std::ranges::find(chosen->choices, expr.text) == chosen->choices.end())
            return problem(expr, "'" + what.text + "' cannot be '" + expr.text + "'" +
                                     config::did_you_mean(expr.text, chosen->choices));
        return make_constant(chosen->value.text == expr.text);
    }
    if (what.kind == Expr::Kind::name && what.text == "sex") {
        const std::map<std::string, model::Sex> sexes{
            {"female", model::Sex::female}, {"male", model::Sex::male}, {"other", model::Sex::other}};
        const auto sex = sexes.find(expr.text);
        if (sex == sexes.end())
            return problem(expr, "sex is female, male or other, not '" + expr.text + "'");
        return make_sex_is(sex->second);
    }
    static const std::vector<std::string> attributes{"fasting", "laterality", "device", "form", "route"};
    if (what.kind == Expr::Kind::name && std::ranges::find(attributes, what.text) != attributes.end()) {
        if (!sample_)
            return asked_of_a_sample(what);
        if (what.text == "route" && !model::parse_route(expr.text))
            return problem(expr, "'" + expr.text + "' is not a route");
        return make_attribute_is(what.text, expr.text);
    }
    return unknown_name(what, what.text, "sex or an attribute of a sample");
}

Result<TruthPtr> Compiler::compile_compare(const Expr& expr) {
    const auto comparison = comparison_of(expr.text);
    auto left = type_of(expr.children[0]);
    if (!left)
        return std::unexpected(left.error());
    auto right = type_of(expr.children[1]);
    if (!right)
        return std::unexpected(right.error());

    if (left->kind == Kind::date || right->kind == Kind::date) {
        if (left->kind != right->kind)
            return problem(expr, "a date is compared with a date, as in 'now >= last(dxa) + 90 d'");
        auto a = compile_date(expr.children[0]);
        if (!a)
            return std::unexpected(a.error());
        auto b = compile_date(expr.children[1]);
        if (!b)
            return std::unexpected(b.error());
        return make_compare_dates(std::move(*a), *comparison, std::move(*b));
    }
    const bool is_left_main = left->kind != Kind::literal && left->kind != Kind::number && left->kind != Kind::span;
    const Type& wanted = is_left_main                                                 ? *left
                         : right->kind == Kind::literal && left->kind == Kind::number ? *left
                                                                                      : *right;
    if (wanted.kind == Kind::truth || wanted.kind == Kind::literal || wanted.kind == Kind::span) {
        const Expr& culprit = is_left_main ? expr.children[0] : expr.children[1];
        if (culprit.kind == Expr::Kind::name)
            return unknown_name(culprit, culprit.text, "something that can be compared");
        return problem(culprit, "expected something that can be compared, found '" + culprit.source + "'");
    }
    // That there are fewer of something is harder where any one counts, as under a `not`.
    const auto first = resolved(expr.children[0]);
    const bool is_constant_first = first && first->kind == Expr::Kind::quantity;
    const auto of_main = is_constant_first ? mirrored(*comparison) : *comparison;
    const bool is_fewer = of_main == model::Comparison::less || of_main == model::Comparison::less_equal;
    const bool outer_harder = is_harder_;
    is_harder_ = is_clears_ && is_harder_ != is_fewer;
    auto a = compile_quantity(expr.children[0], wanted);
    auto b = compile_quantity(expr.children[1], wanted);
    is_harder_ = outer_harder;
    if (!a)
        return std::unexpected(a.error());
    if (!b)
        return std::unexpected(b.error());
    // A constant on the left is read from the right, so that a crossing can be solved.
    if (!is_left_main && right->kind != Kind::number)
        return make_compare(std::move(*b), mirrored(*comparison), std::move(*a), is_harder_);
    return make_compare(std::move(*a), *comparison, std::move(*b), is_harder_);
}

} // namespace bonewatch::monitors
