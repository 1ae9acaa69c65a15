#include "ingest/native.h"

#include "config/nearest.h"
#include "ingest/codes.h"
#include "ingest/identity.h"
#include "ingest/native_body.h"
#include "ingest/native_fields.h"
#include "ingest/native_origins.h"
#include "store/model/promotion.h"

#include <algorithm>
#include <array>
#include <span>

namespace bonewatch::ingest {

namespace {

using model::ClinicalTime;
using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::Result;

using Warnings = std::vector<std::string>;
using Words = std::span<const std::string_view>;

template <typename T>
std::unexpected<Error> passed_on(Result<T>& failed) {
    return std::unexpected(std::move(failed.error()));
}

/// The keys that lines of every type may carry, those of all but some, and each type's own.
constexpr std::array<std::string_view, 6> common_keys{"type", "patient", "at", "version", "publisher", "attributes"};
constexpr std::string_view id_key = "id";             ///< A patient's line has its identifier.
constexpr std::string_view recorded_key = "recorded"; ///< Of a replay; a door knows for itself.
constexpr std::array<std::string_view, 5> result_keys{"code", "value", "unit", "status", "range"};
constexpr std::array<std::string_view, 7> supply_keys{"drug", "route", "strength", "daily_dose",
                                                      "days", "basis", "fulfils"};
constexpr std::array<std::string_view, 2> stop_keys{"drug", "route"};
constexpr std::array<std::string_view, 4> administration_keys{"drug", "route", "dose", "fulfils"};
constexpr std::array<std::string_view, 2> condition_keys{"code", "until"};
constexpr std::array<std::string_view, 1> procedure_keys{"code"};
constexpr std::array<std::string_view, 5> patient_keys{"sex", "born", "died", "practice", "registered"};
constexpr std::array<std::string_view, 1> retraction_keys{"of"};
constexpr std::array<std::string_view, 1> merge_keys{"from"};

struct TypeRow {
    std::string_view word;
    LineType type;
    Words keys;
};
constexpr std::array<TypeRow, 10> types{{{"result", LineType::result, result_keys},
                                         {"supply", LineType::supply, supply_keys},
                                         {"stop", LineType::stop, stop_keys},
                                         {"administration", LineType::administration, administration_keys},
                                         {"condition", LineType::condition, condition_keys},
                                         {"procedure", LineType::procedure, procedure_keys},
                                         {"patient", LineType::patient, patient_keys},
                                         {"retraction", LineType::retraction, retraction_keys},
                                         {"merge", LineType::merge, merge_keys},
                                         {"unmerge", LineType::retraction, retraction_keys}}};
constexpr std::array<std::string_view, 2> later_types{"command", "revision"};

void warn_of_unknown_keys(const Json& line, const TypeRow& type, const MessageContext& context, Warnings& warnings) {
    std::vector<std::string> known(common_keys.begin(), common_keys.end());
    known.insert(known.end(), type.keys.begin(), type.keys.end());
    if (type.type != LineType::patient)
        known.emplace_back(id_key);
    if (context.publisher.is_file)
        known.emplace_back(recorded_key);
    for (const auto& [key, value] : line.members) {
        if (std::ranges::find(known, key) != known.end())
            continue;
        const std::string shown(key.substr(0, 80));
        if (key == id_key)
            warnings.emplace_back("unknown_key: 'id' is not read: a patient's line is known by its identifier");
        else if (key == recorded_key)
            warnings.emplace_back("unknown_key: 'recorded' is not read: it is recorded when it arrives");
        else
            warnings.push_back("unknown_key: '" + shown + "' is not read" + config::did_you_mean(shown, known));
    }
}

/// Whose fact it is: the connection's publisher, for whom nobody else may speak; a file's lines may name theirs.
Result<model::PublisherId> read_publisher(const Json& line, const Publisher& publisher) {
    const Json* named = line.find("publisher");
    if (named == nullptr)
        return publisher.id;
    if (!named->is_string() || !is_publisher_name(named->text))
        return refuse_field("publisher", "bad_publisher",
                            "'publisher' is 1 to 64 printable ASCII characters without spaces");
    if (!publisher.is_file && named->text != publisher.id.text)
        return refuse_field("publisher", "other_publisher",
                            "the connection publishes for '" + publisher.id.text +
                                "'; what another publisher knows comes over a connection of its own");
    return model::PublisherId(std::string(named->text));
}

Result<std::map<std::string, std::string>> read_attributes(const Json& line) {
    std::map<std::string, std::string> out;
    const Json* attributes = line.find("attributes");
    if (attributes == nullptr)
        return out;
    bool is_plain = attributes->is_object() && attributes->members.size() <= 32;
    for (const auto& [key, value] : attributes->members) {
        is_plain = is_plain && !key.empty() && key.size() <= 64 && value.text.size() <= 256 && !value.is_array() &&
                   !value.is_object() && value.kind != JsonKind::null;
        if (is_plain)
            out.emplace(key, value.text);
    }
    if (!is_plain)
        return refuse_field("attributes", "bad_field",
                            "'attributes' holds at most 32 names with a text, number or boolean each");
    return out;
}

/// Reads key, patient and version first: they are known also where the rest cannot be used.
Result<void> read_event(const Json& line, const TypeRow& type, const MessageContext& context, Event& event,
                        Warnings& warnings) {
    auto publisher = read_publisher(line, context.publisher);
    if (!publisher)
        return passed_on(publisher);
    event.key.publisher = std::move(*publisher);

    const bool is_patient = type.type == LineType::patient;
    const bool is_retraction = type.type == LineType::retraction;
    if (!is_patient) {
        auto id = required_text(line, "id");
        if (!id)
            return passed_on(id);
        event.key.id = FactId(std::string(*id));
    }
    auto version = optional_version(line, "version");
    if (!version)
        return passed_on(version);
    event.version = version->value_or(model::Version{{1}});

    auto patient = required_text(line, "patient");
    if (!patient)
        return passed_on(patient);
    auto identifier = read_identifier(*patient);
    if (!identifier)
        return at_field("patient", std::move(identifier.error()));
    event.patient = std::move(*identifier);
    if (is_patient)
        event.key.id = FactId(model::to_text(event.patient));

    auto at = optional_time(line, "at", context, warnings);
    if (!at && is_retraction) {
        // A fact known to be wrong must go, whatever was written about when.
        warnings.push_back(at.error().reason + ": " + at.error().message + "; the retraction holds all the same");
        at = std::optional<ClinicalTime>();
    }
    if (!at)
        return passed_on(at);
    if (!*at && !is_patient && !is_retraction && type.type != LineType::merge)
        return refuse_field("at", "missing_time", "a fact needs the time at which it was true of the patient, 'at'");
    event.at = at->value_or(ClinicalTime{});

    if (is_patient && *at && !*version)
        event.version = {{event.at.instant.time_since_epoch().count()}};

    auto attributes = read_attributes(line);
    if (!attributes)
        return passed_on(attributes);
    event.attributes = std::move(*attributes);
    if (is_retraction) // These are ours to say.
        for (const char* own : {model::doubt_attribute, model::promotion_attribute})
            event.attributes.erase(own);

    auto body = read_body(line, type.type, context, warnings);
    if (!body)
        return passed_on(body);
    event.body = std::move(*body);
    if (const auto* merge = std::get_if<model::MergeEvent>(&event.body); merge && merge->from == event.patient)
        return std::unexpected(Error{ErrorKind::not_used, "same_patient",
                                     "a merge names two patients; 'from' and 'patient' are the same one", "$.from"});
    if (std::ranges::find(model::orders_of(event), event.key.id) != model::orders_of(event).end())
        return refuse_field("fulfils", "bad_field", "nothing fulfils itself: 'fulfils' names the order");
    const auto* condition = std::get_if<model::ConditionEvent>(&event.body);
    if (condition != nullptr && condition->until && is_before(*condition->until, event.at))
        return refuse_field("until", "bad_time", "'until' is before 'at': it cannot have ended before it began");
    return {};
}

/// What a line of a fact that cannot be used, or concerns nothing that is watched, does to the fact's older versions.
/// `event`: as far as it was read.
std::optional<Overtaking> overtaking(Event event, const Json& line, const Error& error) {
    const bool is_stated = line.find("version") != nullptr;
    // What cannot be used is sent again, under the same version where none is stated.
    const bool is_known = !event.key.id.empty() && error.reason != "bad_version";
    if (!is_known || (!is_stated && error.kind != ErrorKind::not_used))
        return std::nullopt;
    const FactId fact = event.key.id;
    event.key.id = FactId(fact.text + "#" + error.reason);
    event.attributes.clear();
    if (!is_stated || error.kind != ErrorKind::not_used)
        event.attributes.emplace(model::doubt_attribute, error.reason);
    event.body = model::RetractionEvent{fact, is_stated ? event.version : model::just_above(event.version)};
    return Overtaking{std::move(event), false, is_stated};
}

/// What a line that cannot be used was to be.
Meant meant_by(const Json& line, const MessageContext& context) {
    Meant meant;
    if (auto patient = read_identifier(line.text_of("patient")))
        meant.patient = std::move(*patient);
    for (const std::string_view key : {"code", "drug"}) {
        const Json* code = line.find(key);
        if (code == nullptr)
            continue;
        if (code->is_string() && kind_of(context.vocabulary, model::CodeId(std::string(code->text))))
            meant.code = model::CodeId(std::string(code->text));
        else if (const auto* meaning = context.meaning(code->text_of("system"), code->text_of("code")))
            meant.code = meaning->id;
    }
    Warnings unheard;
    if (const auto at = optional_time(line, "at", context, unheard); at && *at)
        meant.at = **at;
    return meant;
}

/// What a line is about, for counting, also where it cannot be used: `result tsh`.
std::string kind_text(std::string_view type, const Json& line) {
    std::string kind(type);
    for (const std::string_view key : {"code", "drug"}) {
        const Json* code = line.find(key);
        if (code == nullptr)
            continue;
        if (code->is_string())
            kind.append(" ").append(code->text.substr(0, 80));
        else
            kind.append(" ")
                .append(code->text_of("system").substr(0, 120))
                .append("|")
                .append(code->text_of("code").substr(0, 80));
    }
    return kind;
}

} // namespace

Decoded decode_native(const Json& line, const MessageContext& context) {
    const auto word = line.text_of("type");
    Decoded decoded{Error{}, {}, kind_text(word.substr(0, 40), line), {}, std::nullopt};
    const auto refuse = [&](ErrorKind kind, std::string reason, std::string message) {
        decoded.outcome = Error{kind, std::move(reason), std::move(message), "$.type"};
        if (kind == ErrorKind::unusable)
            decoded.meant = meant_by(line, context);
        return std::move(decoded);
    };
    if (std::ranges::find(later_types, word) != later_types.end())
        return refuse(ErrorKind::unusable, "not_supported_yet",
                      "'" + std::string(word) + "' lines are kept but not acted on yet; send them again once they are");
    const auto type = std::ranges::find(types, word, &TypeRow::word);
    if (type == types.end()) {
        std::vector<std::string> known;
        for (const auto& row : types)
            known.emplace_back(row.word);
        return refuse(ErrorKind::malformed, "unknown_type",
                      word.empty() ? "'type' is missing: every line says what it is"
                                   : "'" + std::string(word.substr(0, 40)) + "' is no type of event" +
                                         config::did_you_mean(word.substr(0, 40), known));
    }
    if (context.publisher.is_file) {
        auto recorded = optional_time(line, recorded_key, context, decoded.warnings);
        if (!recorded) {
            decoded.outcome = std::move(recorded.error());
            return decoded;
        }
        if (*recorded)
            decoded.recorded = (*recorded)->instant;
    }
    Event event;
    if (auto read = read_event(line, *type, context, event, decoded.warnings); !read) {
        if (type->type != LineType::patient && type->type != LineType::retraction)
            decoded.overtaking = overtaking(event, line, read.error());
        if (read.error().kind == ErrorKind::unusable)
            decoded.meant = meant_by(line, context);
        decoded.outcome = std::move(read.error());
    } else {
        if (const auto* code = model::code_of(event))
            decoded.kind = std::string(word) + " " + code->text;
        decoded.outcome = std::move(event);
    }
    warn_of_unknown_keys(line, *type, context, decoded.warnings);
    if (context.is_explained)
        decoded.origins = native_origins(line, std::get_if<Event>(&decoded.outcome), context);
    return decoded;
}

} // namespace bonewatch::ingest
