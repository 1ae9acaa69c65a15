#pragma once

#include "monitors/set_aside.h"

#include <memory>
#include <vector>

namespace bonewatch::monitors {

/// What an episode stands on: the facts and the reasoning of the latest instant at which `when` was, or became, true on
/// new facts, or by other clauses.
struct Support {
    std::vector<FactPtr> evidence; ///< Sorted by date, each fact once.
    Clause reasoning;
    std::optional<Date> newest_result; ///< Of the results in the evidence; decides freshness.
    std::string not_known;             ///< What stayed unknown in `unless`, for a person.
};

struct SeverityChange {
    Instant at{};
    Severity severity = Severity::info;
    friend bool operator==(const SeverityChange&, const SeverityChange&) = default;
};

/// One stretch of clinical time during which a pattern was there, [opened, closed). A function of the set of facts, the
/// revision and now: the order of arrival leaves no trace in it. Immutable.
struct Episode {
    Instant opened{};
    std::optional<Instant> closed;
    bool is_excluded = false;           ///< Closed because `unless` became true, not because the pattern was over.
    Severity severity = Severity::info; ///< Now, or when it closed.
    std::vector<SeverityChange> severities;
    std::vector<std::string> severity_reasons; ///< Why it is so severe, for a person; none where no row says more.
    std::vector<std::string> tags;
    Instant supported_at{}; ///< When the present support was first there.
    Instant tagged_at{};    ///< When the present tags were first there.
    std::shared_ptr<const Support> support;
    std::string since_then; ///< While it stays open without the pattern: what is there now.
    Clause closing;         ///< Why it closed.
    std::string closing_reason;
};

using EpisodePtr = std::shared_ptr<const Episode>;

/// Why, why not, and when next: one monitor for one patient at one time.
struct Explanation {
    bool is_open = false;
    Clause when, unless, clears;
    Instant next = never; ///< The first instant at which the answer could change if nothing arrives.
};

/// Steps one patient through clinical time and keeps the episodes of every monitor. Not thread-safe.
///
/// At each instant at which an answer can change (a fact's own, and the next change that the answers name) the monitors
/// concerned are evaluated on the facts observed by then, as known today. A fact in order continues from the last step;
/// a late, changed or removed one restarts from the checkpoint before it.
class Watch {
  public:
    /// `catalogue` must outlive the watch.
    explicit Watch(const Catalogue& catalogue);
    ~Watch();
    Watch(Watch&&) noexcept;
    Watch& operator=(Watch&&) = delete;

    /// Sets what stands of one fact today: nothing, one content, or several. A disputed fact may stand with one content
    /// here and another one with somebody else.
    void set_fact(const model::FactKey& key, const std::vector<model::Event>& standing, bool is_disputed);

    /// Steps on to `now`, inclusive.
    void advance(Instant now);

    /// Closed episodes in order of opening, then the open one, as of the last `advance`.
    [[nodiscard]] std::vector<EpisodePtr> episodes(std::size_t monitor) const;
    [[nodiscard]] bool has_episodes(std::size_t monitor) const;

    /// The earliest instant after the last step at which anything could change; `never` where nothing can.
    [[nodiscard]] Instant next() const;

    /// Evaluates one monitor at a time that `advance` has reached.
    [[nodiscard]] Explanation explain(std::size_t monitor, Instant at);

    /// The facts that one monitor reads, and that cannot decide anything as they stand at that time.
    [[nodiscard]] std::vector<SetAside> set_aside(std::size_t monitor, Instant at) const;

    [[nodiscard]] const Timeline& timeline() const;
    /// What it takes in memory, near enough to keep many within a bound; costs the same however many facts.
    [[nodiscard]] std::size_t byte_estimate() const;
    /// Evaluations of monitors so far: what time and facts have cost.
    [[nodiscard]] std::uint64_t evaluation_count() const;

  private:
    class Sweep;
    std::unique_ptr<Sweep> sweep_;
};

} // namespace bonewatch::monitors
