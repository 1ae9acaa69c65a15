#pragma once

#include "daemon/intake.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace bonewatch::daemon {

/// Files of events, run through the fold in memory: no daemon, no disk. Time is what the lines say.
class Replay {
  public:
    using PublisherOf = std::function<ingest::Publisher(std::string_view name)>;

    Replay(std::shared_ptr<const Revision> revision, store::IdentityRules rules);

    /// Decodes one file's text; what cannot be used is counted and reported to `trouble`. Facts get their time of
    /// recording from the line, else from the fact's own time.
    void add(std::string_view text, ingest::Format format, const ingest::Publisher& publisher,
             const std::function<void(const ingest::Decoded&)>& trouble);
    /// What was not used, by kind: the commonest tell which mapping is missing.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& not_used() const { return not_used_; }

    /// Journals every event in order of (recorded, line), and moves the clock through every timer up to and including
    /// `until` (default: the last event). What was recorded later stays out. Call once, after `add`.
    /// `progress` is told how many events are done, now and then.
    [[nodiscard]] model::Result<void> run(std::optional<Instant> until,
                                          const std::function<void(std::size_t done)>& progress = {});
    /// How many events `add` found.
    [[nodiscard]] std::size_t event_count() const { return items_.size(); }
    /// Of what `run` admitted: a line for each fact that is disputed, or whose patient is not known for sure.
    [[nodiscard]] const std::vector<std::string>& troubles() const { return troubles_; }

    /// The feed, in order of recording.
    [[nodiscard]] model::Result<std::vector<std::string>> entries() const;
    [[nodiscard]] const IntakeCounts& counts() const { return counts_; }
    [[nodiscard]] Core& core() { return *core_; }
    [[nodiscard]] store::KeyValue& store() { return *store_; }

  private:
    /// What an item is where it changes nothing.
    struct Unused {
        model::Error error;
        std::string kind;
    };
    struct Item {
        Instant recorded;
        bool is_detail = false; ///< Not a patient line: those sort first.
        std::size_t line = 0;
        Incoming incoming;
        std::shared_ptr<const Unused> unused; ///< Of what only stands above older versions.
    };
    void settle_undated_patients();
    void add_item(ingest::Decoded& decoded, Incoming incoming, std::shared_ptr<const Unused> unused);
    void count_unused(const Unused& unused);
    void count(const model::Event& event, const model::Result<store::Outcome>& outcome, const Unused* unused);

    std::unique_ptr<store::KeyValue> store_;
    std::unique_ptr<Core> core_;
    std::vector<Item> items_;
    std::vector<std::size_t>
        undated_;      ///< Patient lines without a time: they take that of the patient's first other line.
    Instant newest_{}; ///< Of what was added so far.
    std::unordered_set<std::string> facts_; ///< `publisher id` of every fact that was added so far.
    IntakeCounts counts_;
    std::map<std::string, std::uint64_t> not_used_;
    std::vector<std::string> troubles_;
};

} // namespace bonewatch::daemon
