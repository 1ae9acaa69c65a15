#include "config/keys.h"

#include "config/fields.h"
#include "config/key_text.h"
#include "config/nearest.h"
#include "store/model/ensure.h"

#include <sodium.h>

#include <algorithm>

namespace bonewatch::config {

namespace {

constexpr std::size_t grant_bytes = 16;

bool contains_or_any(const std::set<std::string>& names, std::string_view name) {
    return names.contains("*") || names.contains(std::string(name));
}

/// The words of a list, or `otherwise` where it is not there.
std::set<std::string> read_names(Fields& fields, const std::string& key, std::string_view otherwise) {
    if (!fields.has(key))
        return {std::string(otherwise)};
    std::set<std::string> out;
    for (const std::string& name : fields.texts(key)) {
        const bool is_plain =
            std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
        if (name.empty() || name.size() > 64 || !is_plain)
            fields.problem(fields.place(key), "bad_name",
                           "a name in '" + key + "' is 1 to 64 printable ASCII characters without spaces and quotes");
        out.insert(name);
    }
    return out;
}

std::string read_key(Fields& fields, const std::string& name) {
    const auto text = fields.text(name);
    if (text && !is_key(*text))
        fields.problem(fields.place(name), "bad_key",
                       "'" + name + "' is not a key: 40 characters as `bonewatch key generate` writes them");
    return text.value_or("");
}

std::optional<model::Instant> read_until(Fields& fields, const std::string& name) {
    const auto text = fields.text(name);
    if (!text)
        return std::nullopt;
    const auto time = parse_until(*text);
    if (!time) {
        fields.problem(fields.place(name), "bad_time",
                       "'" + name + "' is a date, 2027-11-28, or a time, 2027-11-28T12:00:00Z");
        return std::nullopt;
    }
    return *time;
}

void read_roles(Fields& fields, ClientKey& client) {
    for (const std::string& word : fields.texts("roles")) {
        if (const auto role = role_of(word)) {
            client.roles.insert(*role);
            continue;
        }
        std::vector<std::string> known;
        for (const auto& [name, role] : role_words)
            known.emplace_back(name);
        fields.problem(fields.place("roles"), "unknown_role",
                       "'" + word + "' is no role" + did_you_mean(word, known) +
                           "; publisher, subscriber, clinician, operator or admin");
    }
    if (client.roles.empty() && !fields.has("roles"))
        fields.problem(fields.place(), "missing_key", "'roles' is missing: roles = [\"publisher\"]");
}

/// What a key may do, in 16 bytes: a connection that was let in on other terms begins anew.
std::string grant_of(const ClientKey& client, std::string_view public_key) {
    std::string text = std::string(public_key) + '\n' + client.name;
    for (const Role role : client.roles)
        text += '\n' + std::string(word_of(role));
    for (const auto* names : {&client.sources, &client.consumers}) {
        text += "\n;";
        for (const std::string& name : *names)
            text += '\n' + name;
    }
    std::string grant(grant_bytes, '\0');
    const int status = crypto_generichash(reinterpret_cast<unsigned char*>(grant.data()), grant.size(),
                                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
    ENSURE(status == 0, "BLAKE2b takes any text");
    return grant;
}

std::string list_text(std::string_view name, const std::set<std::string>& words) {
    std::string out = std::string(name) + " = [";
    for (const std::string& word : words)
        out += (out.ends_with('[') ? "\"" : ", \"") + word + "\"";
    return out + "]\n";
}

std::string in_toml(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const bool is_plain = static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
        if (c == '"' || c == '\\')
            out += '\\';
        out += is_plain ? c : ' ';
    }
    return out + "\"";
}

} // namespace

std::string_view word_of(Role role) {
    return std::ranges::find(role_words, role, [](const auto& each) { return each.second; })->first;
}

std::optional<Role> role_of(std::string_view word) {
    const auto found = std::ranges::find(role_words, word, [](const auto& each) { return each.first; });
    return found == role_words.end() ? std::nullopt : std::optional(found->second);
}

bool ClientKey::may_speak_for(std::string_view source) const {
    return contains_or_any(sources, source);
}

bool ClientKey::may_subscribe_as(std::string_view consumer) const {
    return contains_or_any(consumers, consumer);
}

bool is_client_name(std::string_view name) {
    constexpr std::size_t name_bytes_max = 64;
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_';
    };
    return !name.empty() && name.size() <= name_bytes_max && name.front() != '.' && std::ranges::all_of(name, is_plain);
}

std::expected<ClientKey, std::vector<model::Error>> parse_client_key(std::string_view file, std::string_view name,
                                                                     std::string_view text) {
    const auto document = parse_document(file, text);
    if (!document)
        return std::unexpected(std::vector{document.error()});
    Problems problems{std::string(file)};
    Fields fields(*document, "key '" + std::string(name) + "'", problems);
    ClientKey client{.name = std::string(name)};
    if (!is_client_name(name))
        fields.problem(fields.place(), "bad_name",
                       "the file's name has 1 to 64 letters, digits, '.', '-' and '_' before .pub");
    if (!fields.has("public_key"))
        static_cast<void>(fields.required_text("public_key"));
    client.public_key = read_key(fields, "public_key");
    read_roles(fields, client);
    client.sources = read_names(fields, "sources", name);
    client.consumers = read_names(fields, "consumers", name);
    client.not_after = read_until(fields, "not_after");
    client.revoked = read_until(fields, "revoked");
    client.note = fields.text("note").value_or("");
    client.previous_key = read_key(fields, "previous_key");
    client.previous_until = read_until(fields, "previous_until");
    if (client.previous_key.empty() != !client.previous_until && problems.empty())
        fields.problem(fields.place(), "half_rotated", "'previous_key' and 'previous_until' stand together");
    if (fields.has("secret_key"))
        fields.problem(fields.place("secret_key"), "secret_on_server",
                       "a secret key stays with its owner: take this one as known to others, and ask for a new one");
    fields.finish();
    if (!problems.empty())
        return std::unexpected(std::move(problems.found()));
    return client;
}

std::string to_text(const ClientKey& client) {
    std::string out =
        "# A client of bonewatchd, and what it may do; fingerprint " + fingerprint(client.public_key) + "\n";
    if (!client.note.empty())
        out += "note = " + in_toml(client.note) + "\n";
    for (const auto& [name, time] : {std::pair{"revoked", client.revoked}, std::pair{"not_after", client.not_after},
                                     std::pair{"previous_until", client.previous_until}})
        if (time)
            out += std::string(name) + " = \"" + model::to_text(*time) + "\"\n";
    if (!client.previous_key.empty())
        out += "previous_key = \"" + client.previous_key + "\"\n";
    std::set<std::string> roles;
    for (const Role role : client.roles)
        roles.emplace(word_of(role));
    // What a key may do comes last: a file that was cut short allows nothing.
    return out + "public_key = \"" + client.public_key + "\"\n" + list_text("sources", client.sources) +
           list_text("consumers", client.consumers) + list_text("roles", roles);
}

model::Result<model::Instant> parse_until(std::string_view text) {
    if (const auto date = model::parse_date(text))
        return model::Instant(*date + model::Days(1));
    return model::parse_instant(text);
}

std::string_view reason_of(Standing standing) {
    switch (standing) {
    case Standing::good:
        return "";
    case Standing::unknown:
        return "unknown_key";
    case Standing::revoked:
        return "key_revoked";
    case Standing::expired:
        return "key_expired";
    }
    return "";
}

Standing KeyRing::Key::standing(model::Instant now) const {
    if (client->revoked)
        return Standing::revoked;
    const bool is_over = (until && now >= *until) || (client->not_after && now >= *client->not_after);
    return is_over ? Standing::expired : Standing::good;
}

KeyRing KeyRing::of(std::map<std::string, ClientKey> clients, std::vector<model::Error>& problems) {
    KeyRing ring;
    ring.clients_ = std::move(clients);
    std::set<std::string> shared;
    for (const auto& [name, client] : ring.clients_) {
        for (const auto* key : {&client.public_key, &client.previous_key}) {
            if (key->empty())
                continue;
            const auto until = key == &client.previous_key ? client.previous_until : std::nullopt;
            const auto [at, is_new] = ring.keys_.emplace(*key, Key{&client, until, grant_of(client, *key)});
            if (is_new)
                continue;
            shared.insert(*key);
            problems.push_back({model::ErrorKind::config, "same_key",
                                "'" + at->second.client->name + "' and '" + name + "' have the same key (" +
                                    fingerprint(*key) + "), which is therefore nobody's: take it out of one of them",
                                name});
        }
    }
    for (const std::string& key : shared)
        ring.keys_.erase(key);
    for (const auto& [text, key] : ring.keys_)
        ring.by_grant_.emplace(key.grant, &key);
    return ring;
}

const KeyRing::Key* KeyRing::find(std::string_view public_key) const {
    const auto found = keys_.find(public_key);
    return found == keys_.end() ? nullptr : &found->second;
}

Standing KeyRing::standing(std::string_view public_key, model::Instant now) const {
    const Key* key = find(public_key);
    return key == nullptr ? Standing::unknown : key->standing(now);
}

bool KeyRing::is_granted(std::string_view grant, model::Instant now) const {
    const auto found = by_grant_.find(grant);
    return found != by_grant_.end() && found->second->standing(now) == Standing::good;
}

} // namespace bonewatch::config
