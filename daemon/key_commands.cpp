#include "config/key_text.h"
#include "config/settings.h"
#include "daemon/clock.h"
#include "daemon/commands.h"
#include "daemon/door_check.h"
#include "daemon/key_shelf.h"
#include "store/model/json_writer.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace bonewatch::daemon {

namespace {

using config::ClientKey;
using model::Result;

constexpr mode_t secret_mode = 0600;
constexpr mode_t public_mode = 0640;

std::unexpected<model::Error> cannot(const std::string& what, const std::filesystem::path& path) {
    return model::fail(model::ErrorKind::unavailable, "cannot_write",
                       what + ": " + std::generic_category().message(errno), path.string());
}

/// Writes a file whole or not at all, durable; one that is there already is replaced only where `may_replace`. It
/// belongs to whom the folder belongs to, so that the daemon can read what an administrator added.
Result<void> write_file(const std::filesystem::path& path, const std::string& text, mode_t mode, bool may_replace) {
    const auto folder = path.parent_path().empty() ? std::filesystem::path(".") : path.parent_path();
    const std::filesystem::path draft = folder / ("." + path.filename().string() + "." + std::to_string(getpid()));
    const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0)
        return cannot("cannot be made", draft);
    struct stat status{};
    if (geteuid() == 0 && stat(folder.c_str(), &status) == 0 && fchown(file, status.st_uid, status.st_gid) != 0)
        errno = 0; // A file system without owners; who cannot read it will say so.
    const bool is_written = fchmod(file, mode) == 0 &&
                            write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                            fsync(file) == 0;
    const int why = errno;
    close(file);
    const bool is_in_place =
        is_written && (may_replace ? rename(draft.c_str(), path.c_str()) == 0 : link(draft.c_str(), path.c_str()) == 0);
    errno = is_written ? errno : why;
    if (is_in_place) {
        if (!may_replace)
            unlink(draft.c_str());
        return {};
    }
    const int failure = errno;
    unlink(draft.c_str());
    errno = failure;
    if (failure == EEXIST)
        return model::fail(model::ErrorKind::refused, "exists", "is there already, and is not written over",
                           path.string());
    return cannot("cannot be written", path);
}

Result<std::filesystem::path> folder_of(const KeyFolderOptions& options) {
    if (!options.folder.empty())
        return options.folder;
    if (options.config.empty())
        return "/etc/bonewatch/keys";
    const auto settings = config::load_settings(options.config);
    if (!settings)
        return std::unexpected(settings.error().front());
    if (!settings->curve)
        return model::fail(model::ErrorKind::config, "no_curve", "has no [curve] section: no door takes keys",
                           options.config);
    return settings->curve->keys;
}

/// The folder as it stands. A file that cannot be read is said on standard error and left out.
struct KeyFolder {
    std::filesystem::path folder;
    std::shared_ptr<const config::KeyRing> ring;
    std::size_t problems = 0;
};

Result<KeyFolder> read_shelf(const KeyFolderOptions& options) {
    const auto folder = folder_of(options);
    if (!folder)
        return std::unexpected(folder.error());
    if (!std::filesystem::is_directory(*folder))
        return model::fail(model::ErrorKind::config, "no_folder", "is no folder; make it, or name another with --keys",
                           folder->string());
    KeyShelf shelf(*folder);
    const auto problems = shelf.reload(true);
    for (const model::Error& error : problems)
        std::fprintf(stderr, "bonewatch: %s: %s\n", error.place.c_str(), error.message.c_str());
    return KeyFolder{*folder, shelf.ring(), problems.size()};
}

std::filesystem::path file_of(const KeyFolder& shelf, const std::string& name) {
    return shelf.folder / (name + ".pub");
}

/// A client that is to be changed, and the folder it is in.
struct Kept {
    KeyFolder shelf;
    ClientKey client;
};

Result<Kept> kept_client(const KeyOptions& options) {
    auto shelf = read_shelf(options.keys);
    if (!shelf)
        return std::unexpected(shelf.error());
    const auto found = shelf->ring->clients().find(options.name);
    if (found == shelf->ring->clients().end())
        return model::fail(model::ErrorKind::not_found, "no_client", "there is no client '" + options.name + "'",
                           shelf->folder.string());
    ClientKey client = found->second;
    return Kept{std::move(*shelf), std::move(client)};
}

/// Writes the client's file, after it was read back as the daemon will.
Result<void> put(const KeyFolder& shelf, const ClientKey& client, bool may_replace) {
    const auto path = file_of(shelf, client.name);
    const std::string text = config::to_text(client);
    if (const auto read = config::parse_client_key(path.string(), client.name, text); !read)
        return model::fail(model::ErrorKind::refused, read.error().front().reason, read.error().front().message);
    return write_file(path, text, public_mode, may_replace);
}

Result<void> not_known_yet(const KeyFolder& shelf, const std::string& key) {
    const auto* known = shelf.ring->find(key);
    if (known == nullptr)
        return {};
    return model::fail(model::ErrorKind::refused, "same_key", "'" + known->client->name + "' has this key already");
}

std::string joined(const std::set<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : ",") + word;
    return out.empty() ? "-" : out;
}

std::set<std::string> role_texts(const ClientKey& client) {
    std::set<std::string> out;
    for (const config::Role role : client.roles)
        out.emplace(word_of(role));
    return out;
}

/// `good`, or why not.
std::string standing_text(const KeyFolder& shelf, const std::string& key) {
    const auto standing = shelf.ring->standing(key, wall_now());
    return standing == config::Standing::good ? "good" : std::string(reason_of(standing));
}

void print_client(const KeyFolder& shelf, const ClientKey& client) {
    const auto line = [&](const std::string& key, const std::optional<model::Instant>& until) {
        std::printf("%-20s %-12s %s  %s  sources %s  consumers %s%s%s\n", client.name.c_str(),
                    standing_text(shelf, key).c_str(), config::fingerprint(key).c_str(),
                    joined(role_texts(client)).c_str(), joined(client.sources).c_str(),
                    joined(client.consumers).c_str(), until ? ("  until " + model::to_text(*until)).c_str() : "",
                    client.note.empty() ? "" : ("  " + client.note).c_str());
    };
    line(client.public_key, client.not_after);
    if (!client.previous_key.empty())
        line(client.previous_key, client.previous_until);
}

std::string client_json(const KeyFolder& shelf, const ClientKey& client) {
    model::JsonWriter json;
    json.begin_object();
    json.text("name", client.name);
    json.text("standing", standing_text(shelf, client.public_key));
    json.text("fingerprint", config::fingerprint(client.public_key));
    for (const auto& [name, words] : {std::pair{"roles", role_texts(client)}, std::pair{"sources", client.sources},
                                      std::pair{"consumers", client.consumers}}) {
        json.begin_array(name);
        for (const std::string& word : words)
            json.text(word);
        json.end_array();
    }
    if (client.not_after)
        json.text("not_after", model::to_text(*client.not_after));
    if (client.revoked)
        json.text("revoked", model::to_text(*client.revoked));
    if (!client.previous_key.empty()) {
        json.text("previous_fingerprint", config::fingerprint(client.previous_key));
        json.text("previous_until", model::to_text(*client.previous_until));
        json.text("previous_standing", standing_text(shelf, client.previous_key));
    }
    json.text("note", client.note);
    json.end_object();
    return json.take();
}

} // namespace

int generate_key(const KeyOptions& options) {
    if (!config::is_client_name(options.name))
        return failed({model::ErrorKind::refused,
                       "bad_name",
                       "a name has 1 to 64 letters, digits, '.', '-' and '_', and does not begin with '.'",
                       {}});
    const StrangerKey pair = make_stranger();
    const std::filesystem::path folder(options.into);
    const auto secret_path = folder / (options.name + ".secret");
    const auto public_path = folder / (options.name + ".pub");
    const auto secret = write_file(secret_path, config::to_text(config::SecretKey{pair.public_key, pair.secret_key}),
                                   secret_mode, false);
    if (!secret)
        return failed(secret.error());
    const auto shown = write_file(public_path, "public_key = \"" + pair.public_key + "\"\n", public_mode, false);
    if (!shown) {
        unlink(secret_path.c_str());
        return failed(shown.error());
    }
    std::printf("%s: keep it here, and show it to nobody\n%s: hand it over to whoever runs the daemon\n"
                "fingerprint %s: compare it by telephone\n",
                secret_path.c_str(), public_path.c_str(), config::fingerprint(pair.public_key).c_str());
    return 0;
}

int print_fingerprint(const KeyOptions& options) {
    const auto key = config::public_key_of(options.key);
    if (!key)
        return failed(key.error());
    std::printf("%s\n", config::fingerprint(*key).c_str());
    return 0;
}

int list_keys(const KeyOptions& options) {
    const auto shelf = read_shelf(options.keys);
    if (!shelf)
        return failed(shelf.error());
    for (const auto& [name, client] : shelf->ring->clients())
        if (options.output == Output::ndjson)
            std::printf("%s\n", client_json(*shelf, client).c_str());
        else
            print_client(*shelf, client);
    if (shelf->ring->clients().empty() && options.output == Output::table)
        std::puts("no clients");
    return shelf->problems > 0 ? exit_problems : 0;
}

int add_key(const KeyOptions& options) {
    const auto shelf = read_shelf(options.keys);
    if (!shelf)
        return failed(shelf.error());
    const auto key = config::public_key_of(options.key);
    if (!key)
        return failed(key.error());
    if (const auto known = not_known_yet(*shelf, *key); !known)
        return failed(known.error());
    ClientKey client{.name = options.name, .public_key = *key, .note = options.note};
    for (const std::string& word : options.roles) {
        const auto role = config::role_of(word);
        if (!role)
            return failed({model::ErrorKind::refused,
                           "unknown_role",
                           "'" + word + "' is no role: publisher, subscriber, clinician, operator or admin",
                           {}});
        client.roles.insert(*role);
    }
    client.sources.insert(options.sources.begin(), options.sources.end());
    client.consumers.insert(options.consumers.begin(), options.consumers.end());
    for (auto* names : {&client.sources, &client.consumers})
        if (names->empty())
            names->insert(client.name);
    if (!options.not_after.empty()) {
        const auto until = config::parse_until(options.not_after);
        if (!until)
            return failed({model::ErrorKind::refused, "bad_time", until.error().message, "--not-after"});
        client.not_after = *until;
    }
    if (const auto added = put(*shelf, client, false); !added)
        return failed(added.error());
    std::printf("%s is let in: %s\nfingerprint %s: compare it by telephone with whoever made the key\n",
                client.name.c_str(), file_of(*shelf, client.name).c_str(), config::fingerprint(*key).c_str());
    return 0;
}

int revoke_key(const KeyOptions& options) {
    auto kept = kept_client(options);
    if (!kept)
        return failed(kept.error());
    const KeyFolder& shelf = kept->shelf;
    ClientKey& client = kept->client;
    if (!client.revoked) {
        client.revoked = wall_now();
        if (const auto written = put(shelf, client, true); !written)
            return failed(written.error());
    }
    std::printf("%s is let in no more: a running daemon sees it within a second, serves nothing that comes after, and "
                "closes its connections\n",
                client.name.c_str());
    return 0;
}

int rotate_key(const KeyOptions& options) {
    auto kept = kept_client(options);
    if (!kept)
        return failed(kept.error());
    const KeyFolder& shelf = kept->shelf;
    ClientKey& client = kept->client;
    const auto key = config::public_key_of(options.key);
    if (!key)
        return failed(key.error());
    if (const auto known = not_known_yet(shelf, *key); !known)
        return failed(known.error());
    if (client.revoked)
        return failed({model::ErrorKind::refused,
                       "key_revoked",
                       "'" + client.name + "' is revoked: take its file away, and add the new key",
                       {}});
    client.previous_key = std::exchange(client.public_key, *key);
    client.previous_until = wall_now() + model::Days(options.overlap_days);
    if (const auto written = put(shelf, client, true); !written)
        return failed(written.error());
    std::printf("%s has a new key, fingerprint %s: compare it by telephone\nthe old one, fingerprint %s, is good until "
                "%s\n",
                client.name.c_str(), config::fingerprint(*key).c_str(),
                config::fingerprint(client.previous_key).c_str(), model::to_text(*client.previous_until).c_str());
    return 0;
}

} // namespace bonewatch::daemon
