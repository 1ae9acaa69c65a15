#include "monitors/view.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

/// More disputed facts than this, and an exposure is not resolved way by way but unknown.
constexpr std::size_t disputed_max = 3;

/// A fact with the local date of a day lies before the day's midnight UTC plus this.
constexpr auto zone_reach = std::chrono::hours(24 + 14);

/// Joins what several publishers say of one thing: the same, or nothing.
template <typename T>
void agree(std::optional<T>& joined, bool& is_settled, const std::optional<T>& said) {
    if (!said || !is_settled)
        return;
    if (joined && *joined != *said) {
        joined.reset();
        is_settled = false;
        return;
    }
    joined = said;
}

} // namespace

Person person_of(const Timeline& timeline) {
    Person person;
    bool sex_settled = true, born_settled = true, died_settled = true;
    std::optional<model::Sex> sex;
    for (const FactPtr& fact : timeline.patient()) {
        const auto& said = std::get<model::PatientEvent>(fact->event.body);
        agree(sex, sex_settled, said.sex == model::Sex::unknown ? std::nullopt : std::optional(said.sex));
        agree(person.born, born_settled, said.born);
        agree(person.died, died_settled, said.died);
        if (fact->disputed)
            continue;
        person.registered.insert(person.registered.end(), said.registered.begin(), said.registered.end());
    }
    person.sex = sex.value_or(model::Sex::unknown);

    std::ranges::sort(person.registered);
    std::vector<model::Registration> joined;
    for (const model::Registration& next : person.registered) {
        if (joined.empty() || (joined.back().to && *joined.back().to < next.from))
            joined.push_back(next);
        else if (joined.back().to)
            joined.back().to = next.to ? std::max(joined.back().to, next.to) : std::nullopt;
    }
    person.registered = std::move(joined);

    for (const FactPtr& fact : timeline.all())
        person.first_fact = std::min(person.first_fact.value_or(fact->event.at.date), fact->event.at.date);
    return person;
}

Exposures::Exposures(std::span<const ExposureSet> sets, const config::Vocabulary& vocabulary)
    : sets_(sets), vocabulary_(vocabulary), kept_(sets.size()) {}

void Exposures::added(const FactPtr& fact) {
    const CodeId* code = model::code_of(fact->event);
    if (code == nullptr)
        return;
    for (std::size_t i = 0; i < sets_.size(); ++i) {
        if (!kept_[i] || !Exposure::concerns(sets_[i], vocabulary_, *code))
            continue;
        kept_[i]->last.reset();
        if (fact->disputed || !kept_[i]->exposure->append(fact))
            kept_[i].reset();
    }
}

void Exposures::changed(const CodeId& code) {
    for (std::size_t i = 0; i < sets_.size(); ++i)
        if (kept_[i] && Exposure::concerns(sets_[i], vocabulary_, code))
            kept_[i].reset();
}

void Exposures::build(std::size_t set, const Timeline& timeline) {
    Kept kept{std::make_shared<Exposure>(sets_[set], vocabulary_), {}, {}};
    for (const FactPtr& fact : timeline.all()) {
        const CodeId* code = model::code_of(fact->event);
        if (fact->disputed && code != nullptr && Exposure::concerns(sets_[set], vocabulary_, *code))
            kept.disputed.push_back(fact);
    }
    kept.exposure->rebuild(timeline, [](const FactPtr& fact) { return !fact->disputed; });
    kept_[set] = std::move(kept);
}

std::vector<std::shared_ptr<const Exposure>> Exposures::ways(std::size_t set, const Timeline& timeline, Instant now) {
    if (!kept_[set])
        build(set, timeline);
    Kept& kept = *kept_[set];
    // What is dated today but later than now must not be seen; what is dated later cannot be: days ahead are asked of
    // no one but `next`, which may know them.
    const Date today = model::date_of(now);
    const auto& all = timeline.all();
    const auto later = std::ranges::upper_bound(all, now, {}, [](const FactPtr& f) { return f->event.at.instant; });
    const Instant day_over = Instant(today) + zone_reach;
    bool hides_today = false;
    for (auto fact = later; fact != all.end() && (*fact)->event.at.instant < day_over && !hides_today; ++fact) {
        const CodeId* code = model::code_of((*fact)->event);
        hides_today =
            (*fact)->event.at.date <= today && code != nullptr && Exposure::concerns(sets_[set], vocabulary_, *code);
    }
    if (kept.disputed.empty() && !hides_today && !kept.exposure->is_exemption_doubtful())
        return {kept.exposure};

    const auto is_visible = [&](const FactPtr& fact) { return fact->event.at.instant <= now; };
    const auto visible = static_cast<std::size_t>(std::ranges::count_if(kept.disputed, is_visible));
    const auto& last = kept.last;
    if (!last || last->disputed_visible != visible || (last->now != now && (last->hides_today || hides_today)))
        kept.last = Answered{now, visible, hides_today, resolved(set, timeline, now)};
    return kept.last->ways;
}

Exposures::Ways Exposures::resolved(std::size_t set, const Timeline& timeline, Instant now) const {
    const Kept& kept = *kept_[set];
    const Date today = model::date_of(now);
    std::vector<model::FactKey> keys;
    for (const FactPtr& fact : kept.disputed)
        if (fact->event.at.instant <= now && std::ranges::find(keys, fact->event.key) == keys.end())
            keys.push_back(fact->event.key);
    if (keys.size() > disputed_max)
        return {};

    // Each disputed fact is absent, or is one of its contents.
    std::vector<std::vector<FactPtr>> chosen{{}};
    for (const model::FactKey& key : keys) {
        std::vector<std::vector<FactPtr>> more = chosen;
        for (const FactPtr& fact : kept.disputed)
            if (fact->event.key == key && fact->event.at.instant <= now)
                for (std::vector<FactPtr> way : chosen) {
                    way.push_back(fact);
                    more.push_back(std::move(way));
                }
        chosen = std::move(more);
    }
    Ways ways;
    for (const std::vector<FactPtr>& way : chosen) {
        const auto keep = [&](const FactPtr& fact) {
            if (fact->event.at.instant > now && fact->event.at.date <= today)
                return false;
            return !fact->disputed || std::ranges::find(way, fact) != way.end();
        };
        auto exposure = std::make_shared<Exposure>(sets_[set], vocabulary_);
        exposure->rebuild(timeline, keep);
        const bool is_doubtful = exposure->is_exemption_doubtful();
        ways.push_back(std::move(exposure));
        if (!is_doubtful)
            continue;
        auto other = std::make_shared<Exposure>(sets_[set], vocabulary_);
        other->rebuild(timeline, keep, Exposure::Exempting::possible);
        ways.push_back(std::move(other));
    }
    return ways;
}

View View::on(Date date) const {
    View past = *this;
    past.is_past = true;
    past.today = date;
    return past;
}

View View::about(const model::Fact& fact) const {
    View past = on(date_of_fact(fact));
    past.subject = &fact;
    return past;
}

Instant QuantityNode::next_crossing(const View& view, model::Comparison, const model::ValueInterval&) const {
    return eval(view, nullptr).next;
}

} // namespace bonewatch::monitors
