#include "store/keys.h"

#include "store/bytes.h"
#include "store/model/ensure.h"

#include <sodium.h>

namespace bonewatch::store {

using namespace model;

namespace {

constexpr std::size_t digest_size = 16;
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

ByteWriter begin(Partition partition) {
    ByteWriter out;
    out.reserve(32);
    out.byte(partition.index);
    return out;
}

ByteWriter begin(Partition partition, PatientNumber patient) {
    ByteWriter out = begin(partition);
    out.fixed64(patient.value);
    return out;
}

Partition read_partition(ByteReader& in) {
    const std::uint8_t index = in.byte();
    if (index >= partition_count)
        in.reject();
    return {index};
}

template <typename Key>
std::optional<Key> whole(const ByteReader& in, Key key) {
    if (in.failed() || !in.at_end())
        return std::nullopt;
    return key;
}

} // namespace

std::string key_digest(char domain, std::string_view text) {
    static constexpr char personal[] = "bonewatch-key-01";
    static_assert(sizeof personal - 1 == crypto_generichash_blake2b_PERSONALBYTES);
    static const int is_ready = sodium_init();
    ENSURE(is_ready >= 0, "libsodium does not start");
    const auto bytes = [](std::string_view view) { return reinterpret_cast<const unsigned char*>(view.data()); };
    crypto_generichash_blake2b_state state;
    std::string digest(digest_size, '\0');
    crypto_generichash_blake2b_init_salt_personal(&state, nullptr, 0, digest.size(), nullptr, bytes(personal));
    crypto_generichash_blake2b_update(&state, bytes({&domain, 1}), 1);
    crypto_generichash_blake2b_update(&state, bytes(text), text.size());
    crypto_generichash_blake2b_final(&state, reinterpret_cast<unsigned char*>(digest.data()), digest.size());
    return digest;
}

std::string position_key(Partition partition, std::uint64_t position) {
    ByteWriter out = begin(partition);
    out.fixed64(position);
    return out.take();
}

std::string fact_key(Partition partition, PatientNumber patient, const FactKey& fact) {
    ByteWriter text;
    text.text(fact.publisher.text);
    text.text(fact.id.text);
    ByteWriter out = begin(partition, patient);
    out.raw(key_digest('f', text.bytes()));
    return out.take();
}

std::string patient_key(Partition partition, PatientNumber patient) {
    return begin(partition, patient).take();
}

std::string alert_prefix(Partition partition, PatientNumber patient, const MonitorId& monitor) {
    ENSURE(monitor.text.find('\0') == std::string::npos, "a monitor's id with a zero byte would not sort");
    ByteWriter out = begin(partition, patient);
    out.raw(monitor.text);
    out.byte(0);
    return out.take();
}

std::string alert_key(Partition partition, PatientNumber patient, const MonitorId& monitor, std::uint32_t ordinal) {
    ByteWriter out;
    out.raw(alert_prefix(partition, patient, monitor));
    out.fixed32(ordinal);
    return out.take();
}

std::string timer_key(Partition partition, Instant due, PatientNumber patient) {
    ByteWriter out = begin(partition);
    out.fixed64(static_cast<std::uint64_t>(due.time_since_epoch().count()) ^ sign_bit);
    out.fixed64(patient.value);
    return out.take();
}

std::string partition_key(Partition partition) {
    return begin(partition).take();
}

std::string alert_id_key(Partition partition, std::string_view id) {
    ByteWriter out = begin(partition);
    out.raw(id);
    return out.take();
}

std::string quarantined_key(const PublisherId& publisher, std::string_view raw) {
    ByteWriter text;
    text.text(publisher.text);
    text.text(raw);
    return "q" + key_digest('q', text.bytes());
}

std::string quarantine_group_key(const PublisherId& publisher, std::string_view reason, std::string_view place) {
    ByteWriter text;
    text.text(publisher.text);
    text.text(reason);
    text.text(place);
    return "g" + key_digest('g', text.bytes());
}

std::string quarantine_waiting_key(std::string_view group_key, std::uint64_t number) {
    ByteWriter out;
    out.raw("w");
    out.raw(group_key.substr(1));
    out.fixed64(number);
    return out.take();
}

std::string quarantine_message_key(std::string_view message) {
    return "m" + key_digest('m', message);
}

std::string quarantine_patient_key(std::string_view digest, std::uint64_t number) {
    ByteWriter out;
    out.raw("p");
    out.raw(digest);
    out.fixed64(number);
    return out.take();
}

std::optional<std::uint64_t> parse_quarantine_index_key(std::string_view key) {
    if (key.size() != 1 + digest_size + sizeof(std::uint64_t))
        return std::nullopt;
    ByteReader in(key.substr(1 + digest_size));
    return in.fixed64();
}

std::string unmapped_key(const PublisherId& publisher, std::string_view reason, std::string_view words) {
    ByteWriter text;
    text.text(publisher.text);
    text.text(reason);
    text.text(words);
    return key_digest('u', text.bytes());
}

std::string quarantine_key(std::uint64_t number) {
    ByteWriter out;
    out.fixed64(number);
    return out.take();
}

std::string cursor_key(std::string_view subscriber) {
    return std::string(subscriber);
}

std::optional<PositionKey> parse_position_key(std::string_view key) {
    ByteReader in(key);
    const Partition partition = read_partition(in);
    return whole(in, PositionKey{partition, in.fixed64()});
}

std::optional<PatientKey> parse_patient_key(std::string_view key) {
    ByteReader in(key);
    const Partition partition = read_partition(in);
    return whole(in, PatientKey{partition, {in.fixed64()}});
}

std::optional<AlertKey> parse_alert_key(std::string_view key) {
    ByteReader in(key);
    AlertKey parsed;
    parsed.partition = read_partition(in);
    parsed.patient.value = in.fixed64();
    const std::string_view rest = in.rest();
    const auto end = rest.find('\0');
    if (in.failed() || end == std::string_view::npos)
        return std::nullopt;
    parsed.monitor.text = rest.substr(0, end);
    ByteReader ordinal(rest.substr(end + 1));
    parsed.ordinal = ordinal.fixed32();
    return whole(ordinal, parsed);
}

std::optional<TimerKey> parse_timer_key(std::string_view key) {
    ByteReader in(key);
    const Partition partition = read_partition(in);
    const Instant due{std::chrono::milliseconds(static_cast<std::int64_t>(in.fixed64() ^ sign_bit))};
    return whole(in, TimerKey{partition, due, {in.fixed64()}});
}

std::optional<std::uint64_t> parse_quarantine_key(std::string_view key) {
    ByteReader in(key);
    return whole(in, in.fixed64());
}

} // namespace bonewatch::store
