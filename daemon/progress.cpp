#include "daemon/progress.h"

#include <cstdio>
#include <unistd.h>

namespace bonewatch::daemon {

namespace {

constexpr auto interval = std::chrono::milliseconds(200);

} // namespace

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)), total_(total), is_shown_(isatty(STDERR_FILENO) == 1), last_(steady_now()) {}

Progress::~Progress() {
    wipe();
}

void Progress::at(std::uint64_t done) {
    if (!is_shown_ || steady_now() - last_ < interval)
        return;
    last_ = steady_now();
    is_written_ = true;
    std::fprintf(stderr, "\r\033[K%llu%s %s", static_cast<unsigned long long>(done),
                 total_ == 0 ? "" : (" of " + std::to_string(total_)).c_str(), what_.c_str());
    std::fflush(stderr);
}

void Progress::wipe() {
    if (is_written_)
        std::fputs("\r\033[K", stderr);
    is_written_ = false;
}

} // namespace bonewatch::daemon
