#pragma once

#include "store/directory.h"

#include <string_view>

namespace bonewatch::daemon {

/// The identifier as people read it: one of the publisher's own with its publisher before it, `north-lab/mrn:77`.
[[nodiscard]] model::PatientIdentifier shown_identifier(const model::Event& event, bool is_own);

/// The patient whom a person means by `nhs:9990000018`, `mrn:77` or `north-lab/mrn:77`; where `publisher` is not empty
/// an identifier of a publisher's own is meant as that one uses it. Numbers are read as at the ingest door. Fails with
/// `malformed`, `bad_identifier`; with `not_found`, `no_patient`; and where several publishers use the identifier for
/// patients of theirs with `refused`, `several_patients`, naming each. A patient who goes on in another one by a merge
/// is named all the same: `Directory::canonical_of` says in whom.
[[nodiscard]] model::Result<model::PatientNumber> find_patient(const store::Directory& directory, std::string_view text,
                                                               std::string_view publisher = {});

} // namespace bonewatch::daemon
