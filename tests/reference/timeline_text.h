#pragma once

#include "store/model/timeline.h"
#include "tests/reference/catalogue.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::reference {

/// `90 raised warning`; the severity is empty for what ends an alert.
struct Transition {
    int day = 0;
    std::string word;
    std::string severity;
    friend auto operator<=>(const Transition&, const Transition&) = default;
};

/// An event, and when it became known.
struct Told {
    model::Event event;
    model::Instant recorded;
    bool changes_the_past = false; ///< A retraction, or a further line of one id.
};

/// A timeline as monitor files write it in `[[test]]`: monitors/README.md, "Test timelines". Results are taken at 09:00
/// unless said; everything else has a bare date.
///
///     patient female born 1955-03-01 registered -365
///     0 tsh <0.5 normal_low=0.3 recorded 110
///     0 08:30 vitd25 20 ng/mL
///     0 bmd-hip 0.71 device=A
///     0 ttg-iga 30 U/mL normal_high=10
///     0 pth cancelled
///     0 supply prednisolone 5 mg 28 d x4 route=oral
///     0 supply prednisolone ? 28 d
///     0 tsh 0.05 id=A
///     0 tsh 0.5 id=A recorded 40
///     50 retract A
///     0 given denosumab 60 mg x3 every 183
///     -900 condition adrenal-insufficiency until 10
///     200 procedure dxa
struct TimelineText {
    model::Date day0{};
    std::vector<Told> events;
    std::vector<Transition> expect;
    int end = 0; ///< The day up to whose beginning nothing else may happen.
};

inline constexpr model::Date day_zero{std::chrono::year(2023) / 1 / 2};

/// Fails with `malformed`, quoting the line.
[[nodiscard]] model::Result<TimelineText> read_timeline(std::string_view events, std::string_view expect,
                                                        std::optional<int> until, model::Date day0 = day_zero);

/// What the reference says of a monitor over the timeline, told as facts become known: raised, escalated, resolved and
/// withdrawn, by day. An episode first learnt while it is open is raised on the day on which it opened. The monitor is
/// taken to be enabled.
[[nodiscard]] std::vector<Transition> transitions(const TimelineText& timeline, const std::string& monitor,
                                                  const Catalogue& catalogue = shipped_catalogue());

/// The tags that the newest episode has at the end; none where there is no episode.
[[nodiscard]] std::vector<std::string> tags_at_end(const TimelineText& timeline, const std::string& monitor,
                                                   const Catalogue& catalogue = shipped_catalogue());

[[nodiscard]] std::string to_text(const std::vector<Transition>& transitions);

} // namespace bonewatch::reference
