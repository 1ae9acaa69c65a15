#include "daemon/clock.h"
#include "daemon/connection.h"
#include "daemon/service.h"
#include "tests/bench/figures.h"
#include "tests/store/scratch_folder.h"

#include <fmt/core.h>

#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace bonewatch::bench {

namespace {

/// Microseconds of each write of 4 KiB at the end of a file and its fdatasync.
std::vector<double> fdatasync_times(const std::filesystem::path& folder, int count) {
    const std::string bytes(4096, 'x');
    const int file = ::open((folder / "probe").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    std::vector<double> out;
    for (int i = 0; i < count; ++i) {
        const Stopwatch watch;
        if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) || ::fdatasync(file) != 0)
            std::exit(1);
        out.push_back(watch.wall_seconds() * 1e6);
    }
    ::close(file);
    return out;
}

/// Microseconds from each PUBLISH of one event to its RESULT, with nothing else under way.
std::vector<double> publish_times(const std::string& endpoint, int count) {
    auto connection = must(daemon::Connection::open({.endpoint = endpoint, .client = "bench", .publisher = "lab"}));
    std::vector<double> out;
    for (int i = 0; i < count; ++i) {
        const model::Instant at = daemon::wall_now() - std::chrono::minutes(count - i);
        model::Frame frame{.command = model::Command::publish,
                           .request_id = connection.next_request_id(),
                           .meta = R"({"format":"native"})",
                           .bodies = {fmt::format(R"({{"type":"result","id":"r-{}","patient":"ward:{}",)"
                                                  R"("code":"tsh","value":1.2,"unit":"mU/L","at":"{}"}})",
                                                  i, i % 100, model::to_text(at))}};
        const Stopwatch watch;
        must(connection.send(std::move(frame)));
        const auto answer = must(connection.receive(std::chrono::seconds(30)));
        out.push_back(watch.wall_seconds() * 1e6);
        if (!answer || answer->command != model::Command::result || answer->meta.find("stored") == std::string::npos) {
            std::fprintf(stderr, "bench: no RESULT: %s\n", answer ? answer->meta.c_str() : "silence");
            std::exit(1);
        }
    }
    return out;
}

} // namespace

Figures acknowledgement(const Scale& scale) {
    const tests::ScratchFolder folder;
    config::Settings settings;
    const std::filesystem::path root = BONEWATCH_SOURCE_DIR;
    settings.store_folder = folder.path() / "store";
    settings.vocabulary = root / "config/vocabulary";
    settings.monitors = root / "config/monitors";
    settings.strong_systems = {"ward"};
    settings.doors = {"ipc://" + (folder.path() / "ingest").string(), "ipc://" + (folder.path() / "feed").string(),
                      "ipc://" + (folder.path() / "command").string()};
    const int count = scale.of(1000, 20);

    std::vector<double> probe = fdatasync_times(folder.path(), count);
    auto service = must(daemon::Service::open(settings));
    std::atomic<bool> stop{false};
    std::jthread thread([&] { must(service->run(stop)); });
    const std::vector<double> published = publish_times(settings.doors.ingest, count);
    stop = true;
    thread.join();
    for (const double time : fdatasync_times(folder.path(), count))
        probe.push_back(time);

    const auto line = [&](int percent, const char* goal) {
        const double time = percentile(published, percent), beside = percentile(probe, percent);
        return Figure{fmt::format("publish to result, one event, p{}", percent), fmt::format("{:.0f} us", time),
                      fmt::format("fdatasync of 4 KiB p{}: {:.0f} us", percent, beside),
                      fmt::format("{:.1f} x", time / beside), goal};
    };
    return {line(50, "<= 4 x"), line(99, "first figure")};
}

} // namespace bonewatch::bench
