#include "daemon/patient.h"

#include "store/bytes.h"
#include "store/event_codec.h"
#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::daemon {

using model::PatientNumber;
using model::Result;

namespace {

constexpr std::uint8_t row_format = 1;
/// Of a patient whose records were merged, or are separate again: the same with four more fields at its end.
constexpr std::uint8_t merged_format = 2;

bool is_merged(const PatientRow& row) {
    return row.goes_on_in.value != 0 || !row.members.empty() || !row.told_openly.empty();
}

void read_merged(store::ByteReader& in, PatientRow& row) {
    row.goes_on_in.value = in.varint();
    for (std::size_t left = in.count(); left > 0; --left)
        row.members.push_back({in.varint()});
    for (std::size_t left = in.count(); left > 0; --left) {
        auto merge = store::decode_event(in.text());
        if (merge)
            row.merges.push_back(std::move(*merge));
        else
            in.reject();
    }
    for (std::size_t left = in.count(); left > 0; --left)
        row.told_openly.emplace_back(in.text());
}

} // namespace

std::string encode(const PatientRow& row) {
    store::ByteWriter out;
    out.byte(is_merged(row) ? merged_format : row_format);
    out.instant(row.timer);
    out.byte(row.loading_until ? 1 : 0);
    if (row.loading_until)
        out.instant(*row.loading_until);
    out.varint(row.changed.size());
    for (const model::FactKey& key : row.changed) {
        out.text(key.publisher.text);
        out.text(key.id.text);
    }
    out.text(row.identifier.system);
    out.text(row.identifier.value);
    if (!is_merged(row))
        return out.take();
    out.varint(row.goes_on_in.value);
    out.varint(row.members.size());
    for (const PatientNumber member : row.members)
        out.varint(member.value);
    out.varint(row.merges.size());
    for (const model::Event& merge : row.merges)
        out.text(store::encode(merge));
    out.varint(row.told_openly.size());
    for (const std::string& monitor : row.told_openly)
        out.text(monitor);
    return out.take();
}

Result<PatientRow> decode_patient_row(std::string_view bytes) {
    store::ByteReader in(bytes);
    PatientRow row;
    const std::uint8_t format = in.byte();
    const bool is_known = format == row_format || format == merged_format;
    row.timer = in.instant();
    if (in.byte() == 1)
        row.loading_until = in.instant();
    for (std::uint64_t n = in.varint(); n > 0 && !in.failed(); --n) {
        model::PublisherId publisher{std::string(in.text())};
        row.changed.push_back({std::move(publisher), model::FactId(std::string(in.text()))});
    }
    row.identifier.system = in.text();
    row.identifier.value = in.text();
    if (format == merged_format)
        read_merged(in, row);
    if (!is_known || in.failed() || !in.at_end())
        return model::fail(model::ErrorKind::malformed, "bad_patient_row",
                           "these are not the bytes of a patient's row");
    return row;
}

store::FactVersions PackedVersions::unpacked() const {
    if (bytes_.empty())
        return {};
    auto versions = store::FactVersions::decode(bytes_);
    ENSURE(versions.has_value(), "what was encoded can be decoded");
    return std::move(*versions);
}

std::uint64_t open_count(const std::vector<alerts::Alert>& alerts) {
    return static_cast<std::uint64_t>(std::ranges::count(alerts, alerts::AlertState::open, &alerts::Alert::state));
}

std::span<const PatientNumber> PatientState::members() const {
    if (row.goes_on_in.value != 0)
        return {};
    return row.members.empty() ? std::span(&number, 1) : std::span(row.members);
}

PatientNumber member_of(const PatientState& patient, const model::FactKey& key) {
    PatientNumber found;
    const auto known = patient.facts.find(key);
    if (known == patient.facts.end())
        return found;
    const store::FactVersions versions = known->second.unpacked();
    for (const PatientNumber member : patient.members())
        if (!versions.standing(member).empty()) {
            if (found.value != 0)
                return {};
            found = member;
        }
    return found;
}

void lay_in(monitors::Watch& watch, const PatientState& patient, const model::FactKey& key,
            const store::FactVersions& versions) {
    std::vector<model::Event> standing = versions.standing(patient.members());
    std::erase_if(standing,
                  [](const model::Event& event) { return std::holds_alternative<model::MergeEvent>(event.body); });
    watch.set_fact(key, standing, versions.is_disputed());
}

void settle_person(monitors::Watch& watch, const PatientState& patient) {
    if (patient.row.members.empty())
        return;
    std::map<model::FactKey, std::vector<model::Event>> laid_in;
    for (const model::FactPtr& fact : watch.timeline().patient())
        laid_in[fact->event.key].push_back(fact->event);
    bool has_sex = false, has_born = false, has_died = false;
    std::map<model::FactKey, store::FactVersions> known;
    for (const auto& [key, events] : laid_in) {
        const auto at = known.emplace(key, patient.facts.at(key).unpacked()).first;
        for (const model::Event& event : at->second.standing(patient.number))
            if (const auto* own = std::get_if<model::PatientEvent>(&event.body)) {
                has_sex = has_sex || own->sex != model::Sex::unknown;
                has_born = has_born || own->born;
                has_died = has_died || own->died;
            }
    }
    for (const auto& [key, versions] : known) {
        const auto own = versions.standing(patient.number);
        std::vector<model::Event> standing = versions.standing(patient.members());
        for (model::Event& event : standing) {
            auto* person = std::get_if<model::PatientEvent>(&event.body);
            if (person == nullptr || std::ranges::find(own, event) != own.end())
                continue;
            person->sex = has_sex ? model::Sex::unknown : person->sex;
            person->born = has_born ? std::nullopt : person->born;
            person->died = has_died ? std::nullopt : person->died;
        }
        if (standing != laid_in.at(key))
            watch.set_fact(key, standing, versions.is_disputed());
    }
}

std::size_t PatientState::byte_estimate() const {
    // A fact's key and its bytes as they are packed, in a tree; an alert with its evidence: measured averages.
    constexpr std::size_t bytes_of_packed = 260;
    constexpr std::size_t bytes_of_alert = 900;
    std::size_t alerts = 0;
    for (const auto& [monitor, of_monitor] : told)
        alerts += of_monitor.size();
    return sizeof(*this) + watch.byte_estimate() + facts.size() * bytes_of_packed + alerts * bytes_of_alert;
}

std::string alert_id_row(PatientNumber patient) {
    store::ByteWriter out;
    out.byte(row_format);
    out.varint(patient.value);
    return out.take();
}

std::optional<PatientNumber> read_alert_id_row(std::string_view bytes) {
    store::ByteReader in(bytes);
    const bool is_known = in.byte() == row_format;
    const PatientNumber patient{in.varint()};
    return is_known && !in.failed() && in.at_end() ? std::optional(patient) : std::nullopt;
}

} // namespace bonewatch::daemon
