#include "alerts/alert.h"

#include "alerts/entry.h"
#include "store/bytes.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <sodium.h>
#include <tuple>

namespace bonewatch::alerts {

namespace {

using monitors::Episode;
using monitors::EpisodePtr;

std::vector<ToldFact> told_facts(const Episode& episode) {
    std::vector<ToldFact> out;
    for (const monitors::FactPtr& fact : episode.support->evidence) {
        const model::CodeId* code = model::code_of(fact->event);
        out.push_back(
            {fact->event.key, fact->event.version, code != nullptr ? *code : model::CodeId(), fact->event.at.date});
    }
    return out;
}

Instant end_of(const std::optional<Instant>& closed) {
    return closed.value_or(monitors::never);
}

bool overlap(const Alert& alert, const Episode& episode) {
    return alert.opened < end_of(episode.closed) && episode.opened < end_of(alert.closed);
}

/// New evidence is worth saying, unless all it adds is of a date already told of the same code.
bool is_news(const std::vector<ToldFact>& told, const std::vector<ToldFact>& today) {
    const auto has = [](const std::vector<ToldFact>& facts, const ToldFact& wanted) {
        return std::ranges::find(facts, wanted) != facts.end();
    };
    const auto has_date = [](const std::vector<ToldFact>& facts, const ToldFact& wanted) {
        return std::ranges::any_of(facts,
                                   [&](const ToldFact& f) { return f.code == wanted.code && f.date == wanted.date; });
    };
    return std::ranges::any_of(told, [&](const ToldFact& fact) { return !has(today, fact); }) ||
           std::ranges::any_of(today, [&](const ToldFact& fact) { return !has_date(told, fact); });
}

bool is_fresh(const Episode& episode, const ReconcileContext& context) {
    return !episode.support->newest_result ||
           *episode.support->newest_result >= model::date_of(context.now) - context.monitor.fresh;
}

std::string digest(std::string_view bytes) {
    std::string out(16, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
    return out;
}

/// Hash of patient, monitor, the newest fact when first told, and how often that pair was told before. The alert's
/// `home` and `anchor` are known.
std::string alert_id(const Alert& alert, const ReconcileContext& context, std::uint64_t told_before) {
    store::ByteWriter writer;
    writer.fixed64((alert.home.value != 0 ? alert.home : context.patient).value);
    writer.text(context.monitor.id.text);
    writer.text(alert.anchor.publisher.text);
    writer.text(alert.anchor.id.text);
    writer.varint(told_before);
    const std::string hash = digest(writer.bytes());
    std::string hex(2 * hash.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(hash.data()), hash.size());
    hex.pop_back();
    return hex;
}

/// One monitor's alerts and episodes of one patient on their way to agreement.
class Reconciliation {
  public:
    Reconciliation(std::vector<Alert> told, const std::vector<EpisodePtr>& episodes, const ReconcileContext& context)
        : context_(context), episodes_(episodes) {
        out_.alerts = std::move(told);
    }

    Reconciled run() {
        match();
        forget_unmatched_untold();
        for (std::size_t i = 0; i < matched_.size(); ++i)
            settle(i, matched_[i]);
        for (std::size_t i = 0; i < episodes_.size(); ++i)
            if (!taken_.contains(i))
                learn(episodes_[i]);
        if (!context_.is_merged)
            forget_what_was_alone();
        return std::move(out_);
    }

  private:
    /// One to one. First the open alert, which keeps its episode from all others; then what was resolved; what was
    /// never told last. Once merged records have parted, what was told before the merge comes first. Within each in
    /// order of opening: an open alert takes the overlapping open episode, else the earliest.
    void match() {
        matched_.assign(out_.alerts.size(), nullptr);
        std::vector<std::size_t> order(out_.alerts.size());
        std::iota(order.begin(), order.end(), 0u);
        std::ranges::stable_sort(order, {}, [&](std::size_t i) {
            const Alert& alert = out_.alerts[i];
            const bool is_of_before = !context_.is_merged && alert.alone;
            return std::tuple(!is_told(alert.state), !is_of_before, alert.state != AlertState::open,
                              alert.state == AlertState::withdrawn, alert.opened, alert.first_told);
        });
        for (const std::size_t i : order) {
            const Alert& alert = out_.alerts[i];
            if (alert.state == AlertState::withdrawn && !alert.is_suspended)
                continue;
            std::optional<std::size_t> best;
            for (std::size_t e = 0; e < episodes_.size(); ++e) {
                if (taken_.contains(e) || !is_of(alert, *episodes_[e]))
                    continue;
                if (!best)
                    best = e;
                if (alert.state == AlertState::open && !episodes_[e]->closed)
                    best = e;
            }
            if (best) {
                taken_.insert(*best);
                matched_[i] = episodes_[*best];
            }
        }
    }

    /// Once merged records have parted, an alert is of the episode of which it was before the merge.
    bool is_of(const Alert& alert, const Episode& episode) const {
        if (context_.is_merged || !alert.alone)
            return overlap(alert, episode);
        return alert.alone->opened < end_of(episode.closed) && episode.opened < end_of(alert.alone->closed);
    }

    void forget_what_was_alone() {
        for (Alert& alert : out_.alerts) {
            out_.is_changed = out_.is_changed || alert.alone;
            alert.alone.reset();
        }
    }

    /// What was never told, and is not there any more, leaves no trace; but it may be there again once merged records
    /// part.
    void forget_unmatched_untold() {
        if (context_.is_merged)
            return;
        for (std::size_t i = out_.alerts.size(); i-- > 0;)
            if (!is_told(out_.alerts[i].state) && !matched_[i]) {
                out_.alerts.erase(out_.alerts.begin() + static_cast<std::ptrdiff_t>(i));
                matched_.erase(matched_.begin() + static_cast<std::ptrdiff_t>(i));
                out_.is_changed = true;
            }
    }

    void settle(std::size_t index, const EpisodePtr& episode) {
        Alert& alert = out_.alerts[index];
        if (alert.state == AlertState::withdrawn && !alert.is_suspended)
            return;
        if (!episode) {
            settle_unmatched(index);
            return;
        }
        if (alert.is_suspended) {
            // As if it had been over all the time; what it is now is told again.
            alert.is_suspended = false;
            alert.state = episode->closed ? AlertState::open : AlertState::resolved;
        }
        if (!is_told(alert.state))
            settle_untold(index, episode);
        else if (!episode->closed)
            settle_open(index, episode);
        else
            settle_closed(index, episode);
    }

    void settle_unmatched(std::size_t index) {
        Alert& alert = out_.alerts[index];
        if (!is_told(alert.state))
            return;
        if (alert.state == AlertState::withdrawn) {
            out_.is_changed = out_.is_changed || !context_.is_merged;
            alert.is_suspended = context_.is_merged;
            return;
        }
        if (const auto other = context_.is_merged ? continuing(alert) : std::nullopt) {
            if (alert.state == AlertState::resolved)
                return;
            alert.state = AlertState::resolved;
            alert.closed = context_.now;
            say(Transition::resolved, index, context_.now, matched_[*other]);
            out_.steps.back().is_excluded = false;
            out_.steps.back().goes_on_as = out_.alerts[*other].id;
            return;
        }
        alert.state = AlertState::withdrawn;
        alert.is_suspended = context_.is_merged;
        say(Transition::withdrawn, index, context_.now, nullptr);
    }

    /// Which alert has the episode that this one tells of too: the open one, where there is one.
    std::optional<std::size_t> continuing(const Alert& alert) const {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < matched_.size(); ++i)
            if (matched_[i] && overlap(alert, *matched_[i]) && (!found || !matched_[i]->closed))
                found = i;
        return found;
    }

    void settle_untold(std::size_t index, const EpisodePtr& episode) {
        Alert& alert = out_.alerts[index];
        const Alert before = alert;
        if (!episode->closed && is_fresh(*episode, context_)) {
            raise(index, episode, before.state == AlertState::stale ? episode->supported_at : episode->opened);
            return;
        }
        move_to(alert, *episode);
        tell(alert, *episode);
        alert.state = episode->closed ? AlertState::historic : AlertState::stale;
        out_.is_changed = out_.is_changed || alert != before;
    }

    void settle_open(std::size_t index, const EpisodePtr& episode) {
        Alert& alert = out_.alerts[index];
        if (alert.state == AlertState::resolved) {
            move_to(alert, *episode);
            tell(alert, *episode);
            alert.state = AlertState::open;
            say(Transition::raised, index, episode->opened, episode);
            return;
        }
        const bool is_severer = episode->severity > alert.severity;
        const bool is_milder = episode->severity < alert.severity;
        const bool is_tagged = episode->tags != alert.tags;
        const std::vector<ToldFact> evidence = told_facts(*episode);
        const bool has_news = is_news(alert.evidence, evidence);
        const bool is_moved = model::date_of(episode->opened) != model::date_of(alert.opened);
        const bool is_reworded = evidence == alert.evidence && !alert.said.empty() && alert.said != said_of(episode);
        const bool is_another_patients = alert.told_of.value != 0;
        move_to(alert, *episode);
        const bool is_otherwise = is_severer || is_milder || is_tagged || has_news || is_moved || is_reworded;
        if (!is_otherwise && !is_another_patients)
            return;
        Instant at = is_otherwise ? episode->opened : context_.now;
        if (is_severer || is_milder || is_reworded)
            at = std::max(at, episode->severities.back().at);
        if (is_tagged && !is_severer)
            at = std::max(at, episode->tagged_at);
        if ((has_news || is_reworded) && !is_severer)
            at = std::max(at, episode->supported_at);
        tell(alert, *episode);
        say(is_severer ? Transition::escalated : Transition::updated, index, at, episode);
    }

    void settle_closed(std::size_t index, const EpisodePtr& episode) {
        Alert& alert = out_.alerts[index];
        move_to(alert, *episode);
        if (alert.state == AlertState::resolved)
            return;
        alert.state = AlertState::resolved;
        say(Transition::resolved, index, *episode->closed, episode);
    }

    /// An episode that nobody has heard of.
    void learn(const EpisodePtr& episode) {
        out_.alerts.push_back({});
        const std::size_t index = out_.alerts.size() - 1;
        if (!episode->closed && (context_.was_told_openly || is_fresh(*episode, context_))) {
            raise(index, episode, episode->opened);
            return;
        }
        Alert& alert = out_.alerts[index];
        move_to(alert, *episode);
        tell(alert, *episode);
        alert.state = episode->closed ? AlertState::historic : AlertState::stale;
        out_.is_changed = true;
    }

    void raise(std::size_t index, const EpisodePtr& episode, Instant at) {
        Alert& alert = out_.alerts[index];
        move_to(alert, *episode);
        tell(alert, *episode);
        alert.state = AlertState::open;
        alert.first_told = context_.now;
        alert.home = home_of(alert);
        alert.anchor = {};
        if (!alert.evidence.empty())
            alert.anchor = alert.evidence.back().key;
        const auto told_before = std::ranges::count_if(out_.alerts, [&](const Alert& other) {
            return !other.id.empty() && other.home == alert.home && other.anchor == alert.anchor;
        });
        alert.id = alert_id(alert, context_, static_cast<std::uint64_t>(told_before));
        say(Transition::raised, index, at, episode);
    }

    /// Whose an alert is that is told for the first time: among merged records it is that one's on whose facts alone it
    /// stands, as if it had been told of that one; else the survivor's.
    model::PatientNumber home_of(const Alert& alert) const {
        if (!context_.is_merged || alert.evidence.empty())
            return {};
        const model::PatientNumber first = context_.member_of(alert.evidence.front().key);
        const bool is_alone = std::ranges::all_of(
            alert.evidence, [&](const ToldFact& fact) { return context_.member_of(fact.key) == first; });
        return is_alone && first != context_.patient ? first : model::PatientNumber{};
    }

    void move_to(Alert& alert, const Episode& episode) {
        out_.is_changed = out_.is_changed || alert.opened != episode.opened || alert.closed != episode.closed;
        alert.opened = episode.opened;
        alert.closed = episode.closed;
    }

    static void tell(Alert& alert, const Episode& episode) {
        alert.severity = episode.severity;
        alert.tags = episode.tags;
        alert.evidence = told_facts(episode);
    }

    /// Digest of what is said of an open episode.
    std::string said_of(const EpisodePtr& episode) const { return digest(headline(context_.monitor, *episode)); }

    void say(Transition transition, std::size_t index, Instant at, const EpisodePtr& episode) {
        out_.is_changed = true;
        out_.alerts[index].told_of = {};
        if (out_.alerts[index].state == AlertState::open)
            out_.alerts[index].said = said_of(episode);
        out_.steps.push_back({transition, index, at, episode && episode->is_excluded, {}, episode});
    }

    ReconcileContext context_;
    const std::vector<EpisodePtr>& episodes_;
    std::vector<EpisodePtr> matched_; ///< By alert.
    std::set<std::size_t> taken_;     ///< Episodes that are matched.
    Reconciled out_;
};

} // namespace

Reconciled reconcile(std::vector<Alert> told, const std::vector<EpisodePtr>& episodes,
                     const ReconcileContext& context) {
    return Reconciliation(std::move(told), episodes, context).run();
}

} // namespace bonewatch::alerts
