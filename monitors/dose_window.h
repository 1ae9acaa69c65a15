#pragma once

#include "monitors/spells.h"
#include "monitors/view.h"

#include <functional>

namespace bonewatch::monitors {

/// Doses over the last so many dates, and how the sum moves on as days pass: both ends of the window move over
/// stretches of constant dose, so the sum is linear between their edges and a crossing is solved, not stepped.
class DoseWindow {
  public:
    /// `segments` must outlive the window.
    DoseWindow(const Segments& segments, Date today, Span length);

    /// Every day's dose is known; else the sum is the least that it can be.
    [[nodiscard]] bool is_known() const { return unknown_days_ == 0; }
    /// False where the sum outgrew 64 bits and says nothing.
    [[nodiscard]] bool is_exact() const { return is_exact_; }
    [[nodiscard]] std::int64_t covered_days() const { return days_; }
    [[nodiscard]] Rational sum() const { return sum_; }

    /// The first later date on which `holds` comes out otherwise; it must be monotone along a stretch.
    [[nodiscard]] Instant next_crossing(const std::function<Truth(const DoseWindow&)>& holds) const;

  private:
    static Instant first_within(const DoseWindow& window, std::int64_t length, Truth value,
                                const std::function<Truth(const DoseWindow&)>& holds);
    [[nodiscard]] Date first_date(Date today) const { return today - length_ + Days(1); }
    void add(const DoseSegment& segment, std::int64_t days);
    [[nodiscard]] const DoseSegment* covering(Date date) const;
    /// Days from `date` on for which it is covered, or not, as on `date` itself; nothing where that is for ever.
    [[nodiscard]] std::optional<std::int64_t> constant_from(Date date) const;
    /// Days by which the window can move on while its sum changes by the same amount each day.
    [[nodiscard]] std::optional<std::int64_t> stretch() const;
    void advance(std::int64_t days);

    const Segments* segments_;
    Date today_;
    Span length_;
    Rational sum_{0};
    std::int64_t days_ = 0;
    std::int64_t unknown_days_ = 0;
    bool is_exact_ = true;
};

} // namespace bonewatch::monitors
