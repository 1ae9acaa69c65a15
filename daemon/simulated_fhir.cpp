#include "daemon/simulated_report.h"
#include "store/model/ensure.h"

namespace bonewatch::daemon {

namespace {

std::string number_of(std::string_view patient) {
    return std::string(patient.substr(patient.find(':') + 1));
}

std::string resource_type(const SimulatedReport& report) {
    const auto type = report.fact.type;
    if (type == "patient")
        return "Patient";
    if (type == "result")
        return "Observation";
    if (type == "supply")
        return "MedicationDispense";
    if (type == "administration")
        return "MedicationAdministration";
    if (type == "condition")
        return "Condition";
    ENSURE(type == "procedure", "FHIR has a resource for it");
    return "Procedure";
}

/// `"code":{"coding":[…]}`, under whichever key.
std::string concept_json(std::string_view key, std::string_view id) {
    const SimulatedCode& code = published_code(id);
    return ",\"" + std::string(key) + "\":{\"coding\":[{\"system\":" + quoted(code.url) +
           ",\"code\":" + quoted(code.code) + ",\"display\":" + quoted(code.display) + "}]}";
}

std::string quantity_json(std::string_view key, const AmountText& amount) {
    std::string out = "\"" + std::string(key) + "\":{";
    const auto digits = amount.number.find_first_not_of("<>=");
    if (digits > 0)
        out += "\"comparator\":" + quoted(amount.number.substr(0, digits)) + ",";
    out += "\"value\":" + amount.number.substr(digits);
    return out + (amount.unit.empty() ? "" : ",\"unit\":" + quoted(amount.unit)) + "}";
}

std::string subject_json(std::string_view patient) {
    return ",\"subject\":{\"identifier\":{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":" +
           quoted(number_of(patient)) + "}}";
}

std::string person_json(const SimulatedReport& report) {
    std::string out = ",\"identifier\":[{\"system\":\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":" +
                      quoted(number_of(report.patient)) + "}]";
    const auto add = [&](std::string_view key, std::string_view element) {
        if (const std::string text = field_text(report.fact, key); !text.empty())
            out += ",\"" + std::string(element) + "\":" + quoted(text);
    };
    add("sex", "gender");
    add("born", "birthDate");
    add("died", "deceasedDateTime");
    if (const std::string practice = field_text(report.fact, "practice"); !practice.empty())
        out += ",\"generalPractitioner\":[{\"identifier\":{\"system\":"
               "\"https://fhir.nhs.uk/Id/ods-organization-code\",\"value\":" +
               quoted(practice) + "}}]";
    return out;
}

std::string observation_json(const SimulatedReport& report) {
    const SimulatedFact& fact = report.fact;
    const std::string stated = field_text(fact, "status");
    const std::string unit = field_text(fact, "unit");
    std::string status = report.version > 1 ? "corrected" : "final";
    if (!stated.empty())
        status = stated == "no_result" ? "cancelled" : stated;
    std::string out = ",\"status\":" + quoted(status) + concept_json("code", field_text(fact, "code")) +
                      ",\"effectiveDateTime\":" + quoted(fact.at);
    if (status != "cancelled")
        out += "," + quantity_json("valueQuantity", {field_text(fact, "value"), unit});
    for (const auto& [key, json] : fact.fields)
        if (key == "range")
            out += R"(,"referenceRange":[{"low":{"value":0.4,"unit":)" + quoted(unit) +
                   R"(},"high":{"value":4.0,"unit":)" + quoted(unit) + "}}]";
    return out;
}

std::string route_json(const SimulatedFact& fact) {
    return "\"route\":{\"text\":" + quoted(field_text(fact, "route")) + "}";
}

std::string dispense_json(const SimulatedFact& fact) {
    return ",\"status\":\"completed\"" + concept_json("medicationCodeableConcept", field_text(fact, "drug")) +
           ",\"whenHandedOver\":" + quoted(fact.at) + R"(,"daysSupply":{"value":)" + field_text(fact, "days") +
           R"(,"unit":"days","system":"http://unitsofmeasure.org","code":"d"})" +
           R"(,"dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},)" +
           route_json(fact) + ",\"doseAndRate\":[{" +
           quantity_json("doseQuantity", amount_of(field_text(fact, "daily_dose"))) + "}]}]";
}

std::string administration_json(const SimulatedFact& fact) {
    return ",\"status\":\"completed\"" + concept_json("medicationCodeableConcept", field_text(fact, "drug")) +
           ",\"effectiveDateTime\":" + quoted(fact.at) + ",\"dosage\":{" + route_json(fact) + "," +
           quantity_json("dose", amount_of(field_text(fact, "dose"))) + "}";
}

std::string condition_json(const SimulatedFact& fact) {
    return concept_json("code", field_text(fact, "code")) + ",\"onsetDateTime\":" + quoted(fact.at);
}

std::string procedure_json(const SimulatedFact& fact) {
    return ",\"status\":\"completed\"" + concept_json("code", field_text(fact, "code")) +
           ",\"performedDateTime\":" + quoted(fact.at);
}

/// What a resource says that was entered in error: whose it is, and what R4 asks of every one.
std::string in_error_json(const SimulatedFact& fact) {
    if (fact.type == "condition")
        return R"(,"verificationStatus":{"coding":[{"system":)"
               R"("http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]})" +
               concept_json("code", field_text(fact, "code"));
    const bool is_drug = fact.type == "supply" || fact.type == "administration";
    return ",\"status\":\"entered-in-error\"" +
           concept_json(is_drug ? "medicationCodeableConcept" : "code", field_text(fact, is_drug ? "drug" : "code"));
}

std::string content_json(const SimulatedReport& report) {
    if (report.kind == ReportKind::person)
        return person_json(report);
    const std::string subject = subject_json(report.patient);
    if (report.kind == ReportKind::retraction)
        return subject + in_error_json(report.fact);
    if (report.fact.type == "result")
        return subject + observation_json(report);
    if (report.fact.type == "supply")
        return subject + dispense_json(report.fact);
    if (report.fact.type == "administration")
        return subject + administration_json(report.fact);
    return subject + (report.fact.type == "condition" ? condition_json(report.fact) : procedure_json(report.fact));
}

} // namespace

std::string fhir_message(const SimulatedReport& report) {
    const std::string type = resource_type(report);
    const std::string id = report.kind == ReportKind::person ? number_of(report.patient) : report.fact.id;
    return R"({"resourceType":"Bundle","type":"transaction","timestamp":)" + quoted(model::to_text(report.known)) +
           R"(,"entry":[{"resource":{"resourceType":)" + quoted(type) + ",\"id\":" + quoted(id) +
           R"(,"meta":{"versionId":)" + quoted(std::to_string(report.version)) +
           ",\"lastUpdated\":" + quoted(model::to_text(report.stated)) + "}" + content_json(report) +
           R"(},"request":{"method":"PUT","url":)" + quoted(type + "/" + id) + "}}]}";
}

} // namespace bonewatch::daemon
