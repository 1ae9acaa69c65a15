#include "daemon/survey.h"

#include "ingest/json.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <charconv>

namespace bonewatch::daemon {

namespace {

using monitors::Clause;
using monitors::Truth;

/// The clauses that make an answer unknown, each once: the innermost ones.
void gather_unknown(const Clause& clause, std::vector<std::string>& out) {
    if (clause.value != Truth::unknown)
        return;
    bool has_unknown_part = false;
    for (const Clause& part : clause.parts)
        has_unknown_part = has_unknown_part || part.value == Truth::unknown;
    if (!has_unknown_part && std::ranges::find(out, clause.text) == out.end())
        out.push_back(clause.text);
    for (const Clause& part : clause.parts)
        gather_unknown(part, out);
}

void note_newest(std::optional<model::Date>& newest, const std::optional<model::Date>& date) {
    if (date && (!newest || *newest < *date))
        newest = date;
}

std::uint64_t count_in(const ingest::Json& json, std::string_view name) {
    std::uint64_t out = 0;
    if (const ingest::Json* value = json.find(name))
        std::from_chars(value->text.data(), value->text.data() + value->text.size(), out);
    return out;
}

} // namespace

Survey empty_survey(const monitors::Catalogue& catalogue) {
    Survey out;
    for (const monitors::Monitor& monitor : catalogue.monitors())
        if (monitor.is_enabled)
            out[monitor.id.text];
    return out;
}

void add_patient(Survey& survey, PatientState& patient, Instant now) {
    const monitors::Catalogue& catalogue = *patient.revision->catalogue;
    patient.watch.advance(now);
    std::vector<std::optional<model::Date>> newest(catalogue.monitors().size());
    for (const model::FactPtr& fact : patient.watch.timeline().all())
        if (const model::CodeId* code = model::code_of(fact->event); code != nullptr && fact->event.at.instant <= now)
            for (const std::size_t monitor : catalogue.asked_of(*code))
                note_newest(newest[monitor], fact->event.at.date);
    for (std::size_t i = 0; i < newest.size(); ++i) {
        const auto standing = survey.find(catalogue.monitors()[i].id.text);
        if (standing == survey.end())
            continue;
        if (const auto told = patient.told.find(i); told != patient.told.end())
            for (const alerts::Alert& alert : told->second)
                if (alerts::is_told(alert.state))
                    standing->second.last_raised =
                        std::max(standing->second.last_raised, std::optional(alert.first_told));
        if (!newest[i])
            continue;
        note_newest(standing->second.newest_fact, newest[i]);
        const monitors::Explanation answer = patient.watch.explain(i, now);
        if (answer.unless.value == Truth::yes && !answer.is_open)
            continue;
        ++standing->second.eligible;
        if (answer.is_open) {
            ++standing->second.open;
        } else if (answer.when.value == Truth::unknown) {
            ++standing->second.indeterminate;
            std::vector<std::string> clauses;
            gather_unknown(answer.when, clauses);
            for (const std::string& clause : clauses)
                ++standing->second.causes[clause];
        }
    }
}

void add(Survey& survey, std::string_view monitor, const MonitorStanding& standing) {
    MonitorStanding& sum = survey[std::string(monitor)];
    sum.eligible += standing.eligible;
    sum.open += standing.open;
    sum.indeterminate += standing.indeterminate;
    for (const auto& [clause, count] : standing.causes)
        sum.causes[clause] += count;
    sum.last_raised = std::max(sum.last_raised, standing.last_raised);
    note_newest(sum.newest_fact, standing.newest_fact);
}

std::string standing_json(std::string_view monitor, const MonitorStanding& standing) {
    model::JsonWriter json;
    json.begin_object();
    json.text("monitor", monitor);
    json.number("eligible", static_cast<std::int64_t>(standing.eligible));
    json.number("open", static_cast<std::int64_t>(standing.open));
    json.number("indeterminate", static_cast<std::int64_t>(standing.indeterminate));
    json.begin_object("causes");
    for (const auto& [clause, count] : standing.causes)
        json.number(clause, static_cast<std::int64_t>(count));
    json.end_object();
    json.text("last_raised", standing.last_raised ? model::to_text(*standing.last_raised) : "never");
    json.text("newest_fact", standing.newest_fact ? model::to_text(*standing.newest_fact) : "none");
    json.end_object();
    return json.take();
}

model::Result<std::pair<std::string, MonitorStanding>> read_standing(std::string_view text) {
    const auto parsed = ingest::parse_json(text);
    if (!parsed)
        return std::unexpected(parsed.error());
    const ingest::Json& json = parsed->root;
    MonitorStanding out{count_in(json, "eligible"), count_in(json, "open"), count_in(json, "indeterminate")};
    if (const ingest::Json* causes = json.find("causes"))
        for (const ingest::Json::Member& cause : causes->members)
            out.causes[std::string(cause.key)] = count_in(*causes, cause.key);
    if (const auto raised = model::parse_instant(json.text_of("last_raised")))
        out.last_raised = *raised;
    if (const auto newest = model::parse_date(json.text_of("newest_fact")))
        out.newest_fact = *newest;
    return std::pair(std::string(json.text_of("monitor")), std::move(out));
}

} // namespace bonewatch::daemon
