#pragma once

#include "ingest/json.h"
#include "store/model/event.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// The resources of one message that others may refer to. Keeps pointers: the parsed texts must outlive it.
class FhirIndex {
  public:
    /// `full_url`: of its Bundle entry; may be empty.
    void add(const Json& resource, std::string_view full_url);

    /// What a Reference points to: `#id` among `holder`'s contained resources, a fullUrl of the message, `Type/id`,
    /// with or without `/_history/n`, relative or absolute. Nothing where it is not in the message.
    [[nodiscard]] const Json* find(std::string_view reference, const Json& holder) const;

    /// The fullUrl of a resource of this message; empty where it has none.
    [[nodiscard]] std::string_view full_url_of(const Json& resource) const;

  private:
    std::map<std::string, const Json*, std::less<>> by_name_; ///< By `Type/id` and by fullUrl.
    std::map<const Json*, std::string> full_urls_;
};

/// The fact that a resource is: `Type/id`, or its fullUrl where it has no id; empty where it has neither.
[[nodiscard]] std::string fact_id_of(const Json& resource, std::string_view full_url);

/// `Type/id` at the end of a reference, without `/_history/n`; empty where it has no such end.
[[nodiscard]] std::string_view type_and_id(std::string_view reference);

/// Everybody whom a Patient resource names: valid NHS numbers first, then `Patient` with its id (or fullUrl). An NHS
/// number with a wrong check digit is left out with the warning `bad_check_digit`.
[[nodiscard]] std::vector<model::PatientIdentifier> identifiers_of(const Json& patient, std::string_view full_url,
                                                                   std::vector<std::string>& warnings);

/// Whom a `subject` names. `holder`: the resource that it stands in. Fails with `unusable`: `missing_subject`,
/// `not_a_patient`, `unresolved_reference`.
[[nodiscard]] model::Result<model::PatientIdentifier> patient_of(const Json* subject, const Json& holder,
                                                                 const FhirIndex& index);

} // namespace bonewatch::ingest
