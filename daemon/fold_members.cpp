#include "daemon/fold.h"
#include "store/keys.h"

#include <algorithm>
#include <memory>

namespace bonewatch::daemon {

namespace {

using model::PatientNumber;
using model::Result;
using store::Table;
using store::WriteBatch;

bool is_among(PatientNumber patient, std::span<const PatientNumber> members) {
    return std::ranges::find(members, patient) != members.end();
}

} // namespace

Result<void> PartitionFold::apply_members(const store::MembersRecord& record, WriteBatch& batch) {
    auto found = patient(record.patient);
    if (!found)
        return std::unexpected(found.error());
    PatientState& state = **found;
    for (const std::string& bytes : record.facts) {
        const auto coming = store::FactVersions::decode(bytes);
        if (!coming)
            return std::unexpected(coming.error());
        const model::FactKey key = coming->key();
        store::FactVersions versions = state.facts[key].unpacked();
        if (!versions.admit_all(*coming))
            continue;
        std::string all = versions.encode();
        batch.put(Table::facts, store::fact_key(partition_, record.patient, key), all);
        state.facts[key] = PackedVersions(std::move(all));
    }
    PatientRow row = state.row;
    row.goes_on_in = record.goes_on_in;
    row.members = record.members.size() > 1 ? record.members : std::vector<PatientNumber>{};
    row.merges = record.merges;
    row.told_openly = record.told_openly;
    if (record.goes_on_in.value == 0)
        row.loading_until = std::max(row.loading_until, record.loading_until);
    if (record.is_backfill)
        row.loading_until = now_ + revision_->settle;
    write_row(record.patient, state, row, batch);
    release(state, batch);
    // From the beginning: of a long record each fact that comes or goes by itself would cost a look at all the others.
    std::destroy_at(&state.watch);
    std::construct_at(&state.watch, *state.revision->catalogue);
    for (const auto& [key, packed] : state.facts)
        lay_in(state.watch, state, key, packed.unpacked());
    settle_person(state.watch, state);
    carry(state, record, batch);
    state.changed.push_back(record.cause);
    if (record.is_group_end)
        settle(record.patient, state, batch);
    return {};
}

void PartitionFold::release(PatientState& state, WriteBatch& batch) {
    std::vector<PatientNumber> own(state.members().begin(), state.members().end());
    own.push_back(state.number);
    for (auto at = state.facts.begin(); at != state.facts.end();) {
        if (at->second.unpacked().names(own)) {
            ++at;
            continue;
        }
        batch.remove(Table::facts, store::fact_key(partition_, state.number, at->first));
        std::erase(state.changed, at->first);
        at = state.facts.erase(at);
    }
}

void PartitionFold::carry(PatientState& state, const store::MembersRecord& record, WriteBatch& batch) {
    const std::vector<PatientNumber> members(state.members().begin(), state.members().end());
    std::map<std::size_t, std::vector<alerts::Alert>> told = state.told;
    for (auto& [monitor, alerts] : told)
        std::erase_if(alerts, [&](const alerts::Alert& alert) {
            return !is_among(alert.home.value == 0 ? state.number : alert.home, members);
        });
    for (const std::string& alert : record.gone)
        batch.remove(Table::alert_ids, store::alert_id_key(partition_, alert));
    for (const store::CarriedAlert& carried : record.told) {
        auto alert = alerts::decode_alert(carried.alert);
        const auto monitor = revision_->catalogue->find(model::MonitorId(carried.monitor));
        if (!alert || !monitor)
            continue; // A monitor that the revision does not have any more: nobody is told of it either.
        for (PatientNumber* whose : {&alert->home, &alert->told_of})
            if (*whose == state.number)
                *whose = {};
        if (!alert->id.empty())
            batch.put(Table::alert_ids, store::alert_id_key(partition_, alert->id), alert_id_row(state.number));
        told[*monitor].push_back(std::move(*alert));
    }
    if (members.size() > 1)
        for (auto& [monitor, alerts] : told)
            for (alerts::Alert& alert : alerts)
                if (!alert.alone)
                    alert.alone = alerts::Stretch{alert.opened, alert.closed};
    for (auto& [monitor, alerts] : told) {
        std::vector<alerts::Alert>& known = state.told[monitor];
        if (known == alerts)
            continue;
        const auto open_before = open_count(known);
        const std::size_t count_before = known.size();
        known = std::move(alerts);
        open_alerts_[revision_->catalogue->monitors()[monitor].id.text] += open_count(known) - open_before;
        write_alerts(state.number, known, monitor, count_before, batch);
    }
    std::erase_if(state.told, [](const auto& of_monitor) { return of_monitor.second.empty(); });
}

std::string PartitionFold::regrouped_text(const PatientState& state) const {
    std::string text;
    for (const model::FactKey& key : state.changed) {
        const auto fact = state.facts.find(key);
        if (fact != state.facts.end() && !fact->second.unpacked().is_of_merge())
            continue;
        const auto& merges = state.row.merges;
        if (std::ranges::find(merges, key, &model::Event::key) != merges.end())
            return "another record of this patient was merged with this one";
        text = "records that had been merged are separate again";
    }
    return text;
}

} // namespace bonewatch::daemon
