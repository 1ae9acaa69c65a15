#pragma once

#include "store/model/event.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::store {

/// What became of an event when it was admitted.
enum class Outcome : unsigned char {
    applied,    ///< The fact as it stands has changed, or stands for the first time.
    duplicate,  ///< Same version and content as before: nothing changed.
    superseded, ///< Kept; a greater version, or a retraction, stands above it.
    disputed,   ///< Same version as another content: kept, and the fact is indeterminate until a greater version comes.
    kept,       ///< A retraction that finds nothing to hide: remembered, whatever comes later. Said as `applied`.
};

[[nodiscard]] std::string_view to_text(Outcome outcome);

/// One content of one version: the event, and the patient that its identifier names.
struct FactContent {
    model::PatientNumber patient;
    model::Event event;
    model::PatientNumber from{}; ///< Of a merge: whom its `from` names.
};

/// The attribute and its value of a retraction that hides what names its own patient, and, where nothing up to its
/// version does, all: the right patient's result may come under the same id and time.
inline constexpr const char* wrong_patient_attribute = "reason";
inline constexpr const char* wrong_patient_reason = "wrong_patient";
[[nodiscard]] bool is_of_wrong_patient(const model::Event& event);

/// Of each patient whom a fact ever named, so many contents are kept, and as many retractions of each kind: the least
/// by version and the greatest ones. What stands comes from these; the journal has them all.
inline constexpr std::size_t contents_kept_max = 16;

/// What was said of one fact. A function of the set of what was admitted: the order of arrival leaves no trace.
///
///     v1 names Anna, v2 names Bert       ->  nothing for Anna, v2 for Bert
///     retraction of v1, then v1, then v2 ->  v2
///     retraction without a version, v9   ->  nothing, whatever comes later under that id
///     v1 "0.05", v1 "0.5"                ->  both, disputed; v2 settles it
///     v1, then a doubt of v2             ->  v1, disputed; v2 settles it
///     v1 names Anna, v2 says: of the wrong patient Anna, v1 or v2 names Bert -> what names Bert
///     v1 preliminary, promotion of v2    ->  v1 final, in either order; what comes above v2 stands as it is
class FactVersions {
  public:
    /// Admits an event of this fact, a retraction of it included. `patient` is whom the event's own identifier names,
    /// and `from` whom that of a merge does.
    Outcome admit(model::PatientNumber patient, const model::Event& event, model::PatientNumber from = {});
    /// Admits everything that `other` holds of the same fact. True where anything of it was new.
    bool admit_all(const FactVersions& other);

    /// Of which fact. Something must have been admitted.
    [[nodiscard]] model::FactKey key() const;

    /// What stands today for `patient`: nothing (retracted, moved away, none yet), one content, or several where the
    /// greatest version is disputed. Sorted by canonical bytes.
    [[nodiscard]] std::vector<model::Event> standing(model::PatientNumber patient) const {
        return standing(std::span(&patient, 1));
    }
    /// The same for one patient of several identities: what names any of `members`.
    [[nodiscard]] std::vector<model::Event> standing(std::span<const model::PatientNumber> members) const;
    /// Whether anything admitted, a retraction too, names one of `members`.
    [[nodiscard]] bool names(std::span<const model::PatientNumber> members) const;

    /// The one content that stands, whomever it names; nothing where none does, and where the fact is disputed.
    [[nodiscard]] std::optional<model::Event> settled() const;
    /// Nothing of it stands for `members`, and a retraction says that it was of the wrong patient.
    [[nodiscard]] bool was_of_wrong_patient(std::span<const model::PatientNumber> members) const;
    /// Whether any version is a merge of patients.
    [[nodiscard]] bool is_of_merge() const;
    /// Several contents claim the greatest version, and it is not hidden; or a greater one is known that cannot be
    /// used. True for every patient whom one of them names.
    [[nodiscard]] bool is_disputed() const;
    /// All that is kept, by version: for timelines, and for a patient whom a later version names for the first time.
    [[nodiscard]] std::vector<FactContent> contents() const;
    /// The retractions kept, each with the patient that it was published for.
    [[nodiscard]] std::vector<FactContent> retractions() const;

    /// Equal sets have equal bytes. Format: store/README.md.
    [[nodiscard]] std::string encode() const;
    /// Fails with `malformed` on bytes that `encode` would not have written.
    [[nodiscard]] static model::Result<FactVersions> decode(std::string_view bytes);

  private:
    struct Content {
        model::Event event;
        std::string bytes; ///< Canonical, of `event`.
        model::PatientNumber patient;
        model::PatientNumber from;
    };

    [[nodiscard]] bool is_hidden(const model::Version& version) const;
    /// The contents of the greatest version, unless that is hidden: a range at the end of `contents_`.
    [[nodiscard]] std::span<const Content> greatest() const;
    Outcome admit_content(Content content);
    Outcome admit_retraction(Content retraction);
    Outcome outcome_of_promotion(const model::Version& version, bool was_promoted) const;
    /// Preliminary, and a promotion says that it is final.
    [[nodiscard]] bool is_promoted(const model::Event& event) const;
    void hide_by(const model::Event& retraction);
    /// Lets go of what lies between the least and the greatest of what is kept for the patient.
    void forget_some_contents(model::PatientNumber patient);
    /// The same, of retractions of that one's kind.
    void forget_some_retractions(const Content& like);
    /// Sets apart what retractions for a wrong patient take away. Costs nothing where there is none.
    void withdraw();
    /// Those set apart too, by version, then bytes.
    [[nodiscard]] std::vector<const Content*> all_contents() const;

    std::vector<Content> contents_;           ///< Sorted by version, then bytes; each bytes once.
    std::vector<Content> withdrawn_;          ///< The same, of the wrong patient; derived.
    std::vector<Content> retractions_;        ///< Sorted by bytes; each bytes once.
    std::optional<model::Version> hidden_to_; ///< Greatest version hidden by a retraction of a version; derived.
    std::optional<model::Version> doubted_;   ///< Greatest version that is known and cannot be used; derived.
    std::optional<model::Version> promoted_;  ///< Below it what is preliminary is final; derived.
    bool is_final_ = false;                   ///< A retraction without a version; derived.
};

} // namespace bonewatch::store
