#include "tests/bench/catalogue.h"

#include "tests/bench/measure.h"

#include <filesystem>

namespace bonewatch::bench {

std::shared_ptr<const daemon::Revision> load_revision(Watched watched) {
    const std::filesystem::path root = BONEWATCH_SOURCE_DIR;
    config::Files files;
    for (auto& [name, text] : must(config::read_files(root / "config/vocabulary")))
        files["vocabulary/" + name] = text;
    for (auto& [name, text] :
         must(config::read_files(root / (watched == Watched::rules ? "tests/bench" : "config") / "monitors")))
        if (watched != Watched::nothing || name == "_common.toml")
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
