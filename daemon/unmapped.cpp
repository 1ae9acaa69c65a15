#include "daemon/unmapped.h"

#include "store/bytes.h"
#include "store/keys.h"
#include "store/model/json_writer.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::Result;
using store::Table;

constexpr std::uint8_t row_format = 1;

/// Different rows kept; a feed of garbage must not grow the table without bound.
constexpr std::size_t rows_max = 4096;
constexpr const char* others = "(others)";

std::string encode(const UnmappedRow& row) {
    store::ByteWriter out;
    out.byte(row_format);
    out.text(row.publisher);
    out.text(row.reason);
    out.text(row.words);
    out.varint(row.count);
    out.instant(row.first);
    out.instant(row.last);
    return out.take();
}

Result<UnmappedRow> decode(std::string_view bytes) {
    store::ByteReader in(bytes);
    const bool is_known = in.byte() == row_format;
    UnmappedRow row;
    row.publisher = in.text();
    row.reason = in.text();
    row.words = in.text();
    row.count = in.varint();
    row.first = in.instant();
    row.last = in.instant();
    if (!is_known || in.failed() || !in.at_end())
        return model::fail(model::ErrorKind::malformed, "bad_unmapped_row",
                           "these are not the bytes of a code that is not mapped");
    return row;
}

} // namespace

Result<void> Unmapped::load(const store::KeyValue& store) {
    Result<void> outcome;
    const auto scanned = store.scan(Table::unmapped, "", "", [&](std::string_view key, std::string_view value) {
        auto row = decode(value);
        if (row)
            rows_[std::string(key)] = std::move(*row);
        else
            outcome = std::unexpected(row.error());
        return outcome.has_value();
    });
    return scanned ? outcome : scanned;
}

void Unmapped::note(const model::PublisherId& publisher, const model::Error& error, model::Instant now) {
    if (error.unmapped.empty())
        return;
    std::string reason = error.reason;
    std::string words = error.unmapped;
    std::string key = store::unmapped_key(publisher, reason, words);
    if (!rows_.contains(key) && rows_.size() >= rows_max) {
        words = others;
        key = store::unmapped_key({}, reason, words);
    }
    const auto [row, is_new] = rows_.try_emplace(key);
    if (is_new)
        row->second = {words == others ? "" : publisher.text, std::move(reason), std::move(words), 0, now, now};
    ++row->second.count;
    row->second.last = now;
    changed_.insert(std::move(key));
}

void Unmapped::save(store::WriteBatch& batch) {
    for (const std::string& key : changed_)
        batch.put(Table::unmapped, key, encode(rows_.at(key)));
    changed_.clear();
}

std::vector<UnmappedRow> Unmapped::rows() const {
    std::vector<UnmappedRow> out;
    for (const auto& [key, row] : rows_)
        out.push_back(row);
    std::ranges::sort(out, {}, [](const UnmappedRow& row) {
        return std::tuple(~row.count, std::tie(row.publisher, row.reason, row.words));
    });
    return out;
}

std::string unmapped_json(const UnmappedRow& row) {
    model::JsonWriter json;
    json.begin_object();
    json.text("publisher", row.publisher);
    json.text("reason", row.reason);
    json.text("words", row.words);
    json.number("count", static_cast<std::int64_t>(row.count));
    json.text("first", model::to_text(row.first));
    json.text("last", model::to_text(row.last));
    json.end_object();
    return json.take();
}

} // namespace bonewatch::daemon
