#include "monitors/watch.h"
#include "tests/bench/brute_force.h"
#include "tests/bench/catalogue.h"
#include "tests/bench/figures.h"
#include "tests/bench/workload.h"

#include <fmt/core.h>

#include <algorithm>

namespace bonewatch::bench {

namespace {

/// Against the brute-force reading.
struct Mistakes {
    int missed = 0;        ///< A stretch that has no episode.
    int wrong = 0;         ///< An episode that is no stretch.
    int left_standing = 0; ///< An open episode of a stretch that is over.
    int stretches = 0;
};

std::vector<Stretch> stretches_of(const monitors::Watch& watch, std::size_t monitor) {
    std::vector<Stretch> out;
    for (const monitors::EpisodePtr& episode : watch.episodes(monitor))
        out.push_back({episode->opened, episode->closed});
    return out;
}

void compare(const std::vector<Stretch>& told, const std::vector<Stretch>& right, Mistakes& mistakes) {
    mistakes.stretches += static_cast<int>(right.size());
    for (const Stretch& stretch : right)
        mistakes.missed += std::ranges::find(told, stretch.opened, &Stretch::opened) == told.end();
    for (const Stretch& stretch : told) {
        const auto match = std::ranges::find(right, stretch.opened, &Stretch::opened);
        if (match == right.end())
            ++mistakes.wrong;
        else if (match->closed != stretch.closed)
            ++(stretch.closed ? mistakes.wrong : mistakes.left_standing);
    }
}

Figure run(const daemon::Revision& revision, const std::string& name, const std::string& rule, const Workload& work) {
    const std::size_t monitor = *revision.catalogue->find(model::MonitorId(rule));
    std::vector<monitors::Watch> watches;
    watches.reserve(work.patients);
    for (std::size_t i = 0; i < work.patients; ++i)
        watches.emplace_back(*revision.catalogue);

    const Stopwatch watch;
    for (const Delivery& delivery : work.deliveries) {
        monitors::Watch& patient = watches[delivery.patient];
        patient.set_fact(delivery.key, delivery.standing, false);
        patient.advance(delivery.arrives);
    }
    const double seconds = watch.wall_seconds(), cpu = watch.cpu_seconds();

    Mistakes mistakes;
    for (std::size_t i = 0; i < work.patients; ++i) {
        watches[i].advance(work.end);
        compare(stretches_of(watches[i], monitor),
                rule == "rule-a" ? rule_a(work.final_facts[i]) : rule_b(work.final_facts[i], work.end), mistakes);
    }
    if (mistakes.missed + mistakes.wrong + mistakes.left_standing > 0 || mistakes.stretches == 0) {
        std::fprintf(stderr, "bench: %s: of %d alerts %d missed, %d wrong, %d left standing\n", name.c_str(),
                     mistakes.stretches, mistakes.missed, mistakes.wrong, mistakes.left_standing);
        std::exit(1);
    }
    const auto events = static_cast<double>(work.deliveries.size());
    return {name, fmt::format("{:.0f} k events/s, {:.2f} us CPU", events / seconds / 1e3, cpu / events * 1e6),
            fmt::format("{} alerts: 0 missed, wrong, standing", mistakes.stretches), "",
            rule == "rule-a" ? ">= 1,100 k (Siddhi 110 k)" : ""};
}

} // namespace

Figures evaluation(const Scale& scale) {
    const auto revision = load_revision(Watched::rules);
    const auto patients = static_cast<std::size_t>(scale.of(2000, 60));
    constexpr std::pair<Variant, const char*> variants[] = {{Variant::in_order, "V0 in order"},
                                                            {Variant::late, "V1 late"},
                                                            {Variant::corrected, "V2 corrected"},
                                                            {Variant::repeated, "V3 repeated"}};
    Figures figures;
    for (const auto& [variant, name] : variants)
        figures.push_back(run(*revision, fmt::format("in memory, rule A, {}", name), "rule-a",
                              tsh_results(patients, 40, variant, 1)));
    for (const auto& [variant, name] : variants)
        figures.push_back(run(*revision, fmt::format("in memory, rule B, {}", name), "rule-b",
                              steroid_supplies(patients, 26, variant, 2)));
    return figures;
}

} // namespace bonewatch::bench
