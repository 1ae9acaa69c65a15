#include "daemon/intake.h"

#include "ingest/json.h"
#include "store/model/json_writer.h"

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

} // namespace

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

std::string IntakeCounts::json(double seconds) const {
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
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", seconds);
    json.raw("seconds", text);
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
                                             const ingest::Publisher& publisher, model::Instant now) {
    ingest::EventOutcome out;
    out.type = decoded.kind.substr(0, decoded.kind.find(' '));
    out.id = id_in(decoded.raw);
    out.outcome = outcome_of(error);
    out.reason = error.reason;
    out.place = error.place;
    out.message = error.kind == model::ErrorKind::not_used ? "" : error.message;
    out.warnings = decoded.warnings;
    counts_.count(error);
    if (error.kind == model::ErrorKind::not_used && (not_used_.contains(decoded.kind) || not_used_.size() < kinds_max))
        ++not_used_[decoded.kind];
    if (error.kind != model::ErrorKind::unusable)
        return out;
    model::JsonWriter json;
    json.begin_object();
    json.text("received_at", model::to_text(now));
    json.text("publisher", publisher.id.text);
    json.text("kind", decoded.kind);
    json.text("reason", error.reason);
    json.text("place", error.place);
    json.text("message", error.message);
    json.text("raw", decoded.raw);
    json.end_object();
    auto number = core_.shelve(json.take());
    if (!number)
        return std::unexpected(number.error());
    return out;
}

Result<ingest::MessageResult> Intake::take(std::string_view text, ingest::Format format,
                                           const ingest::Publisher& publisher, bool is_backfill, model::Instant now) {
    ++counts_.messages;
    std::vector<ingest::Decoded> decoded = ingest::decode(format, text, publisher, core_.revision().vocabulary, now);
    ingest::MessageResult result;
    Message message;
    message.is_backfill = is_backfill;
    std::vector<std::size_t> places; ///< Of the message's events among what was decoded.
    result.outcomes.resize(decoded.size());
    bool any_kept = false;
    const model::Error* first_error = nullptr;
    for (std::size_t i = 0; i < decoded.size(); ++i) {
        if (const auto* error = std::get_if<model::Error>(&decoded[i].outcome)) {
            auto outcome = refused(decoded[i], *error, publisher, now);
            if (!outcome)
                return std::unexpected(outcome.error());
            any_kept = any_kept || outcome->outcome != "rejected";
            first_error = first_error == nullptr ? error : first_error;
            result.outcomes[i] = std::move(*outcome);
            continue;
        }
        auto& event = std::get<model::Event>(decoded[i].outcome);
        result.outcomes[i].type = model::type_word(event);
        result.outcomes[i].id = event.key.id.text;
        result.outcomes[i].warnings = decoded[i].warnings;
        places.push_back(i);
        message.events.push_back({std::move(event), decoded[i].raw});
    }
    auto outcomes = core_.admit(message, now);
    if (!outcomes)
        return std::unexpected(outcomes.error());
    for (std::size_t i = 0; i < places.size(); ++i) {
        ingest::EventOutcome& outcome = result.outcomes[places[i]];
        any_kept = true;
        if ((*outcomes)[i]) {
            outcome.outcome = store::to_text(*(*outcomes)[i]);
            counts_.count(outcome.outcome);
            continue;
        }
        auto kept = refused(decoded[places[i]], (*outcomes)[i].error(), publisher, now);
        if (!kept)
            return std::unexpected(kept.error());
        kept->type = outcome.type;
        kept->id = outcome.id;
        outcome = std::move(*kept);
    }
    result.is_stored = any_kept;
    if (any_kept) {
        result.position =
            message.events.empty() ? "quarantine-" + std::to_string(core_.shelved_count()) : core_.last_position();
    } else {
        result.reason = first_error != nullptr ? first_error->reason : "empty";
        result.message = first_error != nullptr ? first_error->message : "the message holds no event";
    }
    return result;
}

} // namespace bonewatch::daemon
