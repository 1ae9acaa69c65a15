#pragma once

#include "daemon/simulated_life.h"
#include "store/model/clock.h"

#include <span>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

enum class SimulateFormat : unsigned char { native, fhir, hl7v2 };

enum class ReportKind : unsigned char {
    person,     ///< Who somebody is: `fact` has the keys of a patient line.
    fact,       ///< A version of a fact.
    retraction, ///< The fact is not so after all.
};

/// What a publisher says, once: what a message of any format is written from.
struct SimulatedReport {
    ReportKind kind = ReportKind::fact;
    SimulatedFact fact;
    std::string patient; ///< `nhs:9990000018`.
    int version = 1;
    bool is_final = false; ///< Of a retraction: of the fact for good, rather than of its version 1.
    model::Instant known;  ///< When it becomes known to us.
    /// When the publisher put this version down. Of two versions the later one is the greater; what is sent again, and
    /// another content under one version, has the time of the first.
    model::Instant stated;
    bool is_again = false;    ///< The version was sent before.
    bool contradicts = false; ///< Sent before, with another content.
    std::string moved_from;   ///< The patient whose it was said to be by the version before; else empty.
};

/// Whether the format has words for it.
///
/// FHIR as we read it has no stop of a drug: a MedicationRequest that is `stopped` has no date of its own. HL7 v2 has
/// one (ORC-1 OD), and nothing that takes it back.
[[nodiscard]] bool can_say(SimulateFormat format, const SimulatedReport& report);

/// Whether the format says that of a person, as we read it: since when somebody is registered stands in native lines
/// alone, and the practice in no message of HL7 v2 that we read (PD1 is not).
[[nodiscard]] bool can_say_of_person(SimulateFormat format, std::string_view key);

/// The message that says it.
[[nodiscard]] std::string native_message(const SimulatedReport& report);
[[nodiscard]] std::string fhir_message(const SimulatedReport& report);
[[nodiscard]] std::string hl7_message(const SimulatedReport& report);

/// A field of a fact as text: `5 mg` of `"5 mg"`, `0.40` of `0.40`; of a code object its `code`. Empty where there is
/// none.
[[nodiscard]] std::string field_text(const SimulatedFact& fact, std::string_view key);

/// `5` and `mg` of `5 mg`, `<0.03` and nothing of `<0.03`.
struct AmountText {
    std::string number;
    std::string unit;
};
[[nodiscard]] AmountText amount_of(std::string_view text);

/// A published code that stands for an id of the vocabulary.
struct SimulatedCode {
    std::string_view id;    ///< Of the vocabulary: `tsh`.
    std::string_view url;   ///< Its system in FHIR.
    std::string_view table; ///< Its system in HL7 v2 (table 0396).
    std::string_view code;
    std::string_view display;
};
/// Of every analyte, drug, condition and procedure of the clinic. `id` may also be its code.
[[nodiscard]] const SimulatedCode& published_code(std::string_view id);
[[nodiscard]] std::span<const SimulatedCode> published_codes();

} // namespace bonewatch::daemon
