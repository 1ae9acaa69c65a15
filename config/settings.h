#pragma once

#include "config/files.h"
#include "config/mllp_settings.h"
#include "config/publisher.h"
#include "store/model/result.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::config {

class Vocabulary;

/// Where the daemon listens, as ZeroMQ endpoints: `ipc://PATH`, `tcp://127.0.0.1:PORT`, `tcp://[::1]:PORT`; port 0
/// takes a free one. Other addresses are for doors that take keys only.
struct DoorSettings {
    std::string ingest = "tcp://127.0.0.1:7701";
    std::string feed = "tcp://127.0.0.1:7702";
    std::string command = "tcp://127.0.0.1:7703";
    std::string tail{}; ///< Of the feed, for those who only look; empty: there is none.
};

/// Doors that take nobody but the owners of known keys, and encrypt (CURVE).
struct CurveSettings {
    std::filesystem::path server_key = "server.secret"; ///< The daemon's own key pair.
    std::filesystem::path keys = "keys";                ///< Folder of the clients' public keys, a file each.
    std::set<std::string> doors{"ingest", "feed", "command", "tail"};
};

/// Every bound that a peer can run into.
struct LimitSettings {
    std::int64_t max_message_bytes = 16'777'216; ///< A larger message is refused whole.
    std::int64_t peers_max = 256;                ///< Connected to one door.
    std::int64_t batch_max = 4096;               ///< Events in one commit, and so in one message.
    std::int64_t queue_max = 10'000;             ///< Messages received and unanswered; above, the ingest door waits.
};

/// What the daemon is told of publishers, by the name under which they publish.
using Publishers = std::map<std::string, PublisherSettings>;

/// What the daemon is told at start: `bonewatchd.toml`. Nothing of it is read by the fold.
struct Settings {
    std::filesystem::path file; ///< That they were read from; empty: none.
    std::filesystem::path store_folder = "store";
    std::int64_t cache_mib = 256;    ///< Of what the store has: blocks, indexes, and what was written lately.
    std::int64_t patients_mib = 128; ///< Of patients as they stand, between commits.
    DoorSettings doors;
    std::optional<CurveSettings> curve{}; ///< Nothing: no door asks for a key.
    LimitSettings limits;
    std::set<std::string> strong_systems{"nhs"}; ///< Identifier systems that link patients across publishers.
    std::chrono::minutes settle{10};             ///< From a patient's last backfilled record to telling.
    Publishers publishers;                    ///< Without missing units and mappings, unless read with the vocabulary.
    std::map<std::string, MllpSettings> mllp; ///< Doors for HL7 v2 over MLLP, by name; none by default.
    std::filesystem::path vocabulary = "vocabulary"; ///< Folders of the tables and of the monitor files.
    std::filesystem::path monitors = "monitors";

    /// Whether the door of that name takes keys only.
    [[nodiscard]] bool needs_key(const std::string& door) const { return curve && curve->doors.contains(door); }
    /// The publisher's own settings, or the defaults for one that is not listed.
    [[nodiscard]] const PublisherSettings& publisher(std::string_view name) const;
};

/// Reads a settings text. Relative folders are relative to `folder`, the file's own. Every problem is reported with
/// `file`, line and column. What publishers say of units and codes is read, and checked, with the vocabulary alone:
/// without one it is passed over.
[[nodiscard]] std::expected<Settings, std::vector<model::Error>> parse_settings(std::string_view file,
                                                                                std::string_view text,
                                                                                const std::filesystem::path& folder,
                                                                                const Vocabulary* vocabulary = nullptr);

/// As `parse_settings`, from a file.
[[nodiscard]] std::expected<Settings, std::vector<model::Error>> load_settings(const std::filesystem::path& path,
                                                                               const Vocabulary* vocabulary = nullptr);

/// The publishers as the settings file and the mapping files now have them: at start, once there is a vocabulary, and
/// whenever they are to be read anew. Every problem of those files is reported; then the old ones still hold.
[[nodiscard]] std::expected<Publishers, std::vector<model::Error>> load_publishers(const Settings& settings,
                                                                                   const Vocabulary& vocabulary);

/// The vocabulary and monitor files that the settings name, as `vocabulary/*.toml` and `monitors/*.toml`.
[[nodiscard]] model::Result<Files> read_tables(const Settings& settings);

/// Nothing where the endpoint may be bound, else one sentence that says why not and what to write. Only a door that
/// `needs_key` may be reached from other machines.
[[nodiscard]] std::string refusal_of_endpoint(std::string_view endpoint, bool needs_key = false);

} // namespace bonewatch::config
