#include "tests/reference/results.h"

namespace bonewatch::reference {

namespace {

Truth joined(SampleDay rule, Truth a, Truth b) {
    return rule == SampleDay::any ? either(a, b) : both(a, b);
}

std::map<Date, Truth> by_day(const View& view, const std::string& analyte, SampleDay rule,
                             const SampleQuestion& question) {
    std::map<Date, Truth> days;
    for (const Sample& sample : view.samples(analyte)) {
        const Truth answer = question(sample);
        const auto [day, is_new] = days.emplace(sample.date, answer);
        if (!is_new)
            day->second = joined(rule, day->second, answer);
    }
    return days;
}

/// Back from the newest: indeterminate days are as `unknown_counts` says met, or not there at all.
bool is_sustained(const std::map<Date, Truth>& days, const Run& run, bool unknown_counts) {
    std::size_t results = 0;
    Date newest{};
    Date oldest{};
    for (auto day = days.rbegin(); day != days.rend(); ++day) {
        if (day->second == Truth::no)
            break;
        if (day->second == Truth::unknown && !unknown_counts)
            continue;
        if (results > 0 && run.gap && oldest - day->first > *run.gap)
            break;
        if (results == 0)
            newest = day->first;
        oldest = day->first;
        ++results;
    }
    return results >= run.results && results > 0 && newest - oldest >= run.span;
}

} // namespace

SampleQuestion is_value(model::Comparison comparison, model::Rational bound) {
    return [=](const Sample& sample) {
        return sample.value ? model::compare(*sample.value, comparison, model::ValueInterval::exactly(bound))
                            : Truth::unknown;
    };
}

Truth latest(const View& view, const std::string& analyte, Date from, SampleDay rule, const SampleQuestion& question) {
    const auto days = by_day(view, analyte, rule, question);
    return days.empty() || days.rbegin()->first < from ? Truth::no : days.rbegin()->second;
}

Truth sustained(const View& view, const std::string& analyte, const Run& run, SampleDay rule,
                const SampleQuestion& question, const SampleQuestion& where) {
    std::map<Date, Truth> days;
    for (const Sample& sample : view.samples(analyte)) {
        const Truth takes_part = where ? where(sample) : Truth::yes;
        if (takes_part == Truth::no)
            continue;
        const Truth answer = takes_part == Truth::unknown ? Truth::unknown : question(sample);
        const auto [day, is_new] = days.emplace(sample.date, answer);
        if (!is_new)
            day->second = joined(rule, day->second, answer);
    }
    if (is_sustained(days, run, false))
        return Truth::yes;
    return is_sustained(days, run, true) ? Truth::unknown : Truth::no;
}

Truth any_result(const View& view, const std::string& analyte, Date from, SampleDay rule,
                 const SampleQuestion& question) {
    Truth answer = Truth::no;
    for (const auto& [date, met] : by_day(view, analyte, rule, question))
        if (date >= from)
            answer = either(answer, met);
    return answer;
}

} // namespace bonewatch::reference
