#include "tests/bench/catalogue.h"

#include "tests/bench/measure.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace bonewatch::bench {

namespace {

constexpr std::array<std::string_view, 12> first_twelve{"tsh-suppressed",
                                                        "tsh-low",
                                                        "levothyroxine-overreplacement",
                                                        "levothyroxine-no-tsh",
                                                        "steroid-5mg-90d",
                                                        "steroid-7p5mg-90d-unprotected",
                                                        "steroid-no-dxa",
                                                        "steroid-cumulative-12m",
                                                        "vitamin-d-deficient",
                                                        "denosumab-overdue",
                                                        "ra-over-1y-no-bone-assessment",
                                                        "fracture-on-thyroid-hormone"};

bool is_loaded(const std::filesystem::path& file, Watched watched) {
    if (file == "_common.toml" || watched == Watched::shipped || watched == Watched::rules)
        return true;
    return watched == Watched::first_twelve && std::ranges::find(first_twelve, file.stem()) != first_twelve.end();
}

} // namespace

std::shared_ptr<const daemon::Revision> load_revision(Watched watched) {
    const std::filesystem::path root = BONEWATCH_SOURCE_DIR;
    config::Files files;
    for (auto& [name, text] : must(config::read_files(root / "config/vocabulary")))
        files["vocabulary/" + name] = text;
    for (auto& [name, text] :
         must(config::read_files(root / (watched == Watched::rules ? "tests/bench" : "config") / "monitors")))
        if (is_loaded(name, watched))
            files["monitors/" + name] = text;
    auto revision = daemon::Revision::load(std::move(files), std::chrono::minutes(10));
    if (!revision) {
        std::fprintf(stderr, "bench: %s: %s\n", revision.error().front().place.c_str(),
                     revision.error().front().message.c_str());
        std::exit(1);
    }
    return *revision;
}

} // namespace bonewatch::bench
