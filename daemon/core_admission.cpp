#include "daemon/core.h"

#include "store/model/ensure.h"
#include "store/model/promotion.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace bonewatch::daemon {

namespace {

using model::PatientNumber;
using model::Result;
using store::Outcome;

/// With whom the message's own bytes are kept, and whose outcome is the publisher's.
PatientNumber owner_of(const store::Routing& routing) {
    return routing.named.value != 0 ? routing.named : routing.concerned.front();
}

} // namespace

Result<std::vector<store::EventRecord>> Core::records_of(const Routed& one, const Message& message) {
    const Incoming& incoming = *one.arriving.incoming;
    const store::Routing& routing = one.routing;
    const model::FactKey fact = model::fact_of(incoming.event);
    std::vector<store::EventRecord> out;
    if (routing.is_newly_named) {
        std::vector<PatientNumber> newcomers;
        std::string known_bytes;
        for (const PatientNumber recipient : one.recipients) {
            auto state = patient(recipient);
            if (!state)
                return std::unexpected(state.error());
            const auto known = (*state)->facts.find(fact);
            if (known == (*state)->facts.end())
                newcomers.push_back(recipient);
            else
                known_bytes = known->second.bytes();
        }
        ENSURE(!known_bytes.empty(), "a newly named patient joins somebody who knows the fact");
        const store::FactVersions versions = PackedVersions(std::move(known_bytes)).unpacked();
        for (const PatientNumber newcomer : newcomers)
            for (const auto& known : {versions.contents(), versions.retractions()})
                for (const store::FactContent& content : known)
                    out.push_back({newcomer,
                                   content.patient,
                                   content.event,
                                   message.is_backfill,
                                   false,
                                   true,
                                   false,
                                   content.from,
                                   revision_->id,
                                   {}});
    }
    for (const PatientNumber recipient : one.recipients)
        out.push_back({recipient, routing.named, incoming.event, message.is_backfill, false, false, routing.is_own,
                       routing.from, revision_->id, recipient == owner_of(routing) ? incoming.raw : std::string(),
                       message.retried});
    return out;
}

Result<bool> Core::is_replaced(const model::Event& event) {
    if (std::holds_alternative<model::RetractionEvent>(event.body))
        return false;
    const auto concerned = directory_.concerned_by(event);
    if (!concerned)
        return std::unexpected(concerned.error());
    for (const PatientNumber number : *concerned) {
        if (folds_[store::partition_of(number).index]->revision() == nullptr)
            continue;
        const auto state = patient(number);
        if (!state)
            return std::unexpected(state.error());
        const auto fact = (*state)->facts.find(event.key);
        if (fact == (*state)->facts.end())
            continue;
        bool is_same = false, is_other = false;
        for (const store::FactContent& content : fact->second.unpacked().contents())
            if (content.event.version == event.version)
                (content.event == event ? is_same : is_other) = true;
        if (is_other && !is_same)
            return true;
    }
    return false;
}

Result<std::vector<Incoming>> Core::parts_of(const Incoming& incoming, const Message& message) {
    const model::FactKey whole = model::fact_of(incoming.event);
    const std::string prefix = whole.id.text + "#";
    const auto is_part = [&](const model::FactKey& key) {
        return key.publisher == whole.publisher && key.id.text.starts_with(prefix);
    };
    std::set<model::FactKey> parts;
    for (const Incoming& beside : message.events)
        if (const model::FactKey key = model::fact_of(beside.event); is_part(key))
            parts.insert(key);
    const auto concerned = directory_.concerned_by(incoming.event);
    const auto having = directory_.named_by_parts_of(whole);
    if (!concerned || !having)
        return std::unexpected(!concerned ? concerned.error() : having.error());
    std::set<PatientNumber> reached(concerned->begin(), concerned->end());
    reached.insert(having->begin(), having->end());
    for (const PatientNumber number : reached) {
        if (folds_[store::partition_of(number).index]->revision() == nullptr)
            continue;
        const auto state = patient(number);
        if (!state)
            return std::unexpected(state.error());
        const auto& facts = (*state)->facts;
        for (auto at = facts.lower_bound({whole.publisher, model::FactId(prefix)});
             at != facts.end() && is_part(at->first); ++at)
            parts.insert(at->first);
    }
    std::vector<Incoming> out;
    for (const model::FactKey& part : parts) {
        Incoming one{incoming.event, incoming.raw, true, false};
        const std::string why = one.event.key.id.text.substr(whole.id.text.size());
        one.event.key.id = model::FactId(part.id.text + why);
        std::get<model::RetractionEvent>(one.event.body).of = part.id;
        out.push_back(std::move(one));
    }
    return out;
}

Result<bool> Core::is_of_merge(const model::Event& event) const {
    if (std::holds_alternative<model::MergeEvent>(event.body))
        return true;
    if (!std::holds_alternative<model::RetractionEvent>(event.body))
        return false;
    const auto merge = directory_.merge_of(model::fact_of(event));
    return merge ? Result<bool>(merge->has_value()) : std::unexpected(merge.error());
}

Result<std::vector<Core::Arriving>> Core::arriving(const Message& message, std::vector<Incoming>& parts) {
    std::vector<Arriving> out;
    for (const bool is_for_known : {false, true})
        for (std::size_t i = 0; i < message.events.size(); ++i)
            if (message.events[i].is_for_known_fact == is_for_known)
                out.push_back({&message.events[i], i, false});
    std::vector<std::size_t> of; ///< The event of the message that each of `parts` belongs to.
    for (std::size_t i = 0; i < message.events.size(); ++i) {
        if (!message.events[i].reaches_parts)
            continue;
        auto found = parts_of(message.events[i], message);
        if (!found)
            return std::unexpected(found.error());
        of.resize(of.size() + found->size(), i);
        std::ranges::move(*found, std::back_inserter(parts));
    }
    for (std::size_t i = 0; i < parts.size(); ++i)
        out.push_back({&parts[i], of[i], true});
    return out;
}

Result<void> Core::mean_member(const model::Event& event, store::Routing& routing) {
    if (!store::is_of_wrong_patient(event) || routing.named.value == 0 || !directory_.is_merged(routing.named))
        return {};
    const auto joined = directory_.union_of(routing.named);
    if (!joined)
        return std::unexpected(joined.error());
    const auto& reached = std::get<model::RetractionEvent>(event.body).of_version;
    std::optional<model::Version> best;
    std::optional<PatientNumber> meant;
    for (const PatientNumber number : routing.concerned) {
        if (folds_[store::partition_of(number).index]->revision() == nullptr)
            continue;
        const auto state = patient(number);
        if (!state)
            return std::unexpected(state.error());
        const auto fact = (*state)->facts.find(model::fact_of(event));
        if (fact == (*state)->facts.end())
            continue;
        for (const store::FactContent& content : fact->second.unpacked().contents()) {
            if (reached && *reached < content.event.version)
                continue;
            if (content.patient == routing.named)
                return {};
            const bool is_member = std::ranges::binary_search(joined->members, content.patient);
            if (is_member && (!best || *best < content.event.version)) {
                best = content.event.version;
                meant = content.patient;
            }
        }
    }
    routing.named = meant.value_or(routing.named);
    return {};
}

Result<std::vector<Core::Routed>> Core::route(const std::vector<Arriving>& arriving, Outcomes& outcomes) {
    std::vector<Routed> routed;
    for (const Arriving& one : arriving) {
        const model::Event& event = one.incoming->event;
        const auto known = one.incoming->is_for_known_fact ? directory_.is_known(model::fact_of(event)) : true;
        if (!known)
            return std::unexpected(known.error());
        auto routing =
            *known ? directory_.route(event, batch_)
                   : model::fail(model::is_promotion(event) ? model::ErrorKind::unusable : model::ErrorKind::not_used,
                                 "unknown_fact", "nobody has this fact");
        if (!routing) {
            if (routing.error().kind == model::ErrorKind::unavailable)
                return std::unexpected(routing.error());
            if (!one.is_part)
                outcomes[one.index] = std::unexpected(routing.error());
            continue;
        }
        if (auto ok = mean_member(event, *routing); !ok)
            return std::unexpected(ok.error());
        std::vector<PatientNumber> recipients = routing->concerned;
        for (const PatientNumber concerned : routing->concerned) {
            const PatientNumber canonical = directory_.canonical_of(concerned);
            if (const auto at = std::ranges::lower_bound(recipients, canonical);
                at == recipients.end() || *at != canonical)
                recipients.insert(at, canonical);
        }
        routed.push_back({one, std::move(*routing), std::move(recipients)});
    }
    return routed;
}

Result<void> Core::admit(const Routed& one, const std::map<PatientNumber, const Routed*>& last, const Message& message,
                         Outcomes& outcomes) {
    ++pending_events_;
    for (const PatientNumber recipient : one.recipients)
        if (auto fold = ready(store::partition_of(recipient), now_); !fold)
            return std::unexpected(fold.error());
    auto records = records_of(one, message);
    if (!records)
        return std::unexpected(records.error());
    for (store::EventRecord& record : *records) {
        record.is_group_end = !record.is_relayed && last.at(record.patient) == &one;
        PartitionFold& fold = *folds_[store::partition_of(record.patient).index];
        const bool is_own = record.patient == owner_of(one.routing) && !record.is_relayed;
        auto outcome = fold.apply({now_, std::move(record)}, batch_);
        if (!outcome)
            return std::unexpected(outcome.error());
        if (!is_own)
            continue;
        // A resource whose part has changed has changed.
        if (!one.arriving.is_part || *outcome == Outcome::applied || !outcomes[one.arriving.index])
            outcomes[one.arriving.index] = *outcome;
        last_position_ = std::to_string(store::partition_of(owner_of(one.routing)).index) + "-" +
                         std::to_string(fold.journal_position());
    }
    return {};
}

Result<std::vector<Result<Outcome>>> Core::admit(const Message& message, Instant now) {
    ENSURE(now >= now_, "time never falls");
    // Timers are read from the store: what is pending may have set some, and comes before them.
    if (now > now_)
        if (auto ok = commit(); !ok)
            return std::unexpected(ok.error());
    now_ = now;
    Outcomes outcomes(message.events.size(), Outcome::kept);
    std::vector<Incoming> parts;
    auto all = arriving(message, parts);
    if (!all)
        return std::unexpected(all.error());
    std::vector<Arriving> merges, others;
    for (const Arriving& one : *all) {
        const auto is_merge = is_of_merge(one.incoming->event);
        if (!is_merge)
            return std::unexpected(is_merge.error());
        (*is_merge ? merges : others).push_back(one);
    }
    // Who is one with whom comes first: what else the message says is of the patients as they are after it.
    Regrouping regrouping;
    for (const auto* some : {&merges, &others}) {
        const auto routed = route(*some, outcomes);
        if (!routed)
            return std::unexpected(routed.error());
        std::map<PatientNumber, const Routed*> last; ///< The event after which a patient's told is reconciled.
        for (const Routed& one : *routed)
            for (const PatientNumber recipient : one.recipients)
                last[recipient] = &one;
        if (some == &others) {
            if (auto ok = regroup(regrouping, message.is_backfill, last); !ok)
                return std::unexpected(ok.error());
            regrouping = {};
        }
        for (const Routed& one : *routed) {
            if (auto ok = admit(one, last, message, outcomes); !ok)
                return std::unexpected(ok.error());
            const model::Event& event = one.arriving.incoming->event;
            const PatientNumber owner = owner_of(one.routing);
            if (some == &merges || std::holds_alternative<model::RetractionEvent>(event.body) ||
                directory_.is_merged(owner))
                if (auto ok = note_merge(model::fact_of(event), owner, regrouping); !ok)
                    return std::unexpected(ok.error());
        }
    }
    if (auto ok = regroup(regrouping, message.is_backfill, {}); !ok)
        return std::unexpected(ok.error());
    return outcomes;
}

} // namespace bonewatch::daemon
