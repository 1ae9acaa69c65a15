#include "daemon/clock.h"

#include <algorithm>
#include <thread>

namespace bonewatch::daemon {

model::Instant wall_now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Moment steady_now() {
    return std::chrono::steady_clock::now();
}

std::chrono::milliseconds left_until(Moment deadline) {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_now()));
}

void pause_for(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
}

} // namespace bonewatch::daemon
