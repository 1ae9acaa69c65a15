#include "daemon/tables.h"

#include "store/model/ensure.h"

#include <cstdlib>
#include <filesystem>

namespace bonewatch::daemon {

namespace {

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

} // namespace

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
    auto publishers = config::load_publishers(out.settings, out.revision->vocabulary);
    if (!publishers)
        return std::unexpected(std::move(publishers.error()));
    out.settings.publishers = std::move(*publishers);
    return out;
}

} // namespace bonewatch::daemon
