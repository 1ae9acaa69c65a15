#include "daemon/queries.h"

#include "daemon/alert_list.h"
#include "daemon/patient_answers.h"
#include "daemon/shelf_answers.h"
#include "daemon/survey.h"
#include "store/model/json_writer.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;

/// Patients looked at for one page of `monitor_status`: everybody else waits meanwhile.
constexpr std::size_t surveyed_per_page = 200;

void write_number(model::JsonWriter& json, std::string_view name, std::uint64_t value) {
    json.number(name, static_cast<std::int64_t>(value));
}

void write_since_start(model::JsonWriter& json, const Core& core, const Intake& intake) {
    const FoldStats stats = core.stats();
    json.begin_object("since_start");
    json.raw("intake", intake.counts().json());
    write_number(json, "journal_records", stats.records);
    write_number(json, "timers_fired", stats.timers);
    write_number(json, "evaluations", core.kept_patients().evaluation_count());
    write_number(json, "feed_entries", stats.entries);
    json.end_object();
}

/// An object of each MLLP door.
void write_mllp(model::JsonWriter& json, const std::map<std::string, MllpReport>& reports) {
    json.begin_object("mllp");
    for (const auto& [door, report] : reports) {
        json.begin_object(door);
        write_number(json, "connections", report.sockets.connections);
        write_number(json, "connected", report.sockets.connected);
        write_number(json, "messages", report.sockets.framing.blocks);
        for (const auto& [what, count] : report.answered)
            write_number(json, what, count);
        write_number(json, "answers_lost", report.sockets.answers_lost);
        write_number(json, "discarded_bytes", report.sockets.framing.discarded_bytes);
        write_number(json, "resyncs", report.sockets.framing.resyncs);
        write_number(json, "ends_without_return", report.sockets.framing.ends_without_return);
        json.begin_object("refused_by_reason");
        for (const auto& [reason, count] : report.refused)
            write_number(json, reason, count);
        json.end_object();
        json.end_object();
    }
    json.end_object();
}

Result<QueryAnswer> status(Core& core, const Intake& intake, const Running& running, model::Instant now) {
    auto next = core.next_timer();
    auto patients = core.directory().patient_count();
    if (!next || !patients)
        return std::unexpected(!next ? next.error() : patients.error());
    std::map<std::string, std::uint64_t> open = core.open_alerts();
    std::uint64_t open_count = 0;
    for (const auto& [monitor, count] : open)
        open_count += count;
    model::JsonWriter json;
    json.begin_object();
    json.text("now", model::to_text(now));
    json.text("started", model::to_text(running.started_at));
    json.text("revision", core.revision().id);
    write_number(json, "monitors", core.revision().catalogue->monitors().size());
    write_number(json, "patients", *patients - core.directory().alias_count());
    write_number(json, "patients_in_memory", core.kept_patients().count());
    write_number(json, "patients_in_memory_bytes", core.kept_patients().bytes());
    write_number(json, "quarantine", core.shelf().count());
    if (auto ok = write_waiting(json, core.shelf()); !ok)
        return std::unexpected(ok.error());
    json.text("next_timer", *next == monitors::never ? "none" : model::to_text(*next));
    write_number(json, "publishers_connected", running.publishers);
    write_number(json, "subscribers_connected", running.subscribers);
    write_number(json, "messages_waiting", running.waiting);
    if (!running.keys.empty())
        json.raw("keys", running.keys);
    write_number(json, "open_alerts", open_count);
    json.begin_object("open_by_monitor");
    for (const auto& [monitor, count] : open)
        write_number(json, monitor, count);
    json.end_object();
    write_since_start(json, core, intake);
    if (!running.mllp.empty())
        write_mllp(json, running.mllp);
    json.end_object();
    return QueryAnswer{"{}", {json.take()}};
}

PatientQuestion question_in(const model::Meta& args) {
    return {model::text_in(args, "patient").value_or(""), model::text_in(args, "publisher").value_or(""),
            model::text_in(args, "monitor"), model::text_in(args, "at"), model::text_in(args, "as_known_at")};
}

Result<QueryAnswer> text_answer(Result<std::string> text) {
    if (!text)
        return std::unexpected(text.error());
    return QueryAnswer{"{}", {std::move(*text)}};
}

Result<QueryAnswer> codes(const Intake& intake, const model::Meta& args) {
    const auto after = number_from_1(args, "after");
    const auto page = page_in(args);
    if (!after || !page)
        return std::unexpected(!after ? after.error() : page.error());
    const std::vector<UnmappedRow> rows = intake.unmapped().rows();
    QueryAnswer out;
    std::size_t at = std::min<std::size_t>(after->value_or(0), rows.size());
    for (; at < rows.size() && out.bodies.size() < page->rows_max; ++at)
        out.bodies.push_back(unmapped_json(rows[at]));
    model::JsonWriter meta;
    meta.begin_object();
    write_number(meta, "total", rows.size());
    if (at < rows.size())
        meta.text("next", std::to_string(at));
    meta.end_object();
    out.meta = meta.take();
    return out;
}

/// Of the next patients by number; whoever asks adds the pages up.
Result<QueryAnswer> monitor_status(const Core& core, const model::Meta& args, model::Instant now) {
    const auto after = number_from_1(args, "after");
    const auto page = page_in(args);
    const auto total = core.directory().patient_count();
    if (!after || !page || !total)
        return std::unexpected(!after ? after.error() : !page ? page.error() : total.error());
    const std::uint64_t first = after->value_or(0) + 1;
    const std::uint64_t last = std::min(*total, first + std::min(page->rows_max, surveyed_per_page) - 1);
    Survey survey = empty_survey(*core.revision().catalogue);
    for (std::uint64_t number = first; number <= last; ++number) {
        const auto patient = core.read_patient(model::PatientNumber{number});
        if (!patient)
            return std::unexpected(patient.error());
        if (*patient)
            add_patient(survey, **patient, now);
    }
    QueryAnswer out;
    for (const auto& [monitor, standing] : survey)
        out.bodies.push_back(standing_json(monitor, standing));
    model::JsonWriter meta;
    meta.begin_object();
    write_number(meta, "total", *total);
    if (last < *total)
        meta.text("next", std::to_string(last));
    meta.end_object();
    out.meta = meta.take();
    return out;
}

Result<QueryAnswer> monitors_of(const Core& core) {
    QueryAnswer out;
    for (const monitors::Monitor& monitor : core.revision().catalogue->monitors()) {
        model::JsonWriter json;
        json.begin_object();
        json.text("id", monitor.id.text);
        json.text("title", monitor.title);
        json.flag("enabled", monitor.is_enabled);
        json.end_object();
        out.bodies.push_back(json.take());
    }
    return out;
}

} // namespace

Result<std::optional<std::uint64_t>> number_from_1(const model::Meta& args, const std::string& name) {
    if (!model::text_in(args, name))
        return std::nullopt;
    const auto number = model::number_in(args, name);
    if (!number || *number == 0)
        return fail(ErrorKind::malformed, "bad_number", "'" + name + "' is a whole number from 1", name);
    return number;
}

Result<Page> page_in(const model::Meta& args) {
    constexpr std::uint64_t rows_most = 10'000;
    if (!model::text_in(args, "limit"))
        return Page{};
    const auto limit = model::number_in(args, "limit");
    if (!limit || *limit == 0 || *limit > rows_most)
        return fail(ErrorKind::malformed, "bad_limit", "'limit' is a whole number from 1 to 10000", "limit");
    Page page;
    page.rows_max = *limit;
    return page;
}

Result<QueryAnswer> answer_query(Core& core, const Intake& intake, const Running& running, const std::string& what,
                                 const model::Meta& args, model::Instant now) {
    if (what == "status")
        return status(core, intake, running, now);
    if (what == "alerts")
        return list_alerts(core, args);
    if (what == "explain")
        return text_answer(explain(core, question_in(args), {now, now}));
    if (what == "timeline")
        return text_answer(timeline(core, question_in(args), {now, now}));
    if (what == "quarantine")
        return list_shelf(core.shelf(), args);
    if (what == "quarantine_groups")
        return list_shelf_groups(core.shelf(), args);
    if (what == "monitor_status")
        return monitor_status(core, args, now);
    if (what == "codes")
        return codes(intake, args);
    if (what == "monitors")
        return monitors_of(core);
    return fail(ErrorKind::malformed, "unknown_query",
                "'" + what +
                    "' is no query: status, alerts, timeline, explain, quarantine, quarantine_groups, codes, "
                    "monitors or monitor_status");
}

} // namespace bonewatch::daemon
