#pragma once

#include "ingest/json.h"
#include "store/model/event.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bonewatch::ingest {

/// The resources of one message that others may refer to. Keeps pointers: the parsed texts must outlive it.
class FhirIndex {
  public:
    /// `full_url`: of its Bundle entry; may be empty. `fact`: the id of the fact that it is.
    void add(const Json& resource, std::string_view full_url, const std::string& fact);

    /// What a Reference points to: `#id` among `holder`'s contained resources; a fullUrl of the message; `Type/id`,
    /// relative to the server that `holder` stands on. All with or without `/_history/n`. Nothing where it is not in
    /// the message.
    [[nodiscard]] const Json* find(std::string_view reference, const Json& holder) const;

    /// The only Patient of the message that has the identifier; nothing where none has, or several.
    [[nodiscard]] const Json* patient_with(const Json& identifier) const;

    /// A Patient resource of this message, as whom a reference to it names; looked at once, however often it is asked
    /// for.
    [[nodiscard]] model::Result<model::PatientIdentifier> person_of(const Json& patient) const;

    /// The fullUrl of a resource of this message; empty where it has none.
    [[nodiscard]] std::string_view full_url_of(const Json& resource) const;
    /// The id of the fact that a resource of this message is; empty where it has none.
    [[nodiscard]] std::string_view fact_of(const Json& resource) const;
    /// `http://server/fhir/` of the resource's fullUrl; empty where that is none of a server.
    [[nodiscard]] std::string_view base_of(const Json& resource) const;

    /// Whether two servers' resources of the message share the `Type/id`: nobody can tell what it names.
    [[nodiscard]] bool is_ambiguous(std::string_view name) const { return ambiguous_.contains(name); }

  private:
    struct Place {
        std::string full_url;
        std::string fact;
    };
    std::map<std::string, const Json*, std::less<>> by_url_;  ///< By fullUrl; nothing where it is of two resources.
    std::map<std::string, const Json*, std::less<>> by_name_; ///< By `Type/id`; of several the first.
    std::map<const Json*, Place> places_;
    /// Patients by system and value of their identifiers; nothing where several have it.
    std::map<std::pair<std::string_view, std::string_view>, const Json*> by_identifier_;
    std::set<std::string, std::less<>> ambiguous_;
    mutable std::map<const Json*, model::Result<model::PatientIdentifier>> persons_;
};

/// `Type/id` at the end of a reference, without `/_history/n`; empty where it has no such end.
[[nodiscard]] std::string_view type_and_id(std::string_view reference);

/// Everybody whom a Patient resource names: valid NHS numbers first, then `Patient` with its id (or fullUrl). An NHS
/// number with a wrong check digit, or one that is said not to be verified, is left out with the warning
/// `bad_check_digit` or `not_verified`.
[[nodiscard]] std::vector<model::PatientIdentifier> identifiers_of(const Json& patient, const FhirIndex& index,
                                                                   std::vector<std::string>& warnings);

/// Whether a Patient resource has two NHS numbers in use: it cannot be two people, and nobody can tell which it is.
[[nodiscard]] bool has_two_numbers(const Json& patient);

/// The Patient resource itself, by its id (or fullUrl): what a link between records names. Nothing where it has none.
[[nodiscard]] std::optional<model::PatientIdentifier> record_of(const Json& patient, const FhirIndex& index);

/// Whom a `subject` names. `holder`: the resource that it stands in. Fails with `unusable`: `missing_subject`,
/// `not_a_patient`, `unresolved_reference`, `modifier_extension`, `ambiguous_id`, `identity_conflict`.
[[nodiscard]] model::Result<model::PatientIdentifier> patient_of(const Json* subject, const Json& holder,
                                                                 const FhirIndex& index);

/// The record that a `Patient.link.other` names: by its id where it has one, since two records of one patient may share
/// an NHS number. Fails as `patient_of`.
[[nodiscard]] model::Result<model::PatientIdentifier> linked_record(const Json& other, const Json& holder,
                                                                    const FhirIndex& index);

} // namespace bonewatch::ingest
