#pragma once

#include "monitors/watch.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bonewatch::monitors {

/// What a monitor has come to. Most have come to nothing most of the time.
struct Standing {
    EpisodePtr open;
    std::uint32_t closed_count = 0;
    bool is_armed = true;
    bool was_true = false; ///< `when`, at the last evaluation.
    friend bool operator==(const Standing&, const Standing&) = default;
};

/// Where one monitor stands, and when its answer could change.
struct State : Standing {
    Instant next = Instant::min();
};

/// Where the monitors stood after a step; those that are not in it had come to nothing.
struct Checkpoint {
    Instant at{};
    std::uint64_t step = 0;
    std::vector<std::pair<std::uint32_t, Standing>> standing; ///< By monitor.
};

/// The sweep of one patient through clinical time: what a Watch does.
class Watch::Sweep : public OpenEpisodes {
  public:
    explicit Sweep(const Catalogue& catalogue)
        : catalogue_(catalogue),
          exposures_(catalogue.exposure_sets(), catalogue.no_exposures(), catalogue.vocabulary()),
          states_(catalogue.monitors().size()), woken_(states_.size()) {}

    void set_fact(const model::FactKey& key, const std::vector<model::Event>& standing, bool is_disputed);
    void advance(Instant now);
    std::vector<EpisodePtr> episodes(std::size_t monitor) const;
    bool has_episodes(std::size_t monitor) const { return states_[monitor].open || states_[monitor].closed_count > 0; }
    Instant next() const;
    Explanation explain(std::size_t monitor, Instant at);
    std::vector<SetAside> set_aside(std::size_t monitor, Instant at) const;
    std::size_t byte_estimate() const;

    bool is_open(std::size_t monitor) const override { return open_at(monitor) != nullptr; }
    bool was_open(std::size_t monitor, Date date) const override;
    std::vector<FactPtr> evidence(std::size_t monitor) const override;

    Timeline timeline;
    std::uint64_t evaluation_count = 0;

  private:
    /// A fact counts otherwise, or no longer, from its own instant on.
    void forget(const model::Fact& before);
    void restart_before(Instant instant) { restart_ = std::min(restart_, instant); }
    void restart();
    void step(Instant at);
    void wake_by_facts(Instant at);
    void wake_by(const model::Fact& fact, char why);
    Instant next_local_date() const;
    void evaluate(std::size_t monitor, Instant at, bool is_woken);
    void evaluate_closed(const Monitor& monitor, State& state, const View& view, const TruthAnswer& when);
    void evaluate_open(const Monitor& monitor, State& state, const View& view, const TruthAnswer& when, bool refresh);
    void close(std::size_t monitor, State& state, const View& view, bool is_cleared, bool when_is_true);
    void keep_checkpoint(Instant at);

    View view_at(Instant at, Date raised) const;
    TruthAnswer clears(const Monitor& monitor, const View& view, const TruthAnswer& when, Clause* clause) const;
    std::shared_ptr<const Support> support(const Monitor& monitor, const View& view) const;
    Severity severity(const Monitor& monitor, const View& view, Instant& next) const;
    std::vector<std::string> severity_reasons(const Monitor& monitor, const View& view) const;
    std::string when_now(const Monitor& monitor, const View& view, const Clause& before) const;
    std::vector<std::string> tags(const Monitor& monitor, const View& view, Instant& next) const;
    const Episode* open_at(std::size_t monitor) const;
    const std::vector<EpisodePtr>& closed(std::size_t monitor) const;

    const Catalogue& catalogue_;
    mutable Exposures exposures_;
    Person person_;
    std::vector<State> states_;
    std::map<std::size_t, std::vector<EpisodePtr>> closed_; ///< By monitor; few have any.
    std::vector<Checkpoint> checkpoints_;
    std::vector<char> woken_; ///< In the present step: by a fact, or by another monitor's opening or closing.
    Instant last_step_ = Instant::min();
    Instant restart_ = never; ///< Everything from here on is to be stepped anew.
    std::uint64_t step_count_ = 0;
    std::optional<Instant> asked_at_; ///< While explaining the past: `open` looks there.
};

} // namespace bonewatch::monitors
