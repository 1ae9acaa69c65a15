#include "monitors/phrases.h"
#include "monitors/reasoning.h"
#include "monitors/runs.h"
#include "monitors/window.h"

#include <algorithm>
#include <ranges>

namespace bonewatch::monitors {

namespace {

using model::Fact;
using model::ResultEvent;
using model::ValueInterval;

const ResultEvent& result_of(const Fact& fact) {
    return std::get<ResultEvent>(fact.event.body);
}

class Latest : public QuantityNode {
  public:
    Latest(CodeId analyte, WindowNodes window, TruthPtr where)
        : analyte_(std::move(analyte)), window_(std::move(window)), where_(std::move(where)) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        const ResolvedWindow window = resolve(view, window_);
        QuantityAnswer answer{{}, window.next};
        if (!window.exists) {
            if (clause != nullptr && window_.from)
                static_cast<void>(window_.from->eval(view, clause)); // Says which date there is not.
            return answer;
        }
        if (!window.is_known) {
            answer.values.push_back(ValueInterval{});
            return answer;
        }
        std::optional<Date> day;
        std::vector<FactPtr> used;
        for (const FactPtr& fact : view.timeline.results(analyte_) | std::views::reverse) {
            if (!is_counted(view, *fact))
                continue;
            const Date date = view.date_of_fact(*fact);
            if (date < window.dates.from || (day && date != *day))
                break;
            const Truth eligible = where_ ? where_->eval(view.about(*fact), nullptr).value : Truth::yes;
            if (eligible == Truth::no)
                continue;
            day = date;
            used.push_back(fact);
            answer.values.push_back(eligible == Truth::yes ? usable_value(view, *fact) : ValueInterval{});
        }
        if (day && window_.within && !view.is_past)
            answer.next = std::min<Instant>(answer.next, first_beyond(*day, *window_.within));
        if (clause != nullptr && !day)
            clause->detail = none_of(title_of(view.vocabulary, analyte_)) + (where_ ? " that counts" : "") +
                             window_text(view, window_);
        if (clause != nullptr && day) {
            std::string values;
            for (const FactPtr& fact : used | std::views::reverse)
                values += (values.empty() ? "" : " and ") + value_text(*fact);
            clause->detail =
                title_of(view.vocabulary, analyte_) + " " + values + " on " + model::to_text(used.front()->event.at);
            const bool is_readable =
                std::ranges::any_of(answer.values, [](const ValueInterval& v) { return v.low || v.high; });
            auto& into = is_readable ? clause->evidence : clause->set_aside;
            into.insert(into.end(), used.begin(), used.end());
        }
        return answer;
    }

  private:
    CodeId analyte_;
    WindowNodes window_;
    TruthPtr where_;
};

class SampleNumber : public QuantityNode {
  public:
    SampleNumber(CodeId analyte, SampleValue which) : analyte_(std::move(analyte)), which_(which) {}

    QuantityAnswer eval(const View& view, Clause*) const override {
        const auto* result = view.subject == nullptr ? nullptr : std::get_if<ResultEvent>(&view.subject->event.body);
        if (result == nullptr)
            return {};
        if (which_ == SampleValue::value)
            return {{usable_value(view, *view.subject)}, never};
        const auto& end = which_ == SampleValue::normal_low ? result->range_low : result->range_high;
        if (!end)
            return {};
        return {{ValueInterval::exactly(*end)}, never};
    }

  private:
    CodeId analyte_;
    SampleValue which_;
};

class Sustained : public TruthNode {
  public:
    Sustained(RunNodes nodes, RunWanted wanted) : nodes_(std::move(nodes)), wanted_(wanted) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        const Runs runs = read_runs(view, nodes_, wanted_);
        if (clause != nullptr)
            explain(view, runs, *clause);
        return {truth_between(runs.surely.is_proved, runs.possibly.is_proved), never};
    }

  private:
    void explain(const View& view, const Runs& runs, Clause& clause) const {
        const bool is_sure = runs.surely.is_proved || !runs.possibly.is_proved;
        const Run& run = is_sure ? runs.surely : runs.possibly;
        std::vector<FactPtr> in_run;
        for (const SampleDay& day : runs.days | std::views::reverse) {
            if (is_sure ? day.is_surely_in : day.is_possibly_in)
                in_run.insert(in_run.end(), day.facts.rbegin(), day.facts.rend());
            else if (day.value == Truth::unknown && (run.count == 0 || day.date > run.oldest))
                clause.set_aside.insert(clause.set_aside.end(), day.facts.begin(), day.facts.end());
        }
        clause.evidence.insert(clause.evidence.end(), in_run.begin(), in_run.end());
        const std::string title = title_of(view.vocabulary, nodes_.analyte);
        if (run.count == 0) {
            clause.detail = newest_instead(runs, title);
            return;
        }
        clause.detail = title + " " + dated_values(in_run);
        if (in_run.size() > 1 || !run.is_proved)
            clause.detail += ": " + std::to_string(run.count) + (run.count == 1 ? " result" : " results") + " over " +
                             days_text((run.newest - run.oldest).count());
        if (const std::string why = of_sample(view, *in_run.back()); why.starts_with(clause.detail))
            clause.detail = why;
        else if (!why.empty())
            clause.detail += " (" + why + ")";
        if (!run.is_proved)
            clause.detail += needed();
    }

    /// No run at all: what the newest readable sample was.
    static std::string newest_instead(const Runs& runs, const std::string& title) {
        for (const SampleDay& day : runs.days)
            if (day.value == Truth::no)
                return title + " " + value_text(*day.facts.front()) + " on " +
                       model::to_text(day.facts.front()->event.at);
        return none_of(title) + (runs.days.empty() ? "" : " that can be judged");
    }

    /// What makes the newest sample one of the run, where that is more than its value: `down by 3 cm`.
    std::string of_sample(const View& view, const Fact& newest) const {
        Clause clause;
        clause.value = nodes_.condition->eval(view.about(newest), &clause).value;
        return joined(details_of(clause, Truth::yes));
    }

    std::string needed() const {
        if (wanted_.results <= 1 && wanted_.span == Span{})
            return "";
        return ", needs " + std::to_string(wanted_.results) +
               (wanted_.span == Span{} ? "" : " over " + in_words(wanted_.span));
    }

    RunNodes nodes_;
    RunWanted wanted_;
};

} // namespace

bool is_counted(const View& view, const Fact& fact) {
    return view.sees(fact) && result_of(fact).status == model::ResultStatus::final_;
}

ValueInterval usable_value(const View& view, const Fact& fact) {
    const ResultEvent& result = result_of(fact);
    if (fact.disputed || !result.value || fact.event.at.is_partial()) // Of what date it is, nobody can say.
        return {};
    const auto rule = view.readable.find(result.analyte);
    if (rule != view.readable.end() && rule->second->eval(view.about(fact), nullptr).value != Truth::yes)
        return {};
    return *result.value;
}

QuantityPtr make_latest(CodeId analyte, WindowNodes window, TruthPtr where) {
    return std::make_unique<Latest>(std::move(analyte), std::move(window), std::move(where));
}
QuantityPtr make_sample_value(CodeId analyte, SampleValue which) {
    return std::make_unique<SampleNumber>(std::move(analyte), which);
}
TruthPtr make_sustained(RunNodes nodes, std::size_t results, Span span) {
    return std::make_unique<Sustained>(std::move(nodes), RunWanted{results, span});
}

} // namespace bonewatch::monitors
