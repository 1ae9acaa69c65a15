#pragma once

#include "daemon/core.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::daemon {

/// The revision that the product ships with, with its default thresholds or with others. Loaded once each.
[[nodiscard]] std::shared_ptr<const Revision> shipped_revision(const monitors::ThresholdSettings& settings = {});

/// A core over a store in memory, whose time is moved by hand.
class Clinic {
  public:
    explicit Clinic(std::shared_ptr<const Revision> revision = shipped_revision(),
                    std::size_t patients_bytes = patients_bytes_default);

    /// One message, journalled and committed. Every event must be a fact.
    void admit(const std::vector<model::Event>& events, Instant now, bool is_backfill = false);
    /// Native lines as one message.
    void admit_lines(std::string_view lines, Instant now, bool is_backfill = false);
    /// The clock passes all timers up to and including `now`.
    void pass_to(Instant now);
    /// The process ends, and another one starts over the same store.
    void restart();

    [[nodiscard]] Core& core() { return *core_; }
    [[nodiscard]] store::KeyValue& store() { return *store_; }
    [[nodiscard]] PatientState& patient(std::string_view identifier);
    [[nodiscard]] std::string dump() const;
    /// The feed of all partitions, in order of recording.
    [[nodiscard]] std::vector<std::string> feed() const;

  private:
    std::shared_ptr<const Revision> revision_;
    std::size_t patients_bytes_;
    std::unique_ptr<store::KeyValue> store_;
    std::unique_ptr<Core> core_;
};

/// A text member of a feed entry, as `"transition":"raised"`; empty where there is none.
[[nodiscard]] std::string member_of(std::string_view entry, std::string_view name);

} // namespace bonewatch::daemon
