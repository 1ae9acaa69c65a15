#pragma once

#include "store/model/dose.h"
#include "store/model/named.h"

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bonewatch::config {

enum class CodeKind : unsigned char { analyte, drug, drug_class, disorder, finding, clinical_event, procedure };

/// How well a published code is vouched for (clinical tags): seen with its name, seen without, or not verified.
enum class Vouched : unsigned char { name_seen, code_seen, hand_made, not_verified };

/// A code as a publisher sends it: `http://loinc.org` `3016-3`.
struct PublishedCode {
    std::string system;
    std::string code;
    friend auto operator<=>(const PublishedCode&, const PublishedCode&) = default;
};

/// What a published code stands for.
struct CodeMeaning {
    model::CodeId id;
    CodeKind kind = CodeKind::analyte;
    Vouched vouched = Vouched::name_seen;
    model::Route route = model::Route::unstated; ///< That the code itself implies: ATC A07EA06 is oral budesonide.
    std::string property; ///< Of a LOINC: MCnc (mass), SCnc (substance), …; the printed unit decides, this only flags.
    std::string missing_unit{}; ///< Of a publisher's own code: the unit of results under it that come without one.
};

/// How the codes of a system are written, and so what a slip in one looks like.
enum class CodeForm : unsigned char { any, loinc, snomed, rxnorm, atc, icd10 };

/// A system of codes under one name of ours, with every spelling in which publishers name it. Letter case is ignored.
struct CodeSystem {
    std::string name; ///< `loinc`.
    CodeForm form = CodeForm::any;
    std::vector<std::string> spellings;

    /// Whether a code also stands for everything that begins with it (M05 for M05.3, G03AA for G03AA07).
    [[nodiscard]] bool has_groups() const { return form == CodeForm::atc || form == CodeForm::icd10; }
};

[[nodiscard]] bool is_well_formed(CodeForm form, std::string_view code);

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

/// From published codes to their meanings.
class PublishedCodes {
  public:
    /// False where a spelling of `system` is already another system's.
    bool add_system(CodeSystem system);
    /// Nothing where no system is spelt so.
    [[nodiscard]] const CodeSystem* system(std::string_view spelling) const;
    /// The systems' names, for messages.
    [[nodiscard]] std::vector<std::string> system_names() const;

    /// A code as codes are compared: our name for its system, or the spelling in lower case where it has none; no
    /// spaces around the code, and in a system with groups capitals and no point.
    [[nodiscard]] PublishedCode comparable(std::string_view spelling, std::string_view code) const;

    /// `meaning` with an empty id takes the code out of its group: M06.1 is not M06. Replaces what was there.
    void add(const CodeSystem& system, const std::string& code, CodeMeaning meaning);

    /// The code's own meaning; in a system with groups, else that of the longest group that holds it.
    [[nodiscard]] const CodeMeaning* meaning(std::string_view spelling, std::string_view code) const;

    /// Whether a code is a slip of the pen, whatever it was meant to be: of a system with check digits (LOINC, SNOMED
    /// CT), digits whose last one does not check the others.
    [[nodiscard]] bool is_slip(std::string_view spelling, std::string_view code) const;

  private:
    struct Space {
        CodeSystem system;
        ByText<CodeMeaning> meanings;
    };
    [[nodiscard]] const Space* space(std::string_view spelling) const;

    std::vector<Space> spaces_;
    ByText<std::size_t> by_spelling_; ///< Lower-case spelling to the index of its space.
};

} // namespace bonewatch::config
