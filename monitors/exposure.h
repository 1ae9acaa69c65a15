#pragma once

#include "config/vocabulary.h"
#include "monitors/span.h"
#include "store/model/timeline.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace bonewatch::monitors {

using model::CodeId;
using model::FactPtr;
using model::Instant;
using model::Rational;
using model::Timeline;

/// A period covered by one supply, or by one dose of a drug given as single doses: [from, to).
struct Cover {
    Date from{};
    Date to{};
    std::optional<Rational> dose; ///< A day, in the class's own unit; nothing where no dose is known.
    FactPtr fact;
    bool is_stopped = false; ///< Ended by a stop, not by running out.
};

/// Days without a gap at one total daily dose: [from, to).
struct DoseSegment {
    Date from{};
    Date to{};
    Rational dose;             ///< Of the products whose dose is known.
    bool is_dose_known = true; ///< Of every product.
    friend bool operator==(const DoseSegment&, const DoseSegment&) = default;
};

/// What a monitor asks about as one exposure: classes, ingredients, or several of them.
struct ExposureSet {
    std::string title; ///< For people.
    std::vector<CodeId> classes;
    std::vector<CodeId> drugs;         ///< Ingredients asked about by name, on every route.
    Days gap{0};                       ///< Tolerated by default: the greatest of the members'.
    std::string equivalents;           ///< The drug as whose equivalents doses are summed; empty: as they are.
    std::optional<model::Route> route; ///< Only what is taken by it.
};

/// The days on which a patient took the drugs of one set, worked out of supplies, stops and single doses.
///
///     5 mg × 28 d on day 0 and on day 21  ->  [0, 56): seven tablets left are carried over, at most 30 days' worth
///     5 mg × 28 d on day 0, 10 mg on 21   ->  [0, 21) at 5, [21, 49) at 10: another dose replaces the rest
///     a stop on day 10                    ->  [0, 10), and nothing is carried over
///
/// Facts in the order of their dates are added at the cost of the days still in hand; any other change rebuilds.
class Exposure {
  public:
    Exposure(const ExposureSet& set, const config::Vocabulary& vocabulary);

    /// Whether doses that replace what the body does not make are exempt only where that is certain, or where it may
    /// be.
    enum class Exempting : unsigned char { certain, possible };

    /// Works everything out anew from the facts that `keep` lets through.
    void rebuild(const Timeline& timeline, const std::function<bool(const FactPtr&)>& keep,
                 Exempting exempting = Exempting::certain);

    /// `Exempting::possible` could come out otherwise: partial dates, or a dose that nobody states.
    [[nodiscard]] bool is_exemption_doubtful() const;

    /// No supply, dose or exemption is in it, and none will be of fewer facts.
    [[nodiscard]] bool is_nothing() const {
        return products_.empty() && uncovering_doses_.empty() && maybe_exempt_.empty();
    }

    /// What it takes in memory, near enough.
    [[nodiscard]] std::size_t byte_estimate() const;

    /// Adds one fact. False where it is not the newest, or changes what is exempt: rebuild then.
    [[nodiscard]] bool append(const FactPtr& fact);

    /// Sorted, disjoint; neighbours differ in dose or have a gap between them.
    [[nodiscard]] const std::vector<DoseSegment>& segments() const { return segments_; }

    /// The facts behind the days in [from, to), in order of date.
    [[nodiscard]] std::vector<FactPtr> facts_between(Date from, Date to) const;

    /// The days in [from, today] as doses are compared with one another: a product that ran out goes on at its dose
    /// through a gap of at most `gap` once a supply of it, dated on or before `today`, closes the gap; a gap still open
    /// is taken to be one until it is exceeded, or until another product begins that was not being taken. So one late
    /// refill of one of two products is no change of dose.
    [[nodiscard]] std::vector<DoseSegment> bridged(Date from, Date today, Days gap) const;

    /// The first date after `today` on which days in hand begin, end, or have ended for `gap`; nothing where none do.
    [[nodiscard]] std::optional<Date> next_edge(Date today, Days gap) const;

    /// Single doses for which the vocabulary gives no days of cover, sorted by date.
    [[nodiscard]] const std::vector<FactPtr>& uncovering_doses() const { return uncovering_doses_; }

    /// A fact of this code can change this exposure.
    [[nodiscard]] static bool concerns(const ExposureSet& set, const config::Vocabulary& vocabulary,
                                       const CodeId& code);

  private:
    /// One product: its drug, route and strength. Covers are sorted by `from` and do not overlap.
    struct Product {
        CodeId drug;
        model::Route route;
        std::string strength;
        bool is_exemptible = false;
        bool is_given = false; ///< One dose, given: no stop takes it back.
        std::vector<Cover> covers;
    };
    struct Period {
        Date from, to;
        friend bool operator==(const Period&, const Period&) = default;
    };
    /// Days of one product, when all products are laid over one another.
    struct Part {
        Date from, to;
        const Cover* cover;
        bool is_exemptible;
    };
    [[nodiscard]] const std::vector<Period>& exempt() const {
        return exempting_ == Exempting::certain ? surely_exempt_ : maybe_exempt_;
    }
    [[nodiscard]] static std::vector<Period> joined(std::vector<Period> periods);

    void take(const FactPtr& fact);
    void take_supply(const FactPtr& fact);
    void take_stop(const FactPtr& fact);
    void take_dose(const FactPtr& fact);
    Product& product(const CodeId& drug, model::Route route, const std::string& strength);
    [[nodiscard]] bool is_member(const CodeId& drug, model::Route route) const;
    [[nodiscard]] std::optional<Rational> class_dose(const CodeId& drug, const std::optional<model::Dose>& daily) const;
    void find_exempt_periods(const Timeline& timeline, const std::function<bool(const FactPtr&)>& keep);
    /// Segments from `from` on are worked out anew from the covers.
    void join_from(Date from);
    /// Appends the parts, laid over one another from `from` on.
    void lay_over(std::vector<Part> parts, Date from, std::vector<DoseSegment>& out) const;
    [[nodiscard]] bool is_replacement(const std::vector<const Part*>& active, Date date) const;
    /// First day of the product's latest bridged run that has begun by `today`; its last cover that has.
    [[nodiscard]] static std::pair<Date, const Cover*> latest_run(const Product& taken, Date today, Days gap);

    const ExposureSet& set_;
    const config::Vocabulary& vocabulary_;
    std::vector<Product> products_;
    std::vector<DoseSegment> segments_;
    std::vector<Period> surely_exempt_; ///< Days on which replacement doses do not count; disjoint, sorted.
    std::vector<Period> maybe_exempt_;  ///< The same, and days on which nobody can say.
    Exempting exempting_ = Exempting::certain;
    std::vector<FactPtr> uncovering_doses_;
    std::optional<Date> newest_;
    bool newest_is_supply_ = false;
};

} // namespace bonewatch::monitors
