#pragma once

#include "tests/reference/catalogue.h"
#include "tests/reference/episodes.h"
#include "tests/reference/exposure.h"
#include "tests/reference/quantity.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bonewatch::reference {

/// What a monitor's verdict depends on of its own past.
struct Standing {
    bool is_armed = true;
    std::optional<Date> raised;
    std::vector<Spell> spells;
};
using Standings = std::map<std::string, Standing>;

/// From where an expression is asked.
struct Look {
    const Catalogue& catalogue;
    const Standings& standings;
    const View* view = nullptr; ///< At the reference date.
    Date raised{};              ///< While an opening is weighed, the date of the look.
    bool is_clearing = false;
    bool is_negated = false;        ///< Under an odd number of `not`.
    const Sample* sample = nullptr; ///< In a sample's condition.
    const Fact* event = nullptr;    ///< In an event's.

    [[nodiscard]] Rule rule() const { return is_clearing && !is_negated ? Rule::all : Rule::any; }
    [[nodiscard]] Date today() const { return view->today(); }
    [[nodiscard]] Look at(Date date) const;
    [[nodiscard]] Look about(const Sample& one) const;
    [[nodiscard]] Look about(const Fact* fact, Date date) const;
};

/// Days and calendar months; the months are stepped first.
struct Duration {
    int months = 0;
    int days = 0;
    friend bool operator==(const Duration&, const Duration&) = default;
};
[[nodiscard]] Date after(Date date, const Duration& duration);
[[nodiscard]] Date before(Date date, const Duration& duration);

/// Each throws Unreadable where the expression is of another kind.
[[nodiscard]] Truth truth(const Look& look, const Expr& expr);
[[nodiscard]] Quantity quantity(const Look& look, const Expr& expr);
[[nodiscard]] Anchor date(const Look& look, const Expr& expr);
/// Every length that it may be: several where an `if` cannot be decided.
[[nodiscard]] std::vector<Duration> durations(const Look& look, const Expr& expr);

/// The lengths of an argument; `otherwise` alone where it is not there.
[[nodiscard]] std::vector<Duration> durations(const Look& look, const ExprPtr& argument, Duration otherwise);
[[nodiscard]] model::Rational exact_number(const Look& look, const ExprPtr& argument, model::Rational otherwise);

/// The dates that a question is about, both included.
struct Window {
    Date from{};
    Date to{};
    /// Events of partial dates that its ends were reckoned from, and whether from their last day.
    std::vector<std::pair<const Fact*, bool>> reckoned_from{};
};
/// Such an event stands, in that window too, on the day from which it was reckoned.
[[nodiscard]] Occurrence placed(Occurrence event, const Window& window);
/// Every way in which `within:`, `from:` and `to:` may be meant, unless an anchor does not exist or may not.
struct Windows {
    Truth exists = Truth::yes;
    std::vector<Window> ways;
};
[[nodiscard]] Windows windows(const Look& look, const Expr& call);

/// What all ways answer; unknown where they differ.
template <typename T, typename Ask>
Truth agreed(const std::vector<T>& ways, const Ask& ask) {
    const Truth first = ask(ways.front());
    for (const T& way : ways)
        if (ask(way) != first)
            return Truth::unknown;
    return first;
}
template <typename T, typename Ask>
Quantity agreed(const Vocabulary& vocabulary, const std::vector<T>& ways, const Ask& ask) {
    Quantity answer = ask(ways.front());
    for (const T& way : ways)
        answer = either_of(vocabulary, answer, ask(way));
    return answer;
}

// The words, by what they ask about.

/// known, age, sex, born, dead, registered, taken_between
[[nodiscard]] Truth known(const Look& look, const Expr& call);
[[nodiscard]] Quantity age(const Look& look);
[[nodiscard]] Truth sex_is(const Look& look, const std::string& word);
[[nodiscard]] Anchor born(const Look& look);
[[nodiscard]] Truth dead(const Look& look);
[[nodiscard]] Truth registered(const Look& look);
[[nodiscard]] Truth taken_between(const Look& look, const Expr& call);
[[nodiscard]] Truth attribute_is(const Look& look, const std::string& name, const std::string& word);

[[nodiscard]] Truth on(const Look& look, const Expr& call);
[[nodiscard]] Quantity average_dose(const Look& look, const Expr& call);
[[nodiscard]] Quantity total_dose(const Look& look, const Expr& call);
/// The drugs that an expression names.
[[nodiscard]] const DrugSet& drugs_of(const Expr& expr);
/// An amount in our units.
[[nodiscard]] Units units_of(const Look& look, const Expr& expr);

[[nodiscard]] Quantity latest(const Look& look, const Expr& call);
[[nodiscard]] Truth sustained(const Look& look, const Expr& call);
/// drop, rise, drop_percent, rise_percent
[[nodiscard]] Quantity change(const Look& look, const Expr& call);
[[nodiscard]] Quantity trend(const Look& look, const Expr& call);

/// How each sample-day of a condition's series answers it; those that `where:` leaves out are not there.
struct ConditionDays {
    std::map<Date, Truth> days;
    std::map<Date, const Fact*> facts; ///< The first result of each.
    std::vector<std::pair<const Sample*, Truth>> results;
};
[[nodiscard]] ConditionDays by_day(const Look& look, const Expr& call);
/// The days of the latest unbroken run; unknown ones are left out, or taken as met.
[[nodiscard]] std::vector<Date> run_of(const ConditionDays& condition, std::optional<Duration> gap,
                                       bool unknown_counts);

/// Events in one way of resolving what is disputed of drugs.
struct EventWorld {
    World choice; ///< Of its supplies; only what tells worlds apart.
    std::vector<Occurrence> events;
};
struct Events {
    std::vector<EventWorld> worlds;
    bool anything_else = false; ///< Too much is disputed to tell: any other may have been.
};
/// The events of a name, a set or a maker, up to the look's date.
[[nodiscard]] Events events(const Look& look, const Expr& expr);

[[nodiscard]] Quantity count(const Look& look, const Expr& call);
[[nodiscard]] Anchor first_or_last(const Look& look, const Expr& call);
[[nodiscard]] Truth missing(const Look& look, const Expr& call);
[[nodiscard]] Truth incomplete(const Look& look, const Expr& call);
[[nodiscard]] Truth near(const Look& look, const Expr& call);

/// Whether a sample may be compared at all: its analyte's `[readable]` line.
[[nodiscard]] bool is_readable(const Catalogue& catalogue, const View& view, const Sample& sample);

} // namespace bonewatch::reference
