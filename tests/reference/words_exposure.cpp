#include "tests/reference/evaluate.h"

#include <algorithm>

namespace bonewatch::reference {

namespace {

using model::Rational;

std::optional<model::Route> route_of(const Expr& call) {
    const ExprPtr argument = call.argument("route");
    if (!argument)
        return std::nullopt;
    const std::string word = argument->text == "iv" ? "intravenous" : argument->text;
    const auto route = model::parse_route(word);
    if (!route)
        throw Unreadable("no route '" + argument->text + "'");
    return route;
}

/// Covered days in [from, to).
std::int64_t covered(const DrugDays& days, Date from, Date to) {
    std::int64_t out = 0;
    for (Date day = from; day < to; day += Days(1))
        out += days.covers(day) ? 1 : 0;
    return out;
}

struct Asked {
    std::optional<Duration> length;
    Duration gap, tail;
    Rational coverage{0};
};

Truth is_on(const DrugDays& days, Date today, const Asked& asked) {
    const auto last = days.last_covered();
    if (!last || after(*last, asked.tail) < today)
        return Truth::no;
    if (!asked.length && asked.coverage.is_zero())
        return Truth::yes;
    // A gap in months would depend on where it begins; gaps are days.
    const Bridged exposure = *days.last_bridged(Days(asked.gap.days));
    const Date end = std::min(today, exposure.last + Days(1));
    if (asked.length && after(exposure.first, *asked.length) > end)
        return Truth::no;
    const Date from = asked.length ? std::max(exposure.first, before(end, *asked.length)) : exposure.first;
    const Rational elapsed((end - from).count());
    return as_truth(Rational(covered(days, from, end)) * Rational(100) >= elapsed * asked.coverage);
}

struct Sum {
    Units known = 0;
    bool any_unknown = false;
    std::int64_t covered = 0;
};

Sum sum_of(const DrugDays& days, Date today, const Duration& window) {
    Sum sum;
    for (Date day = before(today, window) + Days(1); day <= today; day += Days(1)) {
        if (!days.covers(day))
            continue;
        ++sum.covered;
        sum.known += days.on(day).dose;
        sum.any_unknown = sum.any_unknown || !days.on(day).is_dose_known;
    }
    return sum;
}

/// What is not known can only add.
Possible amount(const Sum& sum, std::int64_t shared_by) {
    const model::Bound low{Rational(sum.known, units_per_mg * shared_by)};
    return {model::ValueInterval{low, sum.any_unknown ? std::nullopt : std::optional(low)}, false, nullptr};
}

Quantity over_worlds(const Look& look, const Expr& call, const char* window, bool is_average) {
    const ExprPtr length = call.argument(window);
    if (!length)
        throw Unreadable("'" + call.text + "' needs '" + window + ":'");
    const Vocabulary& vocabulary = *look.catalogue.vocabulary;
    const Exposure& exposure = look.view->exposure(drugs_of(*call.argument(0)));
    if (exposure.worlds().empty())
        return anything("mg");
    return agreed(vocabulary, durations(look, *length), [&](const Duration& over) {
        return agreed(vocabulary, exposure.worlds(), [&](const World& world) {
            const Sum sum = sum_of(world.days, look.today(), over);
            if (is_average && sum.covered == 0)
                return nothing("mg");
            return single(amount(sum, is_average ? sum.covered : 1), "mg");
        });
    });
}

} // namespace

const DrugSet& drugs_of(const Expr& expr) {
    if (!expr.drugs || expr.drugs->empty())
        throw Unreadable("'" + expr.text + "' names no drug or class of drugs");
    return *expr.drugs;
}

Units units_of(const Look& look, const Expr& expr) {
    const Quantity amount = quantity(look, expr);
    if (amount.unit != "mg" || amount.each.size() != 1 || !amount.each[0].value || !amount.each[0].value->is_exact())
        throw Unreadable("'" + expr.text + "' is no dose");
    return (amount.each[0].value->low->value * Rational(units_per_mg)).numerator();
}

Truth on(const Look& look, const Expr& call) {
    const DrugSet& set = drugs_of(*call.argument(0));
    const Exposure& exposure = look.view->exposure(set, route_of(call));
    const Duration own{0, static_cast<int>(set.gap.count())};
    const ExprPtr length = call.argument("for");
    const Rational coverage = exact_number(look, call.argument("coverage"), 0);
    return agreed(durations(look, length, {}), [&](const Duration& at_least) {
        return agreed(durations(look, call.argument("gap"), own), [&](const Duration& gap) {
            return agreed(durations(look, call.argument("within"), gap), [&](const Duration& tail) {
                const Asked asked{length ? std::optional(at_least) : std::nullopt, gap, tail, coverage};
                return exposure.in_every_world(
                    [&](const World& world) { return is_on(world.days, look.today(), asked); });
            });
        });
    });
}

Quantity average_dose(const Look& look, const Expr& call) {
    return over_worlds(look, call, "over", true);
}

Quantity total_dose(const Look& look, const Expr& call) {
    return over_worlds(look, call, "within", false);
}

} // namespace bonewatch::reference
