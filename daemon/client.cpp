#include "daemon/client.h"

#include "daemon/clock.h"
#include "store/model/json_writer.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::Command;
using std::chrono::milliseconds;

std::string object_of(std::string_view key, std::string_view value, const model::Meta& args) {
    model::JsonWriter json;
    json.begin_object();
    json.text(key, value);
    for (const auto& [name, text] : args)
        json.text(name, text);
    json.end_object();
    return json.take();
}

model::Result<Answer> ask(const ConnectionSettings& settings, Command kind, std::string meta) {
    auto connection = Connection::open(settings);
    if (!connection)
        return std::unexpected(connection.error());
    const auto request_id = connection->next_request_id();
    const auto sent =
        connection->send({.command = kind, .request_id = request_id, .meta = std::move(meta), .bodies = {}});
    if (!sent)
        return std::unexpected(sent.error());
    const auto deadline = steady_now() + settings.reply_timeout;
    while (true) {
        auto frame = connection->receive(left_until(deadline));
        if (!frame)
            return std::unexpected(frame.error());
        if (!*frame && steady_now() >= deadline)
            return model::fail(model::ErrorKind::unavailable, "no_answer",
                               "The daemon at " + settings.endpoint + " did not answer in time.");
        if (!*frame || (*frame)->request_id != request_id)
            continue;
        if ((*frame)->command != Command::result)
            return std::unexpected(error_in(**frame));
        return Answer{.meta = std::move((*frame)->meta), .bodies = std::move((*frame)->bodies)};
    }
}

} // namespace

model::Result<Answer> query(const ConnectionSettings& settings, const std::string& what, const model::Meta& args) {
    return ask(settings, Command::query, object_of("what", what, args));
}

model::Result<Answer> command(const ConnectionSettings& settings, const std::string& action, const model::Meta& args) {
    return ask(settings, Command::act, object_of("action", action, args));
}

model::Result<Subscription> Subscription::open(ConnectionSettings settings, std::string consumer,
                                               const std::string& from, std::uint64_t credit) {
    auto connection = Connection::open(std::move(settings));
    if (!connection)
        return std::unexpected(connection.error());
    Subscription subscription(*std::move(connection), std::move(consumer), std::max<std::uint64_t>(credit, 1));
    if (const auto subscribed = subscription.subscribe(from); !subscribed)
        return std::unexpected(subscribed.error());
    return subscription;
}

model::Result<void> Subscription::subscribe(const std::string& from) {
    request_id_ = connection_.next_request_id();
    model::JsonWriter json;
    json.begin_object();
    json.text("consumer", consumer_);
    json.text("from", from);
    json.number("credit", static_cast<std::int64_t>(credit_max_));
    json.end_object();
    const auto sent =
        connection_.send({.command = Command::subscribe, .request_id = request_id_, .meta = json.take(), .bodies = {}});
    if (!sent)
        return sent;
    const auto deadline = steady_now() + connection_.settings().reply_timeout;
    while (true) {
        const auto frame = connection_.receive(left_until(deadline));
        if (!frame)
            return std::unexpected(frame.error());
        if (!*frame && steady_now() >= deadline)
            return model::fail(model::ErrorKind::unavailable, "no_answer",
                               "The daemon at " + connection_.settings().endpoint + " did not answer in time.");
        if (!*frame || (*frame)->request_id != request_id_)
            continue;
        if ((*frame)->command != Command::welcome)
            return std::unexpected(error_in(**frame));
        credit_ = credit_max_;
        heard_ = steady_now();
        asked_ = heard_;
        received_cursor_ =
            model::text_in(model::read_meta((*frame)->meta).value_or(model::Meta{}), "cursor").value_or("");
        if (cursor_.empty())
            cursor_ = received_cursor_;
        return {};
    }
}

/// Goes on, on a new connection, after the last entry received. A daemon that dies meanwhile is tried again.
model::Result<void> Subscription::subscribe_anew() {
    const auto deadline = steady_now() + connection_.settings().give_up_after;
    const std::string from = received_cursor_;
    while (true) {
        if (const auto opened = connection_.reopen(); !opened)
            return opened;
        const auto subscribed = subscribe(from);
        const bool is_final = subscribed || subscribed.error().kind != model::ErrorKind::unavailable;
        if (is_final || steady_now() >= deadline)
            return subscribed;
    }
}

model::Result<void> Subscription::grant_credit() {
    if (2 * credit_ > credit_max_)
        return {};
    model::JsonWriter json;
    json.begin_object();
    json.number("n", static_cast<std::int64_t>(credit_max_ - credit_));
    json.end_object();
    credit_ = credit_max_;
    return connection_.send(
        {.command = Command::credit, .request_id = connection_.next_request_id(), .meta = json.take(), .bodies = {}});
}

/// Takes a frame that is no answer to a COMMIT.
model::Result<void> Subscription::take(model::Frame frame) {
    heard_ = steady_now();
    const auto meta = model::read_meta(frame.meta).value_or(model::Meta{});
    if (frame.command == Command::event && frame.request_id == request_id_ && frame.bodies.size() == 1) {
        received_cursor_ = model::text_in(meta, "cursor").value_or("");
        waiting_.push_back({.cursor = received_cursor_,
                            .position = model::text_in(meta, "position").value_or(""),
                            .body = std::move(frame.bodies.front())});
        credit_ -= std::min<std::uint64_t>(credit_, 1);
        return {};
    }
    if (frame.command == Command::pong && model::text_in(meta, "subscribed") == "false")
        return subscribe_anew(); // The daemon was restarted, and libzmq connected again by itself.
    if (frame.command != Command::error)
        return {};
    auto error = error_in(frame);
    return error.reason == "subscribe_first" ? subscribe_anew() : std::unexpected(std::move(error));
}

model::Result<std::optional<FeedMessage>> Subscription::next(milliseconds timeout) {
    const auto deadline = steady_now() + timeout;
    while (waiting_.empty()) {
        const auto now = steady_now();
        const auto silence_max = connection_.settings().reply_timeout;
        if (const auto granted = grant_credit(); !granted)
            return std::unexpected(granted.error());
        if (now - heard_ >= 2 * silence_max) {
            if (const auto subscribed = subscribe_anew(); !subscribed)
                return std::unexpected(subscribed.error());
        } else if (now - std::max(heard_, asked_) >= silence_max) {
            asked_ = now;
            const auto sent = connection_.send(
                {.command = Command::ping, .request_id = connection_.next_request_id(), .meta = "{}", .bodies = {}});
            if (!sent)
                return std::unexpected(sent.error());
        }
        const auto wait = std::min(left_until(deadline), silence_max);
        auto frame = connection_.receive(wait);
        if (!frame)
            return std::unexpected(frame.error());
        if (*frame) {
            if (const auto taken = take(**std::move(frame)); !taken)
                return std::unexpected(taken.error());
        } else if (steady_now() >= deadline) {
            return std::nullopt;
        }
    }
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    cursor_ = message.cursor;
    return message;
}

model::Result<void> Subscription::commit(const std::string& cursor) {
    const auto deadline = steady_now() + connection_.settings().give_up_after;
    while (true) {
        const auto request_id = connection_.next_request_id();
        const auto connected_at = request_id_;
        const auto answered_by = steady_now() + connection_.settings().reply_timeout;
        const auto sent = connection_.send({.command = Command::commit,
                                            .request_id = request_id,
                                            .meta = object_of("cursor", cursor, {}),
                                            .bodies = {}});
        // An answer, or a new connection, on which the COMMIT is sent again.
        while (sent && request_id_ == connected_at) {
            auto frame = connection_.receive(left_until(answered_by));
            if (!frame || (!*frame && steady_now() >= answered_by))
                break;
            if (!*frame)
                continue;
            if ((*frame)->request_id == request_id && (*frame)->command == Command::result)
                return {};
            if ((*frame)->request_id == request_id && error_in(**frame).reason != "subscribe_first")
                return std::unexpected(error_in(**frame));
            if (const auto taken = take(**std::move(frame)); !taken)
                return taken;
        }
        if (steady_now() >= deadline)
            return model::fail(model::ErrorKind::unavailable, "no_answer",
                               "The daemon at " + connection_.settings().endpoint + " did not answer in time.");
        if (request_id_ == connected_at)
            if (const auto subscribed = subscribe_anew(); !subscribed)
                return subscribed;
    }
}

} // namespace bonewatch::daemon
