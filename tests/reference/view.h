#pragma once

#include "store/model/timeline.h"
#include "tests/reference/truth.h"

#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bonewatch::reference {

using model::Date;
using model::Days;
using model::Fact;
using model::Instant;
using Codes = std::set<std::string, std::less<>>;

/// Something with a date. `is_certain` is false where the fact is disputed.
struct Occurrence {
    Date date{};
    Date date_last{};
    bool is_certain = true;
};

/// A final result. No value: it cannot be read, is disputed, or its `[readable]` line is not true.
struct Sample {
    Date date{};
    std::optional<model::ValueInterval> value;
    std::optional<model::Rational> range_low;
    std::optional<model::Rational> range_high;
};

/// When something last happened: surely (`exists` yes), never (no), or nobody can say (unknown).
struct Anchor {
    Truth exists = Truth::no;
    Date date{};
    Date date_last{};
    friend bool operator==(const Anchor&, const Anchor&) = default;
};

class Exposure;

/// What is visible at an instant, or at an earlier date as known at that instant. Every question scans all facts.
/// The facts must outlive it.
class View {
  public:
    View(const std::vector<Fact>& facts, Instant instant) : View(facts, instant, model::date_of(instant)) {}
    View(const std::vector<Fact>& facts, Instant instant, Date today);
    View(View&&) noexcept;
    ~View();

    [[nodiscard]] Date today() const { return today_; }
    [[nodiscard]] View at(Date date) const { return {facts_, instant_, date < today_ ? date : today_}; }

    /// The facts visible here, and the date that each counts as.
    [[nodiscard]] const std::vector<const Fact*>& facts() const { return visible_; }
    [[nodiscard]] Date date_of(const Fact& fact) const;
    [[nodiscard]] Occurrence occurrence_of(const Fact& fact) const;

    /// No for an order that was dispensed, whenever that was; unknown where it is disputed, or what was dispensed is.
    [[nodiscard]] Truth counts(const Fact& fact) const;

    /// Onsets, procedures, final results, administrations and issues under any of these ids.
    [[nodiscard]] std::vector<Occurrence> occurrences(const Codes& codes) const;
    /// Sorted by date.
    [[nodiscard]] const std::vector<Sample>& samples(const std::string& analyte) const;

    [[nodiscard]] Truth known(const Codes& codes) const;
    [[nodiscard]] Truth known_for_years(const std::string& code, int years) const;
    [[nodiscard]] Truth known_within(const std::string& code, Days days) const;
    [[nodiscard]] Truth happened(const Codes& codes, Date from) const;
    [[nodiscard]] Truth missing(const Codes& codes, Date from) const;
    [[nodiscard]] Anchor last(const Codes& codes, Days within) const;
    [[nodiscard]] Anchor last_given(const std::string& drug, const model::Dose& dose, Days within) const;

    [[nodiscard]] Truth age_at_least(int years) const;
    [[nodiscard]] Truth is_female() const;
    [[nodiscard]] Truth is_dead() const;
    [[nodiscard]] Truth is_registered() const;
    [[nodiscard]] bool is_observable_from(Date from) const;

    /// Days covered by drugs of these classes.
    [[nodiscard]] const Exposure& exposure(const Codes& classes) const;

  private:
    [[nodiscard]] bool is_readable(const std::string& analyte, Date date) const;
    [[nodiscard]] Truth is_present(const Fact& fact) const;

    const std::vector<Fact>& facts_;
    Instant instant_;
    Date today_;
    std::vector<const Fact*> visible_;
    std::vector<const Fact*> dispenses_; ///< All that name an order, visible or not.
    mutable std::map<std::string, std::vector<Sample>> samples_;
    mutable std::map<Codes, Exposure> exposures_;
};

/// Whether an occurrence lies in [from, to].
[[nodiscard]] Truth is_in_window(const Occurrence& occurrence, Date from, Date to);

} // namespace bonewatch::reference
