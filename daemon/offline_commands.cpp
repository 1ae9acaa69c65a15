#include "daemon/clock.h"
#include "daemon/commands.h"
#include "daemon/curve_client.h"
#include "daemon/patient_answers.h"
#include "daemon/progress.h"
#include "daemon/render.h"
#include "daemon/replay.h"
#include "daemon/simulate.h"
#include "daemon/survey.h"
#include "daemon/tables.h"
#include "ingest/gzip.h"
#include "ingest/hl7_charset.h"
#include "ingest/json.h"
#include "ingest/lines.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>

namespace bonewatch::daemon {

namespace {

using model::Result;

constexpr std::size_t input_bytes_max = std::size_t{4} << 30;
constexpr std::size_t kinds_shown_max = 30;

void say_trouble(const ingest::Decoded& decoded) {
    const auto& error = std::get<model::Error>(decoded.outcome);
    if (error.kind == model::ErrorKind::not_used)
        return;
    std::fprintf(stderr, "%s\n",
                 plain(std::string(outcome_of(error)) + ": " + decoded.kind + ": " + error.message +
                       (error.place.empty() ? "" : " at ") + error.place)
                     .c_str());
}

/// What was not used, the commonest kinds first.
void say_not_used(const Replay& replay) {
    std::vector<std::pair<std::string, std::uint64_t>> kinds(replay.not_used().begin(), replay.not_used().end());
    std::ranges::stable_sort(kinds, std::greater{}, [](const auto& kind) { return kind.second; });
    for (std::size_t i = 0; i < std::min(kinds.size(), kinds_shown_max); ++i)
        std::fprintf(stderr, "not_used: %llu × %s\n", static_cast<unsigned long long>(kinds[i].second),
                     plain(kinds[i].first).c_str());
    if (kinds.size() > kinds_shown_max)
        std::fprintf(stderr, "not_used: %zu more kinds\n", kinds.size() - kinds_shown_max);
}

/// Reads all files into a replay. The publisher is `file` unless a line says otherwise.
Result<void> add_files(Replay& replay, const FileOptions& input, const Tables& tables) {
    const ingest::Publisher publisher{model::PublisherId("file"), &tables.settings.publisher("file")};
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

Result<void> run_with_progress(Replay& replay, std::optional<model::Instant> until) {
    Progress progress("events", replay.event_count());
    return replay.run(until, [&](std::size_t done) { progress.at(done); });
}

/// Files replayed: what `explain` and `timeline` look at.
struct Replayed {
    Tables tables;
    std::unique_ptr<Replay> replay;
};

Result<Replayed> replay_files(const FileOptions& input, const TableOptions& with, int& code) {
    auto tables = load_tables(with);
    if (!tables) {
        code = failed(tables.error());
        return std::unexpected(tables.error().front());
    }
    Replayed out{std::move(*tables), nullptr};
    out.replay =
        std::make_unique<Replay>(out.tables.revision, store::IdentityRules{out.tables.settings.strong_systems});
    auto ran = add_files(*out.replay, input, out.tables);
    if (ran)
        ran = run_with_progress(*out.replay, std::nullopt);
    if (!ran) {
        code = daemon::failed(ran.error());
        return std::unexpected(ran.error());
    }
    return out;
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
    if (is_not_allowed(error.reason))
        return exit_not_allowed;
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
    auto read =
        ingest::is_gzip(text) ? ingest::inflate_gzip(text, input_bytes_max) : Result<std::string>(std::move(text));
    if (!read || !ingest::is_utf16_hl7(*read))
        return read;
    auto converted = ingest::utf16_hl7_to_utf8(*read);
    if (!converted)
        converted.error().place = path;
    return converted;
}

Result<ingest::Format> format_of(const FileOptions& input, const std::string& path, std::string_view text) {
    if (const auto named = ingest::format_named(input.format))
        return *named;
    if (!ingest::Lines(text).next()) // A day without events.
        return ingest::Format::native;
    if (const auto found = ingest::recognise(text))
        return *found;
    return model::fail(model::ErrorKind::malformed, "unknown_format",
                       "neither native lines nor FHIR JSON nor HL7 v2; say it with --format", path);
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
    if (auto ok = run_with_progress(replay, *until); !ok)
        return failed(ok.error());
    auto entries = replay.entries();
    if (!entries)
        return failed(entries.error());
    for (const std::string& entry : *entries)
        std::puts(options.output == Output::ndjson ? entry_brief(entry).c_str() : entry_text(entry).c_str());
    const double seconds = std::chrono::duration<double>(steady_now() - started).count();
    std::fflush(stdout);
    for (const std::string& trouble : replay.troubles())
        std::fprintf(stderr, "%s\n", plain(trouble).c_str());
    say_not_used(replay);
    std::fprintf(stderr, "%s\n", replay.counts().json(seconds).c_str());
    return replay.counts().rejected > 0 ? exit_bad_data : 0;
}

namespace {

using Answer = Result<std::string> (*)(Core& core, const PatientQuestion& question, AskedAt asked);

int answer_from_files(const PatientOptions& options, Answer answer) {
    int code = 0;
    auto replayed = replay_files(options.input, options.tables, code);
    if (!replayed)
        return code;
    Core& core = replayed->replay->core();
    const auto text = answer(core, options.question, {core.now(), std::max(wall_now(), core.now())});
    if (!text)
        return failed_argument(text.error());
    std::fputs(text->c_str(), stdout);
    return 0;
}

} // namespace

int explain_files(const PatientOptions& options) {
    return answer_from_files(options, explain);
}

int timeline_files(const PatientOptions& options) {
    return answer_from_files(options, timeline);
}

int codes_in_files(const CodesOptions& options) {
    auto tables = load_tables(options.tables);
    if (!tables)
        return failed(tables.error());
    const ingest::Publisher file{model::PublisherId("file"), &tables->settings.publisher("file"), true};
    Unmapped unmapped;
    for (const std::string& path : options.input.files) {
        const auto text = read_input(path);
        if (!text)
            return failed(text.error());
        const auto format = format_of(options.input, path, *text);
        if (!format)
            return failed(format.error());
        for (const auto& decoded : ingest::decode(*format, *text, file, tables->revision->vocabulary, std::nullopt))
            if (const auto* error = std::get_if<model::Error>(&decoded.outcome))
                unmapped.note(file.id, *error, wall_now());
    }
    const std::vector<UnmappedRow> rows = unmapped.rows();
    const std::size_t shown = options.limit == 0 ? rows.size() : std::min<std::size_t>(rows.size(), options.limit);
    for (std::size_t i = 0; i < shown; ++i) {
        const std::string body = unmapped_json(rows[i]);
        std::fputs((options.output == Output::ndjson ? body + "\n" : unmapped_line(body)).c_str(), stdout);
    }
    if (rows.empty() && options.output == Output::table)
        std::puts("every code and unit in them is known");
    return 0;
}

int monitor_status_of_files(const MonitorStatusOptions& options) {
    int code = 0;
    auto replayed = replay_files(options.input, options.tables, code);
    if (!replayed)
        return code;
    Core& core = replayed->replay->core();
    const auto count = core.directory().patient_count();
    if (!count)
        return failed(count.error());
    Survey survey = empty_survey(*replayed->tables.revision->catalogue);
    for (std::uint64_t number = 1; number <= *count; ++number) {
        const auto patient = core.read_patient(model::PatientNumber{number});
        if (!patient)
            return failed(patient.error());
        if (*patient)
            add_patient(survey, **patient, core.now());
    }
    print_survey(survey, options.output);
    return 0;
}

int simulate_clinic(const SimulateOptions& options) {
    SimulateSettings settings{.patients = options.patients,
                              .years = options.years,
                              .seed = options.seed,
                              .until = model::date_of(wall_now())};
    if (options.format != "native")
        settings.format = options.format == "fhir" ? SimulateFormat::fhir : SimulateFormat::hl7v2;
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
        "disputed %llu; left out for want of words %llu\n",
        static_cast<unsigned long long>(counts.lines), static_cast<unsigned long long>(counts.late),
        static_cast<unsigned long long>(counts.corrected), static_cast<unsigned long long>(counts.retracted),
        static_cast<unsigned long long>(counts.retracted_first), static_cast<unsigned long long>(counts.moved),
        static_cast<unsigned long long>(counts.repeated), static_cast<unsigned long long>(counts.disputed),
        static_cast<unsigned long long>(counts.unsaid));
    return 0;
}

} // namespace bonewatch::daemon
