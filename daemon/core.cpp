#include "daemon/core.h"

#include "daemon/known_then.h"
#include "store/keys.h"
#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::PatientNumber;
using model::Result;
using store::Outcome;
using store::Partition;
using store::Table;

/// Timers fired between two commits: their patients are in memory until then.
constexpr std::size_t timers_per_commit = 2048;
/// A tick commits when so much is pending, wherever it is among the partitions.
constexpr std::size_t tick_bytes_per_commit = 512u << 10;

} // namespace

Core::Core(store::KeyValue& store, store::IdentityRules rules, std::size_t patients_bytes)
    : store_(store), directory_(store, std::move(rules)), kept_(patients_bytes), shelf_(store) {
    for (std::uint8_t i = 0; i < store::partition_count; ++i)
        folds_.push_back(std::make_unique<PartitionFold>(Partition{i}, store_, revisions_, kept_));
}

Result<std::unique_ptr<Core>> Core::open(store::KeyValue& store, std::shared_ptr<const Revision> revision,
                                         store::IdentityRules rules, std::size_t patients_bytes) {
    std::unique_ptr<Core> core(new Core(store, std::move(rules), patients_bytes));
    if (auto ok = core->directory_.open(); !ok)
        return std::unexpected(ok.error());
    core->revisions_.keep(revision);
    core->revision_ = std::move(revision);
    for (const auto& fold : core->folds_) {
        if (auto ok = fold->open(); !ok)
            return std::unexpected(ok.error());
        core->now_ = std::max(core->now_, fold->now());
        if (fold->revision())
            core->revision_ = fold->revision();
    }
    if (auto ok = core->shelf_.open(core->batch_); !ok)
        return std::unexpected(ok.error());
    if (auto ok = core->commit(); !ok)
        return std::unexpected(ok.error());
    if (auto ok = core->index_alerts(); !ok)
        return std::unexpected(ok.error());
    return core;
}

Result<void> Core::fire(PartitionFold& fold, Instant now) {
    for (;;) {
        store::WriteBatch batch;
        const auto is_done = fold.fire_timers(now, timers_per_commit, batch);
        if (!is_done)
            return std::unexpected(is_done.error());
        fold.finish(batch);
        if (!batch.empty()) {
            if (auto ok = store_.commit(batch); !ok)
                return ok;
            if (batch_.empty()) // Else patients in memory are ahead of the store.
                kept_.trim();
        }
        if (*is_done)
            return {};
    }
}

Result<PartitionFold*> Core::ready(Partition partition, Instant now) {
    PartitionFold& fold = *folds_[partition.index];
    if (fold.now() < now) {
        if (auto ok = fire(fold, now); !ok)
            return std::unexpected(ok.error());
    }
    if (fold.revision() == nullptr) {
        auto outcome = fold.apply({now, revision_->record()}, batch_);
        if (!outcome)
            return std::unexpected(outcome.error());
    }
    return &fold;
}

Result<void> Core::replay(Partition partition, const store::Record& record) {
    PartitionFold& fold = *folds_[partition.index];
    if (fold.now() < record.recorded_at && fold.revision() != nullptr) {
        // Timers are read from the store: what is pending may have set some, and comes before them.
        if (auto ok = commit(); !ok)
            return ok;
        if (auto ok = fire(fold, record.recorded_at); !ok)
            return ok;
    }
    auto outcome = fold.apply(record, batch_);
    if (!outcome)
        return std::unexpected(outcome.error());
    now_ = std::max(now_, record.recorded_at);
    return {};
}

Result<alerts::Alert> Core::command(store::CommandRecord command, Instant now) {
    const auto not_open = [&] {
        return model::fail(model::ErrorKind::not_found, "no_open_alert", "no open alert has the id " + command.alert);
    };
    const auto owner = owner_of_alert(command.alert);
    if (!owner)
        return owner.error().kind == model::ErrorKind::not_found ? not_open() : std::unexpected(owner.error());
    auto state = patient(*owner);
    if (!state)
        return std::unexpected(state.error());
    const alerts::Alert* open = nullptr;
    for (const auto& [monitor, told] : (*state)->told)
        for (const alerts::Alert& alert : told)
            if (alert.id == command.alert && alert.state == alerts::AlertState::open)
                open = &alert;
    if (open == nullptr)
        return not_open();
    alerts::Alert before = *open;
    if (before.acknowledged_by == command.actor && before.note == command.note)
        return before;
    command.patient = *owner;
    auto fold = ready(store::partition_of(*owner), now);
    if (!fold)
        return std::unexpected(fold.error());
    now_ = now;
    auto outcome = (*fold)->apply({now, std::move(command)}, batch_);
    if (!outcome)
        return std::unexpected(outcome.error());
    return before;
}

Result<PatientNumber> Core::owner_of_alert(std::string_view alert) const {
    // The id tells nothing of its partition: so each is asked, at the cost of one read.
    for (std::uint8_t i = 0; i < store::partition_count; ++i) {
        const auto row = store_.get(Table::alert_ids, store::alert_id_key(Partition{i}, alert));
        if (!row)
            return std::unexpected(row.error());
        if (const auto owner = *row ? read_alert_id_row(**row) : std::nullopt)
            return *owner;
    }
    return model::fail(model::ErrorKind::not_found, "no_alert", "no alert has the id " + std::string(alert));
}

Result<void> Core::index_alerts() {
    bool is_indexed = false;
    auto scanned = store_.scan(Table::alert_ids, "", "", [&](auto, auto) { return !(is_indexed = true); });
    if (!scanned || is_indexed)
        return scanned;
    store::WriteBatch rows;
    scanned = store_.scan(Table::alerts, "", "", [&](std::string_view key, std::string_view value) {
        const auto parsed = store::parse_alert_key(key);
        const auto alert = alerts::decode_alert(value);
        if (parsed && alert && !alert->id.empty())
            rows.put(Table::alert_ids, store::alert_id_key(parsed->partition, alert->id),
                     alert_id_row(parsed->patient));
        return true;
    });
    return !scanned || rows.empty() ? scanned : store_.commit(rows);
}

Result<std::uint64_t> Core::shelve(ShelvedRow row, std::string_view message) {
    const std::uint64_t before = shelf_.count();
    auto number = shelf_.keep(std::move(row), message, batch_);
    pending_events_ += shelf_.count() - before;
    return number;
}

Result<void> Core::reshelve(std::uint64_t number, const ShelvedRow& before, const ShelvedRow& after) {
    ++pending_events_;
    return shelf_.change(number, before, after, batch_);
}

Result<void> Core::commit() {
    for (const auto& fold : folds_)
        fold->finish(batch_);
    if (batch_.empty()) {
        kept_.trim(); // Questions load patients too.
        return {};
    }
    if (auto ok = store_.commit(batch_); !ok)
        return ok;
    batch_.clear();
    pending_events_ = 0;
    shelf_.committed();
    directory_.committed();
    kept_.trim();
    return {};
}

Result<void> Core::tick(Instant now) {
    ENSURE(batch_.empty(), "a tick stands alone");
    ENSURE(now >= now_, "time never falls");
    for (std::uint8_t i = 0; i < store::partition_count; ++i) {
        bool is_due = false;
        auto scanned = store_.scan(Table::timers, store::timer_key(Partition{i}, folds_[i]->now(), PatientNumber{0}),
                                   store::timer_key(Partition{i}, now, PatientNumber{0}),
                                   [&](std::string_view, std::string_view) { return !(is_due = true); });
        if (!scanned)
            return scanned;
        if (!is_due)
            continue;
        // Partitions share commits: one sync for each would make every midnight wait for 64 of them.
        PartitionFold& fold = *folds_[i];
        for (bool is_done = false; !is_done;) {
            const auto fired = fold.fire_timers(now, timers_per_commit, batch_);
            if (!fired)
                return std::unexpected(fired.error());
            is_done = *fired;
            if (is_done && batch_.byte_count() < tick_bytes_per_commit && kept_.used_count() < timers_per_commit)
                continue;
            if (auto ok = commit(); !ok)
                return ok;
        }
        auto outcome = fold.apply({now, store::TickRecord{}}, batch_);
        if (!outcome)
            return std::unexpected(outcome.error());
    }
    now_ = now;
    return commit();
}

Result<Instant> Core::next_timer() const {
    Instant next = monitors::never;
    for (std::uint8_t i = 0; i < store::partition_count; ++i) {
        auto scanned = store_.scan(Table::timers, store::timer_key(Partition{i}, folds_[i]->now(), PatientNumber{0}),
                                   store::after_prefix(store::partition_key(Partition{i})),
                                   [&](std::string_view key, std::string_view) {
                                       if (const auto timer = store::parse_timer_key(key))
                                           next = std::min(next, timer->due);
                                       return false;
                                   });
        if (!scanned)
            return std::unexpected(scanned.error());
    }
    return next;
}

Result<PatientState*> Core::patient(PatientNumber number) {
    return folds_[store::partition_of(number).index]->patient(number);
}

Result<std::unique_ptr<PatientState>> Core::read_patient(PatientNumber number) const {
    const PartitionFold& fold = *folds_[store::partition_of(number).index];
    return fold.revision() == nullptr ? nullptr : fold.read_patient(number);
}

Result<std::unique_ptr<PatientState>> Core::patient_as_known_at(PatientNumber number, Instant known_at) {
    return daemon::patient_as_known_at(store_, revisions_, number, known_at);
}

FoldStats Core::stats() const {
    FoldStats out;
    for (const auto& fold : folds_) {
        const FoldStats& one = fold->stats();
        out.records += one.records;
        out.timers += one.timers;
        out.entries += one.entries;
    }
    return out;
}

std::map<std::string, std::uint64_t> Core::open_alerts() const {
    std::map<std::string, std::uint64_t> out;
    for (const auto& fold : folds_)
        for (const auto& [monitor, count] : fold->open_alerts())
            if (count > 0)
                out[monitor] += count;
    return out;
}

std::uint64_t Core::journal_position(Partition partition) const {
    return folds_[partition.index]->journal_position();
}

std::uint64_t Core::feed_position(Partition partition) const {
    return folds_[partition.index]->feed_position();
}

} // namespace bonewatch::daemon
