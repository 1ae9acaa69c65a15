#pragma once

#include "daemon/clock.h"
#include "daemon/connection.h"
#include "ingest/door.h"
#include "store/model/frame.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What the command line, and any other program of ours, asks of a daemon. All of it blocks; one thread each.
namespace bonewatch::daemon {

struct PublishOptions {
    std::string format = "native"; ///< Or `fhir`.
    bool is_gzip = false;
    bool is_backfill = false;
    std::size_t bodies_per_publish = 64;
};

/// The next message, or nothing when there are no more.
using NextMessage = std::function<std::optional<std::string>()>;
/// What became of the message with this number, counted from 0. Answers may come in another order than messages.
using OnResult = std::function<void(std::uint64_t number, const ingest::MessageResult& result)>;

/// Publishes until `next` has no more and every message is answered: as many at once as the door's credit allows, and
/// again, with the same request ids, whatever a lost connection left unanswered (the daemon knows what it has already).
/// Fails with `unavailable` when there was no progress for `give_up_after`; what had no result may not be stored.
[[nodiscard]] model::Result<void> publish(const ConnectionSettings& settings, const PublishOptions& options,
                                          const NextMessage& next, const OnResult& on_result);

/// Hands over what comes through the feed's tail, of the monitors whose id begins with `monitor` (empty: all), until
/// nothing came for `idle` (0: for ever). What was said before it is connected, and what it is too slow for, it misses.
/// Fails with `refused` where the endpoint is none, or the handshake was refused.
[[nodiscard]] model::Result<void> look_at_tail(const ConnectionSettings& settings, const std::string& monitor,
                                               std::chrono::milliseconds idle,
                                               const std::function<void(std::string_view entry)>& on_entry);

struct FeedMessage {
    std::string cursor;   ///< To commit once this entry, and all before it, are dealt with.
    std::string position; ///< The same for the same entry, for ever.
    std::string body;     ///< One transition of an alert, JSON.
};

/// A durable subscription to the feed. Makes lost connections anew and goes on where it was.
class Subscription {
  public:
    /// `from`: last, earliest, now, or a cursor. Fails as Connection::open does, or with `cursor_unknown`.
    [[nodiscard]] static model::Result<Subscription> open(ConnectionSettings settings, std::string consumer,
                                                          const std::string& from, std::uint64_t credit = 256);

    /// The next entry, or nothing where none came in time. Fails with `taken_over` when a newer connection uses the
    /// name.
    [[nodiscard]] model::Result<std::optional<FeedMessage>> next(std::chrono::milliseconds timeout);
    /// Where this consumer, subscribing from `last`, will go on. Durable when it returns.
    [[nodiscard]] model::Result<void> commit(const std::string& cursor);

    /// Of the last entry given out, or of the beginning.
    [[nodiscard]] const std::string& cursor() const { return cursor_; }

  private:
    Subscription(Connection connection, std::string consumer, std::uint64_t credit)
        : connection_(std::move(connection)), consumer_(std::move(consumer)), credit_max_(credit) {}
    [[nodiscard]] model::Result<void> subscribe(const std::string& from);
    [[nodiscard]] model::Result<void> subscribe_anew();
    [[nodiscard]] model::Result<void> grant_credit();
    [[nodiscard]] model::Result<void> take(model::Frame frame);

    Connection connection_;
    std::string consumer_;
    std::uint64_t credit_max_;
    std::uint64_t credit_ = 0;
    std::string request_id_; ///< Of the SUBSCRIBE.
    std::string cursor_;
    std::string received_cursor_; ///< Of the last entry received, given out or not.
    std::deque<FeedMessage> waiting_;
    Moment heard_{};
    Moment asked_{}; ///< When the last PING went out.
};

struct Answer {
    std::string meta; ///< JSON object.
    std::vector<std::string> bodies;
};

/// Asks the command door one question. `args` are texts.
[[nodiscard]] model::Result<Answer> query(const ConnectionSettings& settings, const std::string& what,
                                          const model::Meta& args);
/// Gives the command door one command. After a failure with `no_answer` it may have been carried out or not.
[[nodiscard]] model::Result<Answer> command(const ConnectionSettings& settings, const std::string& action,
                                            const model::Meta& args);

} // namespace bonewatch::daemon
