#include "ingest/fhir_version.h"

#include <array>
#include <string>

namespace bonewatch::ingest {

namespace {

using model::Error;
using model::ErrorKind;

struct Mark {
    std::string_view type;
    std::string_view field;
    std::string_view version;
};

constexpr std::array<Mark, 46> marks{{{"Observation", "context", "STU3"},
                                      {"Observation", "comment", "STU3"},
                                      {"Observation", "comments", "DSTU2"},
                                      {"Observation", "related", "STU3"},
                                      {"Observation", "valueAttachment", "STU3"},
                                      {"Observation", "triggeredBy", "R5"},
                                      {"DiagnosticReport", "context", "STU3"},
                                      {"DiagnosticReport", "codedDiagnosis", "STU3"},
                                      {"MedicationRequest", "context", "STU3"},
                                      {"MedicationRequest", "definition", "STU3"},
                                      {"MedicationRequest", "medication", "R5"},
                                      {"MedicationDispense", "notDone", "STU3"},
                                      {"MedicationDispense", "notDoneReasonCodeableConcept", "STU3"},
                                      {"MedicationDispense", "notDoneReasonReference", "STU3"},
                                      {"MedicationDispense", "patient", "DSTU2"},
                                      {"MedicationDispense", "medication", "R5"},
                                      {"MedicationStatement", "taken", "STU3"},
                                      {"MedicationStatement", "reasonNotTaken", "STU3"},
                                      {"MedicationStatement", "wasNotTaken", "DSTU2"},
                                      {"MedicationStatement", "patient", "DSTU2"},
                                      {"MedicationStatement", "medication", "R5"},
                                      {"MedicationAdministration", "notGiven", "STU3"},
                                      {"MedicationAdministration", "reasonNotGiven", "STU3"},
                                      {"MedicationAdministration", "prescription", "STU3"},
                                      {"MedicationAdministration", "wasNotGiven", "DSTU2"},
                                      {"MedicationAdministration", "effectiveTimeDateTime", "DSTU2"},
                                      {"MedicationAdministration", "effectiveTimePeriod", "DSTU2"},
                                      {"MedicationAdministration", "patient", "DSTU2"},
                                      {"MedicationAdministration", "medication", "R5"},
                                      {"MedicationAdministration", "occurenceDateTime", "R5"},
                                      {"MedicationAdministration", "occurencePeriod", "R5"},
                                      {"Condition", "assertedDate", "STU3"},
                                      {"Condition", "abatementBoolean", "STU3"},
                                      {"Condition", "context", "STU3"},
                                      {"Condition", "dateRecorded", "DSTU2"},
                                      {"Condition", "patient", "DSTU2"},
                                      {"Condition", "participant", "R5"},
                                      {"Procedure", "notDone", "STU3"},
                                      {"Procedure", "notDoneReason", "STU3"},
                                      {"Procedure", "context", "STU3"},
                                      {"Procedure", "definition", "STU3"},
                                      {"Procedure", "notPerformed", "DSTU2"},
                                      {"Procedure", "occurrenceDateTime", "R5"},
                                      {"Procedure", "occurrencePeriod", "R5"},
                                      {"Patient", "animal", "STU3"},
                                      {"Patient", "careProvider", "DSTU2"}}};

/// What stands in each dosage itself in STU3, and in its `doseAndRate` in R4.
constexpr std::array<std::string_view, 5> bare_doses{"doseQuantity", "doseRange", "rateRatio", "rateRange",
                                                     "rateQuantity"};

Error refuse(std::string_view path, std::string_view version, const std::string& field) {
    return Error{ErrorKind::malformed, "not_r4",
                 "'" + field + "' belongs to FHIR " + std::string(version) + "; send R4",
                 std::string(path) + "." + field};
}

bool is_of_kind(const Json& resource, std::string_view field, JsonKind kind) {
    const Json* value = resource.find(field);
    return value != nullptr && value->kind == kind;
}

std::optional<Error> shape_mark(const Json& resource, std::string_view type, std::string_view path) {
    if (type == "Observation" && is_of_kind(resource, "interpretation", JsonKind::object))
        return refuse(path, "STU3", "interpretation");
    const auto& components = resource.items_of("component");
    for (std::size_t i = 0; type == "Observation" && i < components.size(); ++i)
        if (is_of_kind(components[i].value, "interpretation", JsonKind::object))
            return refuse(path, "STU3", "component[" + std::to_string(i) + "].interpretation");
    for (const std::string_view field : {"clinicalStatus", "verificationStatus"})
        if (type == "Condition" && is_of_kind(resource, field, JsonKind::string))
            return refuse(path, "STU3", std::string(field));
    for (const std::string_view field : {"dosageInstruction", "dosage"}) {
        const auto& dosages = resource.items_of(field);
        for (std::size_t i = 0; i < dosages.size(); ++i)
            for (const std::string_view dose : bare_doses)
                if (dosages[i].value.find(dose) != nullptr)
                    return refuse(path, "STU3",
                                  std::string(field) + "[" + std::to_string(i) + "]." + std::string(dose));
    }
    return std::nullopt;
}

} // namespace

std::optional<Error> other_version_mark(const Json& resource, std::string_view path) {
    const auto type = resource.text_of("resourceType");
    if (type == "MedicationOrder")
        return refuse(path, "DSTU2", "resourceType");
    if (type == "MedicationUsage")
        return refuse(path, "R5", "resourceType");
    for (const Mark& mark : marks)
        if (mark.type == type && resource.find(mark.field) != nullptr)
            return refuse(path, mark.version, std::string(mark.field));
    return shape_mark(resource, type, path);
}

} // namespace bonewatch::ingest
