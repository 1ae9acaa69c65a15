#pragma once

#include "store/facts.h"

namespace bonewatch::tests {

inline constexpr model::PatientNumber anna{1};
inline constexpr model::PatientNumber bert{2};

/// What the laboratory says of its result L-1. `anna` and `bert` are the patients in all of these.
[[nodiscard]] model::Event lab_event(model::PatientNumber patient, model::Version version);
/// A value of `5?` is preliminary.
[[nodiscard]] model::Event said(model::PatientNumber patient, model::Version version, std::string value);
[[nodiscard]] model::Event retracted(std::string id, std::optional<model::Version> of,
                                     model::PatientNumber patient = anna);
[[nodiscard]] model::Event doubted(std::string id, model::Version of);
[[nodiscard]] model::Event promoted(std::string id, model::Version to);
/// Up to that version it was of the wrong patient.
[[nodiscard]] model::Event wrong(std::string id, model::PatientNumber patient, model::Version to);

[[nodiscard]] model::PatientNumber named_in(const model::Event& event);

/// Its text, with `!` where it was published as preliminary and stands as final.
[[nodiscard]] std::string shown(const model::ResultEvent& result);
/// The same of all that stands, with blanks between.
[[nodiscard]] std::string values_of(const store::FactVersions& fact, model::PatientNumber patient);

} // namespace bonewatch::tests
