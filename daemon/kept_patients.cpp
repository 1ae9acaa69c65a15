#include "daemon/kept_patients.h"

namespace bonewatch::daemon {

PatientState* KeptPatients::find(model::PatientNumber number) {
    const auto found = by_number_.find(number.value);
    return found == by_number_.end() ? nullptr : use(found->second);
}

PatientState* KeptPatients::use(Order::iterator at) {
    used_count_ += at->is_used ? 0 : 1;
    at->is_used = true;
    order_.splice(order_.begin(), order_, at);
    return at->patient.get();
}

PatientState& KeptPatients::keep(std::unique_ptr<PatientState> patient) {
    const model::PatientNumber number = patient->number;
    forget(number);
    ++used_count_;
    order_.push_front({std::move(patient), 0, 0, true});
    by_number_.emplace(number.value, order_.begin());
    return *order_.front().patient;
}

void KeptPatients::forget(model::PatientNumber number) {
    if (const auto found = by_number_.find(number.value); found != by_number_.end())
        forget(found->second);
}

void KeptPatients::forget(Order::iterator at) {
    bytes_ -= at->bytes;
    used_count_ -= at->is_used ? 1 : 0;
    count_evaluations(*at);
    by_number_.erase(at->patient->number.value);
    order_.erase(at);
}

void KeptPatients::trim() {
    for (auto at = order_.begin(); at != order_.end() && at->is_used; ++at) {
        at->is_used = false;
        --used_count_;
        count_evaluations(*at);
        bytes_ -= at->bytes;
        at->bytes = at->patient->byte_estimate();
        bytes_ += at->bytes;
    }
    while (bytes_ > bytes_max_ && !order_.empty())
        forget(std::prev(order_.end()));
}

void KeptPatients::count_evaluations(Kept& kept) {
    const std::uint64_t count = kept.patient->watch.evaluation_count();
    evaluations_ += count - kept.evaluations;
    kept.evaluations = count;
}

} // namespace bonewatch::daemon
