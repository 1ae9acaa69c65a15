#pragma once

#include "store/model/timeline.h"
#include "tests/reference/catalogue.h"
#include "tests/reference/clauses.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bonewatch::reference {

/// One episode: from the step at which it opened to the step that closed it.
struct Spell {
    model::Instant opened;
    std::optional<model::Instant> closed;
    std::string severity_now;                                       ///< Of a closed one: the last.
    std::vector<std::pair<model::Instant, std::string>> severities; ///< The first, and each change.
    bool excluded = false;                                          ///< Closed by `unless`, not by `clears`.
    std::vector<std::string> tags;                                  ///< Now; of a closed one: the last.
};

/// The episodes of a catalogue's monitors up to `now`, every monitor's id present; one that is not enabled has none.
/// `facts` are the standing facts: a disputed one appears once per content, marked. Every clause is asked for the
/// `tally`, if one is given, at each seventh midnight and at each fact that has a time of its own.
[[nodiscard]] std::map<std::string, std::vector<Spell>> episodes(const std::vector<model::Fact>& facts,
                                                                 model::Instant now,
                                                                 const Catalogue& catalogue = shipped_catalogue(),
                                                                 ClauseTally* tally = nullptr);

} // namespace bonewatch::reference
