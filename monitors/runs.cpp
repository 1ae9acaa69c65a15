#include "monitors/runs.h"

namespace bonewatch::monitors {

namespace {

using Iterator = model::Timeline::Series::const_reverse_iterator;

/// Takes the results of one date from the back of the series, those left out by `where` excepted.
SampleDay next_day(const View& view, const RunNodes& nodes, Iterator& at, Iterator end) {
    SampleDay day;
    for (; at != end; ++at) {
        const model::Fact& fact = **at;
        if (!is_counted(view, fact))
            continue;
        if (!day.facts.empty() && view.date_of_fact(fact) != day.date)
            break;
        const View about = view.about(fact);
        const Truth eligible = nodes.where ? nodes.where->eval(about, nullptr).value : Truth::yes;
        if (eligible == Truth::no)
            continue;
        // A disputed result may not be there at all: it ends no run, whatever the condition makes of it.
        const bool is_doubtful = eligible == Truth::unknown || fact.disputed;
        const Truth value = is_doubtful ? Truth::unknown : nodes.condition->eval(about, nullptr).value;
        if (day.facts.empty())
            day.value = value;
        else
            day.value = nodes.is_harder ? day.value && value : day.value || value;
        day.date = view.date_of_fact(fact);
        day.facts.push_back(*at);
    }
    return day;
}

bool is_decided(const Run& run) {
    return run.is_over || run.is_proved;
}

/// A neighbour on this day, or on any before it, would be too far away.
bool is_beyond(const Run& run, Date day, const RunNodes& nodes) {
    return run.count > 0 && nodes.gap && run.oldest > day + *nodes.gap;
}

/// True where the day belongs to the run.
bool extend(Run& run, const SampleDay& day, bool meets, const RunNodes& nodes, const RunWanted& wanted) {
    if (is_decided(run))
        return false;
    if (!meets || is_beyond(run, day.date, nodes)) {
        run.is_over = true;
        return false;
    }
    if (run.count == 0)
        run.newest = day.date;
    run.oldest = day.date;
    ++run.count;
    run.is_proved = run.count >= wanted.results && run.oldest + wanted.span <= run.newest;
    return true;
}

} // namespace

Runs read_runs(const View& view, const RunNodes& nodes, const RunWanted& wanted) {
    Runs runs;
    const auto& series = view.timeline.results(nodes.analyte);
    for (Iterator at = series.rbegin();
         at != series.rend() && !(is_decided(runs.surely) && is_decided(runs.possibly));) {
        SampleDay day = next_day(view, nodes, at, series.rend());
        if (day.facts.empty())
            continue;
        if (day.value != Truth::unknown)
            day.is_surely_in = extend(runs.surely, day, day.value == Truth::yes, nodes, wanted);
        else
            runs.surely.is_over = runs.surely.is_over || is_beyond(runs.surely, day.date, nodes);
        day.is_possibly_in = extend(runs.possibly, day, day.value != Truth::no, nodes, wanted);
        runs.days.push_back(std::move(day));
    }
    return runs;
}

} // namespace bonewatch::monitors
