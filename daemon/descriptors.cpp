#include "daemon/descriptors.h"

#include <algorithm>
#include <climits>
#include <sys/resource.h>

namespace bonewatch::daemon {

int first_reserved_descriptor() {
    constexpr rlim_t reserve = 256;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX)
        return INT_MAX;
    return static_cast<int>(limit.rlim_cur - std::min(reserve, limit.rlim_cur / 2));
}

} // namespace bonewatch::daemon
