#include "daemon/intake.h"
#include "store/rocks_store.h"
#include "tests/bench/catalogue.h"
#include "tests/bench/figures.h"
#include "tests/bench/rocksdb_alone.h"
#include "tests/store/scratch_folder.h"

#include <fmt/core.h>

namespace bonewatch::bench {

namespace {

std::string compact(model::Instant at) {
    std::string text = model::to_text(at);
    std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'T' || c == 'Z'; });
    return text;
}

/// An ORU of one TSH within its limits, with the PID above it that every laboratory sends.
std::string report(int patient, int round, model::Instant at) {
    const std::string when = compact(at);
    return fmt::format("MSH|^~\\&|LIMS|NORTH|BONEWATCH|CLINIC|{0}+0000||ORU^R01^ORU_R01|m-{1}-{2}|P|2.5.1\r"
                       "PID|1||{1:07}^^^WARD^MR||X^Y||19{3:02}0218|{4}\r"
                       "OBR|1||F{1}-{2}^LIMS|TFT^Thyroid function^99LAB|||{0}+0000|||||||||||||||{0}+0000|||F\r"
                       "OBX|1|NM|3016-3^TSH^LN||{5:.2f}|mU/L|0.4-4.0||||F\r",
                       when, patient, round, 30 + patient % 60, patient % 2 == 0 ? "F" : "M",
                       1.0 + (patient + round) % 20 / 10.0);
}

/// Processor time of a report through intake and the core over RocksDB, a synced commit for each 512 of them. Every
/// patient has one a round; what was due in between fires outside the time taken.
Figure through_core(const char* what, model::Days between, const Scale& scale, double alone_us) {
    const int patients = scale.of(2000, 100), rounds = scale.of(20, 3);
    const tests::ScratchFolder folder;
    store::RocksSettings settings;
    settings.folder = folder.path() / "store";
    const auto store = must(store::open_rocks_store(settings));
    const auto core = must(daemon::Core::open(*store, load_revision(Watched::shipped), {{"ward"}}));
    daemon::Intake intake(*core);
    const ingest::Publisher publisher{model::PublisherId("lab")};
    model::Instant at = model::Date{std::chrono::year(2024) / 3 / 1} + std::chrono::hours(12);
    double cpu = 0, bytes = 0;
    for (int round = 0; round < rounds; ++round, at += between) {
        must(core->tick(std::max(at, core->now())));
        std::vector<std::string> messages;
        for (int i = 0; i < patients; ++i)
            messages.push_back(report((i * 7919 + 13 * round) % patients, round, at - std::chrono::hours(1)));
        const Stopwatch watch;
        for (int i = 0; i < patients; ++i) {
            const auto& message = messages[static_cast<std::size_t>(i)];
            const auto taken = must(intake.take(message, ingest::Format::hl7v2, publisher, false, core->now()));
            if (!taken.is_stored || taken.outcomes.back().outcome != "applied") {
                std::fprintf(stderr, "bench: a report was not applied\n");
                std::exit(1);
            }
            if ((i + 1) % events_per_commit != 0 && i + 1 != patients)
                continue;
            bytes += round == 0 ? 0 : static_cast<double>(core->pending_bytes());
            must(core->commit());
        }
        cpu += round == 0 ? 0 : watch.cpu_seconds();
    }
    const double reports = patients * (rounds - 1);
    const double report_us = cpu / reports * 1e6;
    return {what, fmt::format("{:.0f} us CPU a report", report_us), fmt::format("{:.0f} B a report", bytes / reports),
            fmt::format("{:.1f} x", report_us / alone_us), "first figure"};
}

} // namespace

Figures reports(const Scale& scale) {
    const int alone_events = events_per_commit * scale.of(400, 4);
    const Rate before = rocksdb_alone(alone_events);
    const auto figures = [&](double alone_us) {
        return Figures{through_core("ORU of one result, each in a month of its own", model::Days(31), scale, alone_us),
                       through_core("the same, one after another within a month", model::Days(1), scale, alone_us)};
    }(before.cpu_us);
    Figures out{{"RocksDB alone, 3 puts of 64 B, batches of 512",
                 fmt::format("{:.1f} us CPU an event", before.cpu_us),
                 fmt::format("{:.1f} us after", rocksdb_alone(alone_events).cpu_us),
                 "1 x",
                 {}}};
    out.insert(out.end(), figures.begin(), figures.end());
    return out;
}

} // namespace bonewatch::bench
