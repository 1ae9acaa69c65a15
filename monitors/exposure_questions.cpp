#include "monitors/dose_window.h"
#include "monitors/phrases.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

using model::Comparison;
using model::ValueInterval;

/// Asks one question in every way that disputed facts can be resolved: the same answer, or unknown.
TruthAnswer in_every_way(const View& view, std::size_t set, const std::function<TruthAnswer(const Exposure&)>& ask) {
    const auto ways = view.ways(set);
    if (ways.empty())
        return {Truth::unknown, view.is_past ? never : Instant(view.today + Days(1))};
    TruthAnswer joined = ask(*ways.front());
    for (std::size_t i = 1; i < ways.size(); ++i) {
        const TruthAnswer more = ask(*ways[i]);
        joined.value = joined.value == more.value ? joined.value : Truth::unknown;
        joined.next = std::min(joined.next, more.next);
    }
    return joined;
}

/// The reasoning of one way of reading the facts, in the place of the clause that asked.
Clause with_text_of(const Clause& asked, Clause found) {
    found.text = asked.text;
    found.value = asked.value;
    return found;
}

class On : public TruthNode {
  public:
    explicit On(OnNodes nodes) : nodes_(nodes) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        std::optional<Clause> first;
        std::optional<Clause> last;
        const TruthAnswer answer = in_every_way(view, nodes_.set, [&](const Exposure& exposure) {
            if (clause != nullptr) {
                Clause one;
                explain(view, exposure, one);
                (first ? last : first) = std::move(one);
            }
            return ask(view, exposure);
        });
        if (clause == nullptr)
            return answer;
        if (!first)
            clause->detail = "too many doubtful supplies of " + view.exposures.set(nodes_.set).title;
        if (first)
            *clause = with_text_of(*clause, std::move(answer.value == Truth::unknown && last ? *last : *first));
        if (last)
            clause->detail = (answer.value == Truth::unknown ? "disputed or undated supplies decide: perhaps " : "") +
                             clause->detail;
        return answer;
    }

  private:
    Span gap(const View& view) const {
        return nodes_.gap.value_or(Span{0, static_cast<int>(view.exposures.set(nodes_.set).gap.count())});
    }
    Span tail(const View& view) const { return nodes_.within.value_or(gap(view)); }

    TruthAnswer ask(const View& view, const Exposure& exposure) const {
        TruthAnswer answer = ask_length(view, exposure);
        if (!nodes_.coverage || answer.value != Truth::yes)
            return answer;
        const Segments& segments = exposure.segments();
        const std::ptrdiff_t at = last_begun(segments, view.today);
        const Date to = std::min(view.today, segments[static_cast<std::size_t>(at)].to);
        Date from = spell_back(segments, at, gap(view), distant_past).from;
        if (nodes_.min_length)
            from = std::max(from, to - *nodes_.min_length);
        std::int64_t covered = 0;
        for (std::ptrdiff_t i = at; i >= 0 && segments[static_cast<std::size_t>(i)].to > from; --i) {
            const DoseSegment& segment = segments[static_cast<std::size_t>(i)];
            covered += (std::min(segment.to, to) - std::max(segment.from, from)).count();
        }
        answer.value = truth_of(Rational(covered) >= *nodes_.coverage * Rational((to - from).count()));
        answer.next = std::min<Instant>(answer.next, view.today + Days(1));
        return answer;
    }

    TruthAnswer ask_length(const View& view, const Exposure& exposure) const {
        const Segments& segments = exposure.segments();
        const Date today = view.today;
        const std::ptrdiff_t at = last_begun(segments, today);
        Instant next = never;
        if (static_cast<std::size_t>(at + 1) < segments.size())
            next = segments[static_cast<std::size_t>(at + 1)].from;
        if (at < 0)
            return {Truth::no, next};
        const DoseSegment& segment = segments[static_cast<std::size_t>(at)];
        const Date last_day = std::min(segment.to - Days(1), today);
        if (last_day < today - tail(view))
            return {Truth::no, next};
        const Date leaves = first_beyond(segment.to - Days(1), tail(view));
        next = std::min<Instant>(next, leaves);
        if (!nodes_.min_length)
            return {Truth::yes, next};

        const Date covered_to = std::min(today, segment.to);
        const Spell spell = spell_back(segments, at, gap(view), covered_to - *nodes_.min_length);
        const Date reached = spell.from + *nodes_.min_length;
        if (reached <= covered_to)
            return {Truth::yes, next};
        // The calendar makes it uncertain by a few days when spell.from + length is reached; both are asked again.
        if (reached <= segment.to && reached > today)
            next = std::min<Instant>(next, reached);
        return {Truth::no, next};
    }

    void explain(const View& view, const Exposure& exposure, Clause& clause) const {
        const std::string& name = view.exposures.set(nodes_.set).title;
        const Segments& segments = exposure.segments();
        const std::ptrdiff_t at = last_begun(segments, view.today);
        if (at < 0) {
            clause.detail = none_of(name);
            add_dispensed(view, nodes_.set, distant_past, clause);
            return;
        }
        const Spell spell = spell_back(segments, at, gap(view), distant_past);
        const Date covered_to = std::min(view.today, spell.to);
        // How long the tablets in hand would last is not said: a later supply, not seen yet, may cut that short.
        const bool is_over = covered_to < view.today;
        const auto length = (covered_to - spell.from).count();
        if (covered_to - Days(1) < view.today - tail(view))
            clause.detail = none_of(name) + " since " + model::to_text(covered_to) + ", after " + days_text(length) +
                            " from " + model::to_text(spell.from);
        else
            clause.detail = name + (is_over ? " from " : " since ") + model::to_text(spell.from) +
                            (is_over ? " to " + model::to_text(covered_to) : "") +
                            (length == 0 ? "" : ", " + days_text(length));
        const Date evidence_from =
            nodes_.min_length ? std::max(spell.from, covered_to - *nodes_.min_length) : covered_to - Days(1);
        const auto facts = exposure.facts_between(evidence_from, std::max(covered_to, evidence_from + Days(1)));
        clause.evidence.insert(clause.evidence.end(), facts.begin(), facts.end());
        add_dispensed(view, nodes_.set, evidence_from, clause);
        for (const FactPtr& fact : facts)
            if (const auto* supply = std::get_if<model::SupplyEvent>(&fact->event.body);
                supply != nullptr && supply->basis != model::Basis::stated) {
                clause.detail += supply->basis == model::Basis::computed ? " (length computed)" : " (length assumed)";
                break;
            }
    }

    OnNodes nodes_;
};

class WindowDose : public QuantityNode {
  public:
    WindowDose(std::size_t set, Span length, bool is_average) : set_(set), length_(length), is_average_(is_average) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        QuantityAnswer answer;
        const auto ways = view.ways(set_);
        if (ways.empty())
            answer.values.push_back({});
        bool any_nothing = false;
        std::optional<ValueInterval> hull;
        for (const auto& way : ways) {
            const auto one = value_of(DoseWindow(way->segments(), view.today, length_));
            any_nothing = any_nothing || !one;
            if (one)
                hull = hull ? hull_of(*hull, *one) : *one;
        }
        if (hull)
            answer.values.push_back(any_nothing ? ValueInterval{} : *hull);
        if (!view.is_past)
            answer.next = Instant(view.today + Days(1)); // Refined by next_crossing; never late.
        if (clause != nullptr && ways.empty())
            clause->detail = "too many doubtful supplies of " + view.exposures.set(set_).title;
        if (clause != nullptr && !ways.empty())
            explain(view, *ways.front(), answer, *clause);
        return answer;
    }

    Instant next_crossing(const View& view, const QuantityAnswer&, Comparison comparison,
                          const ValueInterval& constant) const override {
        if (view.is_past)
            return never;
        const auto ways = view.ways(set_);
        Instant next = ways.empty() ? Instant(view.today + Days(1)) : never;
        for (const auto& way : ways)
            next =
                std::min(next, DoseWindow(way->segments(), view.today, length_).next_crossing([&](const DoseWindow& w) {
                    const auto value = value_of(w);
                    return value ? model::compare(*value, comparison, constant) : Truth::no;
                }));
        return next;
    }

  private:
    std::optional<ValueInterval> value_of(const DoseWindow& window) const {
        if (is_average_ && window.covered_days() == 0)
            return std::nullopt;
        if (!window.is_exact())
            return ValueInterval{};
        const auto known = is_average_ ? Rational::checked_product(window.sum(), Rational(1, window.covered_days()))
                                       : std::optional(window.sum());
        if (!known)
            return ValueInterval{};
        // A dose that nobody states can only add.
        return window.is_known() ? ValueInterval::exactly(*known) : ValueInterval{model::Bound{*known}, std::nullopt};
    }

    static std::string amount_text(const ValueInterval& value, const std::string& unit) {
        const auto bound = [](const std::optional<model::Bound>& end) { return model::to_text_rounded(end->value, 2); };
        if (value.is_exact())
            return bound(value.low) + unit;
        if (value.low && value.high)
            return bound(value.low) + " to " + bound(value.high) + unit;
        return value.low ? "at least " + bound(value.low) + unit : "not known";
    }

    void explain(const View& view, const Exposure& exposure, const QuantityAnswer& answer, Clause& clause) const {
        const ExposureSet& set = view.exposures.set(set_);
        const std::string unit = " mg" + (set.equivalents.empty() ? "" : " " + set.equivalents + " equivalent");
        const std::string amount = answer.values.empty() ? "" : amount_text(answer.values.front(), unit);
        if (is_average_)
            clause.detail = answer.values.empty()
                                ? "no day on " + set.title + " in the last " + in_words(length_)
                                : "mean daily dose over the last " + in_words(length_) + ": " + amount;
        else
            clause.detail = set.title + " in the last " + in_words(length_) + ": " + amount;
        const auto facts = exposure.facts_between(view.today - length_ + Days(1), view.today + Days(1));
        clause.evidence.insert(clause.evidence.end(), facts.begin(), facts.end());
        add_dispensed(view, set_, view.today - length_ + Days(1), clause);
    }

    std::size_t set_;
    Span length_;
    bool is_average_;
};

} // namespace

TruthPtr make_on(OnNodes nodes) {
    return std::make_unique<On>(nodes);
}
QuantityPtr make_average_dose(std::size_t set, Span over) {
    return std::make_unique<WindowDose>(set, over, true);
}
QuantityPtr make_total_dose(std::size_t set, Span within) {
    return std::make_unique<WindowDose>(set, within, false);
}

} // namespace bonewatch::monitors
