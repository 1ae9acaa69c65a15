#include "store/model/event.h"

#include <limits>

namespace bonewatch::model {

namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};

} // namespace

Version just_above(const Version& version) {
    Version out = version;
    out.parts.push_back(std::numeric_limits<std::int64_t>::min());
    return out;
}

FactKey fact_of(const Event& event) {
    if (const auto* retraction = std::get_if<RetractionEvent>(&event.body))
        return {event.key.publisher, retraction->of};
    return event.key;
}

std::string_view type_word(const Event& event) {
    return std::visit(Overloaded{
                          [](const ResultEvent&) { return "result"; },
                          [](const SupplyEvent&) { return "supply"; },
                          [](const StopEvent&) { return "stop"; },
                          [](const AdministrationEvent&) { return "administration"; },
                          [](const ConditionEvent&) { return "condition"; },
                          [](const ProcedureEvent&) { return "procedure"; },
                          [](const PatientEvent&) { return "patient"; },
                          [](const RetractionEvent&) { return "retraction"; },
                          [](const MergeEvent&) { return "merge"; },
                      },
                      event.body);
}

const CodeId* code_of(const Event& event) {
    return std::visit(Overloaded{
                          [](const ResultEvent& e) { return &e.analyte; },
                          [](const SupplyEvent& e) { return &e.drug; },
                          [](const StopEvent& e) { return &e.drug; },
                          [](const AdministrationEvent& e) { return &e.drug; },
                          [](const ConditionEvent& e) { return &e.code; },
                          [](const ProcedureEvent& e) { return &e.code; },
                          [](const PatientEvent&) -> const CodeId* { return nullptr; },
                          [](const RetractionEvent&) -> const CodeId* { return nullptr; },
                          [](const MergeEvent&) -> const CodeId* { return nullptr; },
                      },
                      event.body);
}

const std::vector<FactId>& orders_of(const Event& event) {
    static const std::vector<FactId> none;
    if (const auto* supply = std::get_if<SupplyEvent>(&event.body))
        return supply->fulfils;
    const auto* given = std::get_if<AdministrationEvent>(&event.body);
    return given == nullptr ? none : given->fulfils;
}

bool is_doubt(const Event& event) {
    return std::holds_alternative<RetractionEvent>(event.body) && event.attributes.contains(doubt_attribute);
}

std::string to_text(const PatientIdentifier& identifier) {
    return identifier.system + ":" + identifier.value;
}

} // namespace bonewatch::model
