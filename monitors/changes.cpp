#include "monitors/phrases.h"
#include "monitors/slopes.h"

#include <algorithm>
#include <ranges>

namespace bonewatch::monitors {

namespace {

using model::Bound;
using model::Fact;
using model::ValueInterval;

std::string unit_of(const View& view, const CodeId& analyte) {
    const config::Analyte* known = view.vocabulary.analyte(analyte);
    return known != nullptr ? unit_for_people(known->unit) : "";
}

std::string with_unit(const Rational& number, const std::string& unit) {
    return model::to_text_rounded(number, 2) + (unit.empty() ? "" : " " + unit);
}

/// A result with the value it may have: indeterminate where `where:` cannot say whether it takes part.
struct Sample {
    Date date{};
    ValueInterval value;
    Truth eligible = Truth::yes;
    FactPtr fact;
};

Sample sample_of(const View& view, const FactPtr& fact, const TruthPtr& where) {
    Sample sample{view.date_of_fact(*fact), {}, Truth::yes, fact};
    if (where)
        sample.eligible = where->eval(view.about(*fact), nullptr).value;
    if (sample.eligible == Truth::yes)
        sample.value = usable_value(view, *fact);
    return sample;
}

/// The greater of two changes as intervals: the greater low end, and the greater high end.
ValueInterval greater(const ValueInterval& a, const ValueInterval& b) {
    ValueInterval out = a;
    if (b.low && (!a.low || b.low->value > a.low->value || (b.low->value == a.low->value && b.low->is_open)))
        out.low = b.low;
    if (a.high && (!b.high || b.high->value > a.high->value || (b.high->value == a.high->value && !b.high->is_open)))
        out.high = b.high;
    return out;
}

/// 100 × (1 - newest / baseline), with exact ends; nothing is known where the baseline may be zero.
ValueInterval percent_below(const ValueInterval& baseline, const ValueInterval& newest) {
    if (!baseline.low || baseline.low->value <= Rational(0))
        return {};
    const auto percent = [](const Bound& n, const Bound& b) -> std::optional<Bound> {
        const auto hundredfold = Rational::checked_product(n.value, Rational(-100));
        const auto ratio = hundredfold ? Rational::checked_product(*hundredfold, Rational(1) / b.value) : std::nullopt;
        const auto change = ratio ? Rational::checked_sum(*ratio, Rational(100)) : std::nullopt;
        return change ? std::optional(Bound{*change, n.is_open || (b.is_open && !n.value.is_zero())}) : std::nullopt;
    };
    ValueInterval out;
    if (newest.high)
        out.low = percent(*newest.high, *baseline.low);
    if (newest.low)
        out.high = baseline.high ? percent(*newest.low, *baseline.high)
                                 : std::optional(Bound{Rational(100), !newest.low->value.is_zero()});
    return out;
}

/// How far a value lies below (or above) its baseline.
ValueInterval change_of(const ValueInterval& baseline, const ValueInterval& newest, const ChangeNodes& nodes) {
    if (nodes.is_percent)
        return percent_below(baseline, newest) * Rational(nodes.is_rise ? -1 : 1);
    return nodes.is_rise ? newest - baseline : baseline - newest;
}

class Change : public QuantityNode {
  public:
    explicit Change(ChangeNodes nodes) : nodes_(std::move(nodes)) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        const auto& series = view.timeline.results(nodes_.analyte);
        std::vector<Sample> newest;
        auto at = series.rbegin();
        for (; at != series.rend(); ++at) {
            if (!is_counted(view, **at))
                continue;
            Sample sample = sample_of(view, *at, nodes_.where);
            if (sample.eligible == Truth::no)
                continue;
            if (!newest.empty() && sample.date != newest.front().date)
                break;
            newest.push_back(std::move(sample));
        }
        QuantityAnswer answer;
        if (newest.empty())
            return answer;
        const Date date = newest.front().date;
        if (nodes_.within) {
            if (date < view.today - *nodes_.within)
                return answer;
            answer.next = view.is_past ? never : Instant(first_beyond(date, *nodes_.within));
        }
        const std::vector<Sample> baselines = baselines_of(view, at, series.rend(), date);
        for (const Sample& sample : newest)
            if (const auto change = against(baselines, sample))
                answer.values.push_back(*change);
        if (clause != nullptr)
            explain(view, newest, baselines, answer, *clause);
        return answer;
    }

  private:
    std::vector<Sample> baselines_of(const View& view, auto at, const auto& end, Date date) const {
        std::vector<Sample> out;
        for (; at != end; ++at) {
            if (!is_counted(view, **at))
                continue;
            const Date day = view.date_of_fact(**at);
            if (day < date - nodes_.to)
                break;
            if (day >= date || day > date - nodes_.from)
                continue;
            Sample sample = sample_of(view, *at, nodes_.where);
            if (sample.eligible != Truth::no)
                out.push_back(std::move(sample));
        }
        return out;
    }

    bool is_same(const Sample& a, const Sample& b) const {
        if (nodes_.same.empty())
            return true;
        const auto& x = a.fact->event.attributes;
        const auto& y = b.fact->event.attributes;
        const auto left = x.find(nodes_.same);
        const auto right = y.find(nodes_.same);
        return left != x.end() && right != y.end() && left->second == right->second && !a.fact->disputed &&
               !b.fact->disputed;
    }

    /// The greatest change of all pairs, each taken by itself: one that cannot be read leaves open how great it is, not
    /// that it is as great as another's. Pairs that surely count give the least that it can be, all pairs the most.
    std::optional<ValueInterval> against(const std::vector<Sample>& baselines, const Sample& newest) const {
        std::optional<ValueInterval> surely;
        std::optional<ValueInterval> possibly;
        for (const Sample& baseline : baselines) {
            const ValueInterval change = change_of(baseline.value, newest.value, nodes_);
            possibly = possibly ? greater(*possibly, change) : change;
            if (baseline.eligible == Truth::yes && is_same(baseline, newest))
                surely = surely ? greater(*surely, change) : change;
        }
        if (!possibly)
            return std::nullopt;
        return ValueInterval{surely ? surely->low : std::nullopt, possibly->high};
    }

    void explain(const View& view, const std::vector<Sample>& newest, const std::vector<Sample>& baselines,
                 const QuantityAnswer& answer, Clause& clause) const {
        const auto shown = [&](const Sample& sample) {
            return value_text(*sample.fact) + " on " + model::to_text(sample.date);
        };
        clause.detail = title_of(view.vocabulary, nodes_.analyte) + " " + shown(newest.front());
        if (baselines.empty()) {
            clause.detail += ", nothing to compare it with";
            return;
        }
        const Sample* best = nullptr;
        for (const Sample& baseline : baselines)
            if (baseline.value.is_exact() && is_same(baseline, newest.front()) &&
                (best == nullptr || (nodes_.is_rise ? baseline.value.low->value < best->value.low->value
                                                    : baseline.value.low->value > best->value.low->value)))
                best = &baseline;
        if (best == nullptr) {
            clause.detail += nodes_.same.empty() ? ", no earlier one can be compared"
                                                 : ", no earlier one of the same " + nodes_.same + " can be compared";
            clause.set_aside.push_back(newest.front().fact);
            for (const Sample& baseline : baselines)
                clause.set_aside.push_back(baseline.fact);
            return;
        }
        clause.detail += " against " + shown(*best);
        if (!answer.values.empty() && answer.values.front().is_exact())
            clause.detail +=
                ": " + std::string(nodes_.is_rise ? "up by " : "down by ") +
                with_unit(answer.values.front().low->value, nodes_.is_percent ? "%" : unit_of(view, nodes_.analyte));
        clause.evidence = {best->fact, newest.front().fact};
    }

    ChangeNodes nodes_;
};

class Trend : public QuantityNode {
  public:
    explicit Trend(TrendNodes nodes) : nodes_(std::move(nodes)) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        QuantityAnswer answer;
        const std::vector<Sample> samples = in_window(view);
        if (samples.empty())
            return answer;
        const Date first = samples.back().date;
        const Date last = samples.front().date;
        if (!view.is_past)
            answer.next = Instant(first_beyond(first, nodes_.within));
        std::size_t dates = 1;
        for (std::size_t i = 1; i < samples.size(); ++i)
            dates += samples[i].date != samples[i - 1].date ? 1 : 0;
        if (dates < nodes_.results || first + nodes_.span > last) {
            if (clause != nullptr)
                clause->detail = std::to_string(dates) + " results over " + std::to_string((last - first).count()) +
                                 " days, needs " + std::to_string(nodes_.results) + " over " + in_words(nodes_.span);
            return answer;
        }
        answer.values.push_back(fitted_change(samples, (last - first).count()));
        if (clause != nullptr)
            explain(view, samples, answer.values.front(), *clause);
        return answer;
    }

  private:
    /// The newest first.
    std::vector<Sample> in_window(const View& view) const {
        std::vector<Sample> out;
        for (const FactPtr& fact : view.timeline.results(nodes_.analyte) | std::views::reverse) {
            if (!is_counted(view, *fact))
                continue;
            if (view.date_of_fact(*fact) < view.today - nodes_.within)
                break;
            Sample sample = sample_of(view, fact, nodes_.where);
            if (sample.eligible != Truth::no)
                out.push_back(std::move(sample));
        }
        return out;
    }

    static ValueInterval fitted_change(const std::vector<Sample>& samples, std::int64_t days) {
        std::vector<DatedValue> values;
        for (const Sample& sample : samples)
            values.push_back({sample.date, sample.value});
        return median_slope(values) * Rational(days);
    }

    void explain(const View& view, const std::vector<Sample>& samples, const ValueInterval& change,
                 Clause& clause) const {
        std::vector<FactPtr> facts;
        for (const Sample& sample : samples | std::views::reverse) {
            facts.push_back(sample.fact);
            (sample.value.low || sample.value.high ? clause.evidence : clause.set_aside).push_back(sample.fact);
        }
        clause.detail = title_of(view.vocabulary, nodes_.analyte) + " " + dated_values(facts) + ": fitted change " +
                        (change.is_exact() ? with_unit(change.low->value, unit_of(view, nodes_.analyte)) : "not known");
    }

    TrendNodes nodes_;
};

} // namespace

QuantityPtr make_change(ChangeNodes nodes) {
    return std::make_unique<Change>(std::move(nodes));
}
QuantityPtr make_trend(TrendNodes nodes) {
    return std::make_unique<Trend>(std::move(nodes));
}

} // namespace bonewatch::monitors
