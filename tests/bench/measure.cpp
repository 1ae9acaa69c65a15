#include "tests/bench/measure.h"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>

namespace bonewatch::bench {

namespace {

double cpu_now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

} // namespace

Stopwatch::Stopwatch() : wall_(std::chrono::steady_clock::now()), cpu_(cpu_now()) {}

double Stopwatch::wall_seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
}

double Stopwatch::cpu_seconds() const {
    return cpu_now() - cpu_;
}

double percentile(std::vector<double> samples, double percent) {
    const auto place = static_cast<std::ptrdiff_t>(percent / 100 * static_cast<double>(samples.size() - 1));
    std::ranges::nth_element(samples, samples.begin() + place);
    return samples[static_cast<std::size_t>(place)];
}

void print(const Figures& figures) {
    for (const Figure& f : figures)
        fmt::print("{:<46} {:<34} {:<34} {:>10}  {}\n", f.what, f.value, f.beside, f.ratio, f.goal);
    std::fflush(stdout);
}

} // namespace bonewatch::bench
