#pragma once

#include "tests/reference/clauses.h"
#include "tests/reference/episodes.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bonewatch::monitors {

/// What came of one monitor.
struct EpisodeCounts {
    int opened = 0, cleared = 0, excluded = 0, regraded = 0; ///< The last: episodes whose severity changed.
};

/// What a share of the histories made happen: a comparison of nothing with nothing proves nothing.
struct Happened {
    std::uint64_t seeds = 0;
    std::map<std::string, EpisodeCounts> monitors;
    reference::ClauseAnswers clauses;

    void add(const std::string& monitor, const std::vector<reference::Spell>& spells);
    Happened& operator+=(const Happened& other);
};

/// One line each: for a person to read, and for `read_happened`.
[[nodiscard]] std::string to_text(const Happened& happened);
[[nodiscard]] std::optional<Happened> read_happened(std::string_view text);

} // namespace bonewatch::monitors
