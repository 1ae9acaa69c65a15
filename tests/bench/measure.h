#pragma once

#include "store/model/result.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace bonewatch::bench {

/// How much is done: everything small in a quick run, which is there to keep the code alive.
struct Scale {
    bool is_quick = false;
    [[nodiscard]] int of(int full, int quick) const { return is_quick ? quick : full; }
};

/// Wall time and this process's processor time, since it was made.
class Stopwatch {
  public:
    Stopwatch();
    [[nodiscard]] double wall_seconds() const;
    [[nodiscard]] double cpu_seconds() const;

  private:
    std::chrono::steady_clock::time_point wall_;
    double cpu_ = 0;
};

/// The value below which `percent` of the samples lie. There is at least one sample.
[[nodiscard]] double percentile(std::vector<double> samples, double percent);

/// One line of the table.
struct Figure {
    std::string what;
    std::string value;
    std::string beside; ///< The machine's limit in the same run, or what else it is to be read with.
    std::string ratio;
    std::string goal;
};
using Figures = std::vector<Figure>;

void print(const Figures& figures);

/// The value, or the end of the bench with the error's message.
template <typename T>
T must(model::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "bench: %s\n", result.error().message.c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

} // namespace bonewatch::bench
