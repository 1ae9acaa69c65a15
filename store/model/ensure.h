#pragma once

namespace bonewatch::model {

/// Prints file, line and `why` on standard error and aborts. For our own mistakes only, never for outside data.
[[noreturn]] void ensure_failed(const char* condition, const char* why, const char* file, int line);

} // namespace bonewatch::model

/// Always on. Ends the process when `condition` is false: what follows would be built on a broken promise of ours.
#define ENSURE(condition, why)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) [[unlikely]]                                                                                 \
            ::bonewatch::model::ensure_failed(#condition, why, __FILE__, __LINE__);                                    \
    } while (false)
