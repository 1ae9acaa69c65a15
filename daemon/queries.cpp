#include "daemon/queries.h"

#include "daemon/patient_name.h"
#include "daemon/render.h"
#include "store/keys.h"
#include "store/model/json_writer.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;
using store::Table;

constexpr std::size_t rows_default = 1000;
constexpr std::size_t kinds_shown = 30;

std::size_t limit_in(const model::Meta& args) {
    return model::number_in(args, "limit").value_or(rows_default);
}

Result<QueryAnswer> status(Core& core, const Intake& intake, model::Instant now) {
    const FoldStats stats = core.stats();
    auto next = core.next_timer();
    if (!next)
        return std::unexpected(next.error());
    model::JsonWriter json;
    json.begin_object();
    json.text("now", model::to_text(now));
    json.text("revision", core.revision().id);
    json.number("monitors", static_cast<std::int64_t>(core.revision().catalogue->monitors().size()));
    json.raw("intake", intake.counts().json(0));
    json.number("records", static_cast<std::int64_t>(stats.records));
    json.number("timers_fired", static_cast<std::int64_t>(stats.timers));
    json.number("evaluations", static_cast<std::int64_t>(stats.evaluations));
    json.number("feed_entries", static_cast<std::int64_t>(stats.entries));
    json.number("quarantine", static_cast<std::int64_t>(core.shelved_count()));
    json.text("next_timer", *next == monitors::never ? "none" : model::to_text(*next));
    std::vector<std::pair<std::uint64_t, std::string>> kinds;
    for (const auto& [kind, count] : intake.not_used())
        kinds.emplace_back(count, kind);
    std::ranges::sort(kinds, std::greater<>());
    json.begin_object("not_used");
    for (std::size_t i = 0; i < std::min(kinds.size(), kinds_shown); ++i)
        json.number(kinds[i].second, static_cast<std::int64_t>(kinds[i].first));
    json.end_object();
    json.end_object();
    return QueryAnswer{"{}", {json.take()}};
}

/// The feed entry that last said something of an alert: the alert as it now stands.
Result<std::string> last_entry(const Core& core, store::Partition partition, std::uint64_t position) {
    auto entry = core.store().get(Table::feed, store::position_key(partition, position));
    if (!entry)
        return std::unexpected(entry.error());
    return entry->value_or("");
}

Result<QueryAnswer> alerts_of(Core& core, const model::Meta& args) {
    const auto wanted_id = model::text_in(args, "id");
    const auto wanted_monitor = model::text_in(args, "monitor");
    const bool is_all = wanted_id || model::text_in(args, "state").value_or("open") == "all";
    std::string from;
    std::string to;
    if (const auto text = model::text_in(args, "patient")) {
        auto number = find_patient(core.directory(), *text, model::text_in(args, "publisher").value_or(""));
        if (!number)
            return std::unexpected(number.error());
        from = store::patient_key(store::partition_of(*number), *number);
        to = store::after_prefix(from);
    }
    const std::size_t limit = limit_in(args);
    std::vector<std::pair<store::Partition, std::uint64_t>> found;
    auto scanned = core.store().scan(Table::alerts, from, to, [&](std::string_view key, std::string_view value) {
        const auto parsed = store::parse_alert_key(key);
        const auto alert = alerts::decode_alert(value);
        if (!parsed || !alert || alert->entry == 0)
            return true;
        if (wanted_id && alert->id != *wanted_id)
            return true;
        if (wanted_monitor && parsed->monitor.text != *wanted_monitor)
            return true;
        if (is_all || alert->state == alerts::AlertState::open)
            found.emplace_back(parsed->partition, alert->entry);
        return found.size() < limit;
    });
    if (!scanned)
        return std::unexpected(scanned.error());
    if (wanted_id && found.empty())
        return fail(ErrorKind::not_found, "no_alert", "no alert has the id " + *wanted_id);
    QueryAnswer out;
    for (const auto& [partition, position] : found) {
        auto entry = last_entry(core, partition, position);
        if (!entry)
            return std::unexpected(entry.error());
        out.bodies.push_back(std::move(*entry));
    }
    return out;
}

Result<PatientState*> patient_in(Core& core, const model::Meta& args) {
    auto number = find_patient(core.directory(), model::text_in(args, "patient").value_or(""),
                               model::text_in(args, "publisher").value_or(""));
    if (!number)
        return std::unexpected(number.error());
    return core.patient(*number);
}

Result<QueryAnswer> explain(Core& core, const model::Meta& args, model::Instant now) {
    auto patient = patient_in(core, args);
    if (!patient)
        return std::unexpected(patient.error());
    model::Instant at = now;
    if (const auto text = model::text_in(args, "at")) {
        auto parsed = model::parse_instant(*text);
        if (!parsed)
            return std::unexpected(parsed.error());
        at = *parsed;
    }
    if (at > now)
        return fail(ErrorKind::refused, "ahead", "the future is not known; the answer names when it could change next");
    auto text = explain_patient(**patient, model::text_in(args, "monitor"), at, now);
    if (!text)
        return std::unexpected(text.error());
    return QueryAnswer{"{}", {std::move(*text)}};
}

Result<QueryAnswer> quarantine(Core& core, const model::Meta& args) {
    const auto wanted = model::number_in(args, "number");
    const std::size_t limit = limit_in(args);
    QueryAnswer out;
    auto scanned = core.store().scan(Table::quarantine, store::quarantine_key(wanted.value_or(1)), "",
                                     [&](std::string_view key, std::string_view value) {
                                         const auto number = store::parse_quarantine_key(key);
                                         if (!number || (wanted && *number != *wanted))
                                             return false;
                                         out.bodies.push_back("{\"number\":" + std::to_string(*number) + "," +
                                                              std::string(value.substr(1)));
                                         return out.bodies.size() < limit;
                                     });
    if (!scanned)
        return std::unexpected(scanned.error());
    if (wanted && out.bodies.empty())
        return fail(ErrorKind::not_found, "no_such_number", "nothing in quarantine has that number");
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

Result<QueryAnswer> answer_query(Core& core, const Intake& intake, const std::string& what, const model::Meta& args,
                                 model::Instant now) {
    if (what == "status")
        return status(core, intake, now);
    if (what == "alerts" || what == "alert")
        return alerts_of(core, args);
    if (what == "explain")
        return explain(core, args, now);
    if (what == "quarantine")
        return quarantine(core, args);
    if (what == "monitors")
        return monitors_of(core);
    if (what == "timeline") {
        auto patient = patient_in(core, args);
        if (!patient)
            return std::unexpected(patient.error());
        return QueryAnswer{"{}", {timeline_text(**patient)}};
    }
    return fail(ErrorKind::malformed, "unknown_query",
                "'" + what + "' is no query: status, alerts, alert, timeline, explain, quarantine or monitors");
}

} // namespace bonewatch::daemon
