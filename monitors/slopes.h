#pragma once

#include "monitors/span.h"
#include "store/model/interval.h"

#include <span>

namespace bonewatch::monitors {

/// What a value of one date may be.
struct DatedValue {
    Date date{};
    model::ValueInterval value;
};

/// Theil and Sen: the median slope a day between values of different dates, from that of the least slopes to that of
/// the greatest; of an even number the mean of the middle two. Slopes that are not known lie beyond all others. At
/// least two dates are needed.
///
///     50 on day 0, 55.5 on day 90, 61 on day 180  ->  slopes 5.5/90, 11/180, 5.5/90  ->  11/180
///
/// Exact. The slopes are not listed, for there are n² / 2 of them: it takes about n log² n steps for n values. Not
/// known where the values have no common denominator of 63 bits, or are over it of more than 100.
[[nodiscard]] model::ValueInterval median_slope(std::span<const DatedValue> values);

} // namespace bonewatch::monitors
