#include "ingest/fhir_origins.h"

#include "store/model/interval.h"

#include <algorithm>
#include <charconv>

namespace bonewatch::ingest {

namespace {

using model::Event;

/// What stands at `dosage[0].route` below a resource; nothing where there is nothing.
const Json* at_path(const Json& root, std::string_view path) {
    const Json* at = &root;
    while (at != nullptr && !path.empty()) {
        const auto end = std::min(path.find_first_of(".["), path.size());
        if (end > 0)
            at = at->find(path.substr(0, end));
        path.remove_prefix(end);
        if (path.starts_with('[')) {
            std::size_t index = 0;
            const auto close = path.find(']');
            std::from_chars(path.data() + 1, path.data() + close, index);
            at = at != nullptr && index < at->members.size() ? &at->members[index].value : nullptr;
            path.remove_prefix(close + 1);
        }
        if (path.starts_with('.'))
            path.remove_prefix(1);
    }
    return at;
}

class Origins {
  public:
    Origins(const FhirResource& resource, Decoded& decoded) : resource_(resource), decoded_(decoded) {}

    /// Of the first of `elements` that is there: in the resource, else in the one that contains it.
    void add(std::string field, const std::vector<std::string>& elements, std::string made) {
        for (const std::string& element : elements)
            for (const Json* root : {&resource_.json, &resource_.holder})
                if (const Json* found = at_path(*root, element)) {
                    const std::string path = root == &resource_.json
                                                 ? resource_.path
                                                 : resource_.path.substr(0, resource_.path.rfind(".contained["));
                    put(std::move(field), path + "." + element, found->text, std::move(made));
                    return;
                }
    }

    /// As `add`, or that it is not said at all, and what is taken for it.
    void add_or(std::string field, const std::vector<std::string>& elements, std::string made) {
        const auto before = decoded_.origins.size();
        add(field, elements, made);
        if (decoded_.origins.size() == before)
            put(std::move(field), "default", {}, std::move(made));
    }
    /// The first of `elements` that holds that text; false where none does.
    bool add_same(std::string field, const std::vector<std::string>& elements, std::string_view text) {
        for (const std::string& element : elements)
            if (const Json* found = at_path(resource_.json, element); found != nullptr && found->text == text) {
                put(std::move(field), resource_.path + "." + element, found->text, {});
                return true;
            }
        return false;
    }
    /// What names a person: the resource's id or one of its identifiers, without its spaces.
    void add_identifier(std::string field, const model::PatientIdentifier& identifier) {
        if (const Json* id = resource_.json.find("id"); id != nullptr && id->text == identifier.value)
            return put(std::move(field), resource_.path + ".id", id->text, model::to_text(identifier));
        const auto& all = resource_.json.items_of("identifier");
        for (std::size_t i = 0; i < all.size(); ++i) {
            std::string value(all[i].value.text_of("value"));
            std::erase_if(value, [](char c) { return c == ' ' || c == '-'; });
            if (value == identifier.value)
                return put(std::move(field), resource_.path + ".identifier[" + std::to_string(i) + "].value",
                           all[i].value.text_of("value"), model::to_text(identifier));
        }
        put(std::move(field), "fullUrl", {}, model::to_text(identifier) + ", as the entry names it");
    }
    /// A unit that stands in no element of its own: behind the value, else the settings say it.
    void add_unit(const std::vector<std::string>& values, const std::string& unit) {
        for (const std::string& element : values)
            if (const Json* found = at_path(resource_.json, element);
                found != nullptr && found->is_string() && found->text.find(unit) != std::string_view::npos)
                return put("unit", resource_.path + "." + element, found->text, unit);
        put("unit", "settings", {}, unit + ", since none is stated");
    }
    void add_words(std::string field, std::string place, std::string made) {
        put(std::move(field), std::move(place), {}, std::move(made));
    }

  private:
    void put(std::string field, std::string place, std::string_view text, std::string made) {
        constexpr std::size_t shown_bytes_max = 200;
        decoded_.origins.push_back(
            {std::move(field), std::move(place), std::string(text.substr(0, shown_bytes_max)), std::move(made)});
    }

    const FhirResource& resource_;
    Decoded& decoded_;
};

std::string version_text(const model::Version& version) {
    std::string out;
    for (const auto part : version.parts)
        out += (out.empty() ? "" : ".") + std::to_string(part);
    return out;
}

std::vector<std::string> time_elements(std::string_view type) {
    if (type == "Condition")
        return {"onsetDateTime", "onsetPeriod"};
    if (type == "Procedure")
        return {"performedDateTime", "performedPeriod"};
    if (type == "MedicationDispense")
        return {"whenHandedOver", "whenPrepared"};
    if (type == "MedicationRequest")
        return {"dosageInstruction[0].timing.repeat.boundsPeriod.start", "authoredOn"};
    return {"effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming"};
}

std::string dosage_of(std::string_view type) {
    if (type == "MedicationAdministration")
        return "dosage";
    return type == "MedicationStatement" ? "dosage[0]" : "dosageInstruction[0]";
}

/// What names the drug: also its strength and route, where no dosage says them.
const std::vector<std::string> drug_elements{"medicationCodeableConcept", "medicationReference"};

std::vector<std::string> with_drug(std::vector<std::string> elements) {
    elements.insert(elements.end(), drug_elements.begin(), drug_elements.end());
    return elements;
}

void add_body(Origins& out, const FhirResource&, const std::string& element, const model::ResultEvent& result,
              const Event& event) {
    out.add("code", {element + "code"}, result.analyte.text);
    const std::vector<std::string> values{element + "valueQuantity", element + "valueString",
                                          element + "valueInteger",  element + "valueCodeableConcept",
                                          element + "valueRange",    element + "dataAbsentReason"};
    const bool has_value = result.value || !result.value_text.empty();
    out.add(has_value ? "value" : "status", values, has_value ? model::content_text(event) : "no result");
    std::vector<std::string> units;
    for (const char* quantity : {"valueQuantity.", "valueRange.high.", "valueRange.low."})
        for (const char* unit : {"code", "unit"})
            units.push_back(element + quantity + unit);
    if (!result.unit_text.empty() && !out.add_same("unit", units, result.unit_text))
        out.add_unit(values, result.unit_text);
    if (result.range_low || result.range_high)
        out.add("range", {element + "referenceRange"},
                (result.range_low ? model::to_text(*result.range_low) : "") + " to " +
                    (result.range_high ? model::to_text(*result.range_high) : ""));
}

void add_body(Origins& out, const FhirResource& resource, const std::string&, const model::SupplyEvent& supply,
              const Event&) {
    const std::string dosage = dosage_of(resource.type);
    out.add("drug", drug_elements, supply.drug.text);
    out.add_or("days",
               {"daysSupply", "dispenseRequest.expectedSupplyDuration", "effectivePeriod", "quantity",
                "dispenseRequest.quantity", dosage + ".timing.repeat.boundsPeriod",
                dosage + ".timing.repeat.boundsDuration"},
               std::to_string(supply.days));
    if (supply.daily_dose)
        out.add("daily_dose", {dosage + ".doseAndRate[0]", "quantity", "dispenseRequest.quantity"},
                model::to_text(*supply.daily_dose));
    if (!supply.strength.empty())
        out.add("strength", drug_elements, supply.strength);
    if (supply.route != model::Route::unstated)
        out.add("route", with_drug({dosage + ".route"}), std::string(model::to_text(supply.route)));
    for (const model::FactId& order : supply.fulfils)
        out.add("fulfils", {"authorizingPrescription"}, order.text);
}

void add_body(Origins& out, const FhirResource& resource, const std::string&, const model::AdministrationEvent& given,
              const Event&) {
    const std::string dosage = dosage_of(resource.type);
    out.add("drug", drug_elements, given.drug.text);
    if (given.dose)
        out.add("dose", with_drug({dosage + ".dose", dosage + ".doseAndRate[0]"}), model::to_text(*given.dose));
    if (given.route != model::Route::unstated)
        out.add("route", with_drug({dosage + ".route"}), std::string(model::to_text(given.route)));
    for (const model::FactId& order : given.fulfils)
        out.add("fulfils", {"request", "authorizingPrescription"}, order.text);
}

void add_body(Origins& out, const FhirResource&, const std::string& element, const model::ConditionEvent& condition,
              const Event&) {
    out.add("code", {element + "code"}, condition.code.text);
    if (condition.until)
        out.add("until", {"abatementDateTime", "abatementPeriod"}, model::to_text(*condition.until));
}

void add_body(Origins& out, const FhirResource&, const std::string& element, const model::ProcedureEvent& procedure,
              const Event&) {
    out.add("code", {element + "code"}, procedure.code.text);
}

void add_body(Origins& out, const FhirResource&, const std::string&, const model::PatientEvent& person,
              const Event& event) {
    out.add_identifier("patient", event.patient);
    for (const auto& identifier : person.identifiers)
        out.add_identifier("identifier", identifier);
    if (person.sex != model::Sex::unknown)
        out.add("sex", {"gender"},
                person.sex == model::Sex::female ? "female"
                : person.sex == model::Sex::male ? "male"
                                                 : "other");
    if (person.born)
        out.add("born", {"birthDate"}, model::to_text(*person.born));
    if (person.died)
        out.add("died", {"deceasedDateTime", "deceasedBoolean"}, model::to_text(*person.died));
    if (!person.practice.empty())
        out.add("practice", {"generalPractitioner"}, person.practice);
}

void add_body(Origins& out, const FhirResource&, const std::string&, const model::RetractionEvent& retraction,
              const Event&) {
    out.add("of", {"status", "verificationStatus"},
            retraction.of.text +
                (retraction.of_version ? " up to version " + version_text(*retraction.of_version) : ", for good"));
}

void add_body(Origins& out, const FhirResource&, const std::string&, const model::MergeEvent& merge,
              const Event& event) {
    out.add("patient", {"link"}, model::to_text(event.patient));
    out.add("at", {"meta.lastUpdated"}, "when it was said");
    out.add("from", {"link"}, model::to_text(merge.from) + " goes on in " + model::to_text(event.patient));
}

/// No resource makes it.
void add_body(Origins&, const FhirResource&, const std::string&, const model::StopEvent&, const Event&) {}

} // namespace

void add_origins(const FhirResource& resource, const std::string& element, Decoded& decoded) {
    const auto* event = std::get_if<Event>(&decoded.outcome);
    if (event == nullptr || !resource.message.is_explained)
        return;
    decoded.origins.clear();
    Origins out(resource, decoded);
    out.add("id", {"id"}, event->key.id.text);
    if (decoded.origins.empty())
        out.add_words("id", "fullUrl", event->key.id.text + ", as the entry or the first identifier names it");
    for (const char* part : {"meta.lastUpdated", "meta.versionId"})
        out.add("version", {part}, version_text(event->version));
    if (std::ranges::find(decoded.origins, "version", &Origin::field) == decoded.origins.end())
        out.add_or("version", {"issued"}, version_text(event->version) + ": no version is stated");
    if (event->attributes.contains("deceased"))
        out.add("attributes.deceased", {"deceasedBoolean"}, {});
    if (event->attributes.contains("device"))
        out.add("attributes.device", {"device.display", "device.reference"}, {});
    const bool is_fact = !std::holds_alternative<model::PatientEvent>(event->body) &&
                         !std::holds_alternative<model::MergeEvent>(event->body);
    if (is_fact) {
        if (!event->patient.system.empty())
            out.add("patient", {"subject.reference", "subject.identifier.value", "subject.identifier", "subject"},
                    model::to_text(event->patient));
        out.add("status", {"status", "verificationStatus"}, std::string(model::type_word(*event)));
    }
    if (is_fact && !std::holds_alternative<model::RetractionEvent>(event->body))
        out.add("at", time_elements(resource.type), model::to_text(event->at));
    else if (event->at != model::ClinicalTime{})
        out.add("at", {"meta.lastUpdated"}, "when it was said");
    std::visit([&](const auto& body) { add_body(out, resource, element, body, *event); }, event->body);
}

} // namespace bonewatch::ingest
