#include "daemon/replay.h"

#include "store/keys.h"
#include "store/model/ensure.h"
#include "store/model/promotion.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::Result;

/// The time of recording in a feed entry: always its second member, so that replays need not parse to sort.
std::string_view recorded_in(std::string_view entry) {
    constexpr std::string_view name = "\"recorded_at\":\"";
    const auto from = entry.find(name);
    ENSURE(from != std::string_view::npos, "every entry says when it was recorded");
    const auto begin = from + name.size();
    return entry.substr(begin, entry.find('"', begin) - begin);
}

std::string name_of(const model::FactKey& fact) {
    return fact.publisher.text + " " + fact.id.text;
}

/// Lines that name no publisher are `file`'s: as a part of a patient's identifier it would tell nothing.
void leave_out_default_publisher(std::string& entry) {
    constexpr std::string_view own = ",\"patient\":\"file/";
    constexpr std::string_view prefix = "file/";
    if (const auto at = entry.find(own); at != std::string::npos)
        entry.erase(at + own.size() - prefix.size(), prefix.size());
}

} // namespace

Replay::Replay(std::shared_ptr<const Revision> revision, store::IdentityRules rules) : store_(store::memory_store()) {
    auto core = Core::open(*store_, std::move(revision), std::move(rules));
    ENSURE(core.has_value(), "an empty store in memory opens");
    core_ = std::move(*core);
}

void Replay::add(std::string_view text, ingest::Format format, const ingest::Publisher& publisher,
                 const std::function<void(const ingest::Decoded&)>& trouble) {
    ++counts_.messages;
    ingest::Publisher file = publisher;
    file.is_file = true;
    auto all = ingest::decode(format, text, file, core_->revision().vocabulary, std::nullopt);
    for (const ingest::Decoded& decoded : all)
        if (const auto* event = std::get_if<model::Event>(&decoded.outcome);
            event != nullptr && !model::is_promotion(*event))
            facts_.insert(name_of(model::fact_of(*event)));
    for (ingest::Decoded& decoded : all) {
        if (auto* event = std::get_if<model::Event>(&decoded.outcome)) {
            const bool is_for_known_fact = model::is_promotion(*event);
            Incoming incoming{std::move(*event), std::move(decoded.raw), is_for_known_fact, decoded.reaches_parts};
            add_item(decoded, std::move(incoming), nullptr);
            continue;
        }
        auto& error = std::get<model::Error>(decoded.outcome);
        trouble(decoded);
        auto& over = decoded.overtaking;
        // The files say whether the fact is known, also where its other versions come later.
        const bool is_known = over && (over->is_remembered || decoded.reaches_parts ||
                                       facts_.contains(name_of(model::fact_of(over->event))));
        Unused unused{std::move(error), std::move(decoded.kind)};
        // What cannot be used is quarantined, whatever it does to its fact.
        if (!is_known || unused.error.kind != model::ErrorKind::not_used)
            count_unused(unused);
        if (!is_known)
            continue;
        const bool is_for_known_fact = !over->is_remembered && !over->is_versioned;
        add_item(decoded, {std::move(over->event), std::move(decoded.raw), is_for_known_fact, decoded.reaches_parts},
                 std::make_shared<const Unused>(std::move(unused)));
    }
}

void Replay::add_item(ingest::Decoded& decoded, Incoming incoming, std::shared_ptr<const Unused> unused) {
    const model::Event& event = incoming.event;
    const bool is_person = std::holds_alternative<model::PatientEvent>(event.body);
    // A retraction without a time is known once what stands before it in the file is.
    const bool is_timeless = !is_person && event.at == model::ClinicalTime{};
    const Instant recorded = decoded.recorded.value_or(is_timeless ? newest_ : event.at.instant);
    if (!is_person)
        newest_ = std::max(newest_, recorded);
    if (is_person && !decoded.recorded)
        undated_.push_back(items_.size());
    items_.push_back({recorded, !is_person, items_.size(), std::move(incoming), std::move(unused)});
}

void Replay::settle_undated_patients() {
    std::map<model::PatientIdentifier, Instant> first;
    Instant earliest = monitors::never;
    for (const Item& item : items_) {
        if (!item.is_detail)
            continue;
        earliest = std::min(earliest, item.recorded);
        const auto [at, is_new] = first.emplace(item.incoming.event.patient, item.recorded);
        if (!is_new)
            at->second = std::min(at->second, item.recorded);
    }
    if (earliest == monitors::never)
        earliest = Instant{};
    for (const std::size_t i : undated_) {
        const auto at = first.find(items_[i].incoming.event.patient);
        items_[i].recorded = at == first.end() ? earliest : at->second;
    }
}

void Replay::count_unused(const Unused& unused) {
    counts_.count(unused.error);
    if (unused.error.kind == model::ErrorKind::not_used)
        ++not_used_[unused.kind];
}

void Replay::count(const model::Event& event, const Result<store::Outcome>& outcome, const Unused* unused) {
    const std::string fact = std::string(model::type_word(event)) + " " + model::fact_of(event).id.text;
    const bool is_quarantined = unused != nullptr && unused->error.kind != model::ErrorKind::not_used;
    if (unused != nullptr && (!outcome || *outcome == store::Outcome::kept)) {
        if (!is_quarantined)
            count_unused(*unused);
        return;
    }
    if (!outcome) {
        counts_.count(outcome.error());
        troubles_.push_back(std::string(outcome_of(outcome.error())) + ": " + fact + ": " + outcome.error().message);
        return;
    }
    if (!is_quarantined)
        counts_.count(*outcome);
    if (*outcome == store::Outcome::disputed)
        troubles_.push_back("disputed: " + fact + " of " + event.key.publisher.text +
                            (is_quarantined
                                 ? ": a greater version is quarantined; the one before it counts as unknown"
                                 : ": its version has another content too; neither counts until a greater one comes"));
}

Result<void> Replay::run(std::optional<Instant> until, const std::function<void(std::size_t)>& progress) {
    settle_undated_patients();
    std::ranges::sort(items_, {}, [](const Item& i) { return std::tuple(i.recorded, i.is_detail, i.line); });
    Instant last = Instant::min();
    for (std::size_t i = 0; i < items_.size();) {
        const Instant recorded = items_[i].recorded;
        if (until && recorded > *until)
            break;
        Message message;
        std::vector<const Unused*> unused;
        const model::PatientIdentifier patient = items_[i].incoming.event.patient;
        for (; i < items_.size() && items_[i].recorded == recorded && items_[i].incoming.event.patient == patient;
             ++i) {
            message.events.push_back(std::move(items_[i].incoming));
            unused.push_back(items_[i].unused.get());
        }
        auto outcomes = core_->admit(message, recorded);
        if (!outcomes)
            return std::unexpected(outcomes.error());
        for (std::size_t at = 0; at < outcomes->size(); ++at)
            count(message.events[at].event, (*outcomes)[at], unused[at]);
        if (auto ok = core_->commit(); !ok)
            return ok;
        last = recorded;
        if (progress)
            progress(i);
    }
    if (last == Instant::min())
        return {};
    // Timers of the last instant itself are due before the next one.
    return core_->tick(std::max(until.value_or(last), last) + std::chrono::milliseconds(1));
}

Result<std::vector<std::string>> Replay::entries() const {
    std::vector<std::string> out;
    auto scanned = store_->scan(store::Table::feed, "", "", [&](std::string_view, std::string_view value) {
        out.emplace_back(value);
        return true;
    });
    if (!scanned)
        return std::unexpected(scanned.error());
    std::ranges::for_each(out, leave_out_default_publisher);
    std::ranges::stable_sort(out, {}, [](const std::string& entry) { return recorded_in(entry); });
    return out;
}

} // namespace bonewatch::daemon
