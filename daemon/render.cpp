#include "daemon/render.h"

#include "config/nearest.h"
#include "ingest/json.h"
#include "store/model/json_writer.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using ingest::Json;
using monitors::Clause;
using monitors::Truth;

std::string indented(std::string_view label, std::string_view text) {
    std::string out = "    " + std::string(label);
    out.append(out.size() < 16 ? 16 - out.size() : 1, ' ');
    return out + plain(text) + "\n";
}

std::string day(std::string_view instant) {
    return std::string(instant.substr(0, 10));
}

/// `an order, counted as dispensed by D-1`: why an order counts nothing; empty where nothing fulfils it.
std::string fulfilled_text(const model::Timeline& timeline, const model::FactKey& order) {
    std::string text;
    for (const model::FactPtr& by : timeline.fulfilling(order))
        text += (text.empty() ? "an order, counted as dispensed by " : ", ") + by->event.key.id.text;
    return text;
}

void write_clause(const Clause& clause, const model::Timeline& timeline, int depth, std::string& out) {
    out.append(static_cast<std::size_t>(2 * depth), ' ');
    std::string value(monitors::to_text(clause.value));
    value.resize(8, ' ');
    out += value + clause.text + "\n";
    if (!clause.detail.empty())
        out += std::string(static_cast<std::size_t>(2 * depth) + 8, ' ') + "= " + plain(clause.detail) + "\n";
    for (const model::FactPtr& fact : clause.dispensed)
        out += std::string(static_cast<std::size_t>(2 * depth) + 8, ' ') +
               plain("not counted: " + model::event_text(fact->event) + ": " +
                     fulfilled_text(timeline, fact->event.key) + "  [" + fact->event.key.id.text + "]") +
               "\n";
    for (const model::FactPtr& fact : clause.set_aside)
        out += std::string(static_cast<std::size_t>(2 * depth) + 8, ' ') +
               plain("left out: " + model::event_text(fact->event) + "  [" + fact->event.key.id.text + "]") + "\n";
    for (const Clause& part : clause.parts)
        write_clause(part, timeline, depth + 1, out);
}

void gather(const Clause& clause, std::vector<model::FactPtr>& out) {
    out.insert(out.end(), clause.evidence.begin(), clause.evidence.end());
    for (const Clause& part : clause.parts)
        gather(part, out);
}

std::string when_next(model::Instant next) {
    return next == monitors::never ? "not before a new fact arrives" : model::to_text(next);
}

} // namespace

std::string plain(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_later = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte >= 0x20 && byte != 0x7F && !is_later) {
            out += text[i];
            continue;
        }
        out += "\xEF\xBF\xBD";
        i += is_later ? 1 : 0;
    }
    return out;
}

std::string entry_text(std::string_view entry) {
    const auto parsed = ingest::parse_json(entry);
    if (!parsed)
        return std::string(entry) + "\n";
    const Json& json = parsed->root;
    std::string transition(json.text_of("transition"));
    std::ranges::transform(transition, transition.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    std::string out =
        plain(day(json.text_of("at")) + "  " + transition + " (" + std::string(json.text_of("severity")) + ")  " +
              std::string(json.text_of("patient")) + "  " + std::string(json.text_of("monitor"))) +
        "\n";
    out += "    " + plain(json.text_of("headline")) + "\n";
    std::string changed;
    for (const Json::Member& fact : json.items_of("changed"))
        changed += (changed.empty() ? ": " : ", ") + std::string(fact.value.text);
    if (!json.text_of("reason").empty())
        out += indented("reason", std::string(json.text_of("reason")) + changed);
    out += indented("since", day(json.text_of("since")) +
                                 (json.text_of("until").empty() ? "" : " until " + day(json.text_of("until"))));
    for (const Json::Member& fact : json.items_of("facts"))
        out += indented("evidence",
                        std::string(fact.value.text_of("text")) + "  [" + std::string(fact.value.text_of("id")) + "]");
    for (const Json::Member& tag : json.items_of("tags"))
        out += indented("note", tag.value.text);
    if (json.text_of("state") == "open") {
        out += indented("what to do", json.text_of("advice"));
        out += indented("ends with", json.text_of("clears_when"));
    }
    if (!json.text_of("not_known").empty())
        out += indented("not known", json.text_of("not_known"));
    for (const Json::Member& waiting : json.items_of("waiting"))
        out += indented("not known", "waits in quarantine, not counted: " + std::string(waiting.value.text));
    if (!json.text_of("acknowledged_by").empty())
        out += indented("owner", std::string(json.text_of("acknowledged_by")) +
                                     (json.text_of("note").empty() ? "" : ": " + std::string(json.text_of("note"))));
    out += indented("source", std::string(json.text_of("source")) + " (no clinical sign-off)");
    return out + indented("alert", json.text_of("alert"));
}

std::string unmapped_line(std::string_view body) {
    const auto parsed = ingest::parse_json(body);
    if (!parsed)
        return std::string(body) + "\n";
    const ingest::Json& json = parsed->root;
    const ingest::Json* number = json.find("count");
    std::string count(number == nullptr ? std::string_view("?") : number->text);
    count.insert(0, count.size() < 8 ? 8 - count.size() : 0, ' ');
    return plain(count + "  " + std::string(json.text_of("last").substr(0, 10)) + "  " +
                 std::string(json.text_of("publisher")) + "  " + std::string(json.text_of("reason")) + "  " +
                 std::string(json.text_of("words"))) +
           "\n";
}

std::string entry_brief(std::string_view entry) {
    const auto parsed = ingest::parse_json(entry);
    if (!parsed)
        return std::string(entry);
    model::JsonWriter json;
    json.begin_object();
    for (const char* key : {"at", "recorded_at", "patient", "monitor", "transition", "severity", "alert", "headline"})
        json.text(key, parsed->root.text_of(key));
    json.begin_array("evidence");
    for (const Json::Member& fact : parsed->root.items_of("evidence"))
        json.text(fact.value.text);
    json.end_array();
    json.end_object();
    return json.take();
}

std::string merges_text(const PatientState& patient) {
    std::string out;
    for (const model::Event& merge : patient.row.merges) {
        const auto& from = std::get<model::MergeEvent>(merge.body).from;
        const std::string when = merge.at == model::ClinicalTime{} ? "" : " on " + model::to_text(merge.at);
        out += plain("the records of " + model::to_text(from) + " were merged into " + model::to_text(merge.patient) +
                     when + "  [" + merge.key.publisher.text + " " + merge.key.id.text + "]") +
               "\n";
    }
    return out;
}

/// What a merged record states of the person, where the surviving one's word holds in its place; else nothing.
static std::string overruled_text(const PatientState& patient, const model::Event& counted) {
    if (patient.row.members.empty() || !std::holds_alternative<model::PatientEvent>(counted.body))
        return {};
    const auto published = patient.facts.at(counted.key).unpacked().standing(patient.members());
    if (published.size() != 1 || published.front() == counted)
        return {};
    return model::content_text(published.front()) + "  NOT COUNTED where the surviving record states it";
}

std::string timeline_text(const PatientState& patient) {
    std::string out;
    const auto add = [&](const model::FactPtr& fact) {
        const model::CodeId* code = model::code_of(fact->event);
        std::string line = fact->event.at.date == model::Date{} ? "          " : model::to_text(fact->event.at);
        line.resize(std::max<std::size_t>(line.size(), 10), ' ');
        line += "  " + std::string(model::type_word(fact->event));
        line.resize(std::max<std::size_t>(line.size(), 28), ' ');
        const std::string overruled = overruled_text(patient, fact->event);
        line += (code != nullptr ? code->text + " " : "") +
                (overruled.empty() ? model::content_text(fact->event) : overruled);
        line += fact->disputed ? "  DISPUTED" : "";
        if (std::ranges::find(patient.watch.timeline().set_aside(), fact) != patient.watch.timeline().set_aside().end())
            line += "  NOT COUNTED: " + fulfilled_text(patient.watch.timeline(), fact->event.key);
        out += plain(line + "  [" + fact->event.key.publisher.text + " " + fact->event.key.id.text + "]") + "\n";
    };
    std::ranges::for_each(patient.watch.timeline().patient(), add);
    std::ranges::for_each(patient.watch.timeline().all(), add);
    const auto is_hidden = [&](const auto& known) {
        const store::FactVersions versions = known.second.unpacked();
        return versions.standing(patient.members()).empty() && !versions.contents().empty() && !versions.is_of_merge();
    };
    if (const auto hidden = std::ranges::count_if(patient.facts, is_hidden); hidden > 0)
        out += std::to_string(hidden) + " more retracted, or moved to another patient\n";
    return out;
}

static std::string range_text(const monitors::Threshold& threshold) {
    std::string range = "from " + threshold.min + " to " + threshold.max;
    if (!threshold.choices.empty()) {
        range = "one of";
        for (const std::string& choice : threshold.choices)
            range += " " + choice;
    }
    return " (" + range + ", founded on " + threshold.basis + ")" +
           (threshold.meaning.empty() ? "" : ": " + threshold.meaning);
}

/// When an episode would open, or the open one close, if nothing more arrived.
static std::string outlook_text(monitors::Watch& watch, std::size_t monitor, bool is_open, model::Instant from) {
    constexpr auto horizon = std::chrono::days(5 * 366);
    for (model::Instant next = watch.next(); next <= from + horizon; next = watch.next()) {
        watch.advance(next);
        const auto episodes = watch.episodes(monitor);
        const bool opens = !is_open && !episodes.empty() && episodes.back()->opened > from;
        const bool closes = is_open && (episodes.empty() || episodes.back()->closed.has_value());
        if (opens || closes)
            return std::string("if nothing more arrives it ") + (opens ? "opens" : "closes") + " on " +
                   model::to_text(model::date_of(opens ? episodes.back()->opened : next));
    }
    return std::string("if nothing more arrives it stays ") + (is_open ? "open" : "closed") + " for five years";
}

/// `result tsh 0.05 mU/L: preliminary  [A]`.
static std::string fact_text(const model::Fact& fact, const std::string& remark = {}) {
    const model::CodeId* code = model::code_of(fact.event);
    return std::string(model::type_word(fact.event)) + " " + (code != nullptr ? code->text + " " : "") +
           model::content_text(fact.event) + remark + "  [" + fact.event.key.id.text + "]";
}

static std::string explanation_text(const monitors::Monitor& monitor, const monitors::Explanation& answer,
                                    const std::vector<monitors::SetAside>& set_aside, const model::Timeline& timeline,
                                    model::Instant at) {
    std::string out = monitor.id.text + ": " + monitor.title + "\n";
    out += "at " + model::to_text(at) + ": " + (answer.is_open ? "OPEN" : "not open") +
           "; could change next: " + when_next(answer.next) + "\n";
    out += "\nwhen\n";
    write_clause(answer.when, timeline, 1, out);
    if (!answer.unless.text.empty()) {
        out += "unless\n";
        write_clause(answer.unless, timeline, 1, out);
    }
    out += "clears" + (monitor.ends == monitor.clears_text ? "" : ": " + monitor.ends) + "\n";
    write_clause(answer.clears, timeline, 1, out);

    std::vector<model::FactPtr> evidence;
    gather(answer.when, evidence);
    std::ranges::sort(evidence, {}, [](const model::FactPtr& f) { return std::pair(f->event.at.date, f->event.key); });
    evidence.erase(std::unique(evidence.begin(), evidence.end()), evidence.end());
    if (!evidence.empty())
        out += "\nfacts looked at\n";
    for (const model::FactPtr& fact : evidence)
        out += plain("  " + model::to_text(fact->event.at.date) + "  " + fact_text(*fact)) + "\n";
    if (!set_aside.empty())
        out += "\nfacts set aside\n";
    for (const monitors::SetAside& one : set_aside)
        out += plain("  " + model::to_text(one.fact->event.at.date) + "  " + fact_text(*one.fact, ": " + one.reason)) +
               "\n";
    out += "\nthresholds\n";
    for (const monitors::Threshold& threshold : monitor.thresholds)
        out += "  " + threshold.name + " = " + threshold.value.text + range_text(threshold) + "\n";
    return out + "source: " + monitor.source + " (no clinical sign-off)\n";
}

static std::string explanations_text(const monitors::Catalogue& catalogue, monitors::Watch& watch, model::Instant at) {
    std::string out;
    for (std::size_t i = 0; i < catalogue.monitors().size(); ++i) {
        const monitors::Explanation answer = watch.explain(i, at);
        std::string line = catalogue.monitors()[i].id.text;
        line.resize(std::max<std::size_t>(line.size() + 1, 36), ' ');
        line += answer.is_open ? "open      " : "not open  ";
        std::string when = "when " + std::string(monitors::to_text(answer.when.value));
        when.resize(14, ' ');
        out += line + when + "could change next: " + when_next(answer.next) + "\n";
    }
    return out;
}

model::Result<std::string> explain_patient(const PatientState& patient, const std::optional<std::string>& monitor,
                                           model::Instant at, model::Instant now) {
    const monitors::Catalogue& catalogue = *patient.revision->catalogue;
    monitors::Watch watch(catalogue);
    for (const auto& [key, packed] : patient.facts) {
        lay_in(watch, patient, key, packed.unpacked());
    }
    settle_person(watch, patient);
    watch.advance(now);
    if (!monitor)
        return explanations_text(catalogue, watch, at);
    if (const auto index = catalogue.find(model::MonitorId(*monitor))) {
        const monitors::Explanation answer = watch.explain(*index, at);
        std::string text =
            explanation_text(catalogue.monitors()[*index], answer, watch.set_aside(*index, at), watch.timeline(), at);
        return text + (at < now ? "" : outlook_text(watch, *index, answer.is_open, now) + "\n");
    }
    std::vector<std::string> known;
    for (const monitors::Monitor& one : catalogue.monitors())
        known.push_back(one.id.text);
    return model::fail(model::ErrorKind::not_found, "no_monitor",
                       "no monitor '" + *monitor + "'" + config::did_you_mean(*monitor, known));
}

} // namespace bonewatch::daemon
