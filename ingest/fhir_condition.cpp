#include "ingest/fhir_condition.h"

#include "ingest/codes.h"

namespace bonewatch::ingest {

namespace {

using model::Event;
using model::Result;

/// The code's kind decides what it is, whichever resource it came in.
Result<model::EventBody> body_of(const FhirResource& resource, const config::CodeMeaning& meaning) {
    if (fits(meaning.kind, CodeSlot::condition))
        return model::ConditionEvent{meaning.id, std::nullopt};
    if (fits(meaning.kind, CodeSlot::procedure))
        return model::ProcedureEvent{meaning.id};
    return unusable(resource, "code", "wrong_kind",
                    "'" + meaning.id.text + "' is no diagnosis and nothing that is done");
}

Result<Event> read_event(const FhirResource& resource, const config::CodeMeaning& meaning, Warnings& warnings) {
    const bool is_condition = resource.type == "Condition";
    auto event = event_of(resource);
    if (!event)
        return event;
    auto at = is_condition ? read_element_time(resource, {"onsetDateTime", "onsetPeriod"}, warnings)
                           : read_element_time(resource, {"performedDateTime", "performedPeriod"}, warnings);
    if (!at)
        return std::unexpected(std::move(at.error()));
    if (!*at)
        return unusable(resource, is_condition ? "onset[x]" : "performed[x]", "missing_time",
                        is_condition ? "it has no date of onset; 'recordedDate' is not that"
                                     : "it does not say when it was done");
    event->at = **at;
    auto body = body_of(resource, meaning);
    if (!body)
        return std::unexpected(std::move(body.error()));
    event->body = std::move(*body);
    return event;
}

/// The end of a condition, where it is dated; that it is over without a date is only warned of.
Result<std::optional<model::ClinicalTime>> abatement_of(const FhirResource& resource, const model::ClinicalTime& onset,
                                                        Warnings& warnings) {
    auto until = read_element_time(resource, {"abatementDateTime", "abatementPeriod"}, warnings);
    if (until && *until && is_before(**until, onset))
        return unusable(resource, "abatement[x]", "bad_time", "it cannot have ended before it began");
    if (until && *until)
        return until;
    const auto status = concept_code(resource.json.find("clinicalStatus"));
    bool is_over = status == "resolved" || status == "inactive" || status == "remission";
    for (const std::string_view element : {"abatementAge", "abatementPeriod", "abatementRange", "abatementString"})
        is_over = is_over || resource.json.find(element) != nullptr;
    if (until && is_over)
        warnings.emplace_back("abatement_unknown: it is over, but no date says since when");
    return until;
}

/// What the verificationStatus says: by FHIR's own code, else whatever code or words stand there; empty where it is
/// left out.
std::string verification_of(const FhirResource& resource) {
    const Json* status = resource.json.find("verificationStatus");
    if (status == nullptr)
        return {};
    for (const auto& [key, coding] : status->items_of("coding"))
        if (coding.text_of("system") == "http://terminology.hl7.org/CodeSystem/condition-ver-status")
            return std::string(coding.text_of("code"));
    if (const auto code = concept_code(status); !code.empty())
        return std::string(code);
    std::string words(concept_text(status).substr(0, 40));
    for (char& c : words)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return words;
}

Decoded decode_known(const FhirResource& resource, const config::CodeMeaning& meaning) {
    Warnings warnings;
    auto event = read_event(resource, meaning, warnings);
    if (event)
        if (auto* condition = std::get_if<model::ConditionEvent>(&event->body); condition != nullptr) {
            auto until = abatement_of(resource, event->at, warnings);
            if (!until)
                return outcome(resource, meaning.id.text, std::move(until.error()), std::move(warnings));
            condition->until = *until;
        }
    if (event)
        return outcome(resource, meaning.id.text, std::move(*event), std::move(warnings));
    return outcome(resource, meaning.id.text, std::move(event.error()), std::move(warnings));
}

Decoded decode_one_condition(const FhirResource& resource) {
    const Json* code = resource.json.find("code");
    const auto known = meaning_of(resource.message, code);
    const std::string verification = verification_of(resource);
    const bool is_in_error = verification == "entered-in-error";
    if (known.meaning == nullptr)
        return is_in_error ? retraction_of_unwatched(resource, unknown_code(resource, code))
                           : unknown_code(resource, code);
    const std::string& what = known.meaning->id.text;
    if (is_in_error)
        return retraction_of(resource, what, resource.id);
    if (!verification.empty() && verification != "confirmed")
        return overtaking(resource,
                          not_used(resource, what + " " + verification, "not_confirmed",
                                   "verificationStatus is '" + verification + "'"),
                          resource.id, verification == "refuted" ? Says::not_so : Says::not_yet);
    return overtaking(resource, decode_known(resource, *known.meaning), resource.id, Says::cannot_be_used);
}

Decoded decode_one_procedure(const FhirResource& resource) {
    const Json* code = resource.json.find("code");
    const auto known = meaning_of(resource.message, code);
    const auto status = resource.json.text_of("status");
    const bool is_in_error = status == "entered-in-error";
    if (known.meaning == nullptr)
        return is_in_error ? retraction_of_unwatched(resource, unknown_code(resource, code))
                           : unknown_code(resource, code);
    const std::string& what = known.meaning->id.text;
    if (is_in_error)
        return retraction_of(resource, what, resource.id);
    const bool is_taken_for_done = status == "unknown" && resource.message.publisher.settings->counts_unknown_status;
    if (status == "completed" || is_taken_for_done)
        return overtaking(resource, decode_known(resource, *known.meaning), resource.id, Says::cannot_be_used);
    const bool is_ahead = status == "preparation" || status == "in-progress" || status == "on-hold";
    if (is_ahead || status == "not-done" || status == "stopped")
        return overtaking(
            resource,
            not_used(resource, what + " " + std::string(status), "not_done", "status is '" + std::string(status) + "'"),
            resource.id, is_ahead ? Says::not_yet : Says::not_so);
    auto refused = unusable(resource, "status", "status_unknown",
                            "status '" + std::string(status) + "' does not say whether it was done");
    return overtaking(resource, outcome(resource, what, std::move(refused.error())), resource.id, Says::cannot_be_used);
}

} // namespace

std::vector<Decoded> decode_condition(const FhirResource& resource) {
    std::vector<Decoded> out;
    out.push_back(decode_one_condition(resource));
    return out;
}

std::vector<Decoded> decode_procedure(const FhirResource& resource) {
    std::vector<Decoded> out;
    out.push_back(decode_one_procedure(resource));
    return out;
}

} // namespace bonewatch::ingest
