#include "monitors/dose_window.h"

#include <algorithm>

namespace bonewatch::monitors {

DoseWindow::DoseWindow(const Segments& segments, Date today, Span length)
    : segments_(&segments), today_(today), length_(length) {
    for (std::ptrdiff_t i = last_begun(segments, today); i >= 0; --i) {
        const DoseSegment& segment = segments[static_cast<std::size_t>(i)];
        const Date from = std::max(segment.from, first_date(today));
        const Date to = std::min(segment.to, today + Days(1));
        if (segment.to <= first_date(today))
            break;
        add(segment, (to - from).count());
    }
}

Instant DoseWindow::next_crossing(const std::function<Truth(const DoseWindow&)>& holds) const {
    const Truth value = holds(*this);
    DoseWindow window = *this;
    for (int stretches = 0; stretches < 4096; ++stretches) {
        const auto length = window.stretch();
        if (!length)
            return never;
        DoseWindow end = window;
        end.advance(*length);
        if (holds(end) != value)
            return first_within(window, *length, value, holds);
        window = std::move(end);
    }
    return Instant(window.today_);
}

/// The sum moves one way along a stretch: halve until the first day is found.
Instant DoseWindow::first_within(const DoseWindow& window, std::int64_t length, Truth value,
                                 const std::function<Truth(const DoseWindow&)>& holds) {
    std::int64_t low = 0;
    std::int64_t high = length;
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        DoseWindow there = window;
        there.advance(middle);
        (holds(there) == value ? low : high) = middle;
    }
    return Instant(window.today_ + Days(high));
}

void DoseWindow::add(const DoseSegment& segment, std::int64_t days) {
    if (!segment.is_dose_known)
        unknown_days_ += days;
    const auto dose = Rational::checked_product(segment.dose, Rational(days));
    const auto sum = dose ? Rational::checked_sum(sum_, *dose) : std::nullopt;
    is_exact_ = is_exact_ && sum.has_value();
    sum_ = sum.value_or(sum_);
    days_ += days;
}

const DoseSegment* DoseWindow::covering(Date date) const {
    const std::ptrdiff_t at = last_begun(*segments_, date);
    if (at < 0 || (*segments_)[static_cast<std::size_t>(at)].to <= date)
        return nullptr;
    return &(*segments_)[static_cast<std::size_t>(at)];
}

std::optional<std::int64_t> DoseWindow::constant_from(Date date) const {
    const std::ptrdiff_t at = last_begun(*segments_, date);
    if (at >= 0 && (*segments_)[static_cast<std::size_t>(at)].to > date)
        return ((*segments_)[static_cast<std::size_t>(at)].to - date).count();
    if (static_cast<std::size_t>(at + 1) < segments_->size())
        return ((*segments_)[static_cast<std::size_t>(at + 1)].from - date).count();
    return std::nullopt;
}

std::optional<std::int64_t> DoseWindow::stretch() const {
    const auto entering = constant_from(today_ + Days(1));
    const auto leaving = constant_from(first_date(today_));
    if (!entering && !leaving)
        return std::nullopt;
    return std::min(entering.value_or(INT32_MAX), leaving.value_or(INT32_MAX));
}

void DoseWindow::advance(std::int64_t days) {
    if (const DoseSegment* entering = covering(today_ + Days(1)))
        add(*entering, days);
    if (const DoseSegment* leaving = covering(first_date(today_)))
        add(*leaving, -days);
    today_ += Days(days);
}

} // namespace bonewatch::monitors
