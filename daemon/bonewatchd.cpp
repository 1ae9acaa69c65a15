#include "config/key_text.h"
#include "daemon/key_shelf.h"
#include "daemon/mutual_tls.h"
#include "daemon/service.h"

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

// The exit codes of the command line: design, "The command line".
constexpr int exit_problems = 1;
constexpr int exit_usage = 64;
constexpr int exit_unavailable = 75;
constexpr int exit_not_allowed = 77;
constexpr int exit_config = 78;

std::atomic<bool> stop{false};
std::atomic<bool> reload{false};

/// A round may be long; whoever stops the daemon does not wait longer than this.
constexpr unsigned seconds_to_stop = 30;

void on_signal(int) {
    stop = true;
    alarm(seconds_to_stop);
}

void on_hangup(int) {
    reload = true;
}

/// As if killed: what was not acknowledged can be sent again.
void on_late(int) {
    constexpr char said[] = "bonewatchd: the round under way takes too long, and is given up: nothing acknowledged is "
                            "lost\n";
    static_cast<void>(!write(STDERR_FILENO, said, sizeof(said) - 1));
    std::_Exit(0);
}

void log_to_standard_error() {
    auto logger = spdlog::stderr_logger_mt("bonewatchd");
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

/// As many descriptors as the system grants: anybody who reaches a door takes one.
void take_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

void print(const bonewatch::model::Error& error) {
    std::fprintf(stderr, "bonewatchd: %s%s%s\n", error.place.c_str(), error.place.empty() ? "" : ": ",
                 error.message.c_str());
}

/// Says every problem of the configuration; 0 where there is none.
int check(const bonewatch::config::Settings& settings) {
    using namespace bonewatch;
    auto files = config::read_tables(settings);
    if (!files) {
        print(files.error());
        return exit_problems;
    }
    for (const auto& [name, door] : settings.mllp)
        if (door.tls)
            if (auto context = daemon::mutual_tls(*door.tls); !context) {
                print(context.error());
                return exit_problems;
            }
    auto revision = daemon::Revision::load(*files, settings.settle);
    if (!revision) {
        for (const model::Error& error : revision.error())
            print(error);
        return exit_problems;
    }
    if (const auto publishers = config::load_publishers(settings, (*revision)->vocabulary); !publishers) {
        for (const model::Error& error : publishers.error())
            print(error);
        return exit_problems;
    }
    if (settings.curve) {
        const auto server_key = config::load_secret_key(settings.curve->server_key);
        if (!server_key) {
            print(server_key.error());
            return exit_problems;
        }
        const auto shelf = daemon::KeyShelf::open(settings.curve->keys);
        if (!shelf) {
            for (const model::Error& error : shelf.error())
                print(error);
            return exit_problems;
        }
        std::printf("keys are good: %zu clients, the server's fingerprint is %s\n", (*shelf)->ring()->clients().size(),
                    config::fingerprint(server_key->public_key).c_str());
    }
    std::printf(
        "configuration is good: revision %s, %zu monitors, %zu analytes, %zu drugs, %zu conditions and procedures\n",
        (*revision)->id.c_str(), (*revision)->catalogue->monitors().size(), (*revision)->vocabulary.analytes().size(),
        (*revision)->vocabulary.drugs().size(), (*revision)->vocabulary.conditions().size());
    return 0;
}

int serve(const bonewatch::config::Settings& settings) {
    using namespace bonewatch;
    std::signal(SIGHUP, on_hangup);
    auto service = daemon::Service::open(settings);
    if (!service) {
        print(service.error());
        if (service.error().reason == "store_forbidden")
            return exit_not_allowed;
        return service.error().kind == model::ErrorKind::unavailable ? exit_unavailable : exit_config;
    }
    std::signal(SIGTERM, on_signal);
    std::signal(SIGINT, on_signal);
    std::signal(SIGALRM, on_late);
    spdlog::info("event=ready {}", (*service)->endpoints());
    std::printf("ready %s\n", (*service)->endpoints().c_str());
    std::fflush(stdout);
    const auto ok = (*service)->run(stop, &reload);
    if (!ok) {
        const bool is_unguarded = ok.error().reason == "nobody_answers" || ok.error().reason == "anybody_let_in";
        spdlog::critical("event={} reason={} message=\"{}\" hint=\"nothing acknowledged is lost; {}start again\"",
                         is_unguarded ? "doors_unguarded" : "store_failed", ok.error().reason, ok.error().message,
                         is_unguarded ? "" : "mend the disk and ");
        // Nothing is closed: RocksDB asserts when a file that has failed is flushed once more, and the disk has it all.
        spdlog::shutdown();
        std::_Exit(exit_unavailable);
    }
    spdlog::info("event=stopped");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Watches patients over years: takes events from laboratories and pharmacies, tells alerts to clinicians.",
        "bonewatchd");
    std::string path;
    bool is_check = false;
    app.add_option("--config", path, "Settings; config/bonewatchd.toml is a commented example")->required();
    app.add_flag("--check-config", is_check, "Check the settings, the vocabulary and the monitors, and end");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    // What is kept is about patients: store, log and sockets are the owner's alone.
    umask(077);
    take_descriptors();
    log_to_standard_error();
    auto settings = bonewatch::config::load_settings(path);
    if (!settings) {
        for (const bonewatch::model::Error& error : settings.error())
            print(error);
        return is_check ? exit_problems : exit_config;
    }
    return is_check ? check(*settings) : serve(*settings);
}
