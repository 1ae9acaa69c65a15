#pragma once

#include "daemon/patient.h"

#include <list>
#include <memory>
#include <unordered_map>

namespace bonewatch::daemon {

/// The patients in memory, of all partitions: above a bound of bytes those go that were not used for the longest time.
/// The store has everything; who has gone is read again, and nothing that is told depends on it. Not thread-safe.
class KeptPatients {
  public:
    explicit KeptPatients(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Null where the patient is not in memory. Marks as used.
    [[nodiscard]] PatientState* find(model::PatientNumber number);
    PatientState& keep(std::unique_ptr<PatientState> patient);
    void forget(model::PatientNumber number);

    /// Weighs those used since the last time, and lets go what is above the bound. Only where everything stands in the
    /// store: a patient who is read again must be the same.
    void trim();

    /// Those used since the last `trim`: they stay until then, whatever they take.
    [[nodiscard]] std::size_t used_count() const { return used_count_; }
    [[nodiscard]] std::size_t count() const { return by_number_.size(); }
    /// What all of them take, as estimated when last weighed.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t bytes_max() const { return bytes_max_; }
    /// Evaluations of monitors, of those who have gone too; as of the last `trim`.
    [[nodiscard]] std::uint64_t evaluation_count() const { return evaluations_; }

  private:
    struct Kept {
        std::unique_ptr<PatientState> patient;
        std::size_t bytes = 0;
        std::uint64_t evaluations = 0; ///< As counted so far.
        bool is_used = false;          ///< Since the last `trim`.
    };
    using Order = std::list<Kept>; ///< The last used first.

    void forget(Order::iterator at);
    void count_evaluations(Kept& kept);
    PatientState* use(Order::iterator at);

    std::size_t bytes_max_;
    Order order_;
    std::unordered_map<std::uint64_t, Order::iterator> by_number_;
    std::size_t bytes_ = 0;
    std::size_t used_count_ = 0;
    std::uint64_t evaluations_ = 0;
};

} // namespace bonewatch::daemon
