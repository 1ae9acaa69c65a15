#include "daemon/client.h"
#include "daemon/dice.h"
#include "daemon/intake.h"
#include "daemon/service.h"
#include "store/rocks_store.h"
#include "tests/bench/catalogue.h"
#include "tests/bench/figures.h"
#include "tests/bench/rocksdb_alone.h"
#include "tests/store/scratch_folder.h"

#include <fmt/core.h>

#include <spdlog/spdlog.h>
#include <thread>

namespace bonewatch::bench {

namespace {

constexpr int lines_per_message = 100;

std::string identifier(std::size_t patient) {
    return fmt::format("ward:{:07}", patient);
}

std::string patient_line(std::size_t patient, int age) {
    return fmt::format(R"({{"type":"patient","patient":"{}","sex":"{}","born":"{}-03-01","registered":"2000-01-01"}})",
                       identifier(patient), patient % 2 == 0 ? "female" : "male", 2020 - age);
}

/// A TSH, a steroid issue, a levothyroxine issue or a vitamin D level; one in ten of the results is one to act on.
std::string fact_line(daemon::Dice& dice, std::size_t patient, int round, model::Instant at) {
    const std::string head = fmt::format(R"("id":"{}-{}","patient":"{}","at":"{}")", patient, round,
                                         identifier(patient), model::to_text(at));
    const bool acts = dice.per_thousand(100);
    switch (dice.between(0, 5)) {
    case 0:
        return fmt::format(R"({{"type":"supply",{},"drug":"prednisolone","route":"oral",)"
                           R"("strength":"5 mg","daily_dose":"5 mg","days":28}})",
                           head);
    case 1:
        return fmt::format(R"({{"type":"supply",{},"drug":"levothyroxine","route":"oral",)"
                           R"("strength":"100 ug","daily_dose":"100 ug","days":56}})",
                           head);
    case 2:
        return fmt::format(R"({{"type":"result",{},"code":"vitd25","value":{},"unit":"nmol/L"}})", head,
                           acts ? 18 : dice.between(50, 120));
    default:
        return fmt::format(R"({{"type":"result",{},"code":"tsh","value":{},"unit":"mU/L"}})", head,
                           acts ? "0.03" : fmt::format("{:.2f}", static_cast<double>(dice.between(45, 380)) / 100));
    }
}

/// Rounds of one fact for each patient, in another order each time; between two rounds 40 days pass.
struct Rounds {
    int patients = 0, rounds = 0;
    model::Instant start = model::Date{std::chrono::year(2021) / 3 / 1} + std::chrono::hours(12);
    [[nodiscard]] model::Instant at(int round) const { return start + model::Days(40) * round; }

    [[nodiscard]] std::vector<std::string> messages(int round) const {
        daemon::Dice dice(static_cast<std::uint64_t>(round) + 7);
        std::vector<std::string> out;
        for (int i = 0; i < patients; ++i) {
            // A step that shares no factor with the count meets every patient once.
            const auto patient =
                static_cast<std::size_t>((static_cast<std::int64_t>(i) * 7919 + 13 * round) % patients);
            if (i % lines_per_message == 0)
                out.emplace_back();
            out.back() += round == 0
                              ? patient_line(patient, static_cast<int>(dice.between(30, 90)))
                              : fact_line(dice, patient, round, at(round) - std::chrono::minutes(dice.between(1, 200)));
            out.back() += '\n';
        }
        return out;
    }
    [[nodiscard]] int facts() const { return patients * (rounds - 1); }
};

struct CoreRate {
    Rate rate;
    double timers_per_second = 0;
    std::uint64_t timers = 0, entries = 0;
};

/// Messages through intake and core, committed for each 512 events. The clock moves with the rounds; what is due in
/// between fires outside the time taken.
CoreRate core_over_rocksdb(Watched watched, const Rounds& rounds,
                           std::size_t patients_bytes = daemon::patients_bytes_default) {
    const tests::ScratchFolder folder;
    store::RocksSettings settings;
    settings.folder = folder.path() / "store";
    const auto store = must(store::open_rocks_store(settings));
    const auto core = must(daemon::Core::open(*store, load_revision(watched), {{"ward"}}, patients_bytes));
    daemon::Intake intake(*core);
    const ingest::Publisher publisher{model::PublisherId("lab")};
    double wall = 0, cpu = 0, bytes = 0, tick_wall = 0;
    for (int round = 0; round < rounds.rounds; ++round) {
        const std::vector<std::string> messages = rounds.messages(round);
        const Stopwatch ticking;
        model::Instant now = std::max(rounds.at(round), core->now());
        must(core->tick(now));
        tick_wall += ticking.wall_seconds();
        const Stopwatch watch;
        int pending = 0;
        for (const std::string& message : messages) {
            const auto result = must(intake.take(message, ingest::Format::native, publisher, false, now));
            pending += static_cast<int>(result.outcomes.size());
            if (pending < events_per_commit && &message != &messages.back())
                continue;
            bytes += round == 0 ? 0 : static_cast<double>(core->pending_bytes());
            must(core->commit());
            pending = 0;
            now += std::chrono::milliseconds(1);
        }
        if (round > 0) {
            wall += watch.wall_seconds();
            cpu += watch.cpu_seconds();
        }
    }
    const daemon::IntakeCounts& counts = intake.counts();
    if (counts.applied != counts.records || counts.records == 0) {
        std::fprintf(stderr, "bench: of %zu records %zu were applied\n", static_cast<std::size_t>(counts.records),
                     static_cast<std::size_t>(counts.applied));
        std::exit(1);
    }
    const double facts = rounds.facts();
    const daemon::FoldStats stats = core->stats();
    return {{facts / wall, cpu / facts * 1e6, bytes / facts},
            static_cast<double>(stats.timers) / tick_wall,
            stats.timers,
            stats.entries};
}

/// The same messages from the client library over ipc, dated so that the last round is today: the daemon's clock stands
/// still, so a patient's facts are caught up with rather than met as they happen.
double daemon_over_socket(Rounds rounds) {
    const tests::ScratchFolder folder;
    config::Settings settings;
    const std::filesystem::path root = BONEWATCH_SOURCE_DIR;
    settings.store_folder = folder.path() / "store";
    settings.vocabulary = root / "config/vocabulary";
    settings.monitors = root / "config/monitors";
    settings.strong_systems = {"ward"};
    settings.doors = {"ipc://" + (folder.path() / "ingest").string(), "ipc://" + (folder.path() / "feed").string(),
                      "ipc://" + (folder.path() / "command").string()};
    spdlog::set_level(spdlog::level::err);
    auto service = must(daemon::Service::open(settings));
    std::atomic<bool> stop{false};
    std::jthread thread([&] { must(service->run(stop)); });

    rounds.start = daemon::wall_now() - model::Days(40) * rounds.rounds;
    std::vector<std::string> messages;
    for (int round = 0; round < rounds.rounds; ++round)
        for (std::string& message : rounds.messages(round))
            messages.push_back(std::move(message));
    daemon::ConnectionSettings connection{.endpoint = settings.doors.ingest, .client = "bench", .publisher = "lab"};
    std::size_t sent = 0, stored = 0;
    const Stopwatch watch;
    must(daemon::publish(
        connection, {.bodies_per_publish = 8},
        [&]() -> std::optional<std::string> {
            return sent == messages.size() ? std::nullopt : std::optional(messages[sent++]);
        },
        [&](std::uint64_t, const ingest::MessageResult& result) { stored += result.is_stored; }));
    const double seconds = watch.wall_seconds();
    stop = true;
    thread.join();
    if (stored != messages.size())
        std::exit(1);
    return (rounds.facts() + rounds.patients) / seconds;
}

Figure against(const std::string& what, const Rate& rate, const Rate& alone, const std::string& goal) {
    return {what, fmt::format("{:.1f} k events/s, {:.0f} us CPU", rate.per_second / 1e3, rate.cpu_us),
            fmt::format("{:.0f} B an event; L_db {:.1f} k/s", rate.bytes, alone.per_second / 1e3),
            fmt::format("{:.3f} L_db", rate.per_second / alone.per_second), goal};
}

} // namespace

Figures durable(const Scale& scale) {
    const Rounds rounds{.patients = scale.of(4000, 200), .rounds = scale.of(21, 4)};
    const int alone_events = events_per_commit * scale.of(400, 4);
    const Rate alone = rocksdb_alone(alone_events);
    const CoreRate none = core_over_rocksdb(Watched::nothing, rounds);
    const CoreRate twelve = core_over_rocksdb(Watched::first_twelve, rounds);
    const CoreRate all = core_over_rocksdb(Watched::shipped, rounds);
    const CoreRate reloading = core_over_rocksdb(Watched::shipped, rounds, 1);
    const double socket = daemon_over_socket(rounds);
    const Rate again = rocksdb_alone(alone_events);
    const Rate mean{(alone.per_second + again.per_second) / 2, (alone.cpu_us + again.cpu_us) / 2, alone.bytes};
    return {{"RocksDB alone, 3 puts of 64 B, batches of 512",
             fmt::format("{:.1f} k events/s, {:.0f} us CPU", mean.per_second / 1e3, mean.cpu_us),
             fmt::format("{:.1f} k before, {:.1f} k after; {:.0f} B", alone.per_second / 1e3, again.per_second / 1e3,
                         mean.bytes),
             "1 = L_db", ""},
            against("durable core, no monitors", none.rate, mean, ">= 0.75 L_db"),
            against("durable core, the first twelve monitors", twelve.rate, mean, ""),
            against("durable core, all monitors", all.rate, mean, ">= 0.6 L_db"),
            against("the same, no patient kept in memory", reloading.rate, mean, ""),
            {"due timers, all monitors", fmt::format("{:.1f} k timers/s", all.timers_per_second / 1e3),
             fmt::format("{} fired, {} feed entries", all.timers, all.entries), "", "first figure"},
            {"daemon over ipc, catching up, all monitors", fmt::format("{:.1f} k events/s acknowledged", socket / 1e3),
             fmt::format("L_db {:.1f} k/s; client on the same cores", mean.per_second / 1e3),
             fmt::format("{:.3f} L_db", socket / mean.per_second), "first figure"}};
}

} // namespace bonewatch::bench
