#include "monitors/questions.h"

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

std::string shown(const Fact& fact) {
    const ResultEvent& result = result_of(fact);
    return result.value_text + (result.unit_text.empty() ? "" : " " + result.unit_text);
}

std::string title_of(const View& view, const CodeId& analyte) {
    const config::Analyte* known = view.vocabulary.analyte(analyte);
    return known != nullptr ? known->title : analyte.text;
}

/// The results of one date, judged together.
struct SampleDay {
    Date date{};
    Truth value = Truth::no;
    std::vector<FactPtr> facts;
};

Date window_start(const View& view, const WindowNodes& window, Instant& next, bool& exists) {
    Date from = distant_past;
    exists = true;
    if (window.within)
        from = view.today - *window.within;
    if (window.from) {
        const DateAnswer answer = window.from->eval(view, nullptr);
        next = std::min(next, answer.next);
        exists = answer.state == DateAnswer::State::known;
        from = std::max(from, answer.date);
    }
    return from;
}

class Latest : public QuantityNode {
  public:
    Latest(CodeId analyte, WindowNodes window, TruthPtr where)
        : analyte_(std::move(analyte)), window_(std::move(window)), where_(std::move(where)) {}

    QuantityAnswer eval(const View& view, Clause* clause) const override {
        QuantityAnswer answer;
        bool exists = true;
        const Date from = window_start(view, window_, answer.next, exists);
        if (!exists)
            return answer;
        std::optional<Date> day;
        std::vector<FactPtr> used;
        for (const FactPtr& fact : view.timeline.results(analyte_) | std::views::reverse) {
            if (!is_counted(view, *fact))
                continue;
            const Date date = view.date_of_fact(*fact);
            if (date < from || (day && date != *day))
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
        if (clause != nullptr && day) {
            clause->detail = title_of(view, analyte_) + " " + shown(*used.front()) + " on " + model::to_text(*day);
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
    explicit Sustained(SustainedNodes nodes) : nodes_(std::move(nodes)) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        Run surely;
        Run possibly;
        const auto& series = view.timeline.results(nodes_.analyte);
        for (auto at = series.rbegin(); at != series.rend() && !(is_decided(surely) && is_decided(possibly));) {
            const SampleDay day = next_day(view, at, series.rend());
            if (day.facts.empty())
                continue;
            extend(surely, day, day.value == Truth::yes, day.value == Truth::unknown);
            extend(possibly, day, day.value != Truth::no, false);
            if (clause != nullptr && day.value == Truth::unknown && !surely.is_over)
                clause->set_aside.insert(clause->set_aside.end(), day.facts.begin(), day.facts.end());
        }
        const Truth value = truth_between(surely.is_proved, possibly.is_proved);
        if (clause != nullptr)
            explain(view, surely, possibly, *clause);
        return {value, never};
    }

  private:
    /// A run read backwards from the newest result.
    struct Run {
        std::size_t count = 0;
        Date newest{};
        Date oldest{};
        std::vector<FactPtr> facts;
        bool is_over = false;
        bool is_proved = false;
    };

    static bool is_decided(const Run& run) { return run.is_over || run.is_proved; }

    /// Takes the results of one date from the back of the series, those left out by `where` excepted.
    SampleDay next_day(const View& view, auto& at, const auto& end) const {
        SampleDay day;
        for (; at != end; ++at) {
            const Fact& fact = **at;
            if (!is_counted(view, fact))
                continue;
            if (!day.facts.empty() && view.date_of_fact(fact) != day.date)
                break;
            const View about = view.about(fact);
            const Truth eligible = nodes_.where ? nodes_.where->eval(about, nullptr).value : Truth::yes;
            if (eligible == Truth::no)
                continue;
            Truth value = nodes_.condition->eval(about, nullptr).value;
            if (eligible == Truth::unknown)
                value = Truth::unknown;
            if (day.facts.empty())
                day.value = value;
            else
                day.value = nodes_.is_harder ? day.value && value : day.value || value;
            day.date = view.date_of_fact(fact);
            day.facts.push_back(*at);
        }
        return day;
    }

    void extend(Run& run, const SampleDay& day, bool meets, bool is_left_out) const {
        if (is_decided(run) || is_left_out)
            return;
        if (!meets || (run.count > 0 && nodes_.gap && run.oldest > day.date + *nodes_.gap)) {
            run.is_over = true;
            return;
        }
        if (run.count == 0)
            run.newest = day.date;
        run.oldest = day.date;
        ++run.count;
        run.facts.insert(run.facts.end(), day.facts.begin(), day.facts.end());
        run.is_proved = run.count >= nodes_.results && run.oldest + nodes_.span <= run.newest;
    }

    void explain(const View& view, const Run& surely, const Run& possibly, Clause& clause) const {
        const Run& run = surely.is_proved || !possibly.is_proved ? surely : possibly;
        clause.evidence.insert(clause.evidence.end(), run.facts.rbegin(), run.facts.rend());
        const std::string title = title_of(view, nodes_.analyte);
        if (run.count == 0) {
            clause.detail = "no " + title + " that meets it";
            return;
        }
        std::string values;
        for (const FactPtr& fact : run.facts | std::views::reverse)
            values += (values.empty() ? "" : ", ") + result_of(*fact).value_text + " on " +
                      model::to_text(fact->event.at.date);
        clause.detail =
            title + " " + values +
            (result_of(*run.facts.front()).unit_text.empty() ? ""
                                                             : " (" + result_of(*run.facts.front()).unit_text + ")") +
            ": " + std::to_string(run.count) + " of " + std::to_string(nodes_.results) + " results over " +
            std::to_string((run.newest - run.oldest).count()) + " of " + to_text(nodes_.span);
    }

    SustainedNodes nodes_;
};

} // namespace

bool is_counted(const View& view, const Fact& fact) {
    return view.sees(fact) && result_of(fact).status == model::ResultStatus::final_;
}

ValueInterval usable_value(const View& view, const Fact& fact) {
    const ResultEvent& result = result_of(fact);
    if (fact.disputed || !result.value)
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
TruthPtr make_sustained(SustainedNodes nodes) {
    return std::make_unique<Sustained>(std::move(nodes));
}

} // namespace bonewatch::monitors
