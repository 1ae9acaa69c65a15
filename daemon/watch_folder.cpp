#include "daemon/clock.h"
#include "daemon/commands.h"
#include "daemon/intake.h"
#include "daemon/publishing.h"
#include "daemon/render.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sys/file.h>
#include <unistd.h>

namespace bonewatch::daemon {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds poll_interval{1'000};
/// A file is complete when it has not changed for so long.
constexpr milliseconds settle{2'000};
constexpr milliseconds wait_first{1'000};
constexpr milliseconds wait_max{10'000};
constexpr const char* lock_name = ".bonewatch.lock";
/// Rejections that a `.reason` tells of.
constexpr std::size_t reasons_max = 1'000;

/// What is under way can be cut short anywhere: what has no answer is sent again, and is a duplicate.
void on_signal(int) {
    std::_Exit(0);
}

/// Whether nobody else watches the folder; holds until the process ends.
bool lock(const fs::path& folder) {
    const int file = open((folder / lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0;
}

/// How a file looks.
struct Look {
    std::uintmax_t size = 0;
    fs::file_time_type changed{};
    bool operator==(const Look&) const = default;
};

/// Nothing where it is not there.
std::optional<Look> seen_at(const fs::path& path) {
    std::error_code gone;
    Look look{fs::file_size(path, gone), {}};
    if (!gone)
        look.changed = fs::last_write_time(path, gone);
    return gone ? std::nullopt : std::optional(look);
}

/// How it looked when it was last seen, and since when.
struct Seen {
    Look look;
    Moment since{};
};

/// The files of a folder that are complete, by name.
class Arrivals {
  public:
    explicit Arrivals(fs::path folder) : folder_(std::move(folder)) {}

    /// Fails with `unavailable` where the folder cannot be read.
    model::Result<std::vector<std::string>> complete() {
        std::map<std::string, Seen> seen;
        std::vector<std::string> out;
        const Moment now = steady_now();
        std::error_code error;
        for (auto at = fs::directory_iterator(folder_, error); !error && at != fs::directory_iterator();
             at.increment(error)) {
            const std::string name = at->path().filename().string();
            std::error_code gone; // Taken away meanwhile: not there.
            const bool is_file = fs::is_regular_file(at->symlink_status(gone));
            if (gone || !is_file || name.starts_with('.') || name.ends_with(".tmp"))
                continue;
            const auto look = seen_at(at->path());
            if (!look)
                continue;
            Seen one{*look, now};
            const auto before = seen_.find(name);
            if (before != seen_.end() && before->second.look == one.look)
                one.since = before->second.since;
            if (now - one.since >= settle)
                out.push_back(name);
            seen.emplace(name, one);
        }
        if (error)
            return model::fail(model::ErrorKind::unavailable, "folder_not_read", error.message(), folder_.string());
        seen_ = std::move(seen);
        std::ranges::sort(out);
        return out;
    }

  private:
    fs::path folder_;
    std::map<std::string, Seen> seen_;
};

/// The folders, made where they are missing, on the same file system: a file is moved in one step.
model::Result<void> make_folders(const std::vector<fs::path>& folders) {
    for (const fs::path& folder : folders) {
        std::error_code error;
        fs::create_directories(folder, error);
        if (!error && !fs::is_directory(folder))
            error = std::make_error_code(std::errc::not_a_directory);
        if (error)
            return model::fail(model::ErrorKind::config, "no_folder", error.message(), folder.string());
    }
    return {};
}

/// Moves a file to where none is: `file_exists` where there is one, which stays. Others may use the folder too.
std::error_code move_to_free(const fs::path& from, const fs::path& to) {
    const auto last = [] { return std::error_code(errno, std::generic_category()); };
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return {};
    if (errno != EINVAL && errno != ENOSYS)
        return last();
    // A file system that cannot: a second name is as good, and the first goes.
    if (link(from.c_str(), to.c_str()) != 0 || unlink(from.c_str()) != 0)
        return last();
    return {};
}

class FolderWatch {
  public:
    FolderWatch(const PublishCommand& options, fs::path archive, fs::path bad)
        : options_(options), folder_(options.watch), archive_(std::move(archive)), bad_(std::move(bad)) {}

    /// Publishes one file whole and moves it away. It stays where the daemon is not there, and where it changed
    /// meanwhile: then it comes again, and what was stored is a duplicate.
    model::Result<void> take(const std::string& name) {
        const std::string path = (folder_ / name).string();
        const auto before = seen_at(path);
        if (!before)
            return {};
        // Nothing is sent that could not be moved away: it would be sent again and again.
        if (auto made = make_folders({archive_, bad_}); !made)
            return made;
        auto text = read_input(path);
        IntakeCounts counts;
        std::vector<std::string> reasons;
        bool may_retry = false;
        model::Result<void> published = text ? model::Result<void>() : std::unexpected(text.error());
        if (text)
            published = publish_text(options_, path, *text, nullptr,
                                     [&](std::uint64_t number, const ingest::MessageResult& result) {
                                         may_retry = may_retry || (!result.is_stored && result.retry);
                                         note(number, result, counts, reasons);
                                     });
        if (published && may_retry)
            published = model::fail(model::ErrorKind::unavailable, "put_off", "the daemon takes " + name + " later");
        if (!published && (published.error().kind == model::ErrorKind::unavailable ||
                           published.error().kind == model::ErrorKind::refused))
            return published;
        if (!published)
            reasons.push_back(published.error().reason + ": " + published.error().message);
        if (seen_at(path) != before)
            return say_changed(name);
        return reasons.empty() ? move(name, archive_, counts, {}) : move(name, bad_, counts, reasons);
    }

  private:
    static void note(std::uint64_t number, const ingest::MessageResult& result, IntakeCounts& counts,
                     std::vector<std::string>& reasons) {
        ++counts.messages;
        const auto add = [&](const std::string& reason, const std::string& place, const std::string& message) {
            if (reasons.size() < reasons_max)
                reasons.push_back("message " + std::to_string(number + 1) + ": " + reason +
                                  (place.empty() ? "" : " at ") + place + ": " + message);
            else if (reasons.size() == reasons_max)
                reasons.emplace_back("and more");
        };
        if (!result.is_stored && result.outcomes.empty()) {
            counts.count("rejected");
            add(result.reason, {}, result.message);
        }
        for (const ingest::EventOutcome& outcome : result.outcomes) {
            counts.count(outcome.outcome);
            if (outcome.outcome == "rejected")
                add(outcome.reason, outcome.place, outcome.message);
        }
    }

    static model::Result<void> say_changed(const std::string& name) {
        std::fprintf(stderr, "bonewatch: %s changed or was taken away while it was published, and is not moved\n",
                     plain(name).c_str());
        return {};
    }

    /// Where no file is yet: under its name, or NAME.1, NAME.2 ….
    model::Result<void> move(const std::string& name, const fs::path& to, const IntakeCounts& counts,
                             const std::vector<std::string>& reasons) const {
        for (int taken = 0;; ++taken) {
            const fs::path path = to / (taken == 0 ? name : name + "." + std::to_string(taken));
            std::error_code error, ignored;
            if (fs::exists(path, ignored))
                continue;
            if (!reasons.empty()) {
                const auto is_written = write_reasons(path.string() + ".reason", counts, reasons);
                if (!is_written)
                    return std::unexpected(is_written.error());
                if (!*is_written)
                    continue;
            }
            error = move_to_free(folder_ / name, path);
            if (!error) {
                say(name, path, counts, reasons);
                return {};
            }
            if (!reasons.empty())
                fs::remove(path.string() + ".reason", ignored);
            if (error == std::errc::file_exists)
                continue;
            if (!seen_at(folder_ / name))
                return say_changed(name);
            return model::fail(model::ErrorKind::config, "not_moved", error.message(), path.string());
        }
    }

    /// The reason is there before the file is. False where a file of its name is there already.
    static model::Result<bool> write_reasons(const std::string& path, const IntakeCounts& counts,
                                             const std::vector<std::string>& reasons) {
        const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno == EEXIST)
            return false;
        std::string text;
        for (const std::string& reason : reasons)
            text += plain(reason) + "\n";
        text += "of the rest: " + counts.json() + "\n";
        const bool is_written = file >= 0 && write(file, text.data(), text.size()) == std::ssize(text);
        if (file < 0 || close(file) != 0 || !is_written)
            return model::fail(model::ErrorKind::config, "not_moved", "its reason cannot be written", path);
        return true;
    }

    void say(const std::string& name, const fs::path& path, const IntakeCounts& counts,
             const std::vector<std::string>& reasons) const {
        const std::string word = reasons.empty() ? "archived" : "bad";
        if (options_.output == Output::ndjson) {
            model::JsonWriter json;
            json.begin_object();
            json.text("file", name);
            json.text("outcome", word);
            json.text("path", path.string());
            if (!reasons.empty())
                json.text("reason", reasons.front());
            json.raw("counts", counts.json());
            json.end_object();
            std::printf("%s\n", json.take().c_str());
        } else {
            std::printf("%s  %s  %s%s%s\n", word.c_str(), plain(name).c_str(), counts.json().c_str(),
                        reasons.empty() ? "" : "  ", reasons.empty() ? "" : plain(reasons.front()).c_str());
        }
        std::fflush(stdout);
    }

    const PublishCommand& options_;
    fs::path folder_, archive_, bad_;
};

} // namespace

int publish_folder(const PublishCommand& options) {
    const fs::path folder = options.watch;
    const fs::path archive = options.archive.empty() ? folder / "archive" : fs::path(options.archive);
    const fs::path bad = options.bad.empty() ? folder / "bad" : fs::path(options.bad);
    if (!fs::is_directory(folder)) {
        std::fprintf(stderr, "bonewatch: %s is no folder\n", options.watch.c_str());
        return exit_usage;
    }
    if (auto made = make_folders({archive, bad}); !made)
        return failed(made.error());
    if (!lock(folder)) {
        std::fprintf(stderr, "bonewatch: %s is watched already\n", options.watch.c_str());
        return exit_try_again;
    }
    std::signal(SIGTERM, on_signal);
    std::signal(SIGINT, on_signal);
    Arrivals arrivals(folder);
    FolderWatch watch(options, archive, bad);
    milliseconds wait = wait_first;
    for (;;) {
        const auto names = arrivals.complete();
        if (!names)
            return failed(names.error());
        bool is_waiting = false;
        for (const std::string& name : *names) {
            const auto taken = watch.take(name);
            if (taken) {
                wait = wait_first;
                continue;
            }
            if (taken.error().kind != model::ErrorKind::unavailable)
                return failed(taken.error());
            std::fprintf(stderr, "bonewatch: waiting: %s\n", taken.error().message.c_str());
            pause_for(wait);
            wait = std::min(2 * wait, wait_max);
            is_waiting = true;
            break;
        }
        if (!is_waiting)
            pause_for(poll_interval);
    }
}

} // namespace bonewatch::daemon
