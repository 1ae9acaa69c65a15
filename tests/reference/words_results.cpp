#include "tests/reference/evaluate.h"

#include <algorithm>

namespace bonewatch::reference {

namespace {

using model::Bound;
using model::Rational;
using model::ValueInterval;

std::string analyte_of(const Look& look, const ExprPtr& expr) {
    if (!expr || expr->ids.size() != 1 || look.catalogue.vocabulary->analyte(*expr->ids.begin()) == nullptr)
        throw Unreadable("expected one analyte");
    return *expr->ids.begin();
}

/// The one bare analyte of a condition, not looking into its words.
std::string bare_analyte(const Look& look, const Expr& condition) {
    if (condition.kind == Kind::name && condition.ids.size() == 1 &&
        look.catalogue.vocabulary->analyte(*condition.ids.begin()) != nullptr)
        return *condition.ids.begin();
    for (const ExprPtr& part : condition.parts)
        if (const std::string found = bare_analyte(look, *part); !found.empty())
            return found;
    return {};
}

std::string series_of(const Look& look, const Expr& call) {
    if (call.argument("of"))
        return analyte_of(look, call.argument("of"));
    const std::string found = bare_analyte(look, *call.argument(0));
    if (found.empty())
        throw Unreadable("'" + call.text + "' needs 'of:'");
    return found;
}

/// Whether a sample takes part: `where:`, asked at its own date.
Truth takes_part(const Look& look, const Expr& call, const Sample& sample) {
    const ExprPtr where = call.argument("where");
    return where ? truth(look.about(sample), *where) : Truth::yes;
}

/// A result that takes part in a change or trend, with every value that it may have.
struct Eligible {
    const Sample* sample = nullptr;
    bool is_certain = true; ///< `where:` is true of it.
    ValueInterval value;
};

std::vector<Eligible> eligible(const Look& look, const Expr& call, const std::string& analyte) {
    std::vector<Eligible> out;
    for (const Sample& sample : look.view->samples(analyte)) {
        const Truth part = takes_part(look, call, sample);
        if (part != Truth::no)
            out.push_back(
                {&sample, part == Truth::yes, part == Truth::yes ? sample.value.value_or(unbounded()) : unbounded()});
    }
    return out;
}

} // namespace

Quantity latest(const Look& look, const Expr& call) {
    const std::string analyte = analyte_of(look, call.argument(0));
    const UnitText unit = "@" + analyte;
    const std::vector<Eligible> results = eligible(look, call, analyte);
    const Windows asked = windows(look, call);
    if (asked.exists != Truth::yes)
        return asked.exists == Truth::no ? nothing(unit) : anything(unit);
    return agreed(*look.catalogue.vocabulary, asked.ways, [&](const Window& window) {
        Quantity newest{{}, unit};
        for (const Eligible& one : results)
            if (one.sample->date == results.back().sample->date && one.sample->date >= window.from &&
                one.sample->date <= window.to)
                newest.each.push_back({one.value, false, one.sample});
        return newest;
    });
}

ConditionDays by_day(const Look& look, const Expr& call) {
    ConditionDays out;
    const ExprPtr condition = call.argument(0);
    for (const Sample& sample : look.view->samples(series_of(look, call))) {
        const Truth part = takes_part(look, call, sample);
        if (part == Truth::no)
            continue;
        const bool is_known = part == Truth::yes && !sample.fact->disputed;
        const Truth met = is_known ? truth(look.about(sample), *condition) : Truth::unknown;
        const auto [day, is_new] = out.days.emplace(sample.date, met);
        out.facts.emplace(sample.date, sample.fact);
        out.results.emplace_back(&sample, met);
        if (!is_new)
            day->second = look.rule() == Rule::any ? either(day->second, met) : both(day->second, met);
    }
    return out;
}

std::vector<Date> run_of(const ConditionDays& condition, std::optional<Duration> gap, bool unknown_counts) {
    std::vector<Date> run;
    for (auto day = condition.days.rbegin(); day != condition.days.rend(); ++day) {
        if (day->second == Truth::no)
            break;
        if (day->second == Truth::unknown && !unknown_counts)
            continue;
        if (!run.empty() && gap && after(day->first, *gap) < run.back())
            break;
        run.push_back(day->first);
    }
    return run;
}

Truth sustained(const Look& look, const Expr& call) {
    const ConditionDays condition = by_day(look, call);
    const Rational results = exact_number(look, call.argument("results"), 1);
    const auto holds = [&](const Duration& span, std::optional<Duration> gap, bool unknown_counts) {
        const std::vector<Date> run = run_of(condition, gap, unknown_counts);
        return !run.empty() && Rational(static_cast<std::int64_t>(run.size())) >= results &&
               after(run.back(), span) <= run.front();
    };
    return agreed(durations(look, call.argument("span"), {}), [&](const Duration& span) {
        return agreed(durations(look, call.argument("gap"), {}), [&](const Duration& stated) {
            const auto gap = call.argument("gap") ? std::optional(stated) : std::nullopt;
            if (holds(span, gap, false))
                return Truth::yes;
            return holds(span, gap, true) ? Truth::unknown : Truth::no;
        });
    });
}

namespace {

/// How far a value fell from a baseline, in the analyte's unit or in per cent of the baseline.
ValueInterval fall(const ValueInterval& baseline, const ValueInterval& newest, bool in_percent) {
    if (!in_percent)
        return baseline - newest;
    if (!baseline.low || baseline.low->value <= Rational(0))
        return unbounded();
    // 100 * (1 - newest / baseline): falls as the newest rises, rises with the baseline.
    ValueInterval out;
    const auto percent = [](const Rational& ratio) { return Rational(100) * (Rational(1) - ratio); };
    if (newest.high)
        out.low = Bound{percent(newest.high->value / baseline.low->value),
                        newest.high->is_open || (baseline.low->is_open && !newest.high->value.is_zero())};
    if (newest.low && baseline.high)
        out.high = Bound{percent(newest.low->value / baseline.high->value),
                         newest.low->is_open || (baseline.high->is_open && !newest.low->value.is_zero())};
    else if (newest.low)
        out.high = Bound{Rational(100), !newest.low->value.is_zero()};
    return out;
}

Truth same_attribute(const Expr& call, const Fact& a, const Fact& b) {
    const ExprPtr same = call.argument("same");
    if (!same)
        return Truth::yes;
    const auto stated = [&](const Fact& fact) {
        const auto found = fact.event.attributes.find(same->text);
        return found == fact.event.attributes.end() ? std::string() : found->second;
    };
    return stated(a).empty() || stated(a) != stated(b) ? Truth::unknown : Truth::yes;
}

bool is_greater(const std::optional<Bound>& a, const std::optional<Bound>& b, bool is_low) {
    if (!a || !b)
        return is_low ? a.has_value() : !a.has_value() && b.has_value();
    if (a->value != b->value)
        return a->value > b->value;
    return is_low ? a->is_open && !b->is_open : !a->is_open && b->is_open;
}

} // namespace

Quantity change(const Look& look, const Expr& call) {
    const std::string analyte = analyte_of(look, call.argument(0));
    const bool in_percent = call.text.ends_with("_percent");
    const bool is_rise = call.text.starts_with("rise");
    if (in_percent && look.catalogue.vocabulary->analyte(analyte)->may_be_negative)
        throw Unreadable("'" + call.text + "' of " + analyte + ", which can be negative");
    const ExprPtr over = call.argument("over");
    if (!over || over->kind != Kind::range)
        throw Unreadable("'" + call.text + "' needs 'over: A to B'");
    const UnitText unit = in_percent ? "%" : "@" + analyte;
    const std::vector<Eligible> results = eligible(look, call, analyte);
    const Duration least = durations(look, *over->parts[0]).front();
    const Duration most = durations(look, *over->parts[1]).front();
    return agreed(
        *look.catalogue.vocabulary, durations(look, call.argument("within"), {}), [&](const Duration& within) {
            if (results.empty())
                return nothing(unit);
            const Date newest = results.back().sample->date;
            if (call.argument("within") && newest < before(look.today(), within))
                return nothing(unit);
            Quantity out{{}, unit};
            for (const Eligible& one : results) {
                if (one.sample->date != newest)
                    continue;
                bool any_pair = false;
                bool any_certain = false;
                ValueInterval best;
                for (const Eligible& base : results) {
                    const Date day = base.sample->date;
                    if (day < before(newest, most) || day > before(newest, least) || day >= newest)
                        continue;
                    // A rise is a fall of the negative.
                    const ValueInterval fell = is_rise && !in_percent ? one.value - base.value
                                               : is_rise              ? fall(base.value, one.value, true) * Rational(-1)
                                                                      : fall(base.value, one.value, in_percent);
                    const bool is_certain =
                        base.is_certain && same_attribute(call, *base.sample->fact, *one.sample->fact) == Truth::yes;
                    if (!any_pair || is_greater(fell.high, best.high, false))
                        best.high = fell.high;
                    if (is_certain && (!any_certain || is_greater(fell.low, best.low, true)))
                        best.low = fell.low;
                    any_pair = true;
                    any_certain = any_certain || is_certain;
                }
                if (any_pair)
                    out.each.push_back({best, false, one.sample});
            }
            return out;
        });
}

namespace {

/// The middle one, or the mean of the two middle ones, of ends that may lie at infinity.
std::optional<Bound> median(std::vector<std::optional<Bound>> ends, bool is_low) {
    std::sort(ends.begin(), ends.end(), [&](const auto& a, const auto& b) { return is_greater(b, a, is_low); });
    const auto& right = ends[ends.size() / 2];
    const auto& left = ends.size() % 2 == 1 ? right : ends[ends.size() / 2 - 1];
    if (!left || !right)
        return std::nullopt;
    return Bound{(left->value + right->value) * Rational(1, 2), left->is_open || right->is_open};
}

} // namespace

Quantity trend(const Look& look, const Expr& call) {
    const std::string analyte = analyte_of(look, call.argument(0));
    const UnitText unit = "@" + analyte;
    const std::vector<Eligible> all = eligible(look, call, analyte);
    const Rational needed = exact_number(look, call.argument("results"), 2);
    return agreed(*look.catalogue.vocabulary, windows(look, call).ways, [&](const Window& window) {
        return agreed(*look.catalogue.vocabulary, durations(look, call.argument("span"), {}),
                      [&](const Duration& span) {
                          std::vector<Eligible> results;
                          std::set<Date> dates;
                          for (const Eligible& one : all)
                              if (one.sample->date >= window.from && one.sample->date <= window.to) {
                                  results.push_back(one);
                                  dates.insert(one.sample->date);
                              }
                          if (dates.size() < 2 || Rational(static_cast<std::int64_t>(dates.size())) < needed ||
                              after(*dates.begin(), span) > *dates.rbegin())
                              return nothing(unit);
                          std::vector<std::optional<Bound>> lows, highs;
                          for (const Eligible& early : results)
                              for (const Eligible& later : results) {
                                  if (early.sample->date >= later.sample->date)
                                      continue;
                                  const std::int64_t days = (later.sample->date - early.sample->date).count();
                                  const ValueInterval slope = (later.value - early.value) * Rational(1, days);
                                  lows.push_back(slope.low);
                                  highs.push_back(slope.high);
                              }
                          const Rational span_days((*dates.rbegin() - *dates.begin()).count());
                          const ValueInterval slope{median(lows, true), median(highs, false)};
                          return single({slope * span_days, false, nullptr}, unit);
                      });
    });
}

} // namespace bonewatch::reference
