#pragma once

#include "config/files.h"
#include "config/published_codes.h"
#include "store/model/dose.h"
#include "store/model/event.h"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::config {

using model::CodeId;
using model::Days;
using model::Dose;
using model::Rational;
using model::Route;
using model::ValueInterval;

/// What a unit counts, as far as a LOINC's property can contradict it.
enum class Counts : unsigned char { mass, substance, other };

/// canonical = value * factor + offset. HbA1c in % is affine; every other conversion has offset 0.
struct UnitConversion {
    std::string unit; ///< As laboratories send it; matched after `normalised_unit`.
    Rational factor{1};
    Rational offset{0};
    bool is_spelling = false; ///< Of the unit of its row, which is UCUM.
    bool is_flagged = false;  ///< Usable, and worth a look (`mL/min` without the body surface).
    bool is_of_range = false; ///< Means something only as a multiple of the result's own upper limit.
    Counts counts = Counts::other;
    std::optional<Rational> reject_below, reject_above; ///< Of the value as sent: outside, the unit itself is in doubt.
};

/// What is measured, in one canonical unit. `tsh`, `bmd-hip`, `tscore-spine`.
struct Analyte {
    CodeId id;
    std::string title;
    std::string unit;             ///< Canonical, UCUM; `1` where dimensionless.
    bool may_be_negative = false; ///< T-scores: `<-2` then has no lower bound of 0.
    bool needs_range = false;     ///< `{xULN}`: a value is divided by the result's own upper limit, else unusable.
    std::vector<UnitConversion> conversions;            ///< The canonical unit first.
    std::optional<Rational> reject_below, reject_above; ///< Outside: impossible, quarantined.
    std::optional<Rational> flag_below, flag_above;     ///< Outside: kept and flagged.
};

/// A single dose of at least `dose` (the greatest row that is not above the dose given) covers `days`.
struct DoseCover {
    Dose dose;
    Days days{};
    std::optional<Route> route;
};

/// An ingredient.
struct Drug {
    CodeId id;
    std::string title;
    std::vector<std::string> names; ///< Under which it also travels: British, international and American ones.
    /// Class by route; the first row whose routes hold the route, or that names none. No row: the drug is in no class
    /// on that route (topical hydrocortisone).
    struct ClassRow {
        CodeId drug_class;
        std::vector<Route> routes; ///< Empty: every route.
    };
    std::vector<ClassRow> classes;
    std::optional<Rational> equivalence; ///< Of its class's reference drug per mg: prednisolone for glucocorticoids.
    bool is_single_dose = false;         ///< Given as single doses that cover a period (denosumab, zoledronic acid).
    std::vector<DoseCover> covers;       ///< Sorted by dose.
    std::optional<Days> gap; ///< Tolerated gap where the drug itself is asked about and differs from its class.
};

/// A class of drugs, the name that monitors ask about.
struct DrugClass {
    CodeId id;
    std::string title;
    Days gap{14};            ///< Default tolerated gap in days.
    std::string equivalents; ///< The drug as whose equivalents daily doses are summed; empty: as they are.
    std::string source;
};

/// A diagnosis, finding, clinical event (fracture, fall) or procedure.
struct Condition {
    CodeId id;
    std::string title;
    CodeKind kind = CodeKind::disorder;
    std::vector<CodeId>
        includes; ///< Narrower ones: whoever has Crohn disease has inflammatory bowel disease. Direct only.
};

/// A value brought to the analyte's canonical unit.
struct Converted {
    ValueInterval value;
    /// `unusual_value`, `unit_flagged`, `code_contradicts_unit` (the code says mass, the unit substance: the unit
    /// decides), `rounded_value`.
    std::vector<std::string> flags;
};

/// The tables of what is watched, read from `vocabulary/*.toml`. Immutable once loaded; any thread may read it.
class Vocabulary {
  public:
    /// Reads and checks all tables: check digits, dimensions, references, ids used twice. Every problem found is
    /// reported, each naming file and line.
    [[nodiscard]] static std::expected<Vocabulary, std::vector<model::Error>> load(const Files& files);

    /// Nothing where the id is unknown or of another kind. Pointers live as long as the vocabulary.
    [[nodiscard]] const Analyte* analyte(const CodeId& id) const;
    [[nodiscard]] const Drug* drug(const CodeId& id) const;
    [[nodiscard]] const DrugClass* drug_class(const CodeId& id) const;
    [[nodiscard]] const Condition* condition(const CodeId& id) const;

    /// The drugs that are in `drug_class` on at least one route, sorted by id.
    [[nodiscard]] std::vector<const Drug*> drugs_of(const CodeId& drug_class) const;
    /// The class of `drug` taken by `route`; nothing where it is in none. An unstated route counts as the drug's first
    /// row.
    [[nodiscard]] const CodeId* class_of(const Drug& drug, Route route) const;
    /// The condition and, at any depth, those that it includes, sorted: any of them makes it known. Itself alone where
    /// the id is no condition.
    [[nodiscard]] std::vector<CodeId> with_included(const CodeId& condition) const;

    /// What a publisher's code means; its system may be spelt as a URL, `urn:oid:` or a short name (`LN`, `SCT`). Of
    /// several conditions that list one code it is the one that all the others include.
    [[nodiscard]] const CodeMeaning* meaning(std::string_view system, std::string_view code) const;
    /// A code as codes are compared, whether or not anything is known of it: `loinc` `3016-3`, `99lab` `TSH`.
    [[nodiscard]] PublishedCode comparable(std::string_view system, std::string_view code) const;
    /// Whether a LOINC or SNOMED CT code fails its check digit: nobody can tell what it was meant to be.
    [[nodiscard]] bool is_slip(std::string_view system, std::string_view code) const;

    /// The unit of UCUM that a laboratory's spelling stands for whatever is measured; the spelling where none does.
    [[nodiscard]] std::string_view in_ucum(std::string_view spelling) const;

    /// How values of the analyte in this unit are converted: as the table lists it, by one of its spellings, or as a
    /// unit that is listed and of which UCUM says that it is the same amount. Null where it is not read, or there is
    /// none; lives as long as the analyte.
    [[nodiscard]] const UnitConversion* conversion_of(const Analyte& analyte, std::string_view unit) const;

    /// Brings a value from the unit as sent to the canonical one, exactly; a value with more than 12 decimals is
    /// rounded to 9 and flagged. `upper_limit`: the result's own range, for analytes counted in multiples of it.
    /// `sent_as`: the meaning of the code it came under, to flag a contradiction. Fails with `unusable`:
    /// `unknown_unit`, `missing_unit`, `impossible_value`, `missing_range`.
    [[nodiscard]] model::Result<Converted> convert(const Analyte& analyte, const ValueInterval& value,
                                                   std::string_view unit,
                                                   const std::optional<Rational>& upper_limit = std::nullopt,
                                                   const CodeMeaning* sent_as = nullptr) const;

    [[nodiscard]] const std::map<CodeId, Analyte>& analytes() const { return analytes_; }
    [[nodiscard]] const std::map<CodeId, Drug>& drugs() const { return drugs_; }
    [[nodiscard]] const std::map<CodeId, DrugClass>& drug_classes() const { return drug_classes_; }
    [[nodiscard]] const std::map<CodeId, Condition>& conditions() const { return conditions_; }

  private:
    std::map<CodeId, Analyte> analytes_;
    std::map<CodeId, Drug> drugs_;
    std::map<CodeId, DrugClass> drug_classes_;
    std::map<CodeId, Condition> conditions_;
    PublishedCodes published_;
    ByText<std::string> unit_spellings_; ///< To UCUM.
};

/// Unit spellings made comparable: outer spaces and inner runs of spaces gone, `µ`/`μ` as `u`, `²` as `2`; case is
/// kept.
[[nodiscard]] std::string normalised_unit(std::string_view unit);

} // namespace bonewatch::config
