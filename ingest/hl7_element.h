#pragma once

#include "ingest/hl7_message.h"
#include "ingest/hl7_time.h"
#include "ingest/message_context.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bonewatch::ingest {

/// A message being decoded, and what it says for all that is in it.
struct Hl7Context {
    const MessageContext& context;
    const Hl7Message& message;
    Hl7Clock clock;
    std::string place_prefix;         ///< `message 2, ` where the body has several; else empty.
    std::optional<std::int64_t> sent; ///< MSH-7 in milliseconds: part of every version.
};

using Warnings = std::vector<std::string>;

/// A place in the message, as Error and Origin name it: `message 2, OBX[3]-5`.
[[nodiscard]] std::string hl7_place(const Hl7Context& context, const Hl7Segment& segment, std::size_t field = 0,
                                    std::size_t repetition = 0, std::size_t component = 0);

/// `reason` at a place, quarantined.
[[nodiscard]] std::unexpected<model::Error> hl7_unusable(std::string place, std::string reason, std::string message);

/// An outcome of some segments; null ones are passed over. They are its `raw`, behind MSH: a message that says the same
/// again. Of what is not used there is none.
[[nodiscard]] Decoded hl7_outcome(const Hl7Context& context, std::initializer_list<const Hl7Segment*> segments,
                                  std::string kind, std::variant<model::Event, model::Error> content,
                                  Warnings warnings = {});
/// The same of MSH and a range of the message's segments, after those.
[[nodiscard]] Decoded hl7_outcome(const Hl7Context& context, std::initializer_list<const Hl7Segment*> segments,
                                  std::span<const Hl7Segment> more, std::string kind,
                                  std::variant<model::Event, model::Error> content, Warnings warnings = {});

/// Says where a field of an event came from, where that was asked for and something stands there.
void hl7_origin(const Hl7Context& context, std::vector<Origin>& origins, std::string field, std::string place,
                const Hl7Text& text, std::string made = {});

/// Whom a PID names.
struct Hl7Person {
    const Hl7Segment* pid = nullptr;
    model::Result<model::PatientIdentifier> named; ///< The NHS number where there is one, else the first.
    std::string place;                             ///< Of that one: `PID[1]-3[2].1`.
    std::string text;                              ///< What stands there.
    std::vector<model::PatientIdentifier> others;  ///< Of the same person, sorted.
    Warnings warnings;
};

/// PID-3, whose repetitions name the person under the systems of their assigning authorities (CX.4, CX.6, in lower
/// case); `nhs` where authority or type say so. PID-2 and PID-4 only where PID-3 is empty; PID-19 where all are.
/// Account and visit numbers name no person. Nobody is named (`missing_subject`, `bad_patient`) where `pid` is null or
/// none of its identifiers can be used.
[[nodiscard]] Hl7Person hl7_person(const Hl7Context& context, const Hl7Segment* pid);

/// The identifiers in a repeating CX, in their order, `nhs` ones first. `bad_check_digit` warns of one that cannot be.
struct Hl7Identifiers {
    std::vector<model::PatientIdentifier> all;
    std::vector<std::size_t> repetitions; ///< Of each of them.
};
[[nodiscard]] Hl7Identifiers hl7_identifiers(const Hl7Text& field, Warnings& warnings);

/// What a CE or CWE means: the first of its triplets that is known to the publisher or the vocabulary.
struct Hl7Meaning {
    const config::CodeMeaning* meaning = nullptr;
    std::size_t component = 1;     ///< Where the code stands that is known: 1, 4 or 10.
    bool is_contradictory = false; ///< The triplets stand for two different things.
    bool is_slip = false;          ///< One of them fails its check digit.
};
[[nodiscard]] Hl7Meaning hl7_meaning(const Hl7Context& context, const Hl7Text& code);
/// For counting: `LN|3016-3`; or the text, where there is no code.
[[nodiscard]] std::string hl7_code_name(const Hl7Text& code);
/// For a person: `LN|3016-3 'TSH'`.
[[nodiscard]] std::string hl7_code_as_sent(const Hl7Text& code);

/// Its components as they stand, unescaped, without the empty ones at the end: `F4711^LABSYS`. Empty where the first
/// is.
[[nodiscard]] std::string hl7_entity(const Hl7Text& entity);

/// The number of what has none, from what tells it apart: `weak-` and its FNV-1a of 64 bits, so that nothing of a
/// patient can be read from a fact's id. Kept in those: it never changes.
[[nodiscard]] std::string hl7_weak_number(std::string_view what);

/// A clinical time that can be taken. Fails with `unusable`: `bad_time`, `too_early`, `too_far_ahead`, `unknown_zone`.
[[nodiscard]] model::Result<model::ClinicalTime> hl7_clinical_time(const Hl7Context& context, const Hl7Text& text,
                                                                   const std::string& place, Warnings& warnings);

/// {status change, MSH-7, rank of the status}; MSH-7 stands for a status change that states no time.
[[nodiscard]] model::Version hl7_version(const Hl7Context& context, const Hl7Text& status_change, std::int64_t rank);
/// Whether a version states a time: else nobody knows which of two came first.
[[nodiscard]] bool is_stated(const model::Version& version);

/// Makes of an event that has its version the retraction of a fact: when the message was sent; of that version, where
/// it is stated.
void hl7_retract(const Hl7Context& context, model::Event& event, model::FactId fact);

/// What an Error of an HL7 fact says of the older versions of it.
enum class Hl7Says : unsigned char {
    not_so,         ///< It did not happen: cancelled.
    not_yet,        ///< It has not happened yet.
    cannot_be_used, ///< Nobody knows what.
};
/// Lets `decoded`, an Error of the fact, stand above the older versions of it (README, "Later versions").
void hl7_overtake(const Hl7Context& context, Decoded& decoded, const std::string& fact, const Hl7Person& person,
                  const model::Version& version, Hl7Says says);
/// What `decoded`, an Error of a fact, was to be: of what code, where that is known, and when, where `at` says so.
void hl7_mean(const Hl7Context& context, Decoded& decoded, const Hl7Person& person, const model::CodeId& code,
              const Hl7Text& at);

} // namespace bonewatch::ingest
