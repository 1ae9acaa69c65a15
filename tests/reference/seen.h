#pragma once

#include "tests/reference/evaluate.h"
#include "tests/reference/timeline_text.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::reference {

/// Facts of a timeline, seen at the end of `day`. `disputed`: ids of facts that are disputed; the nth event is F-n.
struct Seen {
    std::vector<model::Fact> facts;
    int day;

    Seen(std::string_view events, int at, std::set<std::string> disputed = {}) : day(at) {
        const auto timeline = read_timeline(events, "", {});
        EXPECT_TRUE(timeline) << timeline.error().message;
        for (const Told& one : timeline->events)
            facts.push_back({one.event, disputed.contains(one.event.key.id.text)});
    }

    /// The answer of one expression.
    [[nodiscard]] Truth says(const std::string& text, bool is_clearing = false) const {
        const Patient patient(facts, shipped_vocabulary());
        const View view(patient, model::Instant(day_zero + Days(day + 1)) - std::chrono::milliseconds(1));
        const Standings none;
        const ExprPtr expr = read_expression(text, shipped_vocabulary());
        return truth({shipped_catalogue(), none, &view, view.today(), is_clearing}, *expr);
    }
};

} // namespace bonewatch::reference
