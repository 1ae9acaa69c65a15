#pragma once

#include "monitors/view.h"

#include <optional>
#include <string>
#include <vector>

namespace bonewatch::monitors {

/// A name in a question about events or conditions, resolved: one vocabulary id, or the members of a group.
struct CodeSet {
    std::string title;              ///< For people.
    std::vector<CodeId> conditions; ///< Conditions, findings, clinical events and procedures.
    std::vector<CodeId> analytes;
    std::vector<CodeId> doses;          ///< Drugs given as single doses: each administration or issue is an event.
    std::vector<std::size_t> exposures; ///< Sets of daily drugs: their covered days are the event.
};

/// Which dates a question looks at. `within` counts back from today; `from` and `to` are dates; both may be absent.
struct WindowNodes {
    std::optional<Span> within;
    DatePtr from;
    DatePtr to;
};

// The person (language: age, sex, dead, registered).

/// Completed years; nothing known of the birth date: not known. Solved: the next birthday that matters.
[[nodiscard]] QuantityPtr make_age();
[[nodiscard]] TruthPtr make_sex_is(model::Sex sex);
[[nodiscard]] TruthPtr make_dead();
[[nodiscard]] TruthPtr make_registered();

// Conditions and events.

/// The condition's onset is on or before today and it has not abated; events never abate. `min_length`: it began at
/// least that long ago. `within`: present on some day of that time.
[[nodiscard]] TruthPtr make_known(CodeSet codes, std::optional<Span> min_length, std::optional<Span> within,
                                  std::vector<CodeId> lasting);
[[nodiscard]] EventsPtr make_occurrences(CodeSet codes);
/// Results that meet a condition; those of which it is unknown are possible.
[[nodiscard]] EventsPtr make_result_events(CodeId analyte, TruthPtr condition, TruthPtr where, bool is_harder);
[[nodiscard]] EventsPtr make_any_of(std::vector<EventsPtr> members);
struct RunNodes;
/// The dates of the latest unbroken run; those that only unknown results may add are possible.
[[nodiscard]] EventsPtr make_run(RunNodes nodes);
/// First day of each bridged exposure.
[[nodiscard]] EventsPtr make_started(std::size_t set, std::optional<Span> gap);
/// First uncovered day of each bridged exposure, once the gap is exceeded.
[[nodiscard]] EventsPtr make_stopped(std::size_t set, std::optional<Span> gap);
struct CourseNodes {
    std::size_t set = 0;
    Span at_least, at_most; ///< Its length, min(today, end) - start.
    Span apart;             ///< Fewer free days than this between two make them one.
};
/// Exposures of a certain length, dated by their first day. A single dose without days of cover is a course of its own.
[[nodiscard]] EventsPtr make_course(CourseNodes nodes);
/// Each administration, or issue, of a drug given as single doses; of exactly `dose` where one is named.
[[nodiscard]] EventsPtr make_given(std::vector<CodeId> drugs, std::optional<model::Dose> dose,
                                   std::optional<model::Route> route);
/// Days on which the total daily dose differs by at least `by` from the covered day before, within one exposure.
[[nodiscard]] EventsPtr make_dose_change(std::size_t set, Rational by);

[[nodiscard]] QuantityPtr make_count(EventsPtr events, WindowNodes window, TruthPtr where);
[[nodiscard]] DatePtr make_first(EventsPtr events, WindowNodes window, TruthPtr where);
[[nodiscard]] DatePtr make_last(EventsPtr events, WindowNodes window, TruthPtr where);
/// Nothing of the kind in the window, and the patient observable for all of it (or for the last `observed` of it).
[[nodiscard]] TruthPtr make_missing(EventsPtr events, WindowNodes window, std::optional<Span> observed);
/// Some member is missing; the reasoning names which.
[[nodiscard]] TruthPtr make_incomplete(std::vector<TruthPtr> missing, std::vector<std::string> names);
/// An event within so many days either side of the reference; looks ahead of it, up to the real now.
[[nodiscard]] TruthPtr make_near(EventsPtr events, Span distance);
/// An attribute of the sample or event being judged: `fasting is yes`, `form is issue`. Unknown where it is not stated.
[[nodiscard]] TruthPtr make_attribute_is(std::string attribute, std::string choice);
/// The local clock of the sample being judged lies in [from, to]; unknown where only its date is known.
[[nodiscard]] TruthPtr make_taken_between(std::chrono::minutes from, std::chrono::minutes to);
/// Another monitor's episode is open.
[[nodiscard]] TruthPtr make_open(std::size_t monitor, std::string title);

// Results.

/// Value of the newest eligible final result: of its sample-day.
[[nodiscard]] QuantityPtr make_latest(CodeId analyte, WindowNodes window, TruthPtr where);
/// In a sample's condition: its value, and the ends of its own laboratory's range.
enum class SampleValue : unsigned char { value, normal_low, normal_high };
[[nodiscard]] QuantityPtr make_sample_value(CodeId analyte, SampleValue which);

/// Which results a run is made of: back from the newest until one fails the condition, or neighbours lie more than
/// `gap` apart. Of several on one date any that meets it decides; those of which it is unknown are left out.
struct RunNodes {
    CodeId analyte;
    TruthPtr condition; ///< Judged sample by sample.
    TruthPtr where;     ///< Samples of which it is false are left out altogether.
    std::optional<Span> gap;
    bool is_harder = false; ///< In `clears`: of two results of one date the one that does not meet it decides.
};
/// The latest unbroken run has enough results over a long enough span.
[[nodiscard]] TruthPtr make_sustained(RunNodes nodes, std::size_t results, Span span);

/// How a value has moved against what it was `from` to `to` before its date.
struct ChangeNodes {
    CodeId analyte;
    Span from, to;           ///< Baselines are dated so long before the newest sample, and before its date.
    bool is_rise = false;    ///< Against the lowest baseline; else a drop, against the highest.
    bool is_percent = false; ///< Of the baseline.
    std::string same;        ///< An attribute that both must state alike; empty: none.
    TruthPtr where;
    std::optional<Span> within; ///< The newest sample is at most so old.
};
[[nodiscard]] QuantityPtr make_change(ChangeNodes nodes);

/// Theil and Sen's slope over the window's results, times the days from the first to the last of them.
struct TrendNodes {
    CodeId analyte;
    Span within;
    TruthPtr where;
    std::size_t results = 2;
    Span span;
};
[[nodiscard]] QuantityPtr make_trend(TrendNodes nodes);

// Exposure.

struct OnNodes {
    std::size_t set = 0;
    std::optional<Span> min_length;
    std::optional<Span> gap;
    std::optional<Span> within;
    std::optional<Rational> coverage; ///< Share of its elapsed days that must be covered.
};
/// Some covered day lies within the tolerated gap of today; with a length, the bridged exposure has lasted so long.
[[nodiscard]] TruthPtr make_on(OnNodes nodes);
/// Mean class dose a day over the covered ones of the last `over` dates.
[[nodiscard]] QuantityPtr make_average_dose(std::size_t set, Span over);
/// Class dose summed over the last `within` dates; none: 0.
[[nodiscard]] QuantityPtr make_total_dose(std::size_t set, Span within);

// Shared by the questions.

/// The analyte's value as the monitors may use it: not known where the result is unreadable, disputed, or was taken
/// when the analyte's `[readable]` rule did not hold.
[[nodiscard]] model::ValueInterval usable_value(const View& view, const model::Fact& fact);
/// A final result that is visible: preliminary ones and those that could not be done never are.
[[nodiscard]] bool is_counted(const View& view, const model::Fact& fact);

} // namespace bonewatch::monitors
