#pragma once

#include "config/publisher.h"
#include "config/vocabulary.h"
#include "store/model/event.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bonewatch::ingest {

enum class Format : unsigned char { native, fhir, hl7v2 };

/// `native`, `fhir`, `hl7v2`: as `format` says it at the door and on the command line.
[[nodiscard]] std::string_view to_text(Format format);
/// Nothing of any other word.
[[nodiscard]] std::optional<Format> format_named(std::string_view word);

/// Those of a publisher that nobody has set up.
[[nodiscard]] const config::PublisherSettings& default_publisher_settings();

/// What the doors are told of one publisher.
struct Publisher {
    model::PublisherId id;
    const config::PublisherSettings* settings = &default_publisher_settings(); ///< Outlives this.
    /// A file that is replayed: its lines may name another publisher, and say when they were recorded.
    bool is_file = false;
};

/// Whether a publisher may be called so: 1 to 64 printable ASCII characters without spaces.
[[nodiscard]] bool is_publisher_name(std::string_view text);

/// What a version that is no event to be counted does to the older versions of its fact: it stands above them.
struct Overtaking {
    /// A retraction of what is not so any more; a doubt of what is said in another way that cannot be used.
    model::Event event;
    /// Journalled whoever has the fact, so that it is known whatever order they arrive in. Else only where somebody is
    /// known to have it: of what is not watched nothing is kept.
    bool is_remembered = false;
    /// Its version is stated, and so surely above those below it.
    bool is_versioned = false;
};

/// A result that says of itself that it corrects or withdraws an earlier one. It is met by its fact's id alone.
struct Correction {
    std::string order; ///< With what the facts of the same order begin: `F4711^LABSYS#`.
    model::CodeId analyte;
    std::string place; ///< Of its code: `OBX[2]-3`.
};

/// What an event that cannot be used was to be, as far as that was read: for a person, who is told that it waits.
struct Meant {
    std::optional<model::PatientIdentifier> patient;
    model::CodeId code; ///< The analyte, drug, condition or procedure; empty: not known.
    std::optional<model::ClinicalTime> at;
};

/// Where a field of an event came from, for a person.
struct Origin {
    std::string field; ///< Of the event: `value`, `at`, `patient`.
    std::string place; ///< In the message: `OBX[2]-5`, `$.valueQuantity.value`, `settings`.
    std::string text;  ///< What stood there.
    std::string made;  ///< What was made of it, and how, where that is not plain.
};

/// One event found in a message, or why there is none.
///
/// An Error of kind `unusable` is quarantined (place: JSON path), `not_used` is acknowledged and counted, `malformed`
/// is rejected: it was never journalled.
struct Decoded {
    std::variant<model::Event, model::Error> outcome;
    std::vector<std::string> warnings;
    std::string kind; ///< What it was, for counting: `result tsh`, `Observation http://loinc.org|8302-2`.
    std::string raw;  ///< The line or resource that it came from, whole.
    std::optional<model::Instant> recorded; ///< Native `recorded`, HL7 MSH-7: when it became known. Replay only.
    std::optional<Overtaking> overtaking{}; ///< Beside an Error, of a fact that has an id.
    /// Its retraction, as an event or beside an Error, is one of a whole resource: it reaches the facts `ID#…` too.
    bool reaches_parts = false;
    std::vector<Origin> origins{};        ///< Only where it was asked for.
    std::optional<Correction> corrects{}; ///< Of an event; of HL7 v2 alone, where nothing else says what it corrects.
    Meant meant{};                        ///< Beside an Error of kind `unusable`.
};

/// Decodes a message: one or more native lines, a FHIR resource, Bundle or NDJSON, or HL7 v2. Never throws, never
/// drops: every line or resource yields at least one Decoded, in order, of native and FHIR a Patient before other
/// facts; blank text yields none. `received` bounds times that lie ahead (400 days). `is_explained`: each says where
/// its fields came from. Pure; any thread.
[[nodiscard]] std::vector<Decoded> decode(Format format, std::string_view message, const Publisher& publisher,
                                          const config::Vocabulary& vocabulary,
                                          const std::optional<model::Instant>& received, bool is_explained = false);

/// `hl7v2` by its first segment; `native` or `fhir` by the first object of the message; nothing where it is neither.
[[nodiscard]] std::optional<Format> recognise(std::string_view message);

} // namespace bonewatch::ingest
