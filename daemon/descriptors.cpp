#include "daemon/descriptors.h"

#include <algorithm>
#include <climits>
#include <sys/resource.h>

namespace bonewatch::daemon {

int first_reserved_descriptor(bool is_command) {
    constexpr rlim_t of_store = 256, of_commands = 32;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
        return INT_MAX;
    const rlim_t first = limit.rlim_cur - std::min(of_store, limit.rlim_cur / 2);
    return static_cast<int>(is_command ? first : first - std::min(of_commands, first / 4));
}

} // namespace bonewatch::daemon
