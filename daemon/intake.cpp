#include "daemon/intake.h"

#include "daemon/standing_above.h"
#include "daemon/unmet_correction.h"
#include "ingest/json.h"
#include "ingest/lines.h"
#include "store/model/json_writer.h"
#include "store/model/promotion.h"

#include <algorithm>
#include <cstdio>

namespace bonewatch::daemon {

namespace {

using model::Result;
using store::Outcome;

/// Distinct kinds counted; a feed of garbage must not grow the table without bound.
constexpr std::size_t kinds_max = 4096;

/// The publisher's own id of what could not be used, for matching the refusal with it; empty where it says none.
std::string id_in(std::string_view raw) {
    constexpr std::size_t id_bytes_max = 256;
    const auto parsed = ingest::parse_json(raw, {.bytes_max = raw.size()});
    if (!parsed)
        return {};
    const std::string_view id = parsed->root.text_of("id");
    const std::string_view resource = parsed->root.text_of("resourceType");
    if (id.empty() || id.size() > id_bytes_max)
        return {};
    return (resource.empty() ? "" : std::string(resource) + "/") + std::string(id);
}

/// Lines of a native message, each of them one event at most.
std::size_t line_count(std::string_view text) {
    std::size_t count = 0;
    for (ingest::Lines lines(text); lines.next();)
        ++count;
    return count;
}

/// Events, and what is kept instead of one: all that a commit has to carry.
std::size_t kept_count(const std::vector<ingest::Decoded>& decoded) {
    return static_cast<std::size_t>(std::ranges::count_if(decoded, [](const ingest::Decoded& one) {
        const auto* error = std::get_if<model::Error>(&one.outcome);
        return error == nullptr || error->kind == model::ErrorKind::unusable ||
               (one.overtaking && one.overtaking->is_remembered);
    }));
}

/// What it was to be. `event`: as it was admitted, or what stands for it.
ingest::Meant meant_by(const ingest::Decoded& decoded, const model::Event* event) {
    ingest::Meant meant = decoded.meant;
    if (event == nullptr)
        return meant;
    if (!event->patient.system.empty())
        meant.patient = event->patient;
    if (const model::CodeId* code = model::code_of(*event)) {
        meant.code = *code;
        meant.at = event->at;
    }
    return meant;
}

/// Where a field of what is explained was read, or what it says instead of an event.
std::string place_of(const ingest::Decoded& explained, std::string_view field) {
    if (const auto* error = std::get_if<model::Error>(&explained.outcome))
        return error->place;
    const auto origin = std::ranges::find(explained.origins, field, &ingest::Origin::field);
    return origin == explained.origins.end() ? std::string() : origin->place;
}

} // namespace

std::optional<Incoming> incoming_of(ingest::Decoded& decoded) {
    if (auto* event = std::get_if<model::Event>(&decoded.outcome)) {
        const bool is_for_known_fact = model::is_promotion(*event);
        return Incoming{std::move(*event), decoded.raw, is_for_known_fact, decoded.reaches_parts};
    }
    auto& over = decoded.overtaking;
    if (!over)
        return std::nullopt;
    return Incoming{std::move(over->event), decoded.raw, !over->is_remembered, decoded.reaches_parts};
}

void IntakeCounts::count(std::string_view outcome) {
    ++records;
    if (outcome == "applied")
        ++applied;
    else if (outcome == "duplicate")
        ++duplicate;
    else if (outcome == "superseded")
        ++superseded;
    else if (outcome == "disputed")
        ++disputed;
    else if (outcome == "not_used")
        ++not_used;
    else if (outcome == "quarantined")
        ++quarantined;
    else
        ++rejected;
}

void IntakeCounts::count(Outcome outcome) {
    count(store::to_text(outcome));
}
void IntakeCounts::count(const model::Error& error) {
    count(outcome_of(error));
}

std::string IntakeCounts::json(std::optional<double> seconds) const {
    model::JsonWriter json;
    json.begin_object();
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, std::uint64_t>>{{"messages", messages},
                                                                      {"records", records},
                                                                      {"applied", applied},
                                                                      {"duplicate", duplicate},
                                                                      {"superseded", superseded},
                                                                      {"disputed", disputed},
                                                                      {"not_used", not_used},
                                                                      {"quarantined", quarantined},
                                                                      {"rejected", rejected}})
        json.number(name, static_cast<std::int64_t>(value));
    if (seconds) {
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", *seconds);
        json.raw("seconds", text);
    }
    json.end_object();
    return json.take();
}

std::string_view outcome_of(const model::Error& error) {
    switch (error.kind) {
    case model::ErrorKind::not_used:
        return "not_used";
    case model::ErrorKind::unusable:
        return "quarantined";
    default:
        return "rejected";
    }
}

Result<ingest::EventOutcome> Intake::refused(const ingest::Decoded& decoded, const model::Error& error,
                                             const model::Event* event, const Arrival& arrival) {
    const ingest::Publisher& publisher = arrival.publisher;
    ingest::EventOutcome out;
    out.type = decoded.kind.substr(0, decoded.kind.find(' '));
    out.id = id_in(decoded.raw);
    out.outcome = outcome_of(error);
    out.reason = error.reason;
    out.place = error.place;
    out.message = error.kind == model::ErrorKind::not_used ? "" : error.message;
    out.warnings = decoded.warnings;
    counts_.count(error);
    unmapped_.note(publisher.id, error, arrival.now);
    if (error.kind != model::ErrorKind::not_used)
        note_trouble(out.outcome, publisher, error.reason);
    if (error.kind != model::ErrorKind::unusable)
        return out;
    auto number = core_.shelve(shelved(decoded, error, event, arrival), arrival.text);
    if (!number)
        return std::unexpected(number.error());
    last_shelved_ = *number;
    return out;
}

ShelvedRow Intake::shelved(const ingest::Decoded& decoded, const model::Error& error, const model::Event* event,
                           const Arrival& arrival) const {
    ShelvedRow row;
    row.received_at = model::to_text(arrival.now);
    row.publisher = arrival.publisher.id.text;
    row.format = ingest::to_text(arrival.format);
    row.is_backfill = arrival.is_backfill;
    row.kind = decoded.kind;
    row.id = id_in(decoded.raw);
    note_why(row, decoded.raw, error);
    const ingest::Meant meant = meant_by(decoded, event);
    note_meant(row, meant);
    if (meant.patient)
        row.patient = hex_of(core_.directory().digest_of(arrival.publisher.id, *meant.patient));
    row.raw = decoded.raw;
    return row;
}

Result<void> Intake::save_unmapped() {
    store::WriteBatch batch;
    unmapped_.save(batch);
    return batch.empty() ? Result<void>() : core_.store().commit(batch);
}

void Intake::note_trouble(std::string_view what, const ingest::Publisher& publisher, std::string_view reason) {
    std::string text = "event=" + std::string(what) + " publisher=" + publisher.id.text;
    if (!reason.empty())
        text += " reason=" + std::string(reason);
    if (troubles_.contains(text) || troubles_.size() < kinds_max)
        ++troubles_[text];
}

ingest::MessageResult Intake::too_many_events(std::size_t count, const ingest::Publisher& publisher) {
    counts_.count("rejected");
    note_trouble("rejected", publisher, "too_many_events");
    ingest::MessageResult result;
    result.reason = "too_many_events";
    result.message = "The message holds " + std::to_string(count) + " events; one may hold " +
                     std::to_string(limits_.events_max) + ". Send it in several messages.";
    return result;
}

Result<ingest::MessageResult> Intake::take(std::string_view text, ingest::Format format,
                                           const ingest::Publisher& publisher, bool is_backfill, model::Instant now) {
    ++counts_.messages;
    if (format == ingest::Format::native)
        if (const std::size_t lines = line_count(text); lines > limits_.events_max)
            return too_many_events(lines, publisher);
    std::vector<ingest::Decoded> decoded = ingest::decode(format, text, publisher, core_.revision().vocabulary, now);
    const std::size_t kept = kept_count(decoded);
    if (kept > limits_.events_max)
        return too_many_events(kept, publisher);
    if (core_.pending_events() + kept > limits_.events_max)
        if (auto ok = core_.commit(); !ok)
            return std::unexpected(ok.error());
    ingest::MessageResult result;
    Message message;
    message.is_backfill = is_backfill;
    std::vector<std::size_t> places; ///< Of the message's events among what was decoded.
    result.outcomes.resize(decoded.size());
    bool any_kept = false;
    bool any_journalled = false;
    last_shelved_ = 0;
    const model::Error* first_error = nullptr;
    const Arrival arrival{text, format, publisher, is_backfill, now};
    const auto refuse = [&](std::size_t i, const model::Error& error, const model::Event* event) -> Result<void> {
        auto outcome = refused(decoded[i], error, event, arrival);
        if (!outcome)
            return std::unexpected(outcome.error());
        any_kept = any_kept || outcome->outcome != "rejected";
        result.outcomes[i] = std::move(*outcome);
        return {};
    };
    for (std::size_t i = 0; i < decoded.size(); ++i) {
        const auto* error = std::get_if<model::Error>(&decoded[i].outcome);
        first_error = first_error == nullptr ? error : first_error;
        if (auto incoming = incoming_of(decoded[i])) {
            places.push_back(i);
            message.events.push_back(std::move(*incoming));
            continue;
        }
        if (auto ok = refuse(i, *error, nullptr); !ok)
            return std::unexpected(ok.error());
    }
    auto outcomes = core_.admit(message, now);
    if (!outcomes)
        return std::unexpected(outcomes.error());
    std::vector<ingest::Decoded> explained; ///< The same again, only where a place is to be told.
    const auto tell_place = [&](std::size_t i, std::string_view field) {
        if (explained.empty())
            explained = ingest::decode(format, text, publisher, core_.revision().vocabulary, now, true);
        result.outcomes[i].place = place_of(explained[i], field);
    };
    for (std::size_t at = 0; at < places.size(); ++at) {
        const std::size_t i = places[at];
        const auto& admitted = (*outcomes)[at];
        const model::Event& event = message.events[at].event;
        const auto* error = std::get_if<model::Error>(&decoded[i].outcome);
        any_journalled = any_journalled || admitted;
        const bool is_disputed = admitted && *admitted == Outcome::disputed;
        if (is_disputed)
            note_trouble("disputed", publisher, {});
        // What stands above older versions is told of as it was read, unless it changed what stands.
        const bool is_told_as_read =
            error != nullptr && (error->kind != model::ErrorKind::not_used || !admitted || *admitted == Outcome::kept);
        ingest::EventOutcome& outcome = result.outcomes[i];
        if (is_told_as_read) {
            if (auto ok = refuse(i, *error, &event); !ok)
                return std::unexpected(ok.error());
            if (is_disputed)
                outcome.message += "; until it can be, the version before it counts as unknown";
            continue;
        }
        if (!admitted) {
            if (auto ok = refuse(i, admitted.error(), &event); !ok)
                return std::unexpected(ok.error());
            if (outcome.place.empty())
                tell_place(i, admitted.error().reason == "identity_conflict" ? "patient" : "id");
        }
        outcome.type = model::type_word(event);
        outcome.id = event.key.id.text;
        outcome.warnings = decoded[i].warnings;
        if (!admitted)
            continue;
        any_kept = true;
        outcome.outcome = store::to_text(*admitted);
        if (const auto& corrects = decoded[i].corrects) {
            const auto meant = other_than_corrected(core_, event, *admitted, *corrects, message);
            if (!meant)
                return std::unexpected(meant.error());
            if (*meant) {
                note_trouble("correction_unmatched", publisher, {});
                outcome.warnings.push_back("correction_unmatched: nobody has the result that it corrects, and its "
                                           "order has another of that analyte, " +
                                           (*meant)->id.text + ": if that was meant, it still stands");
                outcome.place = corrects->place;
            }
        }
        counts_.count(outcome.outcome);
        // What is said of a person in passing comes below what is known in normal operation.
        const bool is_superseded =
            *admitted == Outcome::superseded && !std::holds_alternative<model::PatientEvent>(event.body);
        const bool is_no_number = std::ranges::any_of(
            outcome.warnings, [](const std::string& warning) { return warning.starts_with("value_type_mismatch"); });
        if (is_superseded || is_disputed)
            tell_place(i, "id");
        else if (is_no_number && outcome.place.empty())
            tell_place(i, "value");
        if (is_superseded) {
            auto why = why_superseded(core_, event);
            if (!why)
                return std::unexpected(why.error());
            outcome.message = std::move(*why);
        }
        if (error != nullptr)
            unmapped_.note(publisher.id, *error, now);
    }
    result.is_stored = any_kept;
    if (any_kept) {
        result.position = any_journalled      ? core_.last_position()
                          : last_shelved_ > 0 ? "quarantine-" + std::to_string(last_shelved_)
                                              : "none";
    } else {
        result.reason = first_error != nullptr ? first_error->reason : "empty_body";
        result.message = first_error != nullptr ? first_error->message : "The body is empty.";
    }
    return result;
}

} // namespace bonewatch::daemon
