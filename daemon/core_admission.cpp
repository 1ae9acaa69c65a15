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

Result<std::vector<store::EventRecord>> Core::records_of(const Incoming& incoming, const store::Routing& routing,
                                                         const Message& message) {
    std::vector<store::EventRecord> out;
    if (routing.is_newly_named) {
        const auto other = std::ranges::find_if(routing.concerned, [&](PatientNumber p) { return p != routing.named; });
        ENSURE(other != routing.concerned.end(), "a newly named patient joins somebody");
        auto state = patient(*other);
        if (!state)
            return std::unexpected(state.error());
        const auto packed = (*state)->facts.find(model::fact_of(incoming.event));
        ENSURE(packed != (*state)->facts.end(), "whoever a fact names knows it");
        const store::FactVersions versions = packed->second.unpacked();
        for (const auto& known : {versions.contents(), versions.retractions()})
            for (const store::FactContent& content : known)
                out.push_back({routing.named,
                               content.patient,
                               content.event,
                               message.is_backfill,
                               false,
                               true,
                               false,
                               revision_->id,
                               {}});
    }
    for (const PatientNumber concerned : routing.concerned)
        out.push_back({concerned, routing.named, incoming.event, message.is_backfill, false, false, routing.is_own,
                       revision_->id, concerned == owner_of(routing) ? incoming.raw : std::string(), message.retried});
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

Result<std::vector<Core::Routed>> Core::route(const Message& message, std::vector<Incoming>& parts,
                                              std::vector<Result<Outcome>>& outcomes) {
    std::vector<Routed> routed;
    const auto add = [&](const Incoming& incoming, std::size_t index, bool is_part) -> Result<void> {
        const auto known = incoming.is_for_known_fact ? directory_.is_known(model::fact_of(incoming.event)) : true;
        if (!known)
            return std::unexpected(known.error());
        auto routing = *known ? directory_.route(incoming.event, batch_)
                              : model::fail(model::is_promotion(incoming.event) ? model::ErrorKind::unusable
                                                                                : model::ErrorKind::not_used,
                                            "unknown_fact", "nobody has this fact");
        if (routing) {
            routed.push_back({&incoming, index, std::move(*routing)});
            return {};
        }
        if (routing.error().kind == model::ErrorKind::unavailable)
            return std::unexpected(routing.error());
        if (!is_part)
            outcomes[index] = std::unexpected(routing.error());
        return {};
    };
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
    for (const bool is_for_known : {false, true})
        for (std::size_t i = 0; i < message.events.size(); ++i)
            if (message.events[i].is_for_known_fact == is_for_known)
                if (auto ok = add(message.events[i], i, false); !ok)
                    return std::unexpected(ok.error());
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (auto ok = add(parts[i], of[i], true); !ok)
            return std::unexpected(ok.error());
    return routed;
}

Result<std::vector<Result<Outcome>>> Core::admit(const Message& message, Instant now) {
    ENSURE(now >= now_, "time never falls");
    // Timers are read from the store: what is pending may have set some, and comes before them.
    if (now > now_)
        if (auto ok = commit(); !ok)
            return std::unexpected(ok.error());
    std::vector<Result<Outcome>> outcomes(message.events.size(), Outcome::kept);
    std::vector<Incoming> parts;
    const auto routed = route(message, parts, outcomes);
    if (!routed)
        return std::unexpected(routed.error());
    std::map<PatientNumber, const Routed*> last; ///< The event after which a patient's told is reconciled.
    for (const Routed& one : *routed)
        for (const PatientNumber concerned : one.routing.concerned)
            last[concerned] = &one;
    now_ = now;
    pending_events_ += routed->size();
    for (const Routed& one : *routed) {
        for (const PatientNumber concerned : one.routing.concerned)
            if (auto fold = ready(store::partition_of(concerned), now); !fold)
                return std::unexpected(fold.error());
        auto records = records_of(*one.incoming, one.routing, message);
        if (!records)
            return std::unexpected(records.error());
        for (store::EventRecord& record : *records) {
            record.is_group_end = !record.is_relayed && last.at(record.patient) == &one;
            PartitionFold& fold = *folds_[store::partition_of(record.patient).index];
            const bool is_own = record.patient == owner_of(one.routing) && !record.is_relayed;
            auto outcome = fold.apply({now, std::move(record)}, batch_);
            if (!outcome)
                return std::unexpected(outcome.error());
            if (!is_own)
                continue;
            // A resource whose part has changed has changed.
            const bool is_part = one.incoming != &message.events[one.index];
            if (!is_part || *outcome == Outcome::applied || !outcomes[one.index])
                outcomes[one.index] = *outcome;
            last_position_ = std::to_string(store::partition_of(owner_of(one.routing)).index) + "-" +
                             std::to_string(fold.journal_position());
        }
    }
    return outcomes;
}

} // namespace bonewatch::daemon
