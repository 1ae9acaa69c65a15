#include "daemon/event_fields.h"

#include <array>

namespace bonewatch::daemon {

namespace {

constexpr std::array<std::string_view, 3> status_words{"final", "preliminary", "no_result"};
constexpr std::array<std::string_view, 3> basis_words{"stated", "computed", "assumed"};
constexpr std::array<std::string_view, 4> sex_words{"unknown", "female", "male", "other"};

template <typename Word, std::size_t N>
std::string word_of(const std::array<std::string_view, N>& words, Word word) {
    return std::string(words.at(static_cast<std::size_t>(word)));
}

std::string version_text(const model::Version& version) {
    std::string out;
    for (const std::int64_t part : version.parts)
        out += (out.empty() ? "" : ", ") + std::to_string(part);
    return out;
}

struct FieldWriter {
    std::vector<EventField>& out;

    void add(std::string name, std::string value) const {
        if (!value.empty())
            out.push_back({std::move(name), std::move(value)});
    }
    void add_orders(const std::vector<model::FactId>& orders) const {
        std::string text;
        for (const model::FactId& order : orders)
            text += (text.empty() ? "" : ", ") + order.text;
        add("fulfils", text);
    }
    void operator()(const model::ResultEvent& result) const {
        add("code", result.analyte.text);
        add("status", word_of(status_words, result.status));
        add("value", result.value ? model::to_text(*result.value) : result.value_text);
        add("unit", result.unit_text);
        if (result.range_low || result.range_high)
            add("range", (result.range_low ? model::to_text(*result.range_low) : "") + " to " +
                             (result.range_high ? model::to_text(*result.range_high) : ""));
    }
    void operator()(const model::SupplyEvent& supply) const {
        add("drug", supply.drug.text);
        add("route", std::string(model::to_text(supply.route)));
        add("strength", supply.strength);
        add("daily_dose", supply.daily_dose ? model::to_text(*supply.daily_dose) : "");
        add("days", std::to_string(supply.days));
        add("basis", word_of(basis_words, supply.basis));
        add_orders(supply.fulfils);
    }
    void operator()(const model::StopEvent& stop) const {
        add("drug", stop.drug.text);
        add("route", stop.route ? std::string(model::to_text(*stop.route)) : "all");
    }
    void operator()(const model::AdministrationEvent& given) const {
        add("drug", given.drug.text);
        add("route", std::string(model::to_text(given.route)));
        add("dose", given.dose ? model::to_text(*given.dose) : "");
        add_orders(given.fulfils);
    }
    void operator()(const model::ConditionEvent& condition) const {
        add("code", condition.code.text);
        add("until", condition.until ? model::to_text(*condition.until) : "");
    }
    void operator()(const model::ProcedureEvent& procedure) const { add("code", procedure.code.text); }
    void operator()(const model::PatientEvent& patient) const {
        add("sex", patient.sex == model::Sex::unknown ? "" : word_of(sex_words, patient.sex));
        add("born", patient.born ? model::to_text(*patient.born) : "");
        add("died", patient.died ? model::to_text(*patient.died) : "");
        add("practice", patient.practice);
        std::string registered;
        for (const model::Registration& one : patient.registered)
            registered += (registered.empty() ? "from " : ", from ") + model::to_text(one.from) +
                          (one.to ? " to " + model::to_text(*one.to) : "");
        add("registered", registered);
        for (const model::PatientIdentifier& identifier : patient.identifiers)
            add("identifier", model::to_text(identifier));
    }
    void operator()(const model::RetractionEvent& retraction) const {
        add("of", retraction.of.text);
        add("of_version", retraction.of_version ? version_text(*retraction.of_version) : "all");
    }
    void operator()(const model::MergeEvent& merge) const { add("from", model::to_text(merge.from)); }
};

} // namespace

std::vector<EventField> fields_of(const model::Event& event) {
    std::vector<EventField> out;
    const FieldWriter writer{out};
    writer.add("type", std::string(model::type_word(event)));
    writer.add("publisher", event.key.publisher.text);
    writer.add("id", event.key.id.text);
    writer.add("version", version_text(event.version));
    if (!event.patient.system.empty())
        writer.add("patient", model::to_text(event.patient));
    if (event.at != model::ClinicalTime{})
        writer.add("at", event.at.clock ? model::to_text(event.at.instant) + ", local date " + model::to_text(event.at)
                                        : model::to_text(event.at));
    std::visit(writer, event.body);
    for (const auto& [name, value] : event.attributes)
        writer.add("attributes." + name, value);
    return out;
}

} // namespace bonewatch::daemon
