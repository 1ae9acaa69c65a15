#pragma once

#include "store/model/event.h"

namespace bonewatch::model {

/// The attribute of a retraction that is a *promotion*: of version n it hides nothing, but says that what is
/// preliminary below n is final now, though its value was not sent again. Its value says why.
inline constexpr const char* promotion_attribute = "promotion";

[[nodiscard]] inline bool is_promotion(const Event& event) {
    const auto* retraction = std::get_if<RetractionEvent>(&event.body);
    return retraction != nullptr && retraction->of_version && event.attributes.contains(promotion_attribute);
}

} // namespace bonewatch::model
