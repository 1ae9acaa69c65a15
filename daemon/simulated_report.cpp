#include "daemon/simulated_report.h"

#include "store/model/ensure.h"

#include <algorithm>
#include <array>

namespace bonewatch::daemon {

namespace {

constexpr std::string_view loinc = "http://loinc.org";
constexpr std::string_view snomed = "http://snomed.info/sct";
constexpr std::string_view rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";

/// Each seen with its name in a public file (tag V in config/vocabulary).
constexpr std::array<SimulatedCode, 28> codes{{
    {"tsh", loinc, "LN", "3016-3", "TSH"},
    {"vitd25", snomed, "SCT", "1029801000000105", "25-hydroxyvitamin D"},
    {"egfr", loinc, "LN", "98979-8", "eGFR"},
    {"calcium-adj", loinc, "LN", "29265-6", "Calcium, adjusted"},
    {"hba1c", loinc, "LN", "59261-8", "HbA1c"},
    {"weight", loinc, "LN", "29463-7", "Body weight"},
    {"height", loinc, "LN", "8302-2", "Body height"},
    {"crp", loinc, "LN", "1988-5", "CRP"},
    {"tscore-hip", loinc, "LN", "38264-8", "T-score, hip"},
    {"dxa", snomed, "SCT", "312681000", "Bone density scan"},
    {"t2dm", snomed, "SCT", "44054006", "Type 2 diabetes mellitus"},
    {"copd", snomed, "SCT", "13645005", "COPD"},
    {"hypothyroidism", snomed, "SCT", "40930008", "Hypothyroidism"},
    {"osteoporosis", snomed, "SCT", "64859006", "Osteoporosis"},
    {"fall", snomed, "SCT", "1912002", "Fall"},
    {"rheumatoid-arthritis", snomed, "SCT", "69896004", "Rheumatoid arthritis"},
    {"hip-fracture", snomed, "SCT", "5913000", "Fracture of neck of femur"},
    {"wrist-fracture", snomed, "SCT", "263199001", "Fracture of distal end of radius"},
    {"fragility-fracture", snomed, "SCT", "443165006", "Fragility fracture"},
    {"omeprazole", rxnorm, "RXNORM", "7646", "omeprazole"},
    {"sertraline", rxnorm, "RXNORM", "36437", "sertraline"},
    {"colecalciferol", rxnorm, "RXNORM", "2418", "colecalciferol"},
    {"prednisolone", rxnorm, "RXNORM", "8638", "prednisolone"},
    {"carbimazole", rxnorm, "RXNORM", "2020", "carbimazole"},
    {"levothyroxine", rxnorm, "RXNORM", "10582", "levothyroxine"},
    {"alendronic-acid", rxnorm, "RXNORM", "46041", "alendronic acid"},
    {"methotrexate", rxnorm, "RXNORM", "6851", "methotrexate"},
    {"denosumab", rxnorm, "RXNORM", "993449", "denosumab"},
}};

} // namespace

bool can_say(SimulateFormat format, const SimulatedReport& report) {
    if (report.fact.type != "stop" || format == SimulateFormat::native)
        return true;
    return format == SimulateFormat::hl7v2 && report.kind == ReportKind::fact && report.moved_from.empty();
}

bool can_say_of_person(SimulateFormat format, std::string_view key) {
    return format == SimulateFormat::native ||
           (key != "registered" && (key != "practice" || format == SimulateFormat::fhir));
}

std::string native_message(const SimulatedReport& report) {
    const bool is_retraction = report.kind == ReportKind::retraction;
    const SimulatedFact& fact = report.fact;
    std::string text = "{\"type\":" + quoted(is_retraction ? "retraction" : fact.type);
    if (report.kind != ReportKind::person)
        text += ",\"id\":" + quoted((is_retraction ? "R-" : "") + fact.id);
    text += ",\"patient\":" + quoted(report.patient);
    if (is_retraction)
        text += ",\"of\":" + quoted(fact.id) + (report.is_final ? "" : ",\"version\":1");
    else if (report.version != 1)
        text += ",\"version\":" + std::to_string(report.version);
    if (!is_retraction)
        for (const auto& [key, json] : fact.fields)
            text += "," + quoted(key) + ":" + json;
    const std::string at = is_retraction ? model::to_text(report.known) : fact.at;
    return text + ",\"at\":" + quoted(at) + ",\"recorded\":" + quoted(model::to_text(report.known)) + "}";
}

std::string field_text(const SimulatedFact& fact, std::string_view key) {
    const auto field =
        std::ranges::find(fact.fields, key, [](const auto& each) { return std::string_view(each.first); });
    if (field == fact.fields.end())
        return {};
    std::string_view json = field->second;
    constexpr std::string_view code = "\"code\":";
    if (json.front() == '{' && json.find(code) != std::string_view::npos)
        json.remove_prefix(json.find(code) + code.size());
    if (json.front() == '"')
        return std::string(json.substr(1, json.find('"', 1) - 1));
    return std::string(json);
}

AmountText amount_of(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos)
        return {std::string(text), {}};
    return {std::string(text.substr(0, space)), std::string(text.substr(space + 1))};
}

const SimulatedCode& published_code(std::string_view id) {
    const auto found =
        std::ranges::find_if(codes, [&](const SimulatedCode& each) { return each.id == id || each.code == id; });
    ENSURE(found != codes.end(), "the clinic has a published code for everything that it writes");
    return *found;
}

std::span<const SimulatedCode> published_codes() {
    return codes;
}

} // namespace bonewatch::daemon
