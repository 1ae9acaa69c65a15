#include "daemon/commands.h"
#include "daemon/monitor_tests.h"
#include "daemon/tables.h"
#include "daemon/trace.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace bonewatch::daemon {

using model::Result;

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
        if (definition.id.text == id || definition.family == id) {
            std::fputs(tables->revision->files.at(definition.file).c_str(), stdout);
            return 0;
        }
    return failed(
        {model::ErrorKind::not_found, "no_monitor", "no monitor '" + id + "'; see `bonewatch monitor list`", {}});
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

/// The tables with `paths` laid over them, and under which names those stand there.
struct LaidOver {
    config::Files files;
    std::vector<std::string> names; ///< None: nothing was laid over, all are meant.
    std::shared_ptr<const Revision> revision;

    [[nodiscard]] bool means(const std::string& file) const {
        return names.empty() || std::ranges::find(names, file) != names.end();
    }
};

std::expected<LaidOver, int> lay_over_tables(const Tables& tables, const std::vector<std::string>& paths) {
    LaidOver out{tables.revision->files, {}, {}};
    for (const std::string& path : paths) {
        auto key = lay_over(out.files, path);
        if (!key)
            return daemon::failed(key.error()), std::unexpected(exit_usage);
        out.names.push_back(*key);
    }
    auto revision = Revision::load(out.files, tables.settings.settle, tables.thresholds);
    if (!revision)
        return failed(revision.error()), std::unexpected(exit_problems);
    out.revision = std::move(*revision);
    return out;
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

int check_monitors(const TableOptions& options, const std::vector<std::string>& paths) {
    auto tables = load_tables(options);
    if (!tables)
        return failed(tables.error()), exit_problems;
    const auto checked = lay_over_tables(*tables, paths);
    if (!checked)
        return checked.error();
    const monitors::Catalogue& catalogue = *checked->revision->catalogue;
    if (!checked->files.contains("monitors/_common.toml"))
        std::puts(
            "warning: no _common.toml beside the monitors: no groups, and the dead and children are not excluded");
    for (const std::string& warning : catalogue.warnings())
        if (checked->means(warning.substr(0, warning.find(':'))))
            std::printf("warning: %s\n", warning.c_str());
    const auto good = std::ranges::count_if(catalogue.definitions().monitors,
                                            [&](const auto& monitor) { return checked->means(monitor.file); });
    std::printf("%td monitor%s good, revision %s\n", good, good == 1 ? " is" : "s are", checked->revision->id.c_str());
    return 0;
}

int test_monitors(const TableOptions& options, const std::vector<std::string>& paths) {
    auto tables = load_tables(options);
    if (!tables)
        return failed(tables.error()), exit_problems;
    const auto tested = lay_over_tables(*tables, paths);
    if (!tested)
        return tested.error();
    MonitorTests tests(tested->files, tables->settings.settle, tables->thresholds);
    std::size_t run = 0;
    std::size_t passed = 0;
    std::size_t monitors = 0;
    for (const monitors::Definition& monitor : tested->revision->catalogue->definitions().monitors) {
        if (!tested->means(monitor.file))
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

void print_survey(const Survey& survey, Output output) {
    if (output == Output::table)
        std::printf("%-42s %8s %7s %8s  %-12s %s\n", "monitor", "eligible", "open", "unknown", "last raised",
                    "newest fact");
    for (const auto& [monitor, standing] : survey) {
        if (output == Output::ndjson) {
            std::puts(standing_json(monitor, standing).c_str());
            continue;
        }
        std::printf("%-42s %8llu %7llu %8llu  %-12s %s\n", monitor.c_str(),
                    static_cast<unsigned long long>(standing.eligible), static_cast<unsigned long long>(standing.open),
                    static_cast<unsigned long long>(standing.indeterminate),
                    standing.last_raised ? model::to_text(model::date_of(*standing.last_raised)).c_str() : "never",
                    standing.newest_fact ? model::to_text(*standing.newest_fact).c_str() : "none");
        for (const auto& [clause, count] : standing.causes)
            std::printf("    %llu unknown by  %s\n", static_cast<unsigned long long>(count), clause.c_str());
    }
}

} // namespace bonewatch::daemon
