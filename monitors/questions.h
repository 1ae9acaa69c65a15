#pragma once

#include "monitors/view.h"

#include <optional>
#include <string>
#include <vector>

namespace bonewatch::monitors {

/// A name in a question about events or conditions, resolved: one vocabulary id, or the members of a group.
struct CodeSet {
    std::string name;               ///< As written.
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
/// Results that meet a condition; those of which it is unknown are possible. `is_harder`: of two results of one date
/// the one that does not meet it decides.
[[nodiscard]] EventsPtr make_result_events(CodeId analyte, TruthPtr condition, TruthPtr where, bool is_harder);
/// First day of each bridged exposure.
[[nodiscard]] EventsPtr make_started(std::size_t set, std::optional<Span> gap);
/// Each administration, or issue, of a drug given as single doses; of exactly `dose` where one is named.
[[nodiscard]] EventsPtr make_given(std::vector<CodeId> drugs, std::optional<model::Dose> dose,
                                   std::optional<model::Route> route);
/// Days on which the total daily dose differs by at least `by` from the covered day before, within one exposure.
[[nodiscard]] EventsPtr make_dose_change(std::size_t set, Rational by);

[[nodiscard]] QuantityPtr make_count(EventsPtr events, WindowNodes window, TruthPtr where);
[[nodiscard]] DatePtr make_first(EventsPtr events, WindowNodes window);
[[nodiscard]] DatePtr make_last(EventsPtr events, WindowNodes window);
/// Nothing of the kind in the window, and the patient observable for all of it (or for the last `observed` of it).
[[nodiscard]] TruthPtr make_missing(EventsPtr events, WindowNodes window, std::optional<Span> observed);
/// An event within so many days either side of the reference; looks ahead of it, up to the real now.
[[nodiscard]] TruthPtr make_near(EventsPtr events, Span distance);
/// An attribute of the sample or event being judged: `fasting is yes`, `form is issue`. Unknown where it is not stated.
[[nodiscard]] TruthPtr make_attribute_is(std::string attribute, std::string choice);
/// The local clock of the sample being judged lies in [from, to]; unknown where only its date is known.
[[nodiscard]] TruthPtr make_taken_between(std::chrono::minutes from, std::chrono::minutes to);
/// Another monitor's episode is open.
[[nodiscard]] TruthPtr make_open(std::size_t monitor, std::string name);

// Results.

/// Value of the newest eligible final result: of its sample-day.
[[nodiscard]] QuantityPtr make_latest(CodeId analyte, WindowNodes window, TruthPtr where);
/// In a sample's condition: its value, and the ends of its own laboratory's range.
enum class SampleValue : unsigned char { value, normal_low, normal_high };
[[nodiscard]] QuantityPtr make_sample_value(CodeId analyte, SampleValue which);

struct SustainedNodes {
    CodeId analyte;
    TruthPtr condition; ///< Judged sample by sample.
    TruthPtr where;     ///< Samples of which it is false are left out altogether.
    std::size_t results = 1;
    Span span;
    std::optional<Span> gap;
    bool is_harder = false; ///< In `clears`: of two results of one date the one that does not meet it decides.
};
/// The latest unbroken run of results that meet the condition has enough of them over a long enough span.
[[nodiscard]] TruthPtr make_sustained(SustainedNodes nodes);

// Exposure.

struct OnNodes {
    std::size_t set = 0;
    std::optional<Span> min_length;
    std::optional<Span> gap;
    std::optional<Span> within;
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
