#include "config/unit.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

/// Reads whatever bytes there are as a unit. What is refused is said; what is read is one in itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace bonewatch;
    const std::string text(reinterpret_cast<const char*>(bytes), size);
    const auto unit = config::parse_unit(text);
    if (!unit) {
        if (unit.error().reason.empty() || unit.error().message.size() > 512)
            std::abort();
        return 0;
    }
    if (config::ratio(*unit, *unit) != model::Rational(1))
        std::abort();
    const auto one = config::parse_unit("(" + text + ")/(" + text + ")");
    if (one && (!one->dimension.is_number() || config::ratio(*one, config::Unit{}) != model::Rational(1)))
        std::abort();
    return 0;
}
