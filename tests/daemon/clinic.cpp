#include "tests/daemon/clinic.h"

#include "config/files.h"
#include "daemon/patient_name.h"
#include "ingest/decode.h"
#include "ingest/json.h"
#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::daemon {

std::shared_ptr<const Revision> shipped_revision(const monitors::ThresholdSettings& settings) {
    static std::map<monitors::ThresholdSettings, std::shared_ptr<const Revision>> known;
    auto& revision = known[settings];
    if (!revision) {
        auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
        ENSURE(files.has_value(), "the shipped files can be read");
        auto loaded = Revision::load(std::move(*files), std::chrono::minutes(10), settings);
        ENSURE(loaded.has_value(), "the shipped files load");
        revision = *loaded;
    }
    return revision;
}

Clinic::Clinic(std::shared_ptr<const Revision> revision, std::size_t patients_bytes)
    : revision_(std::move(revision)), patients_bytes_(patients_bytes), store_(store::memory_store()) {
    restart();
}

void Clinic::restart() {
    core_.reset();
    auto core = Core::open(*store_, revision_, {}, patients_bytes_);
    ENSURE(core.has_value(), "a store in memory opens");
    core_ = std::move(*core);
}

void Clinic::admit(const std::vector<model::Event>& events, Instant now, bool is_backfill) {
    Message message;
    message.is_backfill = is_backfill;
    for (const model::Event& event : events)
        message.events.push_back({event, {}});
    const auto outcomes = core_->admit(message, now);
    ENSURE(outcomes.has_value(), "a store in memory takes every message");
    for (const auto& outcome : *outcomes)
        ENSURE(outcome.has_value(), "every event of a test is a fact");
    ENSURE(core_->commit().has_value(), "a store in memory commits");
}

void Clinic::admit_lines(std::string_view lines, Instant now, bool is_backfill) {
    std::vector<model::Event> events;
    for (ingest::Decoded& decoded : ingest::decode(ingest::Format::native, lines, {model::PublisherId("file")},
                                                   core_->revision().vocabulary, std::nullopt)) {
        ENSURE(std::holds_alternative<model::Event>(decoded.outcome), "every line of a test can be read");
        events.push_back(std::get<model::Event>(std::move(decoded.outcome)));
    }
    admit(events, now, is_backfill);
}

void Clinic::pass_to(Instant now) {
    ENSURE(core_->tick(now + std::chrono::milliseconds(1)).has_value(), "a store in memory passes time");
}

PatientState& Clinic::patient(std::string_view identifier) {
    const auto number = find_patient(core_->directory(), identifier);
    ENSURE(number.has_value(), "a patient of a test is known");
    const auto found = core_->patient(core_->directory().canonical_of(*number));
    ENSURE(found.has_value(), "a store in memory can be read");
    return **found;
}

std::string Clinic::dump() const {
    const auto hash = store::dump_hash(*store_);
    ENSURE(hash.has_value(), "a store in memory can be read");
    return *hash;
}

std::vector<std::string> Clinic::feed() const {
    std::vector<std::string> out;
    const auto scanned = store_->scan(store::Table::feed, "", "", [&](std::string_view, std::string_view value) {
        out.emplace_back(value);
        return true;
    });
    ENSURE(scanned.has_value(), "a store in memory can be read");
    std::ranges::stable_sort(out, {}, [](const std::string& entry) { return member_of(entry, "recorded_at"); });
    return out;
}

std::string member_of(std::string_view entry, std::string_view name) {
    const auto json = ingest::parse_json(entry);
    ENSURE(json.has_value(), "a feed entry is JSON");
    return std::string(json->root.text_of(name));
}

} // namespace bonewatch::daemon
