#include "daemon/fold.h"

#include "alerts/entry.h"
#include "daemon/patient_name.h"
#include "store/bytes.h"
#include "store/keys.h"
#include "store/model/ensure.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <set>

namespace bonewatch::daemon {

namespace {

using model::PatientNumber;
using model::Result;
using store::Outcome;
using store::Table;
using store::WriteBatch;

constexpr std::uint8_t partition_format = 1;

/// Facts that a withdrawal after a backfill names at most.
constexpr std::size_t changed_named_max = 64;

} // namespace

PartitionFold::PartitionFold(store::Partition partition, const store::KeyValue& store, Revisions& revisions,
                             KeptPatients& kept)
    : partition_(partition), store_(store), revisions_(revisions), kept_(kept) {}

Result<void> PartitionFold::open() {
    auto row = store_.get(Table::partitions, store::partition_key(partition_));
    if (!row)
        return std::unexpected(row.error());
    if (!*row)
        return {};
    store::ByteReader in(**row);
    const bool is_known = in.byte() == partition_format;
    now_ = in.instant();
    journal_position_ = in.varint();
    feed_position_ = in.varint();
    revision_position_ = in.varint();
    if (!is_known || in.failed() || !in.at_end())
        return model::fail(model::ErrorKind::malformed, "bad_partition",
                           "these are not the bytes of a partition's row");
    if (revision_position_ == 0)
        return {};

    auto bytes = store_.get(Table::journal, store::position_key(partition_, revision_position_));
    if (!bytes)
        return std::unexpected(bytes.error());
    if (!*bytes)
        return model::fail(model::ErrorKind::unavailable, "journal_hole", "the journal lacks the revision in force");
    auto record = store::decode_record(**bytes);
    if (!record || !std::holds_alternative<store::RevisionRecord>(record->body))
        return model::fail(model::ErrorKind::unavailable, "journal_hole",
                           "the journal's revision record cannot be read");
    auto revision = revisions_.of(std::get<store::RevisionRecord>(record->body));
    if (!revision)
        return std::unexpected(revision.error());
    revision_ = *revision;
    return count_open_alerts();
}

Result<void> PartitionFold::count_open_alerts() {
    const std::string own = store::partition_key(partition_);
    return store_.scan(Table::alerts, own, store::after_prefix(own), [&](std::string_view key, std::string_view value) {
        const auto parsed = store::parse_alert_key(key);
        const auto alert = alerts::decode_alert(value);
        if (parsed && alert && alert->state == alerts::AlertState::open)
            ++open_alerts_[parsed->monitor.text];
        return true;
    });
}

Result<Outcome> PartitionFold::apply(const store::Record& record, WriteBatch& batch) {
    ENSURE(record.recorded_at >= now_, "a journal's time never falls");
    now_ = record.recorded_at;
    is_changed_ = true;
    ++stats_.records;
    batch.put(Table::journal, store::position_key(partition_, ++journal_position_), store::encode(record));

    Outcome outcome = Outcome::applied;
    if (const auto* event = std::get_if<store::EventRecord>(&record.body)) {
        if (auto ok = apply_event(*event, batch, outcome); !ok)
            return std::unexpected(ok.error());
    } else if (const auto* command = std::get_if<store::CommandRecord>(&record.body)) {
        if (auto ok = apply_command(*command, batch); !ok)
            return std::unexpected(ok.error());
    } else if (const auto* members = std::get_if<store::MembersRecord>(&record.body)) {
        if (auto ok = apply_members(*members, batch); !ok)
            return std::unexpected(ok.error());
    } else if (const auto* revision = std::get_if<store::RevisionRecord>(&record.body)) {
        auto loaded = revisions_.of(*revision);
        if (!loaded)
            return std::unexpected(loaded.error());
        revision_ = *loaded;
        revision_position_ = journal_position_;
    }
    return outcome;
}

Result<void> PartitionFold::apply_event(const store::EventRecord& record, WriteBatch& batch, Outcome& outcome) {
    auto found = patient(record.patient);
    if (!found)
        return std::unexpected(found.error());
    PatientState& state = **found;
    const model::FactKey key = model::fact_of(record.event);
    store::FactVersions versions = state.facts[key].unpacked();
    outcome = versions.admit(record.named_patient, record.event, record.from);
    PatientRow row = state.row;
    if (row.identifier.system.empty() && record.named_patient == record.patient)
        row.identifier = shown_identifier(record.event, record.is_own);
    if (outcome != Outcome::duplicate) {
        std::string bytes = versions.encode();
        batch.put(Table::facts, store::fact_key(partition_, record.patient, key), bytes);
        state.facts[key] = PackedVersions(std::move(bytes));
        lay_in(state.watch, state, key, versions);
        if (std::holds_alternative<model::PatientEvent>(record.event.body) ||
            std::holds_alternative<model::RetractionEvent>(record.event.body))
            settle_person(state.watch, state);
        // What a merge does to its patients is a record of its own.
        const bool is_of_merge = versions.is_of_merge();
        if (!is_of_merge)
            state.changed.push_back(key);
        if (record.is_backfill && !is_of_merge)
            row.loading_until = now_ + revision_->settle;
    }
    write_row(record.patient, state, row, batch);
    if (record.is_group_end)
        settle(record.patient, state, batch);
    return {};
}

Result<void> PartitionFold::apply_command(const store::CommandRecord& record, WriteBatch& batch) {
    auto found = patient(record.patient);
    if (!found)
        return std::unexpected(found.error());
    PatientState& state = **found;
    state.watch.advance(now_);
    for (auto& [monitor, told] : state.told)
        for (std::size_t i = 0; i < told.size(); ++i) {
            alerts::Alert& alert = told[i];
            if (alert.id != record.alert || record.action != "acknowledge" || alert.state != alerts::AlertState::open)
                continue;
            alert.acknowledged_by = record.actor;
            alert.note = record.note;
            // The entry is the alert as it now stands: with its numbers, as long as the pattern is there.
            const auto& episodes = state.watch.episodes(monitor);
            const auto open = std::ranges::find_if(episodes, [](const auto& episode) { return !episode->closed; });
            say(state, monitor,
                {alerts::Transition::acknowledged, i, now_, false, {}, open == episodes.end() ? nullptr : *open},
                batch);
            write_alerts(record.patient, told, monitor, told.size(), batch);
        }
    return {};
}

void PartitionFold::settle(PatientNumber number, PatientState& state, WriteBatch& batch) {
    PatientRow row = state.row;
    if (row.loading_until && *row.loading_until <= now_)
        row.loading_until.reset();
    if (row.loading_until) {
        row.timer = *row.loading_until;
        state.changed.resize(std::min(state.changed.size(), changed_named_max));
        row.changed = state.changed;
        write_row(number, state, row, batch);
        return;
    }
    state.watch.advance(now_);
    for (const std::size_t monitor : revision_->catalogue->order())
        if (state.told.contains(monitor) || state.watch.has_episodes(monitor))
            tell(number, state, monitor, batch);
    state.changed.clear();
    row.changed.clear();
    row.told_openly.clear();
    row.timer = state.watch.next();
    write_row(number, state, row, batch);
}

void PartitionFold::tell(PatientNumber number, PatientState& state, std::size_t index, WriteBatch& batch) {
    const monitors::Monitor& monitor = revision_->catalogue->monitors()[index];
    std::vector<alerts::Alert>& told = state.told[index];
    const std::size_t count_before = told.size();
    const std::uint64_t open_before = open_count(told);
    const auto& openly = state.row.told_openly;
    alerts::Reconciled reconciled = alerts::reconcile(std::move(told), state.watch.episodes(index),
                                                      {number, monitor, now_, !state.row.members.empty(),
                                                       [&](const model::FactKey& key) { return member_of(state, key); },
                                                       std::ranges::find(openly, monitor.id.text) != openly.end()});
    told = std::move(reconciled.alerts);
    if (const std::uint64_t open = open_count(told); open != open_before)
        open_alerts_[monitor.id.text] += open - open_before;
    for (const alerts::Step& step : reconciled.steps)
        say(state, index, step, batch);
    if (reconciled.is_changed)
        write_alerts(number, told, index, count_before, batch);
    if (told.empty())
        state.told.erase(index);
}

/// What stands of the facts that changed, of those that the monitor reads.
std::vector<std::vector<model::Event>> PartitionFold::standing_of_changed(const PatientState& state,
                                                                          std::size_t monitor) const {
    std::vector<std::vector<model::Event>> out;
    std::set<model::FactKey> seen;
    for (const model::FactKey& key : state.changed) {
        const auto known = state.facts.find(key);
        if (known == state.facts.end())
            continue; // A merge that is undone.
        std::vector<model::Event> standing = known->second.unpacked().standing(state.members());
        const model::CodeId* code = standing.empty() ? nullptr : model::code_of(standing.front());
        if (code == nullptr || !seen.insert(key).second)
            continue;
        const auto& woken = revision_->catalogue->woken_by(*code);
        if (std::ranges::find(woken, monitor) != woken.end())
            out.push_back(std::move(standing));
    }
    return out;
}

void PartitionFold::say(PatientState& state, std::size_t monitor, const alerts::Step& step, WriteBatch& batch) {
    alerts::EntryContext context{
        state.row.identifier, now_, revision_->id, state.changed, revision_->vocabulary, {}, {}, {}};
    if (step.transition == alerts::Transition::withdrawn) {
        std::ranges::copy_if(state.changed, std::back_inserter(context.of_wrong_patient), [&](const auto& key) {
            const auto known = state.facts.find(key);
            return known != state.facts.end() && known->second.unpacked().was_of_wrong_patient(state.members());
        });
        context.standing = standing_of_changed(state, monitor);
        context.regrouped = regrouped_text(state);
    }
    alerts::Alert& alert = state.told.at(monitor)[step.alert];
    alert.entry = ++feed_position_;
    batch.put(Table::feed, store::position_key(partition_, feed_position_),
              alerts::entry_json(revision_->catalogue->monitors()[monitor], alert, step, context));
    ++stats_.entries;
    is_changed_ = true;
}

void PartitionFold::write_alerts(PatientNumber number, const std::vector<alerts::Alert>& alerts, std::size_t monitor,
                                 std::size_t count_before, WriteBatch& batch) {
    const model::MonitorId& id = revision_->catalogue->monitors()[monitor].id;
    for (std::size_t i = 0; i < std::max(alerts.size(), count_before); ++i) {
        const std::string key = store::alert_key(partition_, number, id, static_cast<std::uint32_t>(i));
        if (i >= alerts.size()) {
            batch.remove(Table::alerts, key);
            continue;
        }
        batch.put(Table::alerts, key, alerts::encode(alerts[i]));
        if (alerts[i].first_told == now_ && !alerts[i].id.empty())
            batch.put(Table::alert_ids, store::alert_id_key(partition_, alerts[i].id), alert_id_row(number));
    }
}

void PartitionFold::write_row(PatientNumber number, PatientState& state, const PatientRow& row, WriteBatch& batch) {
    if (state.is_stored && row == state.row)
        return;
    if (row.timer != state.row.timer) {
        if (state.row.timer != monitors::never)
            batch.remove(Table::timers, store::timer_key(partition_, state.row.timer, number));
        if (row.timer != monitors::never)
            batch.put(Table::timers, store::timer_key(partition_, row.timer, number), "");
    }
    batch.put(Table::patients, store::patient_key(partition_, number), encode(row));
    state.row = row;
    state.is_stored = true;
}

Result<bool> PartitionFold::fire_timers(Instant until, std::size_t count_max, WriteBatch& batch) {
    // What is due in the store, and what becomes due while firing, in one order.
    using Due = std::pair<Instant, std::uint64_t>;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
    Due last_seen{};
    // None is due before now: a scan from the partition's beginning would meet all that was ever removed there.
    const auto scanned =
        store_.scan(Table::timers, store::timer_key(partition_, now_, PatientNumber{0}),
                    store::timer_key(partition_, until, PatientNumber{0}), [&](std::string_view key, std::string_view) {
                        const auto timer = store::parse_timer_key(key);
                        ENSURE(timer.has_value(), "a timer's key is ours");
                        last_seen = {timer->due, timer->patient.value};
                        due.push(last_seen);
                        return due.size() < count_max;
                    });
    if (!scanned)
        return std::unexpected(scanned.error());
    // Where the store may hold more, nothing later than the last one seen is fired: order is kept across calls.
    const bool is_all = due.size() < count_max;
    const Due last = is_all ? Due{until, 0} : last_seen;
    while (!due.empty() && due.top() <= last) {
        const auto [instant, number] = due.top();
        due.pop();
        auto state = patient(PatientNumber{number});
        if (!state)
            return std::unexpected(state.error());
        now_ = std::max(now_, instant);
        is_changed_ = true;
        ++stats_.timers;
        settle(PatientNumber{number}, **state, batch);
        ENSURE((*state)->row.timer > instant, "a timer that has fired names a later one");
        if ((*state)->row.timer < until)
            due.emplace((*state)->row.timer, number);
    }
    return is_all;
}

void PartitionFold::finish(WriteBatch& batch) {
    if (!is_changed_)
        return;
    store::ByteWriter out;
    out.byte(partition_format);
    out.instant(now_);
    out.varint(journal_position_);
    out.varint(feed_position_);
    out.varint(revision_position_);
    batch.put(Table::partitions, store::partition_key(partition_), out.take());
    is_changed_ = false;
}

Result<PatientState*> PartitionFold::patient(PatientNumber number) {
    ENSURE(revision_ != nullptr, "a partition's first record is a revision");
    if (PatientState* known = kept_.find(number); known != nullptr && known->revision == revision_)
        return known;
    auto fresh = read_patient(number);
    if (!fresh)
        return std::unexpected(fresh.error());
    return &kept_.keep(std::move(*fresh));
}

Result<std::unique_ptr<PatientState>> PartitionFold::read_patient(PatientNumber number) const {
    ENSURE(revision_ != nullptr, "a partition with patients has a revision");
    auto out = std::make_unique<PatientState>(number, revision_);
    if (auto ok = load(number, *out); !ok)
        return std::unexpected(ok.error());
    return out;
}

Result<void> PartitionFold::load(PatientNumber number, PatientState& state) const {
    const std::string prefix = store::patient_key(partition_, number);
    auto row = store_.get(Table::patients, prefix);
    if (!row)
        return std::unexpected(row.error());
    if (!*row)
        return {};
    auto decoded = decode_patient_row(**row);
    if (!decoded)
        return std::unexpected(decoded.error());
    state.row = std::move(*decoded);
    state.is_stored = true;
    state.changed = state.row.changed;

    model::Result<void> outcome;
    const std::string end = store::after_prefix(prefix);
    auto scanned = store_.scan(Table::facts, prefix, end, [&](std::string_view, std::string_view value) {
        auto versions = store::FactVersions::decode(value);
        if (!versions) {
            outcome = std::unexpected(versions.error());
            return false;
        }
        const model::FactKey key = versions->key();
        lay_in(state.watch, state, key, *versions);
        state.facts.emplace(key, PackedVersions(std::string(value)));
        return true;
    });
    if (!scanned || !outcome)
        return scanned ? outcome : scanned;
    settle_person(state.watch, state);
    scanned = store_.scan(Table::alerts, prefix, end, [&](std::string_view key, std::string_view value) {
        const auto parsed = store::parse_alert_key(key);
        auto alert = alerts::decode_alert(value);
        if (!parsed || !alert) {
            outcome = alert ? model::fail(model::ErrorKind::malformed, "bad_key", "an alert's key cannot be read")
                            : model::Result<void>(std::unexpected(alert.error()));
            return false;
        }
        if (const auto monitor = state.revision->catalogue->find(parsed->monitor))
            state.told[*monitor].push_back(std::move(*alert));
        return true;
    });
    return scanned ? outcome : scanned;
}

} // namespace bonewatch::daemon
