#include "daemon/core.h"

#include "store/model/ensure.h"

#include <algorithm>
#include <set>

namespace bonewatch::daemon {

namespace {

using model::PatientNumber;
using model::Result;

bool is_among(PatientNumber patient, const std::vector<PatientNumber>& members) {
    return std::ranges::binary_search(members, patient);
}

/// The alerts of `state` whose home is among `members`, to be given to another patient.
void carry_to(const std::vector<PatientNumber>& members, const PatientState& state,
              std::vector<store::CarriedAlert>& out) {
    for (const auto& [monitor, told] : state.told)
        for (alerts::Alert alert : told) {
            if (alert.home.value == 0)
                alert.home = state.number;
            if (!is_among(alert.home, members))
                continue;
            if (alert.told_of.value == 0 && alert.entry != 0)
                alert.told_of = state.number;
            out.push_back({state.revision->catalogue->monitors()[monitor].id.text, alerts::encode(alert)});
        }
}

/// Alerts of `state` that go to a patient of another partition.
std::vector<std::string> gone_from(const PatientState& state, const store::Directory& directory) {
    std::vector<std::string> out;
    for (const auto& [monitor, told] : state.told)
        for (const alerts::Alert& alert : told) {
            const PatientNumber home = alert.home.value == 0 ? state.number : alert.home;
            const auto partition = store::partition_of(directory.canonical_of(home));
            if (!alert.id.empty() && partition != store::partition_of(state.number))
                out.push_back(alert.id);
        }
    return out;
}

/// Somebody was told of it: it is open, or was told of the union first and is over. What is over may not be so for one
/// of those who part.
bool is_told_of_all(const alerts::Alert& alert) {
    return alert.state == alerts::AlertState::open || (alert.state == alerts::AlertState::resolved && !alert.alone);
}

} // namespace

Result<void> Core::note_merge(const model::FactKey& fact, PatientNumber owner, Regrouping& regrouping) {
    auto state = patient(owner);
    if (!state)
        return std::unexpected(state.error());
    const auto known = (*state)->facts.find(fact);
    if (known == (*state)->facts.end())
        return {};
    const store::FactVersions versions = known->second.unpacked();
    if (!versions.is_of_merge())
        return {};
    const auto standing = versions.settled();
    const bool is_merge = standing && std::holds_alternative<model::MergeEvent>(standing->body);
    const auto changed = directory_.set_merge(fact, is_merge ? &*standing : nullptr, batch_);
    if (!changed)
        return std::unexpected(changed.error());
    for (const store::Union& joined : *changed)
        for (const PatientNumber member : joined.members) {
            regrouping.before.emplace(member, joined);
            regrouping.cause[member] = fact;
        }
    return {};
}

Result<void> Core::regroup(const Regrouping& regrouping, bool is_backfill,
                           const std::map<PatientNumber, const Routed*>& settled_later) {
    for (const auto& [member, before] : regrouping.before)
        if (auto fold = ready(store::partition_of(member), now_); !fold)
            return std::unexpected(fold.error());
    // All of them are made before the first is folded: they tell of the state before.
    std::vector<store::MembersRecord> records;
    std::set<PatientNumber> seen;
    for (const auto& [member, before] : regrouping.before) {
        const auto joined = directory_.union_of(member);
        if (!joined)
            return std::unexpected(joined.error());
        if (!seen.insert(joined->canonical).second || *joined == before)
            continue;
        auto record = members_record(*joined, regrouping);
        if (!record)
            return std::unexpected(record.error());
        records.push_back(std::move(*record));
        for (const PatientNumber one : joined->members)
            if (one != joined->canonical && regrouping.before.at(one).canonical != joined->canonical) {
                store::MembersRecord away;
                away.patient = one;
                away.goes_on_in = joined->canonical;
                away.cause = regrouping.cause.at(one);
                const auto state = patient(one);
                if (!state)
                    return std::unexpected(state.error());
                away.gone = gone_from(**state, directory_);
                records.push_back(std::move(away));
            }
    }
    for (store::MembersRecord& record : records) {
        record.is_backfill = is_backfill && record.goes_on_in.value == 0;
        record.is_group_end = !settled_later.contains(record.patient);
        auto outcome = folds_[store::partition_of(record.patient).index]->apply({now_, std::move(record)}, batch_);
        if (!outcome)
            return std::unexpected(outcome.error());
    }
    return {};
}

Result<store::MembersRecord> Core::members_record(const store::Union& joined, const Regrouping& regrouping) {
    const PatientNumber canonical = joined.canonical;
    const auto own = patient(canonical);
    if (!own)
        return std::unexpected(own.error());
    store::MembersRecord record;
    record.patient = canonical;
    record.members = joined.members;
    record.cause = regrouping.cause.at(canonical);
    record.gone = gone_from(**own, directory_);
    for (const store::StandingMerge& merge : joined.merges) {
        const auto survivor = patient(merge.survivor);
        if (!survivor)
            return std::unexpected(survivor.error());
        auto standing = (*survivor)->facts.at(merge.key).unpacked().settled();
        ENSURE(standing.has_value(), "the directory knows what stands of a merge");
        record.merges.push_back(std::move(*standing));
    }
    std::set<PatientNumber> came_from; ///< Where the members counted before.
    std::set<std::string> told_openly;
    for (const PatientNumber member : joined.members) {
        const store::Union& before = regrouping.before.at(member);
        if (!came_from.insert(before.canonical).second)
            continue;
        const auto source = patient(before.canonical);
        if (!source)
            return std::unexpected(source.error());
        if (before.canonical != canonical)
            carry_to(joined.members, **source, record.told);
        if (std::ranges::includes(joined.members, before.members))
            continue;
        for (const auto& [monitor, told] : (*source)->told)
            if (std::ranges::any_of(told, is_told_of_all))
                told_openly.insert((*source)->revision->catalogue->monitors()[monitor].id.text);
    }
    record.told_openly.assign(told_openly.begin(), told_openly.end());
    for (const PatientNumber member : joined.members) {
        const bool was_here = regrouping.before.at(member).canonical == canonical;
        if (member == canonical || was_here)
            continue;
        const auto other = patient(member);
        if (!other)
            return std::unexpected(other.error());
        for (const auto& [key, packed] : (*other)->facts)
            if (const auto known = (*own)->facts.find(key);
                known == (*own)->facts.end() || known->second.bytes() != packed.bytes())
                record.facts.push_back(packed.bytes());
        record.loading_until = std::max(record.loading_until, (*other)->row.loading_until);
    }
    return record;
}

} // namespace bonewatch::daemon
