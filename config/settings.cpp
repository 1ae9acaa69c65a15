#include "config/settings.h"

#include "config/fields.h"
#include "config/nearest.h"
#include "config/read_publishers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace bonewatch::config {

namespace {

constexpr std::int64_t mib = 1'048'576;

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

/// As identifiers are: their systems are compared in lower case.
std::string in_lower_case(std::string text) {
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// Reads one `[section]`, if the file has it.
template <typename Read>
void read_section(Fields& top, const std::string& name, Problems& problems, const Read& read) {
    const Value* value = top.table(name);
    if (value == nullptr)
        return;
    Fields fields(*value, "[" + name + "]", problems);
    read(fields);
    fields.finish();
}

void read_folder(Fields& fields, const std::string& key, std::filesystem::path& folder) {
    const auto text = fields.text(key);
    if (!text)
        return;
    if (text->empty())
        fields.problem(fields.place(key), "bad_folder", "'" + key + "' is empty");
    folder = *text;
}

void read_number(Fields& fields, const std::string& key, std::int64_t least, std::int64_t most, std::int64_t& into) {
    into = fields.whole(key, least, most).value_or(into);
}

void read_curve(Fields& fields, CurveSettings& curve) {
    read_folder(fields, "server_key", curve.server_key);
    read_folder(fields, "keys", curve.keys);
    if (!fields.has("doors"))
        return;
    const std::vector<std::string> known(curve.doors.begin(), curve.doors.end());
    curve.doors.clear();
    for (const std::string& door : fields.texts("doors")) {
        if (std::ranges::find(known, door) == known.end())
            fields.problem(fields.place("doors"), "unknown_door",
                           "'" + door + "' is no door" + did_you_mean(door, known) + "; ingest, feed, command or tail");
        curve.doors.insert(door);
    }
}

void read_door(Fields& fields, const std::string& key, std::string& endpoint, bool needs_key) {
    const auto text = fields.text(key);
    if (!text)
        return;
    endpoint = *text;
    if (const std::string refusal = refusal_of_endpoint(endpoint, needs_key); !refusal.empty())
        fields.problem(fields.place(key), "refused_endpoint", "'" + key + "': " + refusal);
}

void read_doors(Fields& fields, Settings& settings) {
    DoorSettings& doors = settings.doors;
    for (const auto& [name, endpoint] : {std::pair{"ingest", &doors.ingest}, std::pair{"feed", &doors.feed},
                                         std::pair{"command", &doors.command}, std::pair{"tail", &doors.tail}})
        read_door(fields, name, *endpoint, settings.needs_key(name));
    std::set<std::string_view> taken;
    for (const std::string_view endpoint : {doors.ingest, doors.feed, doors.command, doors.tail})
        if (!endpoint.empty() && !endpoint.ends_with(":0") && !taken.insert(endpoint).second)
            fields.problem(fields.place(), "same_endpoint", "two doors have the same endpoint");
}

Settings read_settings(const Value& document, Problems& problems, const std::filesystem::path& folder,
                       const Vocabulary* vocabulary) {
    Settings settings;
    Fields top(document, "the settings", problems);
    read_section(top, "store", problems, [&](Fields& fields) {
        read_folder(fields, "folder", settings.store_folder);
        read_number(fields, "cache_mib", 8, mib, settings.cache_mib);
        read_number(fields, "patients_mib", 1, mib, settings.patients_mib);
    });
    read_section(top, "tables", problems, [&](Fields& fields) {
        read_folder(fields, "vocabulary", settings.vocabulary);
        read_folder(fields, "monitors", settings.monitors);
    });
    read_section(top, "curve", problems, [&](Fields& fields) { read_curve(fields, settings.curve.emplace()); });
    read_section(top, "doors", problems, [&](Fields& fields) { read_doors(fields, settings); });
    read_section(top, "limits", problems, [&](Fields& fields) {
        read_number(fields, "max_message_bytes", 1024, 1024 * mib, settings.limits.max_message_bytes);
        read_number(fields, "peers_max", 1, 100'000, settings.limits.peers_max);
        read_number(fields, "batch_max", 1, 4096, settings.limits.batch_max);
        read_number(fields, "queue_max", 1, 1'000'000, settings.limits.queue_max);
    });
    read_section(top, "identity", problems, [&](Fields& fields) {
        const auto systems = fields.texts("strong_systems");
        if (fields.has("strong_systems"))
            settings.strong_systems.clear();
        for (const std::string& system : systems)
            settings.strong_systems.insert(in_lower_case(system));
        if (settings.strong_systems.contains(""))
            fields.problem(fields.place("strong_systems"), "bad_system", "an identifier system needs a name");
    });
    read_section(top, "backfill", problems, [&](Fields& fields) {
        constexpr std::int64_t settle_minutes_max = 1440;
        std::int64_t minutes = settings.settle.count();
        read_number(fields, "settle_minutes", 0, settle_minutes_max, minutes);
        settings.settle = std::chrono::minutes(minutes);
    });
    settings.publishers = read_publishers(top, problems, folder, vocabulary);
    settings.mllp = read_mllp(top, problems);
    top.finish();
    return settings;
}

/// As at the root of the file, so that the daemon may be started from anywhere.
void make_relative_to(const std::filesystem::path& folder, std::filesystem::path& path) {
    if (path.is_relative())
        path = (folder / path).lexically_normal();
}

} // namespace

const PublisherSettings& Settings::publisher(std::string_view name) const {
    static const PublisherSettings default_settings;
    const auto found = publishers.find(std::string(name));
    return found == publishers.end() ? default_settings : found->second;
}

std::expected<Settings, std::vector<model::Error>> parse_settings(std::string_view file, std::string_view text,
                                                                  const std::filesystem::path& folder,
                                                                  const Vocabulary* vocabulary) {
    auto document = parse_document(file, text);
    if (!document)
        return std::unexpected(std::vector{std::move(document.error())});
    Problems problems{std::string(file)};
    Settings settings = read_settings(*document, problems, folder, vocabulary);
    if (!problems.empty())
        return std::unexpected(std::move(problems.found()));
    for (auto* path : {&settings.store_folder, &settings.vocabulary, &settings.monitors})
        make_relative_to(folder, *path);
    for (auto& [name, door] : settings.mllp)
        if (door.tls)
            for (auto* path : {&door.tls->certificate, &door.tls->key, &door.tls->ca})
                make_relative_to(folder, *path);
    if (settings.curve)
        for (auto* path : {&settings.curve->server_key, &settings.curve->keys})
            make_relative_to(folder, *path);
    return settings;
}

std::expected<Settings, std::vector<model::Error>> load_settings(const std::filesystem::path& path,
                                                                 const Vocabulary* vocabulary) {
    auto text = read_text(path);
    if (!text)
        return std::unexpected(std::vector{std::move(text.error())});
    auto settings = parse_settings(path.string(), *text, path.parent_path(), vocabulary);
    if (settings)
        settings->file = path;
    return settings;
}

std::expected<Publishers, std::vector<model::Error>> load_publishers(const Settings& settings,
                                                                     const Vocabulary& vocabulary) {
    if (settings.file.empty())
        return settings.publishers;
    auto anew = load_settings(settings.file, &vocabulary);
    if (!anew)
        return std::unexpected(std::move(anew.error()));
    return std::move(anew->publishers);
}

model::Result<Files> read_tables(const Settings& settings) {
    Files all;
    const std::array<std::pair<std::string, const std::filesystem::path*>, 2> folders{
        {{"vocabulary/", &settings.vocabulary}, {"monitors/", &settings.monitors}}};
    for (const auto& [prefix, folder] : folders) {
        auto files = read_files(*folder);
        if (!files)
            return files;
        for (auto& [path, text] : *files)
            all.emplace(prefix + path, std::move(text));
    }
    return all;
}

std::string refusal_of_endpoint(std::string_view endpoint, bool needs_key) {
    constexpr std::size_t socket_path_max = 107;
    constexpr std::string_view ipc = "ipc://";
    constexpr std::string_view tcp = "tcp://";
    constexpr std::string_view bad_port = "a tcp endpoint ends with a port from 0 to 65535";
    if (endpoint.starts_with(ipc)) {
        const auto path = endpoint.substr(ipc.size());
        if (path.empty())
            return "an ipc endpoint needs a path: ipc:///run/bonewatch/ingest";
        return path.size() <= socket_path_max ? "" : "a socket's path has at most 107 bytes";
    }
    for (const std::string_view loopback : {"tcp://127.0.0.1:", "tcp://[::1]:"})
        if (endpoint.starts_with(loopback))
            return std::string(is_port(endpoint.substr(loopback.size())) ? "" : bad_port);
    const auto colon = endpoint.rfind(':');
    if (!needs_key)
        return "'" + std::string(endpoint) +
               "' can be reached from other machines or cannot be read, and this door asks nobody for a key; write "
               "tcp://127.0.0.1:PORT or ipc://PATH, or let the door take keys: [curve]";
    if (!endpoint.starts_with(tcp) || colon <= tcp.size())
        return "'" + std::string(endpoint) + "' is no endpoint; write tcp://ADDRESS:PORT, tcp://*:PORT or ipc://PATH";
    return std::string(is_port(endpoint.substr(colon + 1)) ? "" : bad_port);
}

} // namespace bonewatch::config
