#pragma once

#include "tests/reference/truth.h"
#include "tests/reference/vocabulary.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bonewatch::reference {

using model::Date;
using model::Days;
using model::Fact;
using model::Instant;

/// Something with a date. `is_certain` is false where the fact is disputed.
struct Occurrence {
    Date date{};
    Date date_last{};
    bool is_certain = true;
    const Fact* fact = nullptr; ///< Where one fact is behind it.
    friend auto operator<=>(const Occurrence&, const Occurrence&) = default;
};

/// A final result. No value: it cannot be read, is disputed, or its `[readable]` line is not true.
struct Sample {
    Date date{};
    std::optional<model::ValueInterval> value;
    const Fact* fact = nullptr;
    [[nodiscard]] const model::ResultEvent& result() const { return std::get<model::ResultEvent>(fact->event.body); }
};

/// When something happened: surely (`exists` yes), never (no), or nobody can say (unknown).
struct Anchor {
    Truth exists = Truth::no;
    Date date{};
    Date date_last{};
    const Fact* of = nullptr; ///< The event that it was found by, where only a part of its date is known.
    friend bool operator==(const Anchor&, const Anchor&) = default;
};

class Exposure;
class View;
enum class Reading;

/// All standing facts of one patient, by code. They must outlive it.
class Patient {
  public:
    /// `is_readable`: whether a sample seen in this view may be compared at all; none: every one.
    using Readable = std::function<bool(const View&, const Sample&)>;
    Patient(const std::vector<Fact>& facts, const Vocabulary& vocabulary, Readable is_readable = {});
    ~Patient();
    Patient(const Patient&) = delete;
    Patient& operator=(const Patient&) = delete;

    [[nodiscard]] const std::vector<const Fact*>& facts_of(const std::string& code) const;
    [[nodiscard]] const std::vector<const Fact*>& persons() const { return persons_; }
    /// Supplies, stops and doses of drugs of the set, taken by `route` where one is stated.
    [[nodiscard]] const std::vector<const Fact*>& drug_facts(const DrugSet& set,
                                                             std::optional<model::Route> route) const;
    [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }

  private:
    friend class View;
    const Vocabulary& vocabulary_;
    Readable is_readable_;
    std::map<std::string, std::vector<const Fact*>> by_code_;
    std::vector<const Fact*> persons_;
    std::vector<const Fact*> visible_; ///< All but persons.
    std::vector<const Fact*> others_;  ///< Those of them that count.
    std::deque<Fact> doubtful_;        ///< Orders of which only disputed facts say that they were dispensed.
    mutable std::map<std::pair<std::string, std::optional<model::Route>>, std::vector<const Fact*>> drug_facts_;
    /// Exposures by everything that they are worked out of: nothing else can change them.
    mutable std::map<std::tuple<std::string, Reading, Date, std::vector<const Fact*>>, std::shared_ptr<const Exposure>>
        exposures_;
};

/// What is visible at an instant, or at another date as known at that instant. Every question scans all the facts that
/// it is about. The patient must outlive it.
class View {
  public:
    View(const Patient& patient, Instant instant) : View(patient, instant, model::date_of(instant), nullptr) {}
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    ~View();

    [[nodiscard]] Date today() const { return today_; }
    /// On another date, past or ahead, as known at the same instant.
    [[nodiscard]] const View& at(Date date) const;
    /// At the instant's own date.
    [[nodiscard]] const View& real() const { return root_ == nullptr ? *this : *root_; }
    [[nodiscard]] const Vocabulary& vocabulary() const { return patient_.vocabulary(); }

    [[nodiscard]] std::vector<const Fact*> visible(const std::string& code) const;
    [[nodiscard]] std::vector<const Fact*> visible_drug_facts(const DrugSet& set,
                                                              std::optional<model::Route> route) const;
    /// The date that a fact counts as.
    [[nodiscard]] Date date_of(const Fact& fact) const;
    [[nodiscard]] Occurrence occurrence_of(const Fact& fact) const;
    /// Sorted by date.
    [[nodiscard]] const std::vector<Sample>& samples(const std::string& analyte) const;

    /// Conditions and procedures under any of these ids.
    [[nodiscard]] std::vector<const Fact*> conditions(const Codes& ids) const;

    [[nodiscard]] std::vector<const Fact*> persons() const { return patient_.persons(); }
    [[nodiscard]] bool is_observable(Date from, Date to) const;

    /// Days covered by drugs of the set, taken by `route` where one is stated.
    [[nodiscard]] const Exposure& exposure(const DrugSet& set, std::optional<model::Route> route = {}) const;
    [[nodiscard]] const Exposure& exposure(const DrugSet& set, std::optional<model::Route> route,
                                           Reading reading) const;

  private:
    View(const Patient& patient, Instant instant, Date today, const View* root);
    [[nodiscard]] bool is_visible(const Fact& fact) const;

    const Patient& patient_;
    Instant instant_;
    Date today_;
    const View* root_;
    mutable std::map<Date, std::unique_ptr<View>> others_;
    mutable std::map<std::string, std::vector<Sample>> samples_;
    mutable std::map<std::tuple<std::string, std::optional<model::Route>, Reading>, std::shared_ptr<const Exposure>>
        exposures_;
};

/// Whether it was so, or on what date, nobody can say.
[[nodiscard]] bool is_doubtful(const Fact& fact);

/// Whether an occurrence lies in [from, to].
[[nodiscard]] Truth is_in_window(const Occurrence& occurrence, Date from, Date to);

/// Whether a condition was present on the view's date, or on some day from `since` to it.
[[nodiscard]] Truth is_present(const View& view, const Fact& fact, Date since);

} // namespace bonewatch::reference
