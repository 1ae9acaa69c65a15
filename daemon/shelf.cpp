#include "daemon/shelf.h"

#include "store/bytes.h"
#include "store/keys.h"

#include <algorithm>
#include <sodium.h>
#include <tuple>

namespace bonewatch::daemon {

namespace {

using model::Result;
using store::Table;

constexpr std::uint8_t group_format = 1;
constexpr const char* group_prefix = "g";

std::string varint(std::uint64_t number) {
    store::ByteWriter out;
    out.varint(number);
    return out.take();
}

std::string encode(const ShelfGroup& group) {
    store::ByteWriter out;
    out.byte(group_format);
    out.text(group.publisher);
    out.text(group.reason);
    out.text(group.place);
    out.varint(group.waiting);
    out.varint(group.resolved);
    out.varint(group.dismissed);
    out.instant(group.first);
    out.instant(group.last);
    return out.take();
}

Result<ShelfGroup> decode_group(std::string_view key, std::string_view bytes) {
    store::ByteReader in(bytes);
    const bool is_known = in.byte() == group_format;
    ShelfGroup group{.key = std::string(key), .publisher = {}, .reason = {}, .place = {}};
    group.publisher = in.text();
    group.reason = in.text();
    group.place = in.text();
    group.waiting = in.varint();
    group.resolved = in.varint();
    group.dismissed = in.varint();
    group.first = in.instant();
    group.last = in.instant();
    if (!is_known || in.failed() || !in.at_end())
        return model::fail(model::ErrorKind::malformed, "bad_shelf_group", "these are not the bytes of a group");
    return group;
}

std::uint64_t& count_of(ShelfGroup& group, const ShelvedRow& row) {
    return row.is_waiting() ? group.waiting : row.state == dismissed_state ? group.dismissed : group.resolved;
}

std::string from_hex(std::string_view text) {
    std::string out(text.size() / 2, '\0');
    std::size_t size = 0;
    sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr, &size,
                   nullptr);
    out.resize(size);
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text.starts_with(mark))
        text.remove_prefix(mark.size());
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

} // namespace

std::string hex_of(std::string_view bytes) {
    std::string out(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    out.pop_back();
    return out;
}

Result<std::optional<std::string>> Shelf::read(const std::string& key) const {
    if (const auto pending = pending_.find(key); pending != pending_.end())
        return pending->second;
    return store_.get(Table::quarantine, key);
}

void Shelf::write(std::string key, std::string value, store::WriteBatch& batch) {
    pending_[key] = value;
    batch.put(Table::quarantine, std::move(key), std::move(value));
}

Result<void> Shelf::open(store::WriteBatch& batch) {
    const auto count = read(store::quarantine_key(0));
    if (!count)
        return std::unexpected(count.error());
    if (!*count)
        return {};
    count_ = store::ByteReader(**count).varint();
    bool is_grouped = false;
    auto scanned = store_.scan(Table::quarantine, group_prefix, store::after_prefix(group_prefix),
                               [&](auto, auto) { return !(is_grouped = true); });
    if (!scanned || is_grouped)
        return scanned;
    for (std::uint64_t number = 1; number <= count_; ++number) {
        const auto row = this->row(number);
        if (!row)
            return std::unexpected(row.error());
        if (*row)
            if (auto ok = count_in(number, **row, batch); !ok)
                return ok;
    }
    return {};
}

Result<ShelfGroup> Shelf::group_of(const ShelvedRow& row) const {
    ShelfGroup group{.key = {}, .publisher = row.publisher, .reason = row.reason, .place = {}};
    group.place = place_without_indices(row.place);
    group.key = store::quarantine_group_key(model::PublisherId(row.publisher), row.reason, group.place);
    const auto bytes = read(group.key);
    if (!bytes)
        return std::unexpected(bytes.error());
    return *bytes ? decode_group(group.key, **bytes) : Result<ShelfGroup>(std::move(group));
}

void Shelf::write_group(const ShelfGroup& group, store::WriteBatch& batch) {
    write(group.key, encode(group), batch);
}

Result<void> Shelf::count_in(std::uint64_t number, const ShelvedRow& row, store::WriteBatch& batch) {
    auto group = group_of(row);
    if (!group)
        return std::unexpected(group.error());
    const auto received = model::parse_instant(row.received_at).value_or(model::Instant{});
    const bool is_first = group->waiting + group->resolved + group->dismissed == 0;
    group->first = is_first ? received : std::min(group->first, received);
    group->last = is_first ? received : std::max(group->last, received);
    ++count_of(*group, row);
    write_group(*group, batch);
    if (!row.is_waiting())
        return {};
    batch.put(Table::quarantine, store::quarantine_waiting_key(group->key, number), "");
    if (!row.patient.empty())
        batch.put(Table::quarantine, store::quarantine_patient_key(from_hex(row.patient), number), "");
    return {};
}

Result<void> Shelf::count_out(std::uint64_t number, const ShelvedRow& row, store::WriteBatch& batch) {
    auto group = group_of(row);
    if (!group)
        return std::unexpected(group.error());
    std::uint64_t& count = count_of(*group, row);
    count -= std::min<std::uint64_t>(count, 1);
    write_group(*group, batch);
    if (!row.is_waiting())
        return {};
    batch.remove(Table::quarantine, store::quarantine_waiting_key(group->key, number));
    if (!row.patient.empty())
        batch.remove(Table::quarantine, store::quarantine_patient_key(from_hex(row.patient), number));
    return {};
}

Result<std::uint64_t> Shelf::keep(ShelvedRow row, std::string_view message, store::WriteBatch& batch) {
    const std::string bytes_key = store::quarantined_key(model::PublisherId(row.publisher), row.raw);
    const auto known = read(bytes_key);
    if (!known)
        return std::unexpected(known.error());
    std::optional<ShelvedRow> before;
    std::uint64_t number = count_ + 1;
    if (*known) {
        number = store::ByteReader(**known).varint();
        auto kept = this->row(number);
        if (!kept)
            return std::unexpected(kept.error());
        before = std::move(*kept);
    }
    const bool is_same = before && before->is_waiting() && before->reason == row.reason &&
                         place_without_indices(before->place) == place_without_indices(row.place);
    if (is_same || (before && before->state == dismissed_state))
        return number;
    // A native line is whole. Anything else may refer to what stands beside it.
    if (row.format != "native" && trimmed(message) != trimmed(row.raw)) {
        const std::string key = store::quarantine_message_key(message);
        const auto is_kept = read(key);
        if (!is_kept)
            return std::unexpected(is_kept.error());
        if (!*is_kept)
            write(key, std::string(message), batch);
        row.within = hex_of(key.substr(1));
    }
    if (before) {
        row.received_at = before->received_at;
        row.tried = before->tried;
        row.tries = before->tries;
        auto ok = change(number, *before, row, batch);
        return ok ? Result<std::uint64_t>(number) : std::unexpected(ok.error());
    }
    count_ = number;
    write(store::quarantine_key(0), varint(count_), batch);
    write(store::quarantine_key(number), encode(row), batch);
    write(bytes_key, varint(number), batch);
    auto ok = count_in(number, row, batch);
    return ok ? Result<std::uint64_t>(number) : std::unexpected(ok.error());
}

Result<void> Shelf::change(std::uint64_t number, const ShelvedRow& before, const ShelvedRow& after,
                           store::WriteBatch& batch) {
    if (auto ok = count_out(number, before, batch); !ok)
        return ok;
    write(store::quarantine_key(number), encode(after), batch);
    return count_in(number, after, batch);
}

Result<std::optional<ShelvedRow>> Shelf::row(std::uint64_t number) const {
    const auto bytes = number == 0 ? Result<std::optional<std::string>>() : read(store::quarantine_key(number));
    if (!bytes)
        return std::unexpected(bytes.error());
    if (!*bytes)
        return std::nullopt;
    auto row = decode_shelved_row(**bytes);
    if (!row)
        return std::unexpected(row.error());
    return std::move(*row);
}

Result<std::string> Shelf::message_of(const ShelvedRow& row) const {
    if (row.within.empty())
        return row.raw;
    auto message = read("m" + from_hex(row.within));
    if (!message)
        return std::unexpected(message.error());
    return message->value_or(row.raw);
}

Result<std::vector<ShelfGroup>> Shelf::groups() const {
    std::vector<ShelfGroup> out;
    Result<void> read;
    const auto scanned = store_.scan(Table::quarantine, group_prefix, store::after_prefix(group_prefix),
                                     [&](std::string_view key, std::string_view value) {
                                         auto group = decode_group(key, value);
                                         if (group)
                                             out.push_back(std::move(*group));
                                         else
                                             read = std::unexpected(group.error());
                                         return group.has_value();
                                     });
    if (!scanned || !read)
        return std::unexpected(!scanned ? scanned.error() : read.error());
    std::ranges::sort(out, {}, [](const ShelfGroup& g) { return std::tie(g.publisher, g.reason, g.place); });
    return out;
}

Result<std::uint64_t> Shelf::first_waiting(const ShelfGroup& group) const {
    std::uint64_t first = 0;
    const std::string from = store::quarantine_waiting_key(group.key, 0);
    const auto scanned = store_.scan(Table::quarantine, from, store::after_prefix(from.substr(0, from.size() - 8)),
                                     [&](std::string_view key, std::string_view) {
                                         first = store::parse_quarantine_index_key(key).value_or(0);
                                         return false;
                                     });
    return scanned ? Result<std::uint64_t>(first) : std::unexpected(scanned.error());
}

Result<std::vector<std::uint64_t>> Shelf::waiting_of_patient(std::string_view digest) const {
    std::vector<std::uint64_t> numbers;
    const std::string from = store::quarantine_patient_key(digest, 0);
    const auto scanned = store_.scan(Table::quarantine, from, store::after_prefix(from.substr(0, from.size() - 8)),
                                     [&](std::string_view key, std::string_view) {
                                         numbers.push_back(store::parse_quarantine_index_key(key).value_or(0));
                                         return true;
                                     });
    if (!scanned)
        return std::unexpected(scanned.error());
    return numbers;
}

Result<std::optional<std::set<std::string>>> Shelf::patients_waiting(std::size_t rows_max) const {
    const std::string prefix = store::quarantine_patient_key({}, 0).substr(0, 1);
    std::set<std::string> digests;
    std::size_t rows = 0;
    const auto scanned = store_.scan(
        Table::quarantine, prefix, store::after_prefix(prefix), [&](std::string_view key, std::string_view) {
            digests.emplace(key.substr(prefix.size(), key.size() - prefix.size() - sizeof(std::uint64_t)));
            return ++rows <= rows_max;
        });
    if (!scanned)
        return std::unexpected(scanned.error());
    return rows > rows_max ? std::nullopt : std::optional(std::move(digests));
}

} // namespace bonewatch::daemon
