#pragma once

#include "ingest/fhir_reference.h"
#include "ingest/native.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::ingest {

/// A resource being decoded: itself, where it stands, its fact's id, and whatever it can refer to.
struct FhirResource {
    const Json& json;
    std::string path;       ///< `$.entry[3].resource`.
    std::string_view type;  ///< `Observation`.
    std::string id;         ///< `Observation/ID`, or the fullUrl where the resource has no id; may be empty.
    const Json& holder;     ///< Where `#id` references look: itself, or what contains it.
    const FhirIndex& index; ///< The message's other resources.
    const MessageContext& message;
};

using Warnings = std::vector<std::string>;

/// `reason` at `.element` of the resource, quarantined.
[[nodiscard]] std::unexpected<model::Error> unusable(const FhirResource& resource, std::string_view element,
                                                     std::string reason, std::string message);

/// An outcome of the resource. `what`: the code or the vocabulary id, for counting.
[[nodiscard]] Decoded outcome(const FhirResource& resource, std::string_view what,
                              std::variant<model::Event, model::Error> content, Warnings warnings = {});
[[nodiscard]] Decoded not_used(const FhirResource& resource, std::string_view what, std::string reason,
                               std::string message);

/// Time of the last update and number of the version, {milliseconds, n}; else of issue; else {1}.
[[nodiscard]] model::Version version_of(const Json& resource);

/// An event with its key, version and patient set. Fails with `unusable`: `missing_id`, and as `patient_of`.
[[nodiscard]] model::Result<model::Event> event_of(const FhirResource& resource,
                                                   std::string_view subject_element = "subject");

/// Retracts the fact: its resource says that it was entered in error.
[[nodiscard]] Decoded retraction_of(const FhirResource& resource, std::string_view what, const std::string& fact);

/// The same of a resource that nobody watches: `unwatched` is what it is where nobody has an older version of it. One
/// that was quarantined is retracted: it may have been anything.
[[nodiscard]] Decoded retraction_of_unwatched(const FhirResource& resource, Decoded unwatched);

/// What an Error says of the older versions of its fact.
enum class Says : unsigned char {
    not_so,         ///< It did not happen, or is not so: cancelled, refuted, not taken.
    not_yet,        ///< It has not happened yet: registered, in preparation, provisional.
    not_watched,    ///< It is something that nobody watches.
    cannot_be_used, ///< Nobody knows what.
};
/// Lets `decoded`, an Error of the fact, stand above the older versions of it.
[[nodiscard]] Decoded overtaking(const FhirResource& resource, Decoded decoded, const std::string& fact, Says says);

/// What would be an event, or say that something is not so, does neither where a modifier of the resource, or `around`
/// it (its path; empty where there is none), may say the opposite: it is quarantined.
void refuse_modified(const FhirResource& resource, const std::string& around, std::vector<Decoded>& all);

/// What a concept means to the vocabulary: the first of its codings that is known. `unknown` where none is.
struct ConceptMeaning {
    const config::CodeMeaning* meaning = nullptr;
    std::string_view code;         ///< Of the coding that is known.
    bool is_contradictory = false; ///< Two codings stand for two analytes or drugs.
};
[[nodiscard]] ConceptMeaning meaning_of(const MessageContext& message, const Json* concept_);

/// Why the concept at `element`, unknown to the vocabulary, may not be passed over: one of its codings fails its check
/// digit, so it may have meant anything (`unusable`, `bad_code`). Nothing where all are well formed.
[[nodiscard]] std::optional<model::Error> slip_in(const FhirResource& resource, const Json* concept_,
                                                  std::string_view element);

/// `http://loinc.org|8302-2` of the first coding, or the text: for counting.
[[nodiscard]] std::string concept_name(const Json* concept_);
/// The words of a concept: its text, else the first display.
[[nodiscard]] std::string_view concept_text(const Json* concept_);
/// Both, for a person: `http://loinc.org|718-7 'Hemoglobin'`, cut where it is long.
[[nodiscard]] std::string concept_as_sent(const Json* concept_);
/// A resource whose code no table knows: not used, and named as unmapped; quarantined where the code is a slip; not
/// used, `masked`, where it is withheld.
[[nodiscard]] Decoded unknown_code(const FhirResource& resource, const Json* code);
/// The code of the first coding, as of a clinical status.
[[nodiscard]] std::string_view concept_code(const Json* concept_);

/// The first element that is there, as a time: `effectiveDateTime`, the start of `effectivePeriod` (to its end, where
/// that is another day). Nothing where none is there. Fails with `unusable`: `bad_time`, `too_early`, `too_far_ahead`.
[[nodiscard]] model::Result<std::optional<model::ClinicalTime>>
read_element_time(const FhirResource& resource, std::initializer_list<std::string_view> elements, Warnings& warnings);

/// A text at `element` as a time. Fails with `unusable`: `bad_time`, `too_early`, `too_far_ahead`.
[[nodiscard]] model::Result<model::ClinicalTime> read_time_at(const FhirResource& resource, std::string_view element,
                                                              const Json& value, Warnings& warnings);

/// A Quantity as sent.
struct FhirQuantity {
    model::Rational value;
    std::string_view comparator;
    std::string_view unit; ///< The words, `mcg`.
    std::string_view code; ///< UCUM, where stated.
};
/// Nothing where there is no such element or it has no value. Fails with `unusable`, `bad_number`.
[[nodiscard]] model::Result<std::optional<FhirQuantity>> read_quantity(const Json* quantity, Warnings& warnings);

} // namespace bonewatch::ingest
