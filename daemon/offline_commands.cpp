#include "config/settings.h"
#include "daemon/clock.h"
#include "daemon/commands.h"
#include "daemon/monitor_tests.h"
#include "daemon/patient_name.h"
#include "daemon/render.h"
#include "daemon/replay.h"
#include "daemon/simulate.h"
#include "daemon/trace.h"
#include "ingest/gzip.h"
#include "store/model/ensure.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>

namespace bonewatch::daemon {

namespace {

using model::Result;

constexpr std::size_t input_bytes_max = std::size_t{4} << 30;
constexpr std::size_t kinds_shown_max = 30;

/// The shipped tables: where BONEWATCH_CONFIG says, beside the program as it was built, or /etc/bonewatch.
std::filesystem::path shipped_tables() {
    if (const char* folder = std::getenv("BONEWATCH_CONFIG"))
        return folder;
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    for (const auto& candidate :
         {program.parent_path() / "../../../config", program.parent_path() / "../share/bonewatch"})
        if (!error && std::filesystem::exists(candidate / "vocabulary"))
            return std::filesystem::weakly_canonical(candidate);
    return "/etc/bonewatch";
}

/// Settings and revision for work without a daemon.
struct Tables {
    config::Settings settings;
    monitors::ThresholdSettings thresholds;
    std::shared_ptr<const Revision> revision;
};

int failed(const std::vector<model::Error>& errors) {
    for (const model::Error& error : errors)
        daemon::failed(error);
    return exit_config;
}

std::expected<Tables, std::vector<model::Error>> load_tables(const TableOptions& options) {
    Tables out;
    if (!options.config.empty()) {
        auto settings = config::load_settings(options.config);
        if (!settings)
            return std::unexpected(std::move(settings.error()));
        out.settings = std::move(*settings);
    } else {
        out.settings.vocabulary = shipped_tables() / "vocabulary";
        out.settings.monitors = shipped_tables() / "monitors";
    }
    if (!options.monitors.empty())
        out.settings.monitors = options.monitors;
    auto files = config::read_tables(out.settings);
    if (!files) {
        if (options.config.empty() && options.monitors.empty())
            files.error().message += "; name settings with --config, or in BONEWATCH_CONFIG the folder that holds "
                                     "vocabulary and monitors";
        return std::unexpected(std::vector{files.error()});
    }

    for (const std::string& text : options.set) {
        const auto sign = text.find('=');
        ENSURE(sign != std::string::npos, "the command line refuses a --set without '='");
        out.thresholds[text.substr(0, sign)] = text.substr(sign + 1);
    }
    auto revision = Revision::load(std::move(*files), out.settings.settle, out.thresholds);
    if (!revision)
        return std::unexpected(std::move(revision.error()));
    out.revision = std::move(*revision);
    return out;
}

void say_trouble(const ingest::Decoded& decoded) {
    const auto& error = std::get<model::Error>(decoded.outcome);
    if (error.kind == model::ErrorKind::not_used)
        return;
    std::fprintf(stderr, "%s: %s: %s%s%s\n", std::string(outcome_of(error)).c_str(), decoded.kind.c_str(),
                 error.message.c_str(), error.place.empty() ? "" : " at ", error.place.c_str());
}

/// What was not used, the commonest kinds first.
void say_not_used(const Replay& replay) {
    std::vector<std::pair<std::string, std::uint64_t>> kinds(replay.not_used().begin(), replay.not_used().end());
    std::ranges::stable_sort(kinds, std::greater{}, [](const auto& kind) { return kind.second; });
    for (std::size_t i = 0; i < std::min(kinds.size(), kinds_shown_max); ++i)
        std::fprintf(stderr, "not_used: %llu × %s\n", static_cast<unsigned long long>(kinds[i].second),
                     kinds[i].first.c_str());
    if (kinds.size() > kinds_shown_max)
        std::fprintf(stderr, "not_used: %zu more kinds\n", kinds.size() - kinds_shown_max);
}

/// Reads all files into a replay. The publisher is `file` unless a line says otherwise.
Result<void> add_files(Replay& replay, const FileOptions& input, const Tables& tables) {
    const ingest::Publisher publisher{model::PublisherId("file"), tables.settings.publisher("file").zone};
    for (const std::string& path : input.files) {
        auto text = read_input(path);
        if (!text)
            return std::unexpected(text.error());
        auto format = format_of(input, path, *text);
        if (!format)
            return std::unexpected(format.error());
        replay.add(*text, *format, publisher, say_trouble);
    }
    return {};
}

/// Files replayed up to a time: what `explain` and `timeline` look at.
struct Replayed {
    Tables tables;
    std::unique_ptr<Replay> replay;
};

Result<Replayed> replay_files(const PatientOptions& options, std::optional<model::Instant> until, int& code) {
    auto tables = load_tables(options.tables);
    if (!tables) {
        code = failed(tables.error());
        return std::unexpected(tables.error().front());
    }
    Replayed out{std::move(*tables), nullptr};
    out.replay =
        std::make_unique<Replay>(out.tables.revision, store::IdentityRules{out.tables.settings.strong_systems});
    auto ran = add_files(*out.replay, options.input, out.tables);
    if (ran)
        ran = out.replay->run(until);
    if (!ran) {
        code = daemon::failed(ran.error());
        return std::unexpected(ran.error());
    }
    return out;
}

Result<PatientState*> patient_in(Core& core, const PatientOptions& options) {
    auto number = find_patient(core.directory(), options.patient, options.publisher);
    if (!number)
        return std::unexpected(number.error());
    return core.patient(*number);
}

Result<std::optional<model::Instant>> instant_in(const std::string& text) {
    if (text.empty())
        return std::nullopt;
    auto instant = model::parse_instant(text);
    if (!instant)
        return std::unexpected(instant.error());
    return *instant;
}

} // namespace

int failed(const model::Error& error) {
    std::fprintf(stderr, "bonewatch: %s%s%s\n", error.place.c_str(), error.place.empty() ? "" : ": ",
                 error.message.c_str());
    switch (error.kind) {
    case model::ErrorKind::config:
        return exit_config;
    case model::ErrorKind::unavailable:
        return error.reason == "not_reachable" ? exit_not_reachable : exit_try_again;
    case model::ErrorKind::not_found:
        return exit_problems;
    case model::ErrorKind::refused:
        return error.reason == "taken_over" ? exit_try_again : exit_usage;
    default:
        return exit_bad_data;
    }
}

int failed_argument(const model::Error& error) {
    const int code = failed(error);
    return code == exit_bad_data ? exit_usage : code;
}

Result<std::string> read_input(const std::string& path) {
    std::string text;
    if (path == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        auto read = config::read_text(path);
        if (!read)
            return model::fail(model::ErrorKind::malformed, std::move(read.error().reason),
                               std::move(read.error().message), path);
        text = std::move(*read);
    }
    if (!ingest::is_gzip(text))
        return text;
    return ingest::inflate_gzip(text, input_bytes_max);
}

Result<ingest::Format> format_of(const FileOptions& input, const std::string& path, std::string_view text) {
    if (input.format == "native")
        return ingest::Format::native;
    if (input.format == "fhir")
        return ingest::Format::fhir;
    if (const auto found = ingest::recognise(text))
        return *found;
    return model::fail(model::ErrorKind::malformed, "unknown_format",
                       "neither native lines nor FHIR JSON; say --format native or --format fhir", path);
}

int replay(const ReplayOptions& options) {
    const Moment started = steady_now();
    const auto until = instant_in(options.until);
    if (!until)
        return failed_argument(until.error());
    auto tables = load_tables(options.tables);
    if (!tables)
        return failed(tables.error());
    Replay replay(tables->revision, {tables->settings.strong_systems});
    if (auto ok = add_files(replay, options.input, *tables); !ok)
        return failed(ok.error());
    if (auto ok = replay.run(*until); !ok)
        return failed(ok.error());
    auto entries = replay.entries();
    if (!entries)
        return failed(entries.error());
    for (const std::string& entry : *entries)
        std::puts(options.output == Output::ndjson ? entry_brief(entry).c_str() : entry_text(entry).c_str());
    const double seconds = std::chrono::duration<double>(steady_now() - started).count();
    std::fflush(stdout);
    for (const std::string& trouble : replay.troubles())
        std::fprintf(stderr, "%s\n", trouble.c_str());
    say_not_used(replay);
    std::fprintf(stderr, "%s\n", replay.counts().json(seconds).c_str());
    return replay.counts().rejected > 0 ? exit_bad_data : 0;
}

int explain_files(const PatientOptions& options) {
    auto at = instant_in(options.at);
    if (!at)
        return failed_argument(at.error());
    int code = 0;
    auto replayed = replay_files(options, std::nullopt, code);
    if (!replayed)
        return code;
    Core& core = replayed->replay->core();
    if (*at && **at > std::max(wall_now(), core.now()))
        return failed_argument(ahead());
    auto patient = patient_in(core, options);
    if (!patient)
        return failed_argument(patient.error());
    const model::Instant now = std::max(at->value_or(core.now()), core.now());
    auto text = explain_patient(**patient, options.monitor.empty() ? std::nullopt : std::optional(options.monitor),
                                at->value_or(core.now()), now);
    if (!text)
        return failed_argument(text.error());
    std::fputs(text->c_str(), stdout);
    return 0;
}

int timeline_files(const PatientOptions& options) {
    int code = 0;
    auto replayed = replay_files(options, std::nullopt, code);
    if (!replayed)
        return code;
    auto patient = patient_in(replayed->replay->core(), options);
    if (!patient)
        return failed_argument(patient.error());
    std::fputs(timeline_text(**patient).c_str(), stdout);
    return 0;
}

int simulate_clinic(const SimulateOptions& options) {
    SimulateSettings settings{options.patients, options.years, options.seed, model::date_of(wall_now())};
    if (!options.until.empty()) {
        auto until = model::parse_date(options.until);
        if (!until)
            return failed_argument(until.error());
        settings.until = *until;
    }
    const SimulateCounts counts = simulate(settings, std::cout);
    std::cout.flush();
    std::fprintf(
        stderr,
        "%llu lines; late %llu, corrected %llu, retracted %llu (%llu before their target), moved %llu, repeated %llu, "
        "disputed %llu\n",
        static_cast<unsigned long long>(counts.lines), static_cast<unsigned long long>(counts.late),
        static_cast<unsigned long long>(counts.corrected), static_cast<unsigned long long>(counts.retracted),
        static_cast<unsigned long long>(counts.retracted_first), static_cast<unsigned long long>(counts.moved),
        static_cast<unsigned long long>(counts.repeated), static_cast<unsigned long long>(counts.disputed));
    return 0;
}

int list_monitors(const TableOptions& options, Output output) {
    auto tables = load_tables(options);
    if (!tables)
        return failed(tables.error());
    for (const monitors::Monitor& monitor : tables->revision->catalogue->monitors()) {
        if (output == Output::ndjson)
            std::printf("{\"id\":\"%s\",\"enabled\":%s}\n", monitor.id.text.c_str(),
                        monitor.is_enabled ? "true" : "false");
        else
            std::printf("%-36s %-4s %s\n", monitor.id.text.c_str(), monitor.is_enabled ? "on" : "off",
                        monitor.title.c_str());
    }
    return 0;
}

int show_monitor(const TableOptions& options, const std::string& id) {
    auto tables = load_tables(options);
    if (!tables)
        return failed(tables.error());
    for (const monitors::Definition& definition : tables->revision->catalogue->definitions().monitors)
        if (definition.id.text == id) {
            std::fputs(tables->revision->files.at(definition.file).c_str(), stdout);
            return 0;
        }
    return failed(
        {model::ErrorKind::not_found, "no_monitor", "no monitor '" + id + "'; see `bonewatch monitor list`", {}});
}

int check_monitors(const TableOptions& options) {
    auto tables = load_tables(options);
    if (!tables)
        return failed(tables.error()), exit_problems;
    for (const std::string& warning : tables->revision->catalogue->warnings())
        std::printf("warning: %s\n", warning.c_str());
    std::printf("%zu monitors are good, revision %s\n", tables->revision->catalogue->monitors().size(),
                tables->revision->id.c_str());
    return 0;
}

namespace {

/// Lays a file that is not among the tables over them: in the place of the one of its name, or beside them.
Result<std::string> lay_over(config::Files& files, const std::string& path) {
    const std::string name = std::filesystem::path(path).filename();
    std::string key = "monitors/" + name;
    for (const auto& [known, text] : files)
        if (known.starts_with("monitors/") && known.ends_with("/" + name))
            key = known;
    auto text = config::read_text(path);
    if (!text)
        return std::unexpected(text.error());
    files[key] = std::move(*text);
    return key;
}

void print_failure(const MonitorTestOutcome& outcome) {
    std::printf("%s %s: \"%s\"\n", to_text(outcome.place).c_str(), outcome.monitor.text.c_str(), outcome.name.c_str());
    if (!outcome.trouble.empty())
        std::printf("    %s\n", outcome.trouble.c_str());
    for (const auto& [label, lines] : {std::pair{"expected", &outcome.expected}, std::pair{"told", &outcome.told}}) {
        std::printf("    %-8s", label);
        for (const std::string& line : *lines)
            std::printf("  %s%s", line.c_str(), &line == &lines->back() ? "" : ",");
        std::puts(lines->empty() ? "  nothing" : "");
    }
}

} // namespace

int test_monitors(const TableOptions& options, const std::vector<std::string>& paths) {
    auto tables = load_tables(options);
    if (!tables)
        return failed(tables.error()), exit_problems;
    config::Files files = tables->revision->files;
    std::vector<std::string> chosen;
    for (const std::string& path : paths) {
        auto key = lay_over(files, path);
        if (!key)
            return failed(key.error()), exit_usage;
        chosen.push_back(*key);
    }
    auto revision = Revision::load(files, tables->settings.settle, tables->thresholds);
    if (!revision)
        return failed(revision.error()), exit_problems;
    MonitorTests tests(std::move(files), tables->settings.settle, tables->thresholds);
    std::size_t run = 0;
    std::size_t passed = 0;
    std::size_t monitors = 0;
    for (const monitors::Definition& monitor : (*revision)->catalogue->definitions().monitors) {
        if (!chosen.empty() && std::ranges::find(chosen, monitor.file) == chosen.end())
            continue;
        ++monitors;
        for (const monitors::Definition::Test& test : monitor.tests) {
            const MonitorTestOutcome outcome = tests.run(monitor.id, test);
            ++run;
            if (outcome.has_passed())
                ++passed;
            else
                print_failure(outcome);
        }
    }
    std::printf("%zu of %zu timelines of %zu monitors come out as written\n", passed, run, monitors);
    return passed == run ? 0 : exit_problems;
}

int trace_monitors(const TableOptions& options) {
    auto tables = load_tables(options);
    if (!tables)
        return failed(tables.error()), exit_problems;
    const std::filesystem::path path = tables->settings.monitors / ".." / "statements.toml";
    const auto text = config::read_text(path);
    if (!text)
        return failed(text.error()), exit_usage;
    const auto statements = monitors::read_statements(path.filename(), *text);
    if (!statements)
        return failed(statements.error()), exit_problems;
    const Trace traced = trace(*tables->revision, *statements);
    std::fputs(to_text(traced, *statements).c_str(), stdout);
    for (const std::string& problem : traced.problems)
        std::fprintf(stderr, "%s\n", problem.c_str());
    return traced.problems.empty() ? 0 : exit_problems;
}

} // namespace bonewatch::daemon
