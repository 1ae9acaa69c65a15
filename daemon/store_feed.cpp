#include "daemon/store_feed.h"

#include "store/keys.h"

namespace bonewatch::daemon {

using model::Result;
using store::Partition;
using store::Table;

Result<std::vector<alerts::FeedEntry>> StoreFeed::read(const store::Cursor& after, std::size_t entries_max) const {
    std::vector<alerts::FeedEntry> out;
    for (std::uint8_t i = 0; i < store::partition_count && out.size() < entries_max; ++i) {
        const auto seen = after.positions.find(i);
        const std::uint64_t position = seen == after.positions.end() ? 0 : seen->second;
        if (position >= core_.feed_position(Partition{i}))
            continue;
        auto scanned = core_.store().scan(Table::feed, store::position_key(Partition{i}, position + 1),
                                          store::after_prefix(store::partition_key(Partition{i})),
                                          [&](std::string_view key, std::string_view value) {
                                              if (const auto at = store::parse_position_key(key))
                                                  out.push_back({i, at->position, std::string(value)});
                                              return out.size() < entries_max;
                                          });
        if (!scanned)
            return std::unexpected(scanned.error());
    }
    return out;
}

store::Cursor StoreFeed::latest() const {
    store::Cursor cursor{epoch_, {}};
    for (std::uint8_t i = 0; i < store::partition_count; ++i)
        if (const std::uint64_t position = core_.feed_position(Partition{i}); position > 0)
            cursor.positions[i] = position;
    return cursor;
}

Result<std::optional<store::Cursor>> StoreFeed::load_cursor(std::string_view consumer) const {
    auto text = core_.store().get(Table::cursors, store::cursor_key(consumer));
    if (!text)
        return std::unexpected(text.error());
    if (!*text)
        return std::nullopt;
    auto cursor = store::parse_cursor(**text);
    if (!cursor)
        return std::unexpected(cursor.error());
    return *cursor;
}

Result<void> StoreFeed::save_cursor(std::string_view consumer, const store::Cursor& cursor) {
    store::WriteBatch batch;
    batch.put(Table::cursors, store::cursor_key(consumer), store::to_text(cursor));
    return core_.store().commit(batch);
}

} // namespace bonewatch::daemon
