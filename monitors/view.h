#pragma once

#include "monitors/exposure.h"
#include "monitors/truth.h"
#include "store/model/event.h"
#include "store/model/timeline.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bonewatch::monitors {

inline constexpr Instant never = Instant::max();

/// What is known of the person, joined over all publishers: what they disagree on, or dispute, is unknown.
struct Person {
    model::Sex sex = model::Sex::unknown;
    std::optional<model::ClinicalTime> born;
    std::optional<model::ClinicalTime> died;
    std::vector<model::Registration> registered; ///< Sorted, joined; empty where nobody states any.
    std::optional<Date> first_fact;              ///< Date of the first clinical fact known.
};

[[nodiscard]] Person person_of(const Timeline& timeline);

/// One clause of an answer: what was asked, what came out, with which numbers and on which evidence.
struct Clause {
    std::string text; ///< As the monitor writes it.
    Truth value = Truth::no;
    std::string detail; ///< A half sentence for a person: "TSH 0.05, <0.01 mU/L on 2 dates over 93 days".
    std::vector<FactPtr> evidence;
    std::vector<FactPtr> dispensed{}; ///< Orders that count nothing: what was dispensed on them does.
    std::vector<FactPtr> set_aside;   ///< Met and not used: unreadable, disputed.
    std::vector<Clause> parts;
    bool sums_up = false;    ///< The detail says what the parts say.
    bool is_working = false; ///< For `explain` alone: in an alert the detail would say nothing.
};

/// Whether monitors' episodes are open: `open(M)`. Implemented by the sweep.
class OpenEpisodes {
  public:
    virtual ~OpenEpisodes() = default;
    /// At the sweep's present instant.
    [[nodiscard]] virtual bool is_open(std::size_t monitor) const = 0;
    /// On a past date.
    [[nodiscard]] virtual bool was_open(std::size_t monitor, Date date) const = 0;
    [[nodiscard]] virtual std::vector<FactPtr> evidence(std::size_t monitor) const = 0;
};

/// Exposures of one patient, worked out when first asked for and kept until a fact changes them. Not thread-safe.
class Exposures {
  public:
    /// `nothing` is the exposure to each set of somebody who takes nothing: most patients, to most sets, so it is
    /// shared. All must outlive this object.
    Exposures(std::span<const ExposureSet> sets, std::span<const std::shared_ptr<const Exposure>> nothing,
              const config::Vocabulary& vocabulary);

    /// Tells that `fact` was added to the timeline.
    void added(const FactPtr& fact);
    /// Tells that a fact of this code was removed or changed.
    void changed(const CodeId& code);

    /// The exposure to a set, at an instant: as it is in each way that doubtful facts (disputed, or with a partial
    /// date) can be resolved. One way where none is; none where more than three of them concern it: everything is
    /// unknown then. What is observed later than `now` is in them from its own date on; with `Later::hidden`, not at
    /// all: as it is when only the supplies in hand are taken.
    enum class Later : unsigned char { from_its_date, hidden };
    [[nodiscard]] std::vector<std::shared_ptr<const Exposure>> ways(std::size_t set, const Timeline& timeline,
                                                                    Instant now, Later later = Later::from_its_date);

    [[nodiscard]] const ExposureSet& set(std::size_t index) const { return sets_[index]; }
    /// What they take in memory, near enough.
    [[nodiscard]] std::size_t byte_estimate() const;

  private:
    using Ways = std::vector<std::shared_ptr<const Exposure>>;

    /// Ways that had to be worked out for an instant. They hold at another one too where the same doubtful facts are
    /// visible and neither hides any.
    struct Answered {
        Instant now;
        std::size_t doubtful_visible;
        bool hides;
        Ways ways;
    };
    struct Kept {
        std::shared_ptr<Exposure> exposure;
        std::vector<FactPtr> doubtful{}; ///< Disputed, or without a certain date, and of concern to the set.
        std::optional<Answered> last{};
        std::optional<Answered> last_in_hand{}; ///< With `Later::hidden`.
    };
    void build(std::size_t set, const Timeline& timeline);
    [[nodiscard]] Ways resolved(std::size_t set, const Timeline& timeline, Instant now, Later later) const;

    std::span<const ExposureSet> sets_;
    std::span<const std::shared_ptr<const Exposure>> nothing_;
    const config::Vocabulary& vocabulary_;
    std::vector<std::unique_ptr<Kept>> kept_; ///< By set; null where it is to be worked out, or is nothing.
    std::vector<bool> is_nothing_;            ///< By set: worked out, and found to be nothing.
};

class TruthNode;

/// What stands around an expression while it is evaluated.
struct View {
    const Timeline& timeline;
    const Person& person;
    Exposures& exposures;
    const OpenEpisodes& episodes;
    const config::Vocabulary& vocabulary;
    /// `[readable]` rules by analyte.
    const std::map<CodeId, std::unique_ptr<TruthNode>>& readable;

    Instant now{};         ///< The real time of evaluation: nothing later is visible.
    Date today{};          ///< The reference date. Equal to date_of(now) unless `at`, or a sample, moved it.
    bool is_past = false;  ///< The reference is a date: facts dated after it are invisible.
    bool is_ahead = false; ///< The reference is a date to come: supplies in hand are taken, nothing else arrives.
    Date raised{};         ///< Date on which the episode opened; while opening is weighed, today.
    const model::Fact* subject = nullptr; ///< The sample or event whose condition is being judged.
    bool is_late = false;                 ///< Anchors of a partial date are read as its last day, not its first.
    bool* met_partial = nullptr;          ///< Set where such an anchor was read.

    [[nodiscard]] bool sees(const model::Fact& fact) const {
        return fact.event.at.instant <= now && (!is_past || std::min(fact.event.at.date, model::date_of(now)) <= today);
    }
    /// The date on which a visible fact counts; never after today.
    [[nodiscard]] Date date_of_fact(const model::Fact& fact) const { return std::min(fact.event.at.date, today); }

    [[nodiscard]] std::vector<std::shared_ptr<const Exposure>> ways(std::size_t set) const {
        return exposures.ways(set, timeline, now,
                              is_ahead ? Exposures::Later::hidden : Exposures::Later::from_its_date);
    }

    /// When days in hand of an exposure next begin, end, or have ended for `gap`; never in the past.
    [[nodiscard]] Instant next_edge(const Exposure& exposure, Days gap) const;

    /// The same patient, seen from a date in the past; or from one ahead, as far as can be said today.
    [[nodiscard]] View on(Date date) const;
    /// The same patient, seen from a sample's or an event's date, with that fact as the subject.
    [[nodiscard]] View about(const model::Fact& fact) const;
};

/// Adds to `clause` the orders of an exposure set that count nothing, where their days would reach `from`.
void add_dispensed(const View& view, std::size_t set, Date from, Clause& clause);

/// Numbers a question can have for an answer: none, or one of several (two results of one date).
struct QuantityAnswer {
    std::vector<model::ValueInterval> values; ///< Empty: there is nothing. Not known: an interval without bounds.
    Instant next = never;
};

struct TruthAnswer {
    Truth value = Truth::no;
    Instant next = never; ///< The first instant at which the value could change if nothing arrives.
};

/// A date that may not exist, or not be known.
struct DateAnswer {
    enum class State : unsigned char { none, unknown, known };
    State state = State::none;
    Date date{};
    Instant next = never;
    std::optional<Date> anchor{}; ///< Of the event it was found by, before any shift.
    FactPtr partial{};            ///< That event, where only a part of its date is known.
};

/// Something that happened, or may have happened, on one of the dates first..last.
struct Occurrence {
    Date first{};
    Date last{};
    bool is_certain = true;
    FactPtr fact;                       ///< None for what is derived (the start of an exposure).
    const std::string* title = nullptr; ///< Of the maker that found it, where there are several.
};

/// The dates in [from, to] that a question looks at.
struct Window {
    Date from{};
    Date to{};
};

/// A compiled expression. Evaluating is pure; `clause`, where given, is filled with the reasoning.
class TruthNode {
  public:
    virtual ~TruthNode() = default;
    [[nodiscard]] virtual TruthAnswer eval(const View& view, Clause* clause) const = 0;
    std::string source;
};

class QuantityNode {
  public:
    virtual ~QuantityNode() = default;
    [[nodiscard]] virtual QuantityAnswer eval(const View& view, Clause* clause) const = 0;
    /// The first instant after `view.now` at which the comparison with a constant could come out otherwise, where the
    /// answer is `now` at present.
    [[nodiscard]] virtual Instant next_crossing(const View& view, const QuantityAnswer& now,
                                                model::Comparison comparison,
                                                const model::ValueInterval& constant) const;
    std::string source;
};

class DateNode {
  public:
    virtual ~DateNode() = default;
    [[nodiscard]] virtual DateAnswer eval(const View& view, Clause* clause) const = 0;
    /// The date is today, or a fixed distance from it.
    [[nodiscard]] virtual bool moves_with_now() const { return false; }
    std::string source;
};

/// A maker of events: gives what happened, and has no truth of its own.
class EventsNode {
  public:
    virtual ~EventsNode() = default;
    /// Appends what is visible and may lie in the window. With `newest_only`, at least the newest certain one and all
    /// possible ones after it. Returns the first instant at which there could be others if nothing arrives, dates
    /// moving in and out of the window apart.
    virtual Instant collect(const View& view, Window window, bool newest_only, std::vector<Occurrence>& out) const = 0;
    std::string title; ///< For people.
};

/// Evaluates a part of a larger expression: its reasoning becomes a part of the clause, where there is one.
[[nodiscard]] TruthAnswer eval_part(const TruthNode& node, const View& view, Clause* clause);

using TruthPtr = std::unique_ptr<TruthNode>;
using QuantityPtr = std::unique_ptr<QuantityNode>;
using DatePtr = std::unique_ptr<DateNode>;
using EventsPtr = std::unique_ptr<EventsNode>;

/// The first date of all dates, far enough from the ends to add and subtract spans.
inline constexpr Date distant_past = Date(Days(-500'000));
inline constexpr Date distant_future = Date(Days(500'000));

} // namespace bonewatch::monitors
