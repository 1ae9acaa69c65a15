#include "daemon/patient.h"

#include "store/bytes.h"
#include "store/model/ensure.h"

namespace bonewatch::daemon {

using model::PatientNumber;
using model::Result;

namespace {

constexpr std::uint8_t row_format = 1;

} // namespace

std::string encode(const PatientRow& row) {
    store::ByteWriter out;
    out.byte(row_format);
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
    return out.take();
}

Result<PatientRow> decode_patient_row(std::string_view bytes) {
    store::ByteReader in(bytes);
    PatientRow row;
    const bool is_known = in.byte() == row_format;
    row.timer = in.instant();
    if (in.byte() == 1)
        row.loading_until = in.instant();
    for (std::uint64_t n = in.varint(); n > 0 && !in.failed(); --n) {
        model::PublisherId publisher{std::string(in.text())};
        row.changed.push_back({std::move(publisher), model::FactId(std::string(in.text()))});
    }
    row.identifier.system = in.text();
    row.identifier.value = in.text();
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
