#pragma once

#include "daemon/patient_answers.h"
#include "daemon/survey.h"
#include "ingest/decode.h"
#include "monitors/definition.h"
#include "store/model/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What each command of `bonewatch` does, once its arguments are read. Each prints its answer on standard output,
/// troubles on standard error, and gives the exit code.
namespace bonewatch::daemon {

// Exit codes: 0 done, 1 the check found problems, and these.
inline constexpr int exit_problems = 1;
inline constexpr int exit_usage = 64;
inline constexpr int exit_bad_data = 65;
inline constexpr int exit_not_reachable = 69;
inline constexpr int exit_try_again = 75;
inline constexpr int exit_not_allowed = 77;
inline constexpr int exit_config = 78;

enum class Output : unsigned char { table, ndjson };

/// Where vocabulary and monitors come from, and publishers' settings.
struct TableOptions {
    std::string config;           ///< A settings file; empty: the shipped tables with default settings.
    std::string monitors;         ///< A folder of monitor files instead.
    std::vector<std::string> set; ///< `MONITOR.THRESHOLD=VALUE`
};

/// Files of events: `-` is standard input, gzipped or not; several are one feed.
struct FileOptions {
    std::vector<std::string> files;
    std::string format = "auto"; ///< auto, native or fhir.
};

// In memory: no daemon, no disk.

struct ReplayOptions {
    FileOptions input;
    TableOptions tables;
    std::string until;
    Output output = Output::table;
};
int replay(const ReplayOptions& options);

struct PatientOptions {
    FileOptions input; ///< Without files the daemon is asked.
    TableOptions tables;
    PatientQuestion question;
    std::string endpoint;
};
int explain_files(const PatientOptions& options);
int timeline_files(const PatientOptions& options);

struct ParseOptions {
    FileOptions input;
    TableOptions tables;
    std::string publisher = "bonewatch";
    bool is_explained = false;
    Output output = Output::table;
};
/// What would be stored of files, and why not: 1 where something would be quarantined.
int parse_files(const ParseOptions& options);

struct SimulateOptions {
    int patients = 100;
    int years = 5;
    std::uint64_t seed = 1;
    std::string until;
    std::string format = "native"; ///< native, fhir or hl7v2.
};
int simulate_clinic(const SimulateOptions& options);

int list_monitors(const TableOptions& tables, Output output);
int show_monitor(const TableOptions& tables, const std::string& id);
/// `paths`: only these files, laid over the tables; none: all monitors.
int check_monitors(const TableOptions& tables, const std::vector<std::string>& paths);
/// Runs monitors' own test timelines: of all monitors, or of those in `files`.
int test_monitors(const TableOptions& tables, const std::vector<std::string>& files);
/// From each statement to the monitor, clauses, thresholds and timelines that carry it; 1 where one of them is missing.
int trace_monitors(const TableOptions& tables);

struct MonitorStatusOptions {
    FileOptions input; ///< Without files the daemon is asked.
    TableOptions tables;
    std::string endpoint;
    Output output = Output::table;
};
int monitor_status_of_files(const MonitorStatusOptions& options);
int monitor_status_online(const MonitorStatusOptions& options);

// Of the folder of keys: daemon and folder may be on another machine than whoever makes a key.

/// Where the clients' public keys are: the folder itself, or the settings that name it; neither: /etc/bonewatch/keys.
struct KeyFolderOptions {
    std::string folder, config;
};
struct KeyOptions {
    KeyFolderOptions keys;
    std::string name;       ///< Of the client.
    std::string key;        ///< A public key, or the file that has it.
    std::string into = "."; ///< Where a new key pair is put.
    std::vector<std::string> roles, sources, consumers;
    std::string not_after, note;
    int overlap_days = 14; ///< For how long the old key stays good beside the new one.
    Output output = Output::table;
};
int generate_key(const KeyOptions& options);
int print_fingerprint(const KeyOptions& options);
int list_keys(const KeyOptions& options);
int add_key(const KeyOptions& options);
int revoke_key(const KeyOptions& options);
int rotate_key(const KeyOptions& options);

// Of a running daemon.

/// The keys with which this run of the program connects: a secret key's file, and the server's key or its file; empty:
/// none. 0, or the exit code.
int use_client_keys(const std::string& key, const std::string& server_key);

struct PublishCommand {
    FileOptions input;
    std::string endpoint;
    std::string publisher;
    bool is_backfill = false;
    std::string resume;       ///< A file that remembers how far one file has come; empty: none.
    std::string watch;        ///< A folder, instead of files.
    std::string archive, bad; ///< Where its files go then; empty: `archive` and `bad` in it.
    Output output = Output::table;
};
int publish_files(const PublishCommand& options);
/// Publishes the files of a folder as they come, until SIGTERM.
int publish_folder(const PublishCommand& options);

struct MllpCommand {
    FileOptions input;
    std::string receiver;                                         ///< HOST:PORT
    std::string certificate, private_key, authority, server_name; ///< `authority` empty: no TLS.
    int wait_seconds = 30;                                        ///< For each answer.
    Output output = Output::table;
};
/// Sends the messages of HL7 files over MLLP, each answered before the next, to any receiver.
int publish_by_mllp(const MllpCommand& options);

struct AlertsOptions {
    std::string endpoint, patient, publisher, monitor, state = "open", id;
    std::uint64_t limit = 0; ///< 0: all.
    Output output = Output::table;
};
int show_alerts(const AlertsOptions& options);
int acknowledge(const std::string& endpoint, const std::string& id, const std::string& actor, const std::string& note);

struct FeedOptions {
    std::string endpoint, consumer, monitor, from = "last";
    int until_idle_seconds = 0; ///< 0: for ever.
    Output output = Output::table;
};
int tail_feed(const FeedOptions& options);
/// Entries as they come through the tail, without a place that is kept.
int look_at_feed(const FeedOptions& options);

int show_status(const std::string& endpoint, Output output);
struct QuarantineOptions {
    std::string endpoint;
    std::vector<std::uint64_t> numbers; ///< None: those that the filter holds.
    std::string state = "waiting", reason, publisher;
    bool is_all = false; ///< To be said where neither number nor filter is given.
    std::string actor, note;
    std::uint64_t limit = 0; ///< 0: all.
    Output output = Output::table;
};
int list_quarantine(const QuarantineOptions& options);
int show_quarantine(const QuarantineOptions& options);
int group_quarantine(const QuarantineOptions& options);
int retry_quarantine(const QuarantineOptions& options);
int export_quarantine(const QuarantineOptions& options);
int dismiss_quarantine(const QuarantineOptions& options);
struct CodesOptions {
    FileOptions input; ///< Without files the daemon is asked.
    TableOptions tables;
    std::string endpoint;
    std::uint64_t limit = 0; ///< 0: all.
    Output output = Output::table;
};
int codes_in_files(const CodesOptions& options);
int list_codes(const CodesOptions& options);
int explain_online(const PatientOptions& options);
int timeline_online(const PatientOptions& options);

// Shared.

/// The message on standard error; the exit code that stands for its kind.
int failed(const model::Error& error);
/// The same of what was read in an argument: what would be bad data is bad usage.
int failed_argument(const model::Error& error);
void print_survey(const Survey& survey, Output output);
/// A file's text, inflated where it is gzipped; HL7 v2 in UTF-16 as UTF-8.
[[nodiscard]] model::Result<std::string> read_input(const std::string& path);
/// The format asked for, or that of the text itself; of a blank one it does not matter.
[[nodiscard]] model::Result<ingest::Format> format_of(const FileOptions& input, const std::string& path,
                                                      std::string_view text);

} // namespace bonewatch::daemon
