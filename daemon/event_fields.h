#pragma once

#include "store/model/event.h"

#include <string>
#include <vector>

namespace bonewatch::daemon {

/// A field of an event under the name that it has in native lines, as text.
struct EventField {
    std::string name;
    std::string value;
};

/// All that would be stored of an event, without the fields that hold nothing.
[[nodiscard]] std::vector<EventField> fields_of(const model::Event& event);

} // namespace bonewatch::daemon
