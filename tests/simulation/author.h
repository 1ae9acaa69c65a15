#pragma once

#include "tests/simulation/dice.h"
#include "tests/simulation/histories.h"

#include <string>
#include <vector>

namespace bonewatch::simulation {

/// Texts to draw from: values (`0.4`, `<0.01`, `>60`), doses (`5 mg`), codes.
using Choice = std::vector<const char*>;

/// Packs of one product, one after another, a little early or late, sometimes at another dose, sometimes stopped.
struct Packs {
    const char* drug;
    Choice doses;
    std::int64_t from;
    std::int64_t count;
    std::vector<int> days{7, 28, 28, 28, 56, 30};
    int late_by_max = 20;
    int other_dose_percent = 18;
    model::Route route = model::Route::oral;
};

/// Writes one patient's story, fact by fact. Dates are days from the history's start; they may be negative.
class Author {
  public:
    Author(Dice& seeded, int patient, const HistoryOptions& options)
        : dice(seeded), patient_(patient), options_(options) {}

    [[nodiscard]] std::int64_t days() const { return options_.days; }
    [[nodiscard]] std::int64_t any_day() { return dice.below(options_.days); }
    [[nodiscard]] model::Date date(std::int64_t day) const { return options_.start + model::Days(day); }
    [[nodiscard]] int fact_count() const { return serial_; }
    [[nodiscard]] std::vector<model::Event> taken() { return std::move(events_); }

    /// A result at one of `values`; or at any value of its analyte (values.h). Now and then it cannot be read, or is
    /// preliminary.
    model::Event& result(const char* analyte, std::int64_t day, const Choice& values);
    model::Event& result(const char* analyte, std::int64_t day);
    /// The same, from the early morning until before noon, or on a bare date.
    void morning_result(const char* analyte, std::int64_t day, const Choice& values);
    /// Results until `to`, which stay low or high for a while.
    void walk(const char* analyte, const Choice& low, const Choice& high, const std::vector<int>& gaps,
              std::int64_t from, std::int64_t to, int low_percent = 60);
    /// Sometimes it has abated after a while, sometimes only its month or year is known.
    void condition(const char* code, std::int64_t day, bool may_be_partial = true);
    void condition_until(const char* code, std::int64_t day, std::int64_t until);
    model::Event& procedure(const char* code, std::int64_t day);
    void packs(const Packs& packs);
    /// A single dose.
    model::Event& dose(const char* drug, const Choice& doses, model::Route route, std::int64_t day);
    void stop(const char* drug, std::int64_t day);
    /// Sex, birth, registrations, death; sometimes what another publisher says of them.
    void person(model::Sex usual, const std::vector<int>& ages);

    Dice& dice;

  private:
    [[nodiscard]] model::ClinicalTime time_on(model::Date date);
    [[nodiscard]] model::ClinicalTime at_clock(model::Date date, int minutes_of_day);
    [[nodiscard]] static model::ClinicalTime partial_time(model::Date date, bool is_year);
    model::Event& add(model::EventBody body, model::Date date, const char* publisher);
    model::Event& add_dispense(model::EventBody body, std::int64_t day, const char* publisher);

    int patient_;
    const HistoryOptions& options_;
    int serial_ = 0;
    std::vector<model::Event> events_;
};

} // namespace bonewatch::simulation
