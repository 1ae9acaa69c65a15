#include "daemon/simulated_report.h"
#include "store/model/ensure.h"

namespace bonewatch::daemon {

namespace {

using model::Instant;

/// `2026-03-01T08:30:00+01:00` as `20260301083000+0100`; a date stays one, as precise as it is.
std::string hl7_time(std::string_view text) {
    const bool has_clock = text.find('T') != std::string_view::npos;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_offset = c == '-' && i > text.find('T');
        if ((c >= '0' && c <= '9') || c == '+' || is_offset)
            out += c;
    }
    return has_clock && text.back() == 'Z' ? out + "+0000" : out;
}

std::string hl7_time(Instant instant) {
    return hl7_time(model::to_text(std::chrono::floor<std::chrono::seconds>(instant)));
}

/// The message's own: the same only where the whole message is.
std::string control_id_of(const SimulatedReport& report) {
    if (report.kind == ReportKind::person)
        return report.patient.substr(report.patient.find(':') + 1) + "-" + std::to_string(report.fact.fields.size());
    const bool is_retraction = report.kind == ReportKind::retraction;
    return report.fact.id + "-" + std::to_string(report.version) +
           (is_retraction        ? "R"
            : report.contradicts ? "B"
                                 : "");
}

/// Segments of one message, written field by field.
class Hl7Writer {
  public:
    Hl7Writer(const SimulatedReport& report, std::string_view type, std::string_view structure, Instant sent) {
        static constexpr std::string_view separators = "|^~\\&|";
        text_ = "MSH" + std::string(separators) + "SIMULATE|CLINIC|BONEWATCH|CLINIC|" + hl7_time(sent) + "||" +
                std::string(type) + "^" + std::string(structure) + "|" + control_id_of(report) +
                "|P|2.5.1||||||UNICODE UTF-8\r";
    }
    void person(std::string_view patient, std::string_view rest = {}) {
        line("PID|1||" + std::string(patient.substr(patient.find(':') + 1)) + "^^^NHS^NH" + std::string(rest));
    }
    void line(const std::string& segment) { text_ += segment + "\r"; }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

std::string coded(std::string_view id) {
    const SimulatedCode& code = published_code(id);
    return std::string(code.code) + "^" + std::string(code.display) + "^" + std::string(code.table);
}

std::string order_number(const SimulatedReport& report) {
    return report.fact.id + "^SIMULATE";
}

std::string route_code(const SimulatedFact& fact) {
    return field_text(fact, "route") == "oral" ? "PO^Oral^HL70162" : "SC^Subcutaneous^HL70162";
}

/// What is sent again bears the time of the first; what was long on its way, its own.
Instant sent_at(const SimulatedReport& report) {
    return report.is_again ? report.stated : report.known;
}

std::string person_message(const SimulatedReport& report) {
    const SimulatedFact& fact = report.fact;
    const std::string died = field_text(fact, "died");
    const std::string sex = field_text(fact, "sex");
    Hl7Writer out(report, died.empty() ? "ADT^A28" : "ADT^A08", died.empty() ? "ADT_A05" : "ADT_A01", report.known);
    out.line("EVN|" + std::string(died.empty() ? "A28" : "A08") + "|" + hl7_time(report.known));
    const std::string letter = sex.empty() ? "" : sex == "female" ? "F" : "M";
    std::string rest = "||||" + hl7_time(field_text(fact, "born")) + "|" + letter;
    if (!died.empty())
        rest += std::string(21, '|') + hl7_time(died) + "|Y";
    out.person(report.patient, rest);
    return out.take();
}

/// `status`: OBX-11, and OBR-25. Without a value where it withdraws, or cannot be had.
std::string result_message(const SimulatedReport& report, const std::string& patient, std::string_view status,
                           Instant stated) {
    const SimulatedFact& fact = report.fact;
    const std::string value = status == "W" || status == "D" || status == "X" ? "" : field_text(fact, "value");
    const bool is_structured = value.starts_with("<");
    std::string range;
    for (const auto& [key, json] : fact.fields)
        if (key == "range")
            range = "0.4-4.0";
    const std::string code = coded(field_text(fact, "code"));
    const std::string letter(status);
    Hl7Writer out(report, "ORU^R01", "ORU_R01", sent_at(report));
    out.person(patient);
    out.line("ORC|RE||" + order_number(report));
    out.line("OBR|1||" + order_number(report) + "|" + code + "|||" + hl7_time(fact.at) + std::string(15, '|') +
             hl7_time(stated) + "|||" + (letter == "W" || letter == "D" ? "C" : letter));
    out.line("OBX|1|" +
             std::string(value.empty()   ? ""
                         : is_structured ? "SN"
                                         : "NM") +
             "|" + code + "||" + (is_structured ? "<^" + value.substr(1) : value) + "|" + field_text(fact, "unit") +
             "|" + range + "||||" + letter);
    return out.take();
}

std::string result_status(const SimulatedReport& report) {
    if (report.kind == ReportKind::retraction)
        return "D";
    const std::string stated = field_text(report.fact, "status");
    if (!stated.empty())
        return stated == "preliminary" ? "P" : "X";
    return report.version > 1 ? "C" : "F";
}

/// `control`: ORC-1.
std::string dispense_message(const SimulatedReport& report, const std::string& patient, std::string_view control,
                             Instant stated) {
    const SimulatedFact& fact = report.fact;
    const AmountText dose = amount_of(field_text(fact, "daily_dose"));
    Hl7Writer out(report, "RDS^O13", "RDS_O13", sent_at(report));
    out.person(patient);
    out.line("ORC|" + std::string(control) + "||" + order_number(report) + "||" + (control == "OC" ? "CA" : "CM") +
             "||||" + hl7_time(stated));
    out.line("TQ1|1|||||" + field_text(fact, "days") + "^d|" + hl7_time(fact.at));
    out.line("RXD|1|" + coded(field_text(fact, "drug")) + "|" + hl7_time(fact.at) + "|" + field_text(fact, "days") +
             "|{dose}||" + fact.id + "|||||" + dose.number + "^" + dose.unit);
    out.line("RXR|" + route_code(fact));
    return out.take();
}

/// `action`: RXA-21.
std::string administration_message(const SimulatedReport& report, const std::string& patient, std::string_view action,
                                   Instant stated) {
    const SimulatedFact& fact = report.fact;
    const AmountText dose = amount_of(field_text(fact, "dose"));
    const std::string at = hl7_time(fact.at);
    Hl7Writer out(report, "RAS^O17", "RAS_O17", sent_at(report));
    out.person(patient);
    out.line("ORC|RE||" + order_number(report) + "||CM||||" + hl7_time(stated));
    out.line("RXA|0|1|" + at + "|" + at + "|" + coded(field_text(fact, "drug")) + "|" + dose.number + "|" + dose.unit +
             std::string(13, '|') + "CP|" + std::string(action));
    out.line("RXR|" + route_code(fact));
    return out.take();
}

std::string stop_message(const SimulatedReport& report) {
    const SimulatedFact& fact = report.fact;
    Hl7Writer out(report, "RDE^O11", "RDE_O11", sent_at(report));
    out.person(report.patient);
    out.line("ORC|OD||" + order_number(report) + "||DC||||" + hl7_time(report.stated) + "||||||" + hl7_time(fact.at));
    out.line("RXE||" + coded(field_text(fact, "drug")) + "|0||{dose}");
    return out.take();
}

/// `action`: A, U or D of DG1-21 and PR1-20.
std::string diagnosis_message(const SimulatedReport& report, const std::string& patient, std::string_view action,
                              Instant stated) {
    const SimulatedFact& fact = report.fact;
    const bool is_diagnosis = fact.type == "condition";
    const std::string code = coded(field_text(fact, "code"));
    Hl7Writer out(report, "BAR^P12", "BAR_P12", sent_at(report));
    out.line("EVN|P12|" + hl7_time(stated));
    out.person(patient);
    const std::string identity = order_number(report) + "|" + std::string(action);
    if (is_diagnosis)
        out.line("DG1|1||" + code + "||" + hl7_time(fact.at) + "|F" + std::string(14, '|') + identity);
    else
        out.line("PR1|1||" + code + "||" + hl7_time(fact.at) + std::string(14, '|') + identity);
    return out.take();
}

/// One that says that the fact is not so of `patient`.
std::string withdrawal(const SimulatedReport& report, const std::string& patient, Instant stated) {
    const auto type = report.fact.type;
    if (type == "result")
        return result_message(report, patient, report.moved_from.empty() ? "D" : "W", stated);
    if (type == "supply")
        return dispense_message(report, patient, "OC", stated);
    if (type == "administration")
        return administration_message(report, patient, "D", stated);
    return diagnosis_message(report, patient, "D", stated);
}

std::string statement(const SimulatedReport& report, Instant stated) {
    const auto type = report.fact.type;
    const std::string_view action = report.version > 1 ? "U" : "A";
    if (type == "result")
        return result_message(report, report.patient, result_status(report), stated);
    if (type == "supply")
        return dispense_message(report, report.patient, "RE", stated);
    if (type == "administration")
        return administration_message(report, report.patient, action, stated);
    if (type == "stop")
        return stop_message(report);
    return diagnosis_message(report, report.patient, action, stated);
}

} // namespace

std::string hl7_message(const SimulatedReport& report) {
    if (report.kind == ReportKind::person)
        return person_message(report);
    if (report.kind == ReportKind::retraction)
        return withdrawal(report, report.patient, report.stated);
    if (report.moved_from.empty())
        return statement(report, report.stated);
    // HL7 v2 moves nothing: it is withdrawn from the one, and said of the other.
    SimulatedReport withdrawn = report;
    withdrawn.kind = ReportKind::retraction;
    return withdrawal(withdrawn, report.moved_from, report.stated) +
           statement(report, report.stated + std::chrono::seconds(1));
}

} // namespace bonewatch::daemon
