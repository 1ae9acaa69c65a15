#pragma once

#include "tests/reference/view.h"

#include <cstdint>
#include <functional>
#include <map>

namespace bonewatch::reference {

/// An amount of drug, exact: sixty-millionths of a milligram, so that every equivalence factor gives a whole number.
using Units = std::int64_t;
inline constexpr Units units_per_mg = 60'000'000;

/// One calendar date of a patient on a set of drugs.
struct DrugDay {
    bool is_covered = false;
    bool is_dose_known = true;
    Units dose = 0; ///< Of all products together, as equivalents where the set counts them.
};

/// [first, last], both included, of one exposure with its gaps bridged.
struct Bridged {
    Date first{};
    Date last{};
};

/// One way the past may have been: every date from `first` to the view's own.
class DrugDays {
  public:
    Date first{};
    std::vector<DrugDay> days;

    [[nodiscard]] bool covers(Date date) const;
    [[nodiscard]] const DrugDay& on(Date date) const { return days[static_cast<std::size_t>((date - first).count())]; }
    [[nodiscard]] Date today() const { return first + Days(days.size()) - Days(1); }
    [[nodiscard]] std::optional<Date> last_covered() const;
    /// At most `gap` uncovered days between two covered ones are bridged. Oldest first.
    [[nodiscard]] std::vector<Bridged> bridged(Days gap) const;
    [[nodiscard]] std::optional<Bridged> last_bridged(Days gap) const;

  private:
    mutable std::optional<std::optional<Date>> last_; ///< Once it was looked for.
    mutable std::map<Days, Bridged> last_bridged_;
};

/// One way of resolving what is disputed of a set's supplies, stops and doses, and what then follows.
struct World {
    std::map<model::FactKey, const Fact*> choice; ///< Which content of each disputed fact is so; null: none.
    std::optional<bool> doubtful_is_replacement;  ///< Where nobody can say whether hydrocortisone only replaces.
    DrugDays days;
    std::vector<Date> uncounted_doses; ///< Single doses whose drug's row gives no days of cover.

    /// Both can be so at once.
    [[nodiscard]] bool agrees_with(const World& other) const;
};

/// How the days of a product are laid out: as supplied, or with the product going on through its gaps, which is how
/// changes of dose are judged.
enum class Reading { as_supplied, each_product_bridged };

/// Exposure to a set of drugs up to the view's date, in every world that disputed facts allow.
class Exposure {
  public:
    /// `facts`: those visible that concern the set.
    Exposure(const View& view, const DrugSet& set, const std::vector<const Fact*>& facts, Reading reading);

    [[nodiscard]] Days gap() const { return gap_; }
    /// Empty: too many to tell.
    [[nodiscard]] const std::vector<World>& worlds() const { return worlds_; }
    /// What every world answers; unknown where they differ.
    [[nodiscard]] Truth in_every_world(const std::function<Truth(const World&)>& question) const;

  private:
    Days gap_{0};
    std::vector<World> worlds_;
};

/// The days on which the total differs by at least `by` from the covered day before, and those on which nobody can say.
struct DoseChanges {
    std::vector<Date> certain;
    std::vector<Date> possible;
};
[[nodiscard]] DoseChanges dose_changes(const DrugDays& days, Units by, Days gap);

/// A supply or single dose of a drug of the set by a route that counts, or a stop of such a drug.
[[nodiscard]] bool concerns(const Vocabulary& vocabulary, const DrugSet& set, std::optional<model::Route> route,
                            const model::Event& event);
/// The conditions in which hydrocortisone replaces what the body does not make.
[[nodiscard]] const Codes& replaced_in();

} // namespace bonewatch::reference
