#include "monitors/sweep.h"

#include "monitors/reasoning.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

namespace bonewatch::monitors {

namespace {

/// So many of the newest checkpoints are kept; older ones at distances that double.
constexpr std::uint64_t checkpoints_near = 4;
constexpr std::size_t checkpoints_max = 48;

/// A local date begins at most so long before its midnight UTC.
constexpr auto zone_ahead_max = std::chrono::hours(24);

/// Why a monitor is evaluated in a step: not at all, to look again, or because of what has arrived or changed.
constexpr char to_look = 1;
constexpr char by_fact = 2;

/// A fact with the local date of a day lies before the day's midnight UTC plus this.
constexpr auto zone_reach = std::chrono::hours(24 + 14);

/// A drug taken up, or stopped, in the course of a day counts for that day only once it is there. Next changes are
/// named with it in sight, so the day's beginning, when it is not there yet, is looked at too.
Instant looked_ahead_to(const model::Fact& fact) {
    const model::EventBody& body = fact.event.body;
    const bool is_drug = std::holds_alternative<model::SupplyEvent>(body) ||
                         std::holds_alternative<model::StopEvent>(body) ||
                         std::holds_alternative<model::AdministrationEvent>(body);
    return is_drug ? Instant(model::date_of(fact.event.at.instant)) : fact.event.at.instant;
}

/// Measured: what a fact takes in a timeline and its indexes, and an episode with its support, on an average.
constexpr std::size_t bytes_of_fact = 620;
constexpr std::size_t bytes_of_episode = 2000;

bool same_facts(const std::vector<FactPtr>& a, const std::vector<FactPtr>& b) {
    return std::ranges::equal(a, b, [](const FactPtr& x, const FactPtr& y) {
        return x->event.key == y->event.key && x->event.version == y->event.version;
    });
}

/// The same clauses hold, whatever their numbers are.
bool same_clauses(const Clause& a, const Clause& b) {
    return a.value == b.value && (a.value != Truth::yes || std::ranges::equal(a.parts, b.parts, same_clauses));
}

/// As far as it is said of the person: the first fact is the timeline's.
bool is_same(const Person& a, const Person& b) {
    return std::tie(a.sex, a.born, a.died, a.registered) == std::tie(b.sex, b.born, b.died, b.registered);
}

} // namespace

void Watch::Sweep::set_fact(const model::FactKey& key, const std::vector<model::Event>& standing, bool is_disputed) {
    const Timeline::Series removed = timeline.remove(key);
    bool is_person = false;
    for (const FactPtr& fact : removed)
        if (std::holds_alternative<model::PatientEvent>(fact->event.body))
            is_person = true;
        else
            forget(*fact);
    for (const model::Event& event : standing) {
        auto fact = std::make_shared<const model::Fact>(model::Fact{event, is_disputed});
        for (const FactPtr& order : timeline.add(fact))
            forget(*order);
        if (timeline.fulfilling(key).empty())
            exposures_.added(fact);
        else if (const CodeId* code = model::code_of(event))
            exposures_.changed(*code);
        if (std::holds_alternative<model::PatientEvent>(event.body)) {
            is_person = true;
            continue;
        }
        if (event.at.instant <= last_step_)
            restart_before(event.at.instant);
        if (!person_.first_fact || event.at.date < *person_.first_fact)
            person_.first_fact = event.at.date;
    }
    if (!is_person && removed.empty())
        return;
    const Person before = std::exchange(person_, person_of(timeline));
    // What is said of a person again, with every report perhaps, changes no answer.
    if (!is_same(before, person_))
        restart_ = Instant::min();
}

void Watch::Sweep::forget(const model::Fact& before) {
    restart_before(before.event.at.instant);
    if (const CodeId* code = model::code_of(before.event))
        exposures_.changed(*code);
}

void Watch::Sweep::restart() {
    while (!checkpoints_.empty() && checkpoints_.back().at >= restart_)
        checkpoints_.pop_back();
    restart_ = never;
    if (checkpoints_.empty()) {
        states_.assign(states_.size(), State{});
        closed_.clear();
        last_step_ = Instant::min();
        return;
    }
    const Checkpoint& checkpoint = checkpoints_.back();
    states_.assign(states_.size(), State{{}, never});
    for (const auto& [monitor, standing] : checkpoint.standing)
        static_cast<Standing&>(states_[monitor]) = standing;
    last_step_ = checkpoint.at;
    for (auto& [monitor, episodes] : closed_)
        episodes.resize(states_[monitor].closed_count);
    // The next changes were named with facts in sight that may be gone: asked again where the steps stopped.
    std::ranges::fill(woken_, 0);
    for (const std::size_t monitor : catalogue_.order())
        if (catalogue_.monitors()[monitor].is_enabled)
            evaluate(monitor, last_step_, false);
}

void Watch::Sweep::advance(Instant now) {
    if (restart_ != never)
        restart();
    for (Instant at = next(); at <= now; at = next())
        step(at);
}

Instant Watch::Sweep::next() const {
    const auto& all = timeline.all();
    if (all.empty())
        return never;
    if (restart_ != never || last_step_ == Instant::min())
        return std::min(restart_, all.front()->event.at.instant);
    Instant earliest = never;
    const auto later =
        std::ranges::upper_bound(all, last_step_, {}, [](const FactPtr& f) { return f->event.at.instant; });
    if (later != all.end())
        earliest = (*later)->event.at.instant;
    for (auto fact = later; fact != all.end() && (*fact)->event.at.instant < earliest + zone_reach; ++fact)
        if (const Instant midnight = looked_ahead_to(**fact); midnight > last_step_)
            earliest = std::min(earliest, midnight);
    for (const State& state : states_)
        earliest = std::min(earliest, state.next);
    return std::min(earliest, next_local_date());
}

/// A fact whose local date is ahead of its UTC date counts on the UTC date until the clock has caught up: the midnight
/// of its local date can change answers once more.
Instant Watch::Sweep::next_local_date() const {
    const auto& all = timeline.all();
    Instant earliest = never;
    const auto later =
        std::ranges::upper_bound(all, last_step_, {}, [](const FactPtr& f) { return f->event.at.instant; });
    for (auto fact = later; fact != all.begin() && (*std::prev(fact))->event.at.instant > last_step_ - zone_ahead_max;
         --fact)
        if (const Instant midnight = (*std::prev(fact))->event.at.date; midnight > last_step_)
            earliest = std::min(earliest, midnight);
    return earliest;
}

void Watch::Sweep::step(Instant at) {
    const bool is_first = last_step_ == Instant::min();
    std::ranges::fill(woken_, is_first ? by_fact : char{0});
    wake_by_facts(at);
    last_step_ = at;
    for (const std::size_t monitor : catalogue_.order()) {
        State& state = states_[monitor];
        if (!catalogue_.monitors()[monitor].is_enabled) {
            state.next = never;
            continue;
        }
        if (!woken_[monitor] && state.next > at)
            continue;
        const bool was_open = state.open != nullptr;
        evaluate(monitor, at, woken_[monitor] == by_fact);
        if (was_open != (state.open != nullptr))
            for (const std::size_t dependent : catalogue_.monitors()[monitor].dependents)
                woken_[dependent] = by_fact;
    }
    keep_checkpoint(at);
}

void Watch::Sweep::wake_by_facts(Instant at) {
    const auto instant_of = [](const FactPtr& f) { return f->event.at.instant; };
    const auto& all = timeline.all();
    const auto seen_to = std::ranges::upper_bound(all, last_step_, {}, instant_of);
    for (auto fact = seen_to; fact != all.end() && (*fact)->event.at.instant < at + zone_reach; ++fact) {
        if ((*fact)->event.at.instant <= at)
            wake_by(**fact, by_fact);
        else if (looked_ahead_to(**fact) == at)
            wake_by(**fact, to_look);
    }
    for (auto fact = seen_to; fact != all.begin() && (*std::prev(fact))->event.at.instant > last_step_ - zone_ahead_max;
         --fact)
        if (const Instant midnight = (*std::prev(fact))->event.at.date; last_step_ < midnight && midnight <= at)
            wake_by(**std::prev(fact), by_fact);
}

void Watch::Sweep::wake_by(const model::Fact& fact, char why) {
    if (const CodeId* code = model::code_of(fact.event))
        for (const std::size_t monitor : catalogue_.woken_by(*code))
            woken_[monitor] = std::max(woken_[monitor], why);
}

View Watch::Sweep::view_at(Instant at, Date raised) const {
    return View{.timeline = timeline,
                .person = person_,
                .exposures = exposures_,
                .episodes = *this,
                .vocabulary = catalogue_.vocabulary(),
                .readable = catalogue_.readable(),
                .now = at,
                .today = model::date_of(at),
                .is_past = false,
                .raised = raised,
                .subject = nullptr,
                .is_late = false,
                .met_partial = nullptr};
}

TruthAnswer Watch::Sweep::clears(const Monitor& monitor, const View& view, const TruthAnswer& when,
                                 Clause* clause) const {
    if (monitor.clears)
        return monitor.clears->eval(view, clause);
    if (clause != nullptr)
        static_cast<void>(monitor.when->eval(view, clause));
    return {!when.value, when.next};
}

void Watch::Sweep::evaluate(std::size_t index, Instant at, bool is_woken) {
    ++evaluation_count;
    const Monitor& monitor = catalogue_.monitors()[index];
    State& state = states_[index];
    const Date today = model::date_of(at);
    const View view = view_at(at, state.open ? model::date_of(state.open->opened) : today);
    const TruthAnswer when = monitor.when->eval(view, nullptr);
    const bool became_true = when.value == Truth::yes && !state.was_true;
    state.was_true = when.value == Truth::yes;

    if (state.open) {
        const TruthAnswer cleared = clears(monitor, view, when, nullptr);
        const TruthAnswer excluded = monitor.unless ? monitor.unless->eval(view, nullptr) : TruthAnswer{};
        if (cleared.value != Truth::yes && excluded.value != Truth::yes) {
            state.next = std::min({when.next, cleared.next, excluded.next});
            evaluate_open(monitor, state, view, when, is_woken || became_true);
            return;
        }
        close(index, state, view, cleared.value == Truth::yes, state.was_true);
    }
    evaluate_closed(monitor, state, view_at(at, today), when);
}

void Watch::Sweep::evaluate_closed(const Monitor& monitor, State& state, const View& view, const TruthAnswer& when) {
    state.next = when.next;
    if (when.value != Truth::yes) {
        state.is_armed = true;
        return;
    }
    if (!state.is_armed)
        return;
    const TruthAnswer excluded = monitor.unless ? monitor.unless->eval(view, nullptr) : TruthAnswer{};
    const TruthAnswer cleared = clears(monitor, view, when, nullptr);
    state.next = std::min({when.next, excluded.next, cleared.next});
    if (excluded.value == Truth::yes || cleared.value == Truth::yes)
        return;
    auto episode = std::make_shared<Episode>();
    episode->opened = episode->supported_at = episode->tagged_at = view.now;
    episode->support = support(monitor, view);
    episode->severity = severity(monitor, view, state.next);
    episode->severity_reasons = severity_reasons(monitor, view);
    episode->severities = {{view.now, episode->severity}};
    episode->tags = tags(monitor, view, state.next);
    state.open = std::move(episode);
}

void Watch::Sweep::evaluate_open(const Monitor& monitor, State& state, const View& view, const TruthAnswer& when,
                                 bool refresh) {
    const Severity now_severe = severity(monitor, view, state.next);
    std::vector<std::string> now_tagged = tags(monitor, view, state.next);
    std::shared_ptr<const Support> now_supported = state.open->support;
    const bool is_regraded = now_severe != state.open->severity;
    bool is_supported_anew = false;
    if ((refresh || is_regraded) && when.value == Truth::yes) {
        auto renewed = support(monitor, view);
        is_supported_anew = !same_facts(renewed->evidence, now_supported->evidence) ||
                            !same_clauses(renewed->reasoning, now_supported->reasoning);
        // Another severity is told with the numbers of its own day, not of the day of opening.
        if (is_supported_anew || is_regraded)
            now_supported = std::move(renewed);
    }
    const bool is_same = !is_regraded && now_tagged == state.open->tags && now_supported == state.open->support;
    if (is_same)
        return;
    auto changed = std::make_shared<Episode>(*state.open);
    if (is_regraded)
        changed->severities.push_back({view.now, now_severe});
    if (is_regraded || is_supported_anew)
        changed->severity_reasons = severity_reasons(monitor, view);
    if (is_supported_anew)
        changed->supported_at = view.now;
    changed->since_then = when.value == Truth::yes ? "" : when_now(monitor, view, changed->support->reasoning);
    if (now_tagged != changed->tags)
        changed->tagged_at = view.now;
    changed->severity = now_severe;
    changed->tags = std::move(now_tagged);
    changed->support = std::move(now_supported);
    state.open = std::move(changed);
}

void Watch::Sweep::close(std::size_t index, State& state, const View& view, bool is_cleared, bool when_is_true) {
    const Monitor& monitor = catalogue_.monitors()[index];
    auto closed = std::make_shared<Episode>(*state.open);
    closed->closed = view.now;
    closed->is_excluded = !is_cleared;
    if (is_cleared) {
        const TruthAnswer answer = clears(monitor, view, {}, &closed->closing);
        closed->closing.value = monitor.clears ? answer.value : Truth::yes;
        closed->closing.text = monitor.clears_text;
        closed->closing_reason = monitor.clears ? joined(details_of(closed->closing, Truth::yes))
                                                : when_now(monitor, view, closed->support->reasoning);
        state.is_armed = !when_is_true;
    } else {
        closed->closing.value = monitor.unless->eval(view, &closed->closing).value;
        closed->closing.text = monitor.unless->source;
        closed->closing_reason = joined(details_of(closed->closing, Truth::yes));
    }
    closed_[index].push_back(std::move(closed));
    ++state.closed_count;
    state.open = nullptr;
}

void Watch::Sweep::keep_checkpoint(Instant at) {
    if (!checkpoints_.empty() && checkpoints_.back().at == at)
        checkpoints_.pop_back();
    checkpoints_.push_back({at, ++step_count_, {}});
    auto& standing = checkpoints_.back().standing;
    const auto is_kept = [](const State& state) { return static_cast<const Standing&>(state) != Standing{}; };
    standing.reserve(static_cast<std::size_t>(std::ranges::count_if(states_, is_kept)));
    for (std::size_t i = 0; i < states_.size(); ++i)
        if (is_kept(states_[i]))
            standing.emplace_back(static_cast<std::uint32_t>(i), states_[i]);
    if (checkpoints_.size() <= checkpoints_max)
        return;
    std::erase_if(checkpoints_, [&](const Checkpoint& checkpoint) {
        const std::uint64_t age = step_count_ - checkpoint.step;
        return age >= checkpoints_near && checkpoint.step % std::bit_floor(age / checkpoints_near + 1) != 0;
    });
}

std::size_t Watch::Sweep::byte_estimate() const {
    std::size_t bytes = sizeof(*this) + states_.size() * sizeof(State) + exposures_.byte_estimate() +
                        timeline.all().size() * bytes_of_fact;
    for (const Checkpoint& checkpoint : checkpoints_)
        bytes += sizeof(checkpoint) + checkpoint.standing.capacity() * sizeof(checkpoint.standing[0]);
    std::size_t episodes = 0;
    for (const auto& [monitor, closed] : closed_)
        episodes += closed.size();
    for (const State& state : states_)
        episodes += state.open ? 1 : 0;
    return bytes + episodes * bytes_of_episode;
}

const Episode* Watch::Sweep::open_at(std::size_t monitor) const {
    if (!asked_at_)
        return states_[monitor].open.get();
    const auto covers = [&](const EpisodePtr& e) {
        return e->opened <= *asked_at_ && (!e->closed || *asked_at_ < *e->closed);
    };
    for (const EpisodePtr& episode : closed(monitor))
        if (covers(episode))
            return episode.get();
    return states_[monitor].open && covers(states_[monitor].open) ? states_[monitor].open.get() : nullptr;
}

bool Watch::Sweep::was_open(std::size_t monitor, Date date) const {
    const auto covers = [&](const EpisodePtr& e) {
        return model::date_of(e->opened) <= date && (!e->closed || date < model::date_of(*e->closed));
    };
    return std::ranges::any_of(closed(monitor), covers) || (states_[monitor].open && covers(states_[monitor].open));
}

std::vector<FactPtr> Watch::Sweep::evidence(std::size_t monitor) const {
    const Episode* open = open_at(monitor);
    return open == nullptr ? std::vector<FactPtr>{} : open->support->evidence;
}

const std::vector<EpisodePtr>& Watch::Sweep::closed(std::size_t monitor) const {
    static const std::vector<EpisodePtr> none;
    const auto found = closed_.find(monitor);
    return found == closed_.end() ? none : found->second;
}

std::vector<EpisodePtr> Watch::Sweep::episodes(std::size_t monitor) const {
    std::vector<EpisodePtr> out = closed(monitor);
    if (states_[monitor].open)
        out.push_back(states_[monitor].open);
    return out;
}

Explanation Watch::Sweep::explain(std::size_t index, Instant at) {
    asked_at_ = at;
    const Monitor& monitor = catalogue_.monitors()[index];
    const Episode* open = open_at(index);
    const View view = view_at(at, model::date_of(open != nullptr ? open->opened : at));
    Explanation out;
    out.is_open = open != nullptr;
    out.when.text = monitor.when->source;
    const TruthAnswer when = monitor.when->eval(view, &out.when);
    out.when.value = when.value;
    out.next = when.next;
    if (monitor.unless) {
        out.unless.text = monitor.unless->source;
        const TruthAnswer answer = monitor.unless->eval(view, &out.unless);
        out.unless.value = answer.value;
        out.next = std::min(out.next, answer.next);
    }
    out.clears.text = monitor.clears_text;
    const TruthAnswer answer = clears(monitor, view, when, monitor.clears ? &out.clears : nullptr);
    out.clears.value = answer.value;
    out.next = std::min(out.next, answer.next);
    asked_at_.reset();
    return out;
}

std::vector<SetAside> Watch::Sweep::set_aside(std::size_t index, Instant at) const {
    return facts_set_aside(view_at(at, model::date_of(at)), catalogue_, catalogue_.monitors()[index]);
}

} // namespace bonewatch::monitors
