#pragma once

#include "store/model/clock.h"

#include <string>

namespace bonewatch::monitors {

using model::Date;
using model::Days;

/// A length of time as monitors write it: `90 d` counts dates, `6 mo` and `5 y` are calendar steps.
struct Span {
    int months = 0;
    int days = 0;
    friend bool operator==(const Span&, const Span&) = default;
};

[[nodiscard]] Date operator+(Date date, Span span);
[[nodiscard]] Date operator-(Date date, Span span);
[[nodiscard]] Span operator+(Span a, Span b);

/// The first date on which `date` is more than `span` in the past: the smallest r with r - span > date.
[[nodiscard]] Date first_beyond(Date date, Span span);

/// `90 d`, `6 mo`, `5 y`.
[[nodiscard]] std::string to_text(Span span);

/// Orders spans by their usual length (a month as 30.44 days): for checking that one threshold is above another.
[[nodiscard]] double usual_days(Span span);

} // namespace bonewatch::monitors
