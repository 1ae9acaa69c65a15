#include "monitors/watch.h"

#include "monitors/sweep.h"

namespace bonewatch::monitors {

Watch::Watch(const Catalogue& catalogue) : sweep_(std::make_unique<Sweep>(catalogue)) {}
Watch::~Watch() = default;
Watch::Watch(Watch&&) noexcept = default;

void Watch::set_fact(const model::FactKey& key, const std::vector<model::Event>& standing, bool is_disputed) {
    sweep_->set_fact(key, standing, is_disputed);
}
void Watch::advance(Instant now) {
    sweep_->advance(now);
}
std::vector<EpisodePtr> Watch::episodes(std::size_t monitor) const {
    return sweep_->episodes(monitor);
}
bool Watch::has_episodes(std::size_t monitor) const {
    return sweep_->has_episodes(monitor);
}
Instant Watch::next() const {
    return sweep_->next();
}
Explanation Watch::explain(std::size_t monitor, Instant at) {
    return sweep_->explain(monitor, at);
}
std::vector<SetAside> Watch::set_aside(std::size_t monitor, Instant at) const {
    return sweep_->set_aside(monitor, at);
}
const Timeline& Watch::timeline() const {
    return sweep_->timeline;
}
std::size_t Watch::byte_estimate() const {
    return sweep_->byte_estimate();
}
std::uint64_t Watch::evaluation_count() const {
    return sweep_->evaluation_count;
}

} // namespace bonewatch::monitors
