#include "daemon/core.h"
#include "tests/bench/catalogue.h"
#include "tests/bench/figures.h"

#include <fmt/core.h>

namespace bonewatch::bench {

namespace {

using model::Event;

constexpr int cycle = 29; ///< 28 daily TSH results and one issue of 28 days.

/// One day after the other, at nine; every 28 days a steroid issue too.
Event fact(std::size_t patient, int number) {
    const int day = number / cycle * 28 + std::min(number % cycle, 27);
    Event event;
    event.key = {model::PublisherId("lab"), model::FactId(fmt::format("{}-{}", patient, number))};
    event.patient = {"ward", std::to_string(patient)};
    event.at = model::at_utc(model::Date{std::chrono::year(1998) / 1 / 1} + model::Days(day) + std::chrono::hours(9));
    if (number % cycle == cycle - 1) {
        event.at = model::at_utc(event.at.instant + std::chrono::hours(1));
        event.body = model::SupplyEvent{model::CodeId("prednisolone"),
                                        model::Route::oral,
                                        "5 mg",
                                        model::Dose{model::Rational(5), model::DoseUnit::milligram},
                                        28,
                                        model::Basis::stated};
        return event;
    }
    const int hundredths = number / cycle % 9 < 2 ? 5 : 120 + number % 50;
    model::ResultEvent result;
    result.analyte = model::CodeId("tsh");
    result.value = model::ValueInterval::exactly(model::Rational(hundredths, 100));
    result.value_text = fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
    result.unit_text = "mU/L";
    event.body = std::move(result);
    return event;
}

/// CPU of one fact appended to a history of about `length`, in microseconds; the mean over `patients` of `appended`.
double through_watch(const daemon::Revision& revision, int length, int appended, int patients) {
    double cpu = 0;
    for (int p = 0; p < patients; ++p) {
        monitors::Watch watch(*revision.catalogue);
        const auto add = [&](int i) {
            const Event event = fact(static_cast<std::size_t>(p), i);
            watch.set_fact(event.key, {event}, false);
            watch.advance(event.at.instant);
        };
        for (int i = 0; i < length; ++i)
            add(i);
        const Stopwatch stopwatch;
        for (int i = length; i < length + appended; ++i)
            add(i);
        cpu += stopwatch.cpu_seconds();
    }
    return cpu / (patients * appended) * 1e6;
}

double through_core(const std::shared_ptr<const daemon::Revision>& revision, int length, int appended, int patients) {
    const auto store = store::memory_store();
    const auto core = must(daemon::Core::open(*store, revision, {{"ward"}}));
    const auto add = [&](int patient, int i) {
        const Event event = fact(static_cast<std::size_t>(patient), i);
        must(core->admit({{{event, "as it came"}}, false}, event.at.instant));
        must(core->commit());
    };
    // Round by round: the clock is one for all patients.
    for (int i = 0; i < length; ++i)
        for (int p = 0; p < patients; ++p)
            add(p, i);
    const Stopwatch stopwatch;
    for (int i = length; i < length + appended; ++i)
        for (int p = 0; p < patients; ++p)
            add(p, i);
    return stopwatch.cpu_seconds() / (patients * appended) * 1e6;
}

} // namespace

Figures newest_fact(const Scale& scale) {
    const auto revision = load_revision(Watched::shipped);
    const int long_history = scale.of(10'000, 1000);
    const int short_history = 30 - cycle / 2;
    const int patients = scale.of(40, 5), appended = cycle * scale.of(20, 5);
    const double watch_short = through_watch(*revision, short_history, cycle, patients);
    const double watch_long = through_watch(*revision, long_history, appended, 1);
    const double core_short = through_core(revision, short_history, cycle, patients);
    const double core_long = through_core(revision, long_history, appended, 1);
    const auto line = [&](const char* what, double at_long, double at_short) {
        return Figure{fmt::format("newest fact of {}, {}", long_history, what), fmt::format("{:.1f} us CPU", at_long),
                      fmt::format("of about 30: {:.1f} us CPU", at_short), fmt::format("{:.2f} x", at_long / at_short),
                      "<= 3 x"};
    };
    return {line("watch", watch_long, watch_short), line("core in memory", core_long, core_short)};
}

} // namespace bonewatch::bench
