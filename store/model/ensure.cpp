#include "store/model/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace bonewatch::model {

void ensure_failed(const char* condition, const char* why, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: ENSURE(%s) failed: %s\n", file, line, condition, why);
    std::abort();
}

} // namespace bonewatch::model
