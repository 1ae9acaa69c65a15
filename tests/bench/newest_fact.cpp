#include "daemon/core.h"
#include "tests/bench/catalogue.h"
#include "tests/bench/figures.h"

#include <fmt/core.h>

namespace bonewatch::bench {

namespace {

using model::Event;

constexpr int cycle = 29; ///< 28 daily TSH results and one issue of 28 days.

Event at_nine(std::size_t patient, int number, int day) {
    Event event;
    event.key = {model::PublisherId("lab"), model::FactId(fmt::format("{}-{}", patient, number))};
    event.patient = {"ward", std::to_string(patient)};
    event.at = model::at_utc(model::Date{std::chrono::year(1998) / 1 / 1} + model::Days(day) + std::chrono::hours(9));
    return event;
}

model::ResultEvent result(const char* analyte, int hundredths, const char* unit) {
    model::ResultEvent out;
    out.analyte = model::CodeId(analyte);
    out.value = model::ValueInterval::exactly(model::Rational(hundredths, 100));
    out.value_text = fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
    out.unit_text = unit;
    return out;
}

model::SupplyEvent steroid(int mg, int days) {
    return {model::CodeId("prednisolone"),
            model::Route::oral,
            fmt::format("{} mg", mg),
            model::Dose{model::Rational(mg), model::DoseUnit::milligram},
            days,
            model::Basis::stated};
}

/// One day after the other, at nine; every 28 days a steroid issue too.
Event usual(std::size_t patient, int number) {
    Event event = at_nine(patient, number, number / cycle * 28 + std::min(number % cycle, 27));
    if (number % cycle == cycle - 1) {
        event.at = model::at_utc(event.at.instant + std::chrono::hours(1));
        event.body = steroid(5, 28);
    } else {
        event.body = result("tsh", number / cycle % 9 < 2 ? 5 : 120 + number % 50, "mU/L");
    }
    return event;
}

/// A diabetic's HbA1c, four a day, up and down.
Event rising(std::size_t patient, int number) {
    Event event = at_nine(patient, number, number / 4);
    if (number == 0) {
        event.body = model::ConditionEvent{model::CodeId("t2dm"), {}};
        return event;
    }
    event.at = model::at_utc(event.at.instant + std::chrono::hours(number % 4 * 3));
    event.body = result("hba1c", 5000 + number * 7919 % 4000, "mmol/mol");
    return event;
}

/// Every TSH is `<0.5`: no threshold can decide it.
Event undecided(std::size_t patient, int number) {
    Event event = at_nine(patient, number, number);
    model::ResultEvent tsh = result("tsh", 50, "mU/L");
    tsh.value = model::ValueInterval{model::Bound{model::Rational(0)}, model::Bound{model::Rational(1, 2), true}};
    tsh.value_text = "<0.5";
    event.body = std::move(tsh);
    return event;
}

Event supplied(std::size_t patient, int number) {
    Event event = at_nine(patient, number, number);
    event.body = steroid(number % 7 + 1, 2);
    return event;
}

Event injected(std::size_t patient, int number) {
    Event event = at_nine(patient, number, number);
    event.body = model::AdministrationEvent{model::CodeId("denosumab"), model::Route::subcutaneous,
                                            model::Dose{model::Rational(60), model::DoseUnit::milligram}};
    return event;
}

Event fallen(std::size_t patient, int number) {
    Event event = at_nine(patient, number, number);
    event.body = model::ConditionEvent{model::CodeId("fall"), {}};
    return event;
}

Event weighed(std::size_t patient, int number) {
    Event event = at_nine(patient, number, number);
    event.body = result("weight", 6000 + number % 300, "kg");
    return event;
}

/// CPU of one fact appended to a history of about `length`, in microseconds; the mean over `patients` of `appended`.
double through_watch(const daemon::Revision& revision, Event (*fact)(std::size_t, int), int length, int appended,
                     int patients, bool is_disputed = false) {
    double cpu = 0;
    for (int p = 0; p < patients; ++p) {
        monitors::Watch watch(*revision.catalogue);
        const auto add = [&](int i) {
            const Event event = fact(static_cast<std::size_t>(p), i);
            watch.set_fact(event.key, {event}, is_disputed);
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
        const Event event = usual(static_cast<std::size_t>(patient), i);
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
    const double watch_short = through_watch(*revision, usual, short_history, cycle, patients);
    const double watch_long = through_watch(*revision, usual, long_history, appended, 1);
    const double core_short = through_core(revision, short_history, cycle, patients);
    const double core_long = through_core(revision, long_history, appended, 1);
    const auto line = [&](const char* what, double at_long, double at_short) {
        return Figure{fmt::format("newest fact of {}, {}", long_history, what), fmt::format("{:.1f} us CPU", at_long),
                      fmt::format("of about 30: {:.1f} us CPU", at_short), fmt::format("{:.2f} x", at_long / at_short),
                      "<= 3 x"};
    };
    Figures out{line("watch", watch_long, watch_short), line("core in memory", core_long, core_short)};

    // Shapes of one kind of fact, each day: what is looked back over at each of them would show here.
    const int shape_long = scale.of(1000, 400), shape_short = scale.of(250, 100);
    struct Shape {
        const char* name;
        Event (*fact)(std::size_t patient, int number);
        bool is_disputed = false;
    };
    for (const Shape& shape :
         {Shape{"HbA1c, four a day", rising}, Shape{"TSH <0.5", undecided},
          Shape{"steroid issues of seven doses", supplied}, Shape{"disputed steroid issues", supplied, true},
          Shape{"denosumab doses", injected}, Shape{"falls", fallen}, Shape{"weights", weighed}}) {
        const auto after = [&](int length, int count) {
            return through_watch(*revision, shape.fact, length, cycle, count, shape.is_disputed);
        };
        const double at_short = after(shape_short, 1);
        const double at_long = after(shape_long, 1);
        const double at_few = after(short_history, scale.of(10, 2));
        out.push_back({fmt::format("newest fact of {}, {}", shape_long, shape.name),
                       fmt::format("{:.1f} us CPU", at_long),
                       fmt::format("of {}: {:.1f} us CPU; of about 30: {:.1f}", shape_short, at_short, at_few),
                       fmt::format("{:.2f} x", at_long / at_few), ""});
    }
    return out;
}

} // namespace bonewatch::bench
