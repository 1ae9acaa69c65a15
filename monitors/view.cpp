#include "monitors/view.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

/// More doubtful facts than this, and an exposure is not resolved way by way but unknown.
constexpr std::size_t doubtful_max = 3;

/// A fact with the local date of a day lies before the day's midnight UTC plus this.
constexpr auto zone_reach = std::chrono::hours(24 + 14);

/// Whether it was so, or when it was, nobody can say: it is there in one way of reading the facts, and not in another.
bool is_doubtful(const model::Fact& fact) {
    return fact.disputed ||
           (fact.event.at.is_partial() && !std::holds_alternative<model::ConditionEvent>(fact.event.body));
}

/// What is dated today but later than now must not be seen; what is dated later cannot be: days ahead are asked of no
/// one but `next`, which may know them, and of projections, which may not.
bool is_hidden(const model::Event& event, Instant now, Exposures::Later later) {
    return event.at.instant > now && (later == Exposures::Later::hidden || event.at.date <= model::date_of(now));
}

/// What several facts say of one thing: the same, or nothing.
template <typename T>
class Agreed {
  public:
    void say(const std::optional<T>& said) {
        if (!said || !is_settled_)
            return;
        if (value_ && *value_ != *said)
            unsettle();
        else
            value_ = said;
    }
    void unsettle() {
        value_.reset();
        is_settled_ = false;
    }
    [[nodiscard]] const std::optional<T>& value() const { return value_; }

  private:
    std::optional<T> value_;
    bool is_settled_ = true;
};

/// `fact`: its contents, of which several are disputed. One alone is where a later one cannot be used.
template <typename T, typename Field>
void join(Agreed<T>& joined, std::span<const FactPtr> fact, Field field) {
    const auto said = [&](const FactPtr& content) -> std::optional<T> {
        return field(std::get<model::PatientEvent>(content->event.body));
    };
    const std::optional<T> first = said(fact.front());
    const bool is_one = std::ranges::all_of(fact, [&](const FactPtr& content) { return said(content) == first; });
    if (!is_one || (first && fact.size() == 1 && fact.front()->disputed))
        joined.unsettle();
    else
        joined.say(first);
}

} // namespace

Person person_of(const Timeline& timeline) {
    Person person;
    Agreed<model::Sex> sex;
    Agreed<model::ClinicalTime> born, died;
    for (std::span<const FactPtr> rest = timeline.patient(); !rest.empty();) {
        const model::FactKey& key = rest.front()->event.key;
        const auto end = std::ranges::find_if(rest, [&](const FactPtr& fact) { return fact->event.key != key; });
        const auto fact = rest.first(static_cast<std::size_t>(end - rest.begin()));
        rest = rest.subspan(fact.size());
        join(sex, fact, [](const model::PatientEvent& said) {
            return said.sex == model::Sex::unknown ? std::nullopt : std::optional(said.sex);
        });
        join(born, fact, [](const model::PatientEvent& said) { return said.born; });
        join(died, fact, [](const model::PatientEvent& said) { return said.died; });
        if (fact.front()->disputed)
            continue;
        const auto& registered = std::get<model::PatientEvent>(fact.front()->event.body).registered;
        person.registered.insert(person.registered.end(), registered.begin(), registered.end());
    }
    person.sex = sex.value().value_or(model::Sex::unknown);
    person.born = born.value();
    person.died = died.value();
    // Nobody knows which of the two is wrong.
    if (person.born && person.died && person.died->date_last < person.born->date) {
        person.born.reset();
        person.died.reset();
    }

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

Exposures::Exposures(std::span<const ExposureSet> sets, std::span<const std::shared_ptr<const Exposure>> nothing,
                     const config::Vocabulary& vocabulary)
    : sets_(sets), nothing_(nothing), vocabulary_(vocabulary), kept_(sets.size()), is_nothing_(sets.size()) {}

void Exposures::added(const FactPtr& fact) {
    const CodeId* code = model::code_of(fact->event);
    if (code == nullptr)
        return;
    for (std::size_t i = 0; i < sets_.size(); ++i) {
        if ((!kept_[i] && !is_nothing_[i]) || !Exposure::concerns(sets_[i], vocabulary_, *code))
            continue;
        is_nothing_[i] = false;
        if (!kept_[i])
            continue;
        kept_[i]->last.reset();
        kept_[i]->last_in_hand.reset();
        if (is_doubtful(*fact) || !kept_[i]->exposure->append(fact))
            kept_[i].reset();
    }
}

void Exposures::changed(const CodeId& code) {
    for (std::size_t i = 0; i < sets_.size(); ++i)
        if ((kept_[i] || is_nothing_[i]) && Exposure::concerns(sets_[i], vocabulary_, code)) {
            kept_[i].reset();
            is_nothing_[i] = false;
        }
}

std::size_t Exposures::byte_estimate() const {
    std::size_t bytes = kept_.size() * sizeof(kept_[0]);
    for (const auto& kept : kept_) {
        if (!kept)
            continue;
        std::size_t ways = 1;
        for (const auto* answered : {&kept->last, &kept->last_in_hand})
            ways += *answered ? (*answered)->ways.size() : 0;
        bytes += sizeof(Kept) + ways * kept->exposure->byte_estimate();
    }
    return bytes;
}

void Exposures::build(std::size_t set, const Timeline& timeline) {
    auto kept = std::make_unique<Kept>(std::make_shared<Exposure>(sets_[set], vocabulary_));
    for (const FactPtr& fact : timeline.all()) {
        const CodeId* code = model::code_of(fact->event);
        if (is_doubtful(*fact) && code != nullptr && Exposure::concerns(sets_[set], vocabulary_, *code) &&
            std::ranges::find(timeline.set_aside(), fact) == timeline.set_aside().end())
            kept->doubtful.push_back(fact);
    }
    kept->exposure->rebuild(timeline, [](const FactPtr& fact) { return !is_doubtful(*fact); });
    is_nothing_[set] = kept->doubtful.empty() && kept->exposure->is_nothing();
    if (!is_nothing_[set])
        kept_[set] = std::move(kept);
}

std::vector<std::shared_ptr<const Exposure>> Exposures::ways(std::size_t set, const Timeline& timeline, Instant now,
                                                             Later later) {
    if (!kept_[set] && !is_nothing_[set])
        build(set, timeline);
    if (is_nothing_[set])
        return {nothing_[set]};
    Kept& kept = *kept_[set];
    const auto& all = timeline.all();
    const Instant reach = later == Later::hidden ? Instant::max() : Instant(model::date_of(now)) + zone_reach;
    bool hides = false;
    for (auto fact = std::ranges::upper_bound(all, now, {}, [](const FactPtr& f) { return f->event.at.instant; });
         fact != all.end() && (*fact)->event.at.instant < reach && !hides; ++fact) {
        const CodeId* code = model::code_of((*fact)->event);
        hides = is_hidden((*fact)->event, now, later) && code != nullptr &&
                Exposure::concerns(sets_[set], vocabulary_, *code);
    }
    if (kept.doubtful.empty() && !hides && !kept.exposure->is_exemption_doubtful())
        return {kept.exposure};

    const auto is_visible = [&](const FactPtr& fact) { return fact->event.at.instant <= now; };
    const auto visible = static_cast<std::size_t>(std::ranges::count_if(kept.doubtful, is_visible));
    std::optional<Answered>& last = later == Later::hidden ? kept.last_in_hand : kept.last;
    if (!last || last->doubtful_visible != visible || (last->now != now && (last->hides || hides)))
        last = Answered{now, visible, hides, resolved(set, timeline, now, later)};
    return last->ways;
}

Exposures::Ways Exposures::resolved(std::size_t set, const Timeline& timeline, Instant now, Later later) const {
    const Kept& kept = *kept_[set];
    std::vector<model::FactKey> keys;
    for (const FactPtr& fact : kept.doubtful) {
        if (fact->event.at.instant <= now && std::ranges::find(keys, fact->event.key) == keys.end())
            keys.push_back(fact->event.key);
        if (keys.size() > doubtful_max)
            return {};
    }

    // Each doubtful fact is absent, or is one of its contents.
    std::vector<std::vector<FactPtr>> chosen{{}};
    for (const model::FactKey& key : keys) {
        std::vector<std::vector<FactPtr>> more = chosen;
        for (const FactPtr& fact : kept.doubtful)
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
            if (is_hidden(fact->event, now, later))
                return false;
            return !is_doubtful(*fact) || std::ranges::find(way, fact) != way.end();
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

Instant View::next_edge(const Exposure& exposure, Days gap) const {
    const auto edge = is_past ? std::nullopt : exposure.next_edge(today, gap);
    return edge ? Instant(*edge) : never;
}

View View::on(Date date) const {
    View other = *this;
    other.is_ahead = date > (is_past ? today : model::date_of(now));
    if (other.is_ahead && is_past) // As far as could be said on that date.
        other.now = std::min<Instant>(now, Instant(today + Days(1)) - std::chrono::milliseconds(1));
    other.is_past = !other.is_ahead;
    other.today = date;
    return other;
}

View View::about(const model::Fact& fact) const {
    View past = on(date_of_fact(fact));
    past.subject = &fact;
    return past;
}

TruthAnswer eval_part(const TruthNode& node, const View& view, Clause* clause) {
    if (clause == nullptr)
        return node.eval(view, nullptr);
    Clause part{.text = node.source, .value = Truth::no, .detail = {}, .evidence = {}, .set_aside = {}, .parts = {}};
    const TruthAnswer answer = node.eval(view, &part);
    part.value = answer.value;
    clause->parts.push_back(std::move(part));
    return answer;
}

void add_dispensed(const View& view, std::size_t set, Date from, Clause& clause) {
    for (const FactPtr& fact : view.timeline.set_aside()) {
        const auto* supply = std::get_if<model::SupplyEvent>(&fact->event.body);
        const bool is_of_set =
            Exposure::concerns(view.exposures.set(set), view.vocabulary, *model::code_of(fact->event));
        if (is_of_set && view.sees(*fact) && (supply == nullptr || fact->event.at.date + Days(supply->days) > from))
            clause.dispensed.push_back(fact);
    }
}

Instant QuantityNode::next_crossing(const View&, const QuantityAnswer& now, model::Comparison,
                                    const model::ValueInterval&) const {
    return now.next;
}

} // namespace bonewatch::monitors
