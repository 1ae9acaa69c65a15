#pragma once

#include "tests/reference/view.h"

#include <cstdint>
#include <functional>

namespace bonewatch::reference {

/// An amount of drug, exact: sixty-millionths of a milligram, so that every equivalence factor gives a whole number.
using Units = std::int64_t;
inline constexpr Units units_per_mg = 60'000'000;

/// One calendar date of a patient on a class of drugs.
struct DrugDay {
    bool is_covered = false;
    bool is_dose_known = true;
    Units dose = 0; ///< Of all products of the class, as equivalents where the class has them.
};

/// One way the past may have been: every date from `first` to the view's own.
struct DrugDays {
    Date first{};
    std::vector<DrugDay> days;

    [[nodiscard]] bool covers(Date date) const;
    [[nodiscard]] const DrugDay& on(Date date) const { return days[static_cast<std::size_t>((date - first).count())]; }
    [[nodiscard]] Date today() const { return first + Days(days.size()) - Days(1); }
};

/// Exposure to classes of drugs up to the view's date, in every world that disputed facts allow.
class Exposure {
  public:
    Exposure(const View& view, const Codes& classes);

    /// On within the classes' own gap, or within `tail`.
    [[nodiscard]] Truth is_on() const { return is_on(gap_); }
    [[nodiscard]] Truth is_on(Days tail) const;
    [[nodiscard]] Truth is_on_for(Days length, Days gap) const;
    [[nodiscard]] Truth is_on_for(Days length) const { return is_on_for(length, gap_); }
    /// The mean over the covered dates of the last `over`; false where there is none.
    [[nodiscard]] Truth average_at_least(Days over, Units dose) const;
    [[nodiscard]] Truth average_below(Days over, Units dose) const;
    [[nodiscard]] Truth total_at_least(Days within, Units dose) const;
    [[nodiscard]] Anchor last_started() const;
    /// Since `from`, where that is stated.
    [[nodiscard]] Anchor last_dose_change(Units by, std::optional<Date> from) const;

  private:
    [[nodiscard]] Truth in_every_world(const std::function<Truth(const DrugDays&)>& question) const;
    [[nodiscard]] Anchor same_in_every_world(const std::function<Anchor(const DrugDays&)>& question) const;

    Days gap_{0};
    std::vector<DrugDays> worlds_; ///< Empty: too many to tell.
};

} // namespace bonewatch::reference
