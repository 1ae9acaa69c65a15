#pragma once

#include "store/cursor.h"
#include "store/model/wire.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bonewatch::alerts {

/// One transition of an alert, as the feed keeps it: the same bytes for the same position, for ever.
struct FeedEntry {
    std::uint8_t partition = 0;
    std::uint64_t position = 0;
    std::string bytes;
};

/// What the feed door reads and where it keeps its subscribers' cursors.
class FeedSource {
  public:
    virtual ~FeedSource() = default;

    /// Entries with a position above the cursor's of their partition, at most `entries_max`; of each partition the
    /// lowest positions, ascending.
    [[nodiscard]] virtual model::Result<std::vector<FeedEntry>> read(const store::Cursor& after,
                                                                     std::size_t entries_max) const = 0;
    /// The cursor of a reader who has seen all there is.
    [[nodiscard]] virtual store::Cursor latest() const = 0;
    /// Nothing for a consumer that never committed.
    [[nodiscard]] virtual model::Result<std::optional<store::Cursor>> load_cursor(std::string_view consumer) const = 0;
    /// Durable once it returns.
    [[nodiscard]] virtual model::Result<void> save_cursor(std::string_view consumer, const store::Cursor& cursor) = 0;
};

struct FeedLimits {
    model::FrameLimits frame{.bodies_max = 0, .bytes_max = 128u << 10};
    std::size_t subscribers_max = 256;
    std::uint64_t credit_max = 10'000; ///< Entries that one subscriber may ask for ahead.
};

struct FeedDoorStats {
    std::uint64_t entries_sent = 0;
    std::uint64_t commits = 0;
    std::uint64_t replies_lost = 0; ///< Answers, never entries: the peer was gone or did not read.
    std::size_t subscribers = 0;
    std::map<std::string, std::uint64_t> refusals; ///< By reason.
};

/// Whether there is more to send, and when to call `send_entries` again.
enum class FeedState : std::uint8_t {
    idle,    ///< After the next commit to the store, or the next message.
    more,    ///< At once: subscribers have credit and entries are waiting.
    blocked, ///< In a little while: a subscriber with credit does not read.
};

/// Where subscribers come in: each gets every entry after its cursor, at least once, each partition in order, as long
/// as it grants credit. The protocol: README.md, "The feed door". Used on one thread; wire and source outlive it. Never
/// waits.
class FeedDoor {
  public:
    FeedDoor(model::Wire& wire, FeedSource& source, const FeedLimits& limits, std::string server);

    /// Serves what has arrived, at most `frames_max` frames.
    void receive(std::size_t frames_max);

    /// Sends waiting entries, at most `entries_max` to each subscriber. Fails when the source does; nothing is lost.
    [[nodiscard]] model::Result<FeedState> send_entries(std::size_t entries_max);

    [[nodiscard]] FeedDoorStats stats() const;

  private:
    struct Subscriber {
        std::string consumer;
        model::Address subscription; ///< Of its SUBSCRIBE: entries and `taken_over` answer it.
        store::Cursor sent;
        std::uint64_t credit = 0;
    };

    void serve(model::Envelope envelope);
    [[nodiscard]] model::Result<std::string> subscribe(const model::Address& from, const model::Meta& meta);
    [[nodiscard]] model::Result<std::string> commit(const model::Address& from, const model::Meta& meta);
    [[nodiscard]] model::Result<void> grant(const model::Address& from, const model::Meta& meta);
    [[nodiscard]] model::Result<store::Cursor> start_of(std::string_view from, std::string_view consumer) const;
    [[nodiscard]] model::Result<store::Cursor> known(store::Cursor cursor) const;
    void take_over(const std::string& consumer, const std::string& peer);
    void answer(const model::Address& to, model::Command command, const model::Result<std::string>& meta);

    model::Wire& wire_;
    FeedSource& source_;
    FeedLimits limits_;
    std::string server_;
    std::map<std::string, Subscriber> subscribers_; ///< By routing id.
    std::string probed_to_;                         ///< Where the search for a subscriber that is gone goes on.
    FeedDoorStats stats_;
};

} // namespace bonewatch::alerts
