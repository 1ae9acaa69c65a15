#include "tests/reference/evaluate.h"

#include <algorithm>

namespace bonewatch::reference {

namespace {

using model::Comparison;
using model::Rational;

enum class Type { truth, quantity, date };

const Codes truths{"known", "on", "sustained", "missing", "incomplete", "near", "open", "at_least", "taken_between"};
const Codes plain_truths{"true", "false", "dead", "registered"};
const Codes dates{"now", "raised", "born"};

Type type_of(const Expr& expr) {
    switch (expr.kind) {
    case Kind::compare:
    case Kind::any:
    case Kind::all:
    case Kind::negation:
    case Kind::is:
        return Type::truth;
    case Kind::choice:
        return type_of(*expr.parts[1]);
    case Kind::otherwise:
    case Kind::plus:
    case Kind::minus:
        return type_of(*expr.parts[0]);
    case Kind::name:
        return plain_truths.contains(expr.text) ? Type::truth : dates.contains(expr.text) ? Type::date : Type::quantity;
    case Kind::call:
        if (expr.text == "at" && expr.argument(1))
            return type_of(*expr.argument(1));
        return truths.contains(expr.text)                    ? Type::truth
               : expr.text == "first" || expr.text == "last" ? Type::date
                                                             : Type::quantity;
    default:
        return Type::quantity;
    }
}

[[noreturn]] void wrong_kind(const Expr& expr, const std::string& wanted) {
    throw Unreadable("'" + expr.text + "' is not " + wanted);
}

Comparison comparison_of(const std::string& mark) {
    if (mark == "<")
        return Comparison::less;
    if (mark == "<=")
        return Comparison::less_equal;
    if (mark == ">")
        return Comparison::greater;
    if (mark == ">=")
        return Comparison::greater_equal;
    return mark == "=" ? Comparison::equal : Comparison::not_equal;
}

Truth compared_dates(const Anchor& a, Comparison comparison, const Anchor& b) {
    if (a.exists != Truth::yes || b.exists != Truth::yes)
        return both(a.exists, b.exists);
    const auto days = [](const Anchor& one) {
        const auto number = [](Date day) { return model::Bound{Rational(day.time_since_epoch().count())}; };
        return model::ValueInterval{number(one.date), number(one.date_last)};
    };
    return model::compare(days(a), comparison, days(b));
}

/// Words of the sample itself; in a comparison with `latest` they are those of its sample.
bool speaks_of_the_sample(const Expr& expr) {
    if (expr.kind == Kind::name)
        return expr.text == "value" || expr.text == "normal_low" || expr.text == "normal_high";
    return std::any_of(expr.parts.begin(), expr.parts.end(),
                       [](const ExprPtr& part) { return speaks_of_the_sample(*part); });
}

Truth comparison(const Look& look, const Expr& expr) {
    const Expr& left = *expr.parts[0];
    const Expr& right = *expr.parts[1];
    const Comparison mark = comparison_of(expr.text);
    if (type_of(left) == Type::date || type_of(right) == Type::date)
        return compared_dates(date(look, left), mark, date(look, right));
    const Vocabulary& vocabulary = *look.catalogue.vocabulary;
    if (look.sample == nullptr && (speaks_of_the_sample(left) || speaks_of_the_sample(right))) {
        const bool sample_is_left = speaks_of_the_sample(right);
        const Quantity samples = quantity(look, sample_is_left ? left : right);
        std::optional<Truth> answer;
        for (const Possible& one : samples.each) {
            Look there = look;
            there.sample = one.sample;
            const Quantity value = single(one, samples.unit);
            const Truth so = sample_is_left ? compared(vocabulary, value, mark, quantity(there, right), look.rule())
                                            : compared(vocabulary, quantity(there, left), mark, value, look.rule());
            answer = !answer ? so : look.rule() == Rule::any ? either(*answer, so) : both(*answer, so);
        }
        return answer.value_or(Truth::no);
    }
    return compared(vocabulary, quantity(look, left), mark, quantity(look, right), look.rule());
}

Truth at_least(const Look& look, const Expr& call) {
    const Rational needed = exact_number(look, call.argument(0), 1);
    Rational surely = 0;
    Rational perhaps = 0;
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        ExprPtr clause = call.argument(i);
        Rational weight = 1;
        if (clause->kind == Kind::times) {
            weight = exact_number(look, clause->parts[0], 1);
            clause = clause->parts[1];
        }
        const Truth so = truth(look, *clause);
        if (so != Truth::no)
            perhaps += weight;
        if (so == Truth::yes)
            surely += weight;
    }
    return surely >= needed ? Truth::yes : perhaps >= needed ? Truth::unknown : Truth::no;
}

/// Today's state; of a day gone by, as it was after that day's last step.
Truth open(const Look& look, const std::string& id) {
    const bool is_past = look.today() < look.view->real().today();
    const Instant then = Instant(look.today() + Days(1));
    for (const Monitor& monitor : look.catalogue.monitors) {
        if (monitor.id != id && monitor.family != id)
            continue;
        const auto standing = look.standings.find(monitor.id);
        if (standing == look.standings.end())
            continue;
        if (!is_past && standing->second.raised)
            return Truth::yes;
        for (const Spell& spell : standing->second.spells)
            if (is_past && spell.opened < then && (!spell.closed || *spell.closed >= then))
                return Truth::yes;
    }
    return Truth::no;
}

Truth at(const Look& look, const Expr& call) {
    const Anchor anchor = date(look, *call.argument(0));
    if (anchor.exists != Truth::yes)
        return anchor.exists;
    return agreed(std::vector{anchor.date, anchor.date_last},
                  [&](Date day) { return truth(look.at(day), *call.argument(1)); });
}

} // namespace

Look Look::at(Date day) const {
    Look there = *this;
    there.view = &view->at(day);
    return there;
}
Look Look::about(const Sample& one) const {
    Look there = at(one.date);
    there.sample = &one;
    there.event = one.fact;
    return there;
}
Look Look::about(const Fact* fact, Date day) const {
    Look there = at(day);
    there.sample = nullptr;
    there.event = fact;
    return there;
}

Truth truth(const Look& look, const Expr& expr) {
    switch (expr.kind) {
    case Kind::any: {
        const Truth left = truth(look, *expr.parts[0]);
        return left == Truth::yes ? left : either(left, truth(look, *expr.parts[1]));
    }
    case Kind::all: {
        const Truth left = truth(look, *expr.parts[0]);
        return left == Truth::no ? left : both(left, truth(look, *expr.parts[1]));
    }
    case Kind::negation: {
        Look inside = look;
        inside.is_negated = !look.is_negated;
        return negated(truth(inside, *expr.parts[0]));
    }
    case Kind::compare:
        return comparison(look, expr);
    case Kind::is:
        return expr.parts[0]->text == "sex" ? sex_is(look, expr.text)
                                            : attribute_is(look, expr.parts[0]->text, expr.text);
    case Kind::choice: {
        const Truth condition = truth(look, *expr.parts[0]);
        if (condition != Truth::unknown)
            return truth(look, *expr.parts[condition == Truth::yes ? 1 : 2]);
        const Truth one = truth(look, *expr.parts[1]);
        return one == truth(look, *expr.parts[2]) ? one : Truth::unknown;
    }
    case Kind::otherwise: {
        const Truth left = truth(look, *expr.parts[0]);
        return left == Truth::unknown ? truth(look, *expr.parts[1]) : left;
    }
    case Kind::name:
        if (expr.text == "true" || expr.text == "false")
            return as_truth(expr.text == "true");
        if (expr.text == "dead")
            return dead(look);
        if (expr.text == "registered")
            return registered(look);
        wrong_kind(expr, "true or false");
    case Kind::call:
        if (expr.text == "known")
            return known(look, expr);
        if (expr.text == "on")
            return on(look, expr);
        if (expr.text == "sustained")
            return sustained(look, expr);
        if (expr.text == "missing")
            return missing(look, expr);
        if (expr.text == "incomplete")
            return incomplete(look, expr);
        if (expr.text == "near")
            return near(look, expr);
        if (expr.text == "open")
            return open(look, expr.argument(0)->text);
        if (expr.text == "at_least")
            return at_least(look, expr);
        if (expr.text == "taken_between")
            return taken_between(look, expr);
        if (expr.text == "at")
            return at(look, expr);
        wrong_kind(expr, "true or false");
    default:
        wrong_kind(expr, "true or false");
    }
}

namespace {

Quantity quantity_of_name(const Look& look, const Expr& expr) {
    if (expr.text == "age")
        return age(look);
    if (look.sample == nullptr)
        wrong_kind(expr, "a quantity here");
    const model::ResultEvent& result = look.sample->result();
    const UnitText unit = "@" + result.analyte.text;
    if (expr.text == "value" || expr.text == result.analyte.text)
        return single({look.sample->value.value_or(unbounded()), false, look.sample}, unit);
    if (expr.text == "normal_low" || expr.text == "normal_high") {
        const auto& bound = expr.text == "normal_low" ? result.range_low : result.range_high;
        if (look.sample->fact->disputed)
            return anything(unit);
        return bound ? exactly(*bound, unit) : nothing(unit);
    }
    wrong_kind(expr, "a quantity of this sample");
}

/// A value is there for certain, and something is known of it.
bool is_definite(const Quantity& one) {
    return !one.each.empty() && std::all_of(one.each.begin(), one.each.end(), [](const Possible& each) {
        return each.value && !each.may_be_nothing && (each.value->low || each.value->high);
    });
}

Quantity chosen(const Look& look, const Expr& expr) {
    const Truth condition = truth(look, *expr.parts[0]);
    if (condition != Truth::unknown)
        return quantity(look, *expr.parts[condition == Truth::yes ? 1 : 2]);
    const Quantity a = quantity(look, *expr.parts[1]);
    const Quantity b = quantity(look, *expr.parts[2]);
    if (a.each.empty() != b.each.empty())
        return single({unbounded(), false, nullptr}, a.unit);
    return either_of(*look.catalogue.vocabulary, a, b);
}

} // namespace

Quantity quantity(const Look& look, const Expr& expr) {
    const Vocabulary& vocabulary = *look.catalogue.vocabulary;
    switch (expr.kind) {
    case Kind::number:
        if (expr.text == "ug")
            return exactly(expr.number * Rational(1, 1000), "mg");
        return expr.text == "g" ? exactly(expr.number * Rational(1000), "mg") : exactly(expr.number, expr.text);
    case Kind::name:
        return quantity_of_name(look, expr);
    case Kind::plus:
    case Kind::minus:
        return sum(vocabulary, quantity(look, *expr.parts[0]), quantity(look, *expr.parts[1]),
                   expr.kind == Kind::minus);
    case Kind::times:
        return product(quantity(look, *expr.parts[0]), quantity(look, *expr.parts[1]));
    case Kind::divide:
        return quotient(vocabulary, quantity(look, *expr.parts[0]), quantity(look, *expr.parts[1]));
    case Kind::choice:
        return chosen(look, expr);
    case Kind::otherwise: {
        const Quantity left = quantity(look, *expr.parts[0]);
        return is_definite(left) ? left : quantity(look, *expr.parts[1]);
    }
    case Kind::call:
        if (expr.text == "latest")
            return latest(look, expr);
        if (expr.text == "average_dose")
            return average_dose(look, expr);
        if (expr.text == "total_dose")
            return total_dose(look, expr);
        if (expr.text == "count")
            return count(look, expr);
        if (expr.text == "trend")
            return trend(look, expr);
        if (expr.text.starts_with("drop") || expr.text.starts_with("rise"))
            return change(look, expr);
        if (expr.text == "at") {
            const Anchor anchor = date(look, *expr.argument(0));
            const Quantity today = quantity(look, *expr.argument(1));
            if (anchor.exists != Truth::yes)
                return anchor.exists == Truth::no ? nothing(today.unit) : anything(today.unit);
            return agreed(vocabulary, std::vector{anchor.date, anchor.date_last},
                          [&](Date day) { return quantity(look.at(day), *expr.argument(1)); });
        }
        wrong_kind(expr, "a quantity");
    default:
        wrong_kind(expr, "a quantity");
    }
}

Anchor date(const Look& look, const Expr& expr) {
    const auto on_day = [](Date day) { return Anchor{Truth::yes, day, day, nullptr}; };
    switch (expr.kind) {
    case Kind::name:
        if (expr.text == "now")
            return on_day(look.today());
        if (expr.text == "raised")
            return on_day(look.raised);
        if (expr.text == "born")
            return born(look);
        wrong_kind(expr, "a date");
    case Kind::plus:
    case Kind::minus: {
        Anchor anchor = date(look, *expr.parts[0]);
        if (anchor.exists != Truth::yes)
            return anchor;
        std::optional<Anchor> out;
        for (const Duration& one : durations(look, *expr.parts[1])) {
            const auto step = [&](Date day) { return expr.kind == Kind::plus ? after(day, one) : before(day, one); };
            const Anchor here{Truth::yes, step(anchor.date), step(anchor.date_last), anchor.of};
            out = out ? Anchor{Truth::yes, std::min(out->date, here.date), std::max(out->date_last, here.date_last),
                               anchor.of}
                      : here;
        }
        return *out;
    }
    case Kind::choice: {
        const Truth condition = truth(look, *expr.parts[0]);
        if (condition != Truth::unknown)
            return date(look, *expr.parts[condition == Truth::yes ? 1 : 2]);
        const Anchor a = date(look, *expr.parts[1]);
        return a == date(look, *expr.parts[2]) ? a : Anchor{Truth::unknown, {}, {}, nullptr};
    }
    case Kind::otherwise: {
        const Anchor left = date(look, *expr.parts[0]);
        return left.exists == Truth::yes ? left : date(look, *expr.parts[1]);
    }
    case Kind::call:
        if (expr.text == "first" || expr.text == "last")
            return first_or_last(look, expr);
        if (expr.text == "at") {
            const Anchor anchor = date(look, *expr.argument(0));
            if (anchor.exists != Truth::yes)
                return anchor;
            const Anchor early = date(look.at(anchor.date), *expr.argument(1));
            return early == date(look.at(anchor.date_last), *expr.argument(1))
                       ? early
                       : Anchor{Truth::unknown, {}, {}, nullptr};
        }
        wrong_kind(expr, "a date");
    default:
        wrong_kind(expr, "a date");
    }
}

Date after(Date day, const Duration& duration) {
    return (duration.months == 0 ? day : model::add_months(day, duration.months)) + Days(duration.days);
}
Date before(Date day, const Duration& duration) {
    return (duration.months == 0 ? day : model::add_months(day, -duration.months)) - Days(duration.days);
}

std::vector<Duration> durations(const Look& look, const Expr& expr) {
    std::vector<Duration> out;
    const auto add = [&](const Duration& one) {
        if (std::find(out.begin(), out.end(), one) == out.end())
            out.push_back(one);
    };
    switch (expr.kind) {
    case Kind::number: {
        const int whole = static_cast<int>(expr.number.numerator());
        if (expr.number.denominator() != 1 || (expr.text != "d" && expr.text != "mo" && expr.text != "y"))
            wrong_kind(expr, "a length of time");
        return {expr.text == "d" ? Duration{0, whole} : Duration{expr.text == "mo" ? whole : 12 * whole, 0}};
    }
    case Kind::plus:
    case Kind::minus: {
        const int sign = expr.kind == Kind::plus ? 1 : -1;
        for (const Duration& a : durations(look, *expr.parts[0]))
            for (const Duration& b : durations(look, *expr.parts[1]))
                add({a.months + sign * b.months, a.days + sign * b.days});
        return out;
    }
    case Kind::choice: {
        const Truth condition = truth(look, *expr.parts[0]);
        for (const int branch : {1, 2})
            if (condition == Truth::unknown || (condition == Truth::yes) == (branch == 1))
                for (const Duration& one : durations(look, *expr.parts[static_cast<std::size_t>(branch)]))
                    add(one);
        return out;
    }
    default:
        wrong_kind(expr, "a length of time");
    }
}

std::vector<Duration> durations(const Look& look, const ExprPtr& argument, Duration otherwise) {
    return argument ? durations(look, *argument) : std::vector{otherwise};
}

Rational exact_number(const Look& look, const ExprPtr& argument, Rational otherwise) {
    if (!argument)
        return otherwise;
    const Quantity number = quantity(look, *argument);
    if (number.each.size() != 1 || !number.each[0].value || !number.each[0].value->is_exact())
        throw Unreadable("not an exact number");
    return number.each[0].value->low->value;
}

Occurrence placed(Occurrence event, const Window& window) {
    for (const auto& [fact, is_late] : window.reckoned_from)
        if (event.fact == fact)
            event.date = event.date_last = is_late ? event.date_last : event.date;
    return event;
}

Windows windows(const Look& look, const Expr& call) {
    constexpr Date ever{Days(-1'000'000)};
    Windows out;
    struct End {
        Date date;
        const Fact* of;
        bool is_late;
    };
    std::vector<Date> froms;
    for (const Duration& within : durations(look, call.argument("within"), {}))
        froms.push_back(call.argument("within") ? before(look.today(), within) : ever);
    const auto ends_of = [&](const char* name, Date otherwise) {
        const ExprPtr argument = call.argument(name);
        if (!argument)
            return std::vector{End{otherwise, nullptr, false}};
        const Anchor anchor = date(look, *argument);
        out.exists = both(out.exists, anchor.exists);
        return std::vector{End{anchor.date, anchor.of, false}, End{anchor.date_last, anchor.of, true}};
    };
    const std::vector<End> anchors = ends_of("from", ever);
    const std::vector<End> tos = ends_of("to", look.today());
    for (const Date within : froms)
        for (const End& anchor : anchors)
            for (const End& to : tos) {
                if (anchor.of != nullptr && anchor.of == to.of && anchor.is_late != to.is_late)
                    continue; // One event stands on one day.
                Window way{std::max(within, anchor.date), to.date};
                for (const End& end : {anchor, to})
                    if (end.of != nullptr)
                        way.reckoned_from.emplace_back(end.of, end.is_late);
                out.ways.push_back(std::move(way));
            }
    return out;
}

bool is_readable(const Catalogue& catalogue, const View& view, const Sample& sample) {
    const auto line = catalogue.readable.find(sample.result().analyte.text);
    if (line == catalogue.readable.end())
        return true;
    static const Standings none;
    const Look look{catalogue, none, &view, sample.date};
    return truth(look.about(sample), *line->second) == Truth::yes;
}

} // namespace bonewatch::reference
