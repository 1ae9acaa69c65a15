#pragma once

#include "store/model/event.h"

namespace bonewatch::model {

/// The attribute of a retraction that is a *promotion*: of version n it hides nothing, but says that what is
/// preliminary below n is final now, though its value was not sent again. Its value says why.
inline constexpr const char* promotion_attribute = "promotion";

[[nodiscard]] inline bool is_promotion(const Event& event) {
    return std::holds_alternative<RetractionEvent>(event.body) && event.attributes.contains(promotion_attribute);
}

} // namespace bonewatch::model
