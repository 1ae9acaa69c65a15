#pragma once

#include "store/model/timeline.h"
#include "tests/reference/expression.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bonewatch::reference {

using model::Days;

/// What monitors ask about as one exposure: classes on their routes, and drugs by name on every route.
struct DrugSet {
    std::string name; ///< Its members, joined: equal names, equal sets.
    Codes classes;
    Codes drugs;
    Days gap{0}; ///< The greatest of the members'.
    /// The members one by one, without drugs that are given as single doses and classes of nothing else.
    std::vector<DrugSet> with_daily_drugs{};
    bool sums_equivalents = false;

    [[nodiscard]] bool empty() const { return classes.empty() && drugs.empty(); }
};

struct Drug {
    struct ClassRow {
        std::string drug_class;
        std::set<model::Route> routes; ///< Empty: every route.
    };
    struct Cover {
        std::optional<model::Dose> dose;
        std::optional<model::Route> route;
        Days days{0};
    };
    std::vector<ClassRow> classes;
    std::optional<model::Rational> equivalence;
    bool is_single_dose = false;
    std::vector<Cover> covers;
    std::optional<Days> gap;
};

struct UnitRow {
    model::Rational factor{1};
    model::Rational offset{0};
};

struct Analyte {
    bool may_be_negative = false;
    std::string unit;
    std::map<std::string, UnitRow, std::less<>> units; ///< Every spelling of every unit.
};

/// The vocabulary's data files, as the reference reads them: `config/vocabulary/*.toml`.
class Vocabulary {
  public:
    /// Throws where a file cannot be read.
    explicit Vocabulary(const std::filesystem::path& folder);

    [[nodiscard]] bool knows(const std::string& id) const;
    [[nodiscard]] const Analyte* analyte(const std::string& id) const;
    [[nodiscard]] const Drug* drug(const std::string& id) const;
    /// The conditions and all narrower ones.
    [[nodiscard]] Codes with_included(const Codes& ids) const;
    [[nodiscard]] bool is_event_type(const std::string& condition) const { return event_types_.contains(condition); }

    /// The classes and drugs among `ids`.
    [[nodiscard]] DrugSet drug_set(const Codes& ids) const;
    /// Some drug of it is taken day by day.
    [[nodiscard]] bool has_daily_drug(const DrugSet& set) const;
    [[nodiscard]] bool is_member(const DrugSet& set, const std::string& drug, model::Route route) const;
    /// On some route.
    [[nodiscard]] bool may_be_member(const DrugSet& set, const std::string& drug) const;
    /// How long a single dose covers; 0 where its drug's row says nothing.
    [[nodiscard]] Days days_covered_by(const model::AdministrationEvent& given) const;
    /// What an amount in milligrams counts in the set; nothing where the set counts equivalents and the drug has none.
    [[nodiscard]] std::optional<model::Rational> counted(const DrugSet& set, const std::string& drug,
                                                         const model::Rational& milligrams) const;

  private:
    struct DrugClass {
        Days gap{14};
        bool sums_equivalents = false;
    };
    std::map<std::string, DrugClass> classes_;
    std::map<std::string, Drug> drugs_;
    std::map<std::string, Analyte> analytes_;
    std::map<std::string, Codes> included_; ///< Every condition and procedure, with those directly below.
    Codes event_types_;
};

/// The vocabulary that the product ships with.
[[nodiscard]] const Vocabulary& shipped_vocabulary();

} // namespace bonewatch::reference
