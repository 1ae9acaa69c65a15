#include "daemon/permit.h"

#include <algorithm>
#include <array>

namespace bonewatch::daemon {

namespace {

using config::ClientKey;
using config::Role;
using model::Command;

constexpr std::array<std::pair<std::string_view, DoorName>, 4> door_words{
    {{"ingest", DoorName::ingest}, {"feed", DoorName::feed}, {"command", DoorName::command}, {"tail", DoorName::tail}}};

/// Questions about how the daemon does, and about patients; all others are for operators.
constexpr std::array<std::string_view, 3> common_questions{"status", "monitors", "monitor_status"};
constexpr std::array<std::string_view, 3> clinical_questions{"alerts", "timeline", "explain"};
/// What people do with alerts; all other commands, `dismiss` from quarantine among them, are for operators.
constexpr std::array<std::string_view, 4> clinical_commands{"acknowledge", "assign", "snooze", "resolve"};

bool is_among(const auto& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

std::unexpected<model::Error> refused(std::string reason, std::string message) {
    return model::fail(model::ErrorKind::refused, std::move(reason), std::move(message));
}

model::Result<void> needs(const ClientKey& client, Role role, std::string_view deed) {
    if (client.has(role))
        return {};
    return refused("not_allowed", "The key of '" + client.name + "' may not " + std::string(deed) +
                                      ": it has not the role " + std::string(word_of(role)) +
                                      ". Ask those who run the daemon.");
}

model::Result<void> permit_ingest(const ClientKey& client, Command command, std::string_view meta) {
    if (command != Command::hello && command != Command::publish)
        return {};
    if (auto allowed = needs(client, Role::publisher, "publish"); !allowed || command == Command::publish)
        return allowed;
    const auto publisher = model::text_in(model::read_meta(meta).value_or(model::Meta{}), "publisher").value_or("");
    if (publisher.empty() || client.may_speak_for(publisher))
        return {}; // The door asks for a name where there is none.
    return refused("other_publisher", "The key of '" + client.name + "' does not speak for the publisher '" +
                                          publisher.substr(0, 64) +
                                          "'. Publish under a name that is among the key's sources.");
}

model::Result<void> permit_feed(const ClientKey& client, Command command, std::string_view meta) {
    if (command != Command::subscribe && command != Command::commit && command != Command::credit)
        return {};
    if (auto allowed = needs(client, Role::subscriber, "subscribe"); !allowed || command != Command::subscribe)
        return allowed;
    const auto consumer = model::text_in(model::read_meta(meta).value_or(model::Meta{}), "consumer").value_or("");
    if (consumer.empty() || client.may_subscribe_as(consumer))
        return {};
    return refused("other_consumer", "The key of '" + client.name + "' does not subscribe as '" +
                                         consumer.substr(0, 64) + "'. Use a name that is among the key's consumers.");
}

model::Result<void> permit_command(const ClientKey& client, Command command, std::string_view meta) {
    if (command != Command::query && command != Command::act)
        return {};
    if (client.has(Role::admin))
        return {};
    const bool is_question = command == Command::query;
    const auto word =
        model::text_in(model::read_meta(meta).value_or(model::Meta{}), is_question ? "what" : "action").value_or("");
    if (is_question && is_among(common_questions, word) &&
        (client.has(Role::clinician) || client.has(Role::operations)))
        return {};
    const bool is_clinical = is_question ? is_among(clinical_questions, word) : is_among(clinical_commands, word);
    const std::string deed = (is_question ? "ask for '" : "command '") + word.substr(0, 64) + "'";
    return needs(client, is_clinical ? Role::clinician : Role::operations, deed);
}

} // namespace

std::string_view word_of(DoorName door) {
    return std::ranges::find(door_words, door, [](const auto& each) { return each.second; })->first;
}

std::optional<DoorName> door_of(std::string_view word) {
    const auto found = std::ranges::find(door_words, word, [](const auto& each) { return each.first; });
    return found == door_words.end() ? std::nullopt : std::optional(found->second);
}

model::Result<void> permit(DoorName door, const ClientKey& client, Command command, std::string_view meta) {
    switch (door) {
    case DoorName::ingest:
        return permit_ingest(client, command, meta);
    case DoorName::feed:
        return permit_feed(client, command, meta);
    case DoorName::command:
        return permit_command(client, command, meta);
    case DoorName::tail:
        return needs(client, Role::subscriber, "look at the feed");
    }
    return refused("not_allowed", "No such door.");
}

} // namespace bonewatch::daemon
