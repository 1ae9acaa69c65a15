#include "monitors/compile.h"

#include "config/nearest.h"
#include "monitors/logic.h"

#include <algorithm>
#include <map>

namespace bonewatch::monitors {

namespace {

using model::ErrorKind;
using model::Result;

/// Lets may stand in lets, to this depth.
constexpr int let_depth_max = 16;

std::optional<Span> span_of(const Expr& expr) {
    if (expr.kind != Expr::Kind::quantity)
        return std::nullopt;
    const auto number = model::parse_decimal(expr.text);
    if (!number || number->denominator() != 1 || number->numerator() < 0 || number->numerator() > 40'000)
        return std::nullopt;
    const int n = static_cast<int>(number->numerator());
    if (expr.unit == "d")
        return Span{0, n};
    if (expr.unit == "mo")
        return Span{n, 0};
    if (expr.unit == "y")
        return Span{12 * n, 0};
    return std::nullopt;
}

} // namespace

const std::map<std::string, std::vector<std::string>>& words_with_arguments() {
    static const std::map<std::string, std::vector<std::string>> words{
        {"known", {"for", "within"}},
        {"on", {"for", "gap", "within", "coverage", "route"}},
        {"average_dose", {"over"}},
        {"total_dose", {"within"}},
        {"latest", {"within", "from", "where"}},
        {"sustained", {"results", "span", "gap", "where", "of"}},
        {"count", {"within", "from", "to", "where"}},
        {"first", {"within", "from", "to", "where"}},
        {"last", {"within", "from", "to", "where"}},
        {"missing", {"within", "from", "to", "observed"}},
        {"incomplete", {"within", "from", "to", "observed"}},
        {"drop", {"over", "same", "where", "within"}},
        {"rise", {"over", "same", "where", "within"}},
        {"drop_percent", {"over", "same", "where", "within"}},
        {"rise_percent", {"over", "same", "where", "within"}},
        {"trend", {"within", "where", "results", "span"}},
        {"near", {"within"}},
        {"open", {}},
        {"at", {}},
        {"at_least", {}},
        {"taken_between", {}},
        {"result", {"where", "of"}},
        {"run", {"gap", "where", "of"}},
        {"course", {"length", "apart"}},
        {"started", {"gap"}},
        {"stopped", {"gap"}},
        {"given", {"dose", "route"}},
        {"dose_change", {"by"}},
    };
    return words;
}

const std::vector<std::string>& plain_words() {
    static const std::vector<std::string> words{"age",        "sex",    "dead",  "registered", "now",         "raised",
                                                "true",       "false",  "value", "normal_low", "normal_high", "fasting",
                                                "laterality", "device", "form",  "route"};
    return words;
}

std::size_t ExposureSets::index_of(ExposureSet set) {
    std::ranges::sort(set.classes);
    std::ranges::sort(set.drugs);
    for (std::size_t i = 0; i < sets.size(); ++i)
        if (sets[i].classes == set.classes && sets[i].drugs == set.drugs && sets[i].route == set.route)
            return i;
    sets.push_back(std::move(set));
    return sets.size() - 1;
}

Compiler::Compiler(const config::Vocabulary& vocabulary, const Common& common, const std::vector<Definition>& monitors,
                   ExposureSets& exposures)
    : vocabulary_(vocabulary), common_(common), monitors_(monitors), exposures_(exposures) {}

void Compiler::enter(const Definition& definition) {
    definition_ = &definition;
    reads_ = {};
}

Result<TruthPtr> Compiler::truth(const Written& written, Role role) {
    is_clears_ = role == Role::clears;
    is_harder_ = is_clears_;
    sample_.reset();
    auto expr = parsed(written);
    if (!expr)
        return std::unexpected(expr.error());
    if (is_clears_)
        warn_of_older_facts(*expr);
    return compile_truth(*expr);
}

Result<TruthPtr> Compiler::sample_rule(const Written& written, const model::CodeId& analyte) {
    is_clears_ = is_harder_ = false;
    auto expr = parsed(written);
    if (!expr)
        return std::unexpected(expr.error());
    sample_ = analyte;
    auto node = compile_truth(*expr);
    sample_.reset();
    return node;
}

Result<Span> Compiler::span(const Written& written) {
    auto expr = parsed(written);
    if (!expr)
        return std::unexpected(expr.error());
    return compile_span(*expr);
}

Result<Expr> Compiler::parsed(const Written& written) const {
    return parse(written.text, written.place);
}

std::unexpected<model::Error> Compiler::problem(const Expr& expr, const std::string& message) const {
    return model::fail(ErrorKind::config, "monitor", message, to_text(expr.place));
}

std::vector<std::string> Compiler::known_names() const {
    std::vector<std::string> names = plain_words();
    for (const auto& [word, arguments] : words_with_arguments())
        names.push_back(word);
    for (const auto& [id, analyte] : vocabulary_.analytes())
        names.push_back(id.text);
    for (const auto& [id, drug] : vocabulary_.drugs())
        names.push_back(id.text);
    for (const auto& [id, drug_class] : vocabulary_.drug_classes())
        names.push_back(id.text);
    for (const auto& [id, condition] : vocabulary_.conditions())
        names.push_back(id.text);
    for (const auto& [name, members] : common_.groups)
        names.push_back(name);
    for (const Definition& monitor : monitors_)
        names.push_back(monitor.id.text);
    if (definition_ != nullptr) {
        for (const Threshold& threshold : definition_->thresholds)
            names.push_back(threshold.name);
        for (const auto& [name, let] : definition_->lets)
            names.push_back(name);
    }
    return names;
}

std::unexpected<model::Error> Compiler::unknown_name(const Expr& expr, const std::string& name,
                                                     const std::string& wanted) const {
    const std::string found = "expected " + wanted + ", found '" + name + "'";
    if (const std::string kind = kind_of(name); !kind.empty())
        return problem(expr, found + ", " + kind);
    std::vector<std::string> names = known_names();
    std::erase(names, name);
    return problem(expr, found + config::did_you_mean(name, names));
}

std::unexpected<model::Error> Compiler::asked_of_a_sample(const Expr& expr) const {
    return problem(expr, "'" + expr.text + "' is asked of a sample or an event: in its condition, or in 'where:'");
}

Result<Expr> Compiler::resolved(const Expr& expr) const {
    if (expr.kind != Expr::Kind::name || definition_ == nullptr)
        return expr;
    if (const Threshold* known = threshold(expr.text))
        return parsed(known->value);
    const auto let = definition_->lets.find(expr.text);
    if (let == definition_->lets.end())
        return expr;
    if (depth_ >= let_depth_max)
        return problem(expr, "'" + expr.text + "' is defined by itself");
    ++depth_;
    auto inner = parsed(let->second);
    auto out = inner ? resolved(*inner) : inner;
    --depth_;
    return out;
}

const Threshold* Compiler::threshold(const std::string& name) const {
    if (definition_ == nullptr)
        return nullptr;
    const auto at = std::ranges::find(definition_->thresholds, name, &Threshold::name);
    return at == definition_->thresholds.end() ? nullptr : &*at;
}

const Expr* Compiler::argument(const Expr& expr, std::string_view name) const {
    for (const auto& [label, value] : expr.named)
        if (label == name)
            return &value;
    return nullptr;
}

Result<void> Compiler::check_arguments(const Expr& expr, std::size_t positional) const {
    const std::vector<std::string>& known = words_with_arguments().at(expr.text);
    for (const auto& [label, value] : expr.named)
        if (std::ranges::find(known, label) == known.end()) {
            return problem(value,
                           "'" + expr.text + "' has no argument '" + label + "'" + config::did_you_mean(label, known));
        }
    if (expr.children.size() != positional)
        return problem(expr, "'" + expr.text + "' takes " + std::to_string(positional) + " argument" +
                                 (positional == 1 ? "" : "s") + " before the named ones, found " +
                                 std::to_string(expr.children.size()));
    return {};
}

Result<TruthPtr> Compiler::compile_truth(const Expr& written) {
    auto found = resolved(written);
    if (!found)
        return std::unexpected(found.error());
    const Expr& expr = *found;
    const auto with_source = [&](Result<TruthPtr> node) {
        const bool is_word = expr.kind == Expr::Kind::compare || expr.kind == Expr::Kind::call;
        if (node && is_word && names_anchor(expr))
            node = make_agreed(std::move(*node));
        if (node)
            (*node)->source = written.source;
        return node;
    };

    switch (expr.kind) {
    case Expr::Kind::and_:
    case Expr::Kind::or_: {
        std::vector<TruthPtr> operands;
        for (const Expr& child : expr.children) {
            auto operand = compile_truth(child);
            if (!operand)
                return operand;
            operands.push_back(std::move(*operand));
        }
        return with_source(expr.kind == Expr::Kind::and_ ? make_and(std::move(operands))
                                                         : make_or(std::move(operands)));
    }
    case Expr::Kind::not_: {
        warn_of_absence(expr.children[0]);
        is_harder_ = is_clears_ && !is_harder_;
        auto operand = compile_truth(expr.children[0]);
        is_harder_ = is_clears_ && !is_harder_;
        if (!operand)
            return operand;
        return with_source(make_not(std::move(*operand)));
    }
    case Expr::Kind::if_: {
        std::vector<TruthPtr> parts;
        for (const Expr& child : expr.children) {
            auto part = compile_truth(child);
            if (!part)
                return part;
            parts.push_back(std::move(*part));
        }
        return with_source(make_if(std::move(parts[0]), std::move(parts[1]), std::move(parts[2])));
    }
    case Expr::Kind::otherwise: {
        auto left = compile_truth(expr.children[0]);
        if (!left)
            return left;
        auto right = compile_truth(expr.children[1]);
        if (!right)
            return right;
        return with_source(make_otherwise(std::move(*left), std::move(*right)));
    }
    case Expr::Kind::compare:
        return with_source(compile_compare(expr));
    case Expr::Kind::is:
        return with_source(compile_is(expr));
    case Expr::Kind::call:
        return with_source(compile_call(expr));
    case Expr::Kind::name:
        if (expr.text == "true" || expr.text == "false")
            return with_source(make_constant(expr.text == "true"));
        if (expr.text == "dead")
            return with_source(make_dead());
        if (expr.text == "registered")
            return with_source(make_registered());
        return unknown_name(expr, expr.text, "something true or false");
    default:
        return problem(expr, "expected something true or false, found '" + expr.source + "'");
    }
}

void Compiler::warn_of_absence(const Expr& negated) {
    if (negated.kind == Expr::Kind::and_ || negated.kind == Expr::Kind::or_)
        for (const Expr& part : negated.children)
            warn_of_absence(part);
    const auto inner = resolved(negated);
    if (!inner || inner->kind != Expr::Kind::compare)
        return;
    for (const Expr& side : inner->children)
        if (const auto absent = may_be_absent(side))
            warn(negated, "'not " + negated.source + "' is also true where there is no '" + *absent +
                              "'; write the opposite comparison if that is not meant");
}

std::optional<std::string> Compiler::may_be_absent(const Expr& written) const {
    static const std::set<std::string> words{"latest", "drop",  "rise", "drop_percent", "rise_percent",
                                             "trend",  "first", "last", "average_dose"};
    const auto asked = resolved(written);
    if (!asked)
        return std::nullopt;
    if (asked->kind == Expr::Kind::call)
        return words.contains(asked->text) ? std::optional(asked->source) : std::nullopt;
    if (asked->kind == Expr::Kind::sum || asked->kind == Expr::Kind::product)
        for (const Expr& part : asked->children)
            if (const auto absent = may_be_absent(part))
                return absent;
    return std::nullopt;
}

void Compiler::warn_of_older_facts(const Expr& written) {
    static const std::set<std::string> anchored{"count", "first", "last"};
    const auto found = resolved(written);
    if (!found)
        return;
    const bool is_open_ended =
        anchored.contains(found->text) && argument(*found, "from") == nullptr && argument(*found, "within") == nullptr;
    if (found->kind == Expr::Kind::call && is_open_ended)
        warn(*found,
             "'" + found->source + "' in 'clears' can be met by facts older than the episode: say 'from: raised'");
    for (const Expr& child : found->children)
        warn_of_older_facts(child);
}

/// Whether a date of some event stands anywhere in it.
bool Compiler::names_anchor(const Expr& written) const {
    const auto found = resolved(written);
    if (!found)
        return false;
    const auto does = [this](const Expr& part) { return names_anchor(part); };
    return (found->kind == Expr::Kind::call && (found->text == "first" || found->text == "last")) ||
           std::ranges::any_of(found->children, does) ||
           std::ranges::any_of(found->named, [&](const auto& argument) { return does(argument.second); });
}

Result<TruthPtr> Compiler::compile_call(const Expr& expr) {
    static const std::map<std::string, Result<TruthPtr> (Compiler::*)(const Expr&)> questions{
        {"known", &Compiler::compile_known},
        {"on", &Compiler::compile_on},
        {"sustained", &Compiler::compile_sustained},
        {"missing", &Compiler::compile_missing},
        {"incomplete", &Compiler::compile_incomplete},
        {"at_least", &Compiler::compile_at_least},
        {"open", &Compiler::compile_open},
        {"near", &Compiler::compile_near},
        {"at", &Compiler::compile_at},
        {"taken_between", &Compiler::compile_taken_between}};
    if (const auto question = questions.find(expr.text); question != questions.end())
        return (this->*question->second)(expr);
    if (words_with_arguments().contains(expr.text))
        return problem(expr, "'" + expr.text +
                                 "' is not something true or false: compare it, or ask 'missing' or 'count' of it");
    return no_word(expr);
}

std::unexpected<model::Error> Compiler::no_word(const Expr& expr) const {
    std::vector<std::string> known;
    for (const auto& [word, arguments] : words_with_arguments())
        known.push_back(word);
    return problem(expr, "no word '" + expr.text + "'" + config::did_you_mean(expr.text, known));
}

Result<Span> Compiler::compile_span(const Expr& written) {
    auto expr = resolved(written);
    if (!expr)
        return std::unexpected(expr.error());
    if (expr->kind == Expr::Kind::sum && expr->text == "+") {
        auto left = compile_span(expr->children[0]);
        auto right = left ? compile_span(expr->children[1]) : left;
        return right ? Result<Span>(*left + *right) : right;
    }
    const auto span = span_of(*expr);
    if (!span)
        return problem(*expr, "expected a length of time in whole d, mo or y, found '" + expr->source + "'");
    return *span;
}

Result<std::int64_t> Compiler::compile_whole(const Expr& written) {
    auto expr = resolved(written);
    if (!expr)
        return std::unexpected(expr.error());
    const auto number = expr->kind == Expr::Kind::quantity && expr->unit.empty() ? model::parse_decimal(expr->text)
                                                                                 : model::parse_decimal("");
    if (!number || number->denominator() != 1 || number->numerator() < 1)
        return problem(*expr, "expected a whole number from 1, found '" + expr->source + "'");
    return number->numerator();
}

Result<Rational> Compiler::compile_number(const Expr& written) {
    auto expr = resolved(written);
    if (!expr)
        return std::unexpected(expr.error());
    const auto number = expr->kind == Expr::Kind::quantity && expr->unit.empty() ? model::parse_decimal(expr->text)
                                                                                 : model::parse_decimal("");
    if (!number || *number <= Rational(0))
        return problem(*expr, "expected a number above 0, found '" + expr->source + "'");
    return *number;
}

} // namespace bonewatch::monitors
