#include "alerts/feed_door.h"

#include "store/model/json_writer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::alerts {

namespace {

using model::Address;
using model::Command;
using model::ErrorKind;

constexpr std::size_t name_bytes_max = 64;
constexpr std::array<model::MemberRule, 5> meta_rules{{{"consumer", model::MemberKind::text},
                                                       {"from", model::MemberKind::text},
                                                       {"cursor", model::MemberKind::text},
                                                       {"credit", model::MemberKind::whole},
                                                       {"n", model::MemberKind::whole}}};

bool is_name(std::string_view text) {
    const auto is_plain = [](char c) { return c > ' ' && c < 0x7f; };
    return !text.empty() && text.size() <= name_bytes_max && std::ranges::all_of(text, is_plain);
}

std::string member(std::string_view key, std::string_view value) {
    model::JsonWriter json;
    json.begin_object();
    json.text(key, value);
    json.end_object();
    return json.take();
}

std::string welcome_text(const std::string& server, const store::Cursor& cursor, const FeedLimits& limits) {
    model::JsonWriter json;
    json.begin_object();
    json.text("server", server);
    json.number("epoch", static_cast<std::int64_t>(cursor.epoch));
    json.text("cursor", store::to_text(cursor));
    json.begin_object("limits");
    json.number("credit", static_cast<std::int64_t>(limits.credit_max));
    json.end_object();
    json.end_object();
    return json.take();
}

std::string pong_text(const store::Cursor& latest, bool is_subscribed) {
    model::JsonWriter json;
    json.begin_object();
    json.text("latest", store::to_text(latest));
    json.flag("subscribed", is_subscribed);
    json.end_object();
    return json.take();
}

std::string event_text(const store::Cursor& cursor, const FeedEntry& entry) {
    model::JsonWriter json;
    json.begin_object();
    json.text("cursor", store::to_text(cursor));
    json.text("position", std::to_string(entry.partition) + ':' + std::to_string(entry.position));
    json.end_object();
    return json.take();
}

bool passes(const model::Error& error) {
    return error.kind == ErrorKind::unavailable || error.reason == "too_many_peers";
}

} // namespace

FeedDoor::FeedDoor(model::Wire& wire, FeedSource& source, const FeedLimits& limits, std::string server)
    : wire_(wire), source_(source), limits_(limits), server_(std::move(server)) {}

void FeedDoor::receive(std::size_t frames_max) {
    for (std::size_t frames = 0; frames < frames_max; ++frames) {
        auto envelope = wire_.receive();
        if (!envelope)
            return;
        serve(*std::move(envelope));
    }
}

void FeedDoor::serve(model::Envelope envelope) {
    Address from{.peer = envelope.peer, .has_delimiter = false, .request_id = std::string(model::no_request_id)};
    const auto frame = model::parse_frame(std::move(envelope), limits_.frame);
    if (!frame) {
        from.has_delimiter = frame.error().has_delimiter;
        from.request_id = frame.error().request_id;
        return answer(from, Command::error, std::unexpected(frame.error().error));
    }
    from.has_delimiter = frame->has_delimiter;
    from.request_id = frame->request_id;
    const auto meta = model::read_meta(frame->meta, meta_rules);
    if (!meta)
        return answer(from, Command::error, std::unexpected(meta.error()));

    switch (frame->command) {
    case Command::hello:
        return answer(from, Command::welcome, welcome_text(server_, source_.latest(), limits_));
    case Command::ping:
        return answer(from, Command::pong, pong_text(source_.latest(), subscribers_.contains(from.peer)));
    case Command::bye:
        subscribers_.erase(from.peer);
        return answer(from, Command::bye, "{}");
    case Command::subscribe:
        return answer(from, Command::welcome, subscribe(from, *meta));
    case Command::commit:
        return answer(from, Command::result, commit(from, *meta));
    case Command::credit:
        if (const auto granted = grant(from, *meta); !granted)
            answer(from, Command::error, std::unexpected(granted.error()));
        return;
    default:
        return answer(from, Command::error,
                      model::fail(ErrorKind::malformed, "wrong_door",
                                  std::string(model::name_of(frame->command)) +
                                      " is not for the feed door: it takes HELLO, SUBSCRIBE, CREDIT, COMMIT, PING and "
                                      "BYE."));
    }
}

model::Result<std::string> FeedDoor::subscribe(const Address& from, const model::Meta& meta) {
    const auto consumer = model::text_in(meta, "consumer").value_or("");
    if (!is_name(consumer))
        return model::fail(ErrorKind::malformed, "bad_consumer",
                           "SUBSCRIBE names its consumer: 1 to 64 printable ASCII characters without spaces.",
                           "consumer");
    const auto credit = model::number_in(meta, "credit");
    if (!credit || *credit > limits_.credit_max)
        return model::fail(ErrorKind::malformed, "bad_credit",
                           "The credit is a whole number from 0 to " + std::to_string(limits_.credit_max) + ".",
                           "credit");
    auto start = start_of(model::text_in(meta, "from").value_or("last"), consumer);
    if (!start)
        return std::unexpected(start.error());
    take_over(consumer, from.peer);
    const bool is_full = !subscribers_.contains(from.peer) && subscribers_.size() >= limits_.subscribers_max;
    if (is_full && !model::forget_gone(wire_, subscribers_, probed_to_))
        return model::fail(ErrorKind::refused, "too_many_peers",
                           "The door serves " + std::to_string(limits_.subscribers_max) +
                               " subscribers already. Try again later.");
    auto text = welcome_text(server_, *start, limits_);
    subscribers_[from.peer] = Subscriber{consumer, from, *std::move(start), *credit};
    return text;
}

model::Result<store::Cursor> FeedDoor::start_of(std::string_view from, std::string_view consumer) const {
    auto latest = source_.latest();
    store::Cursor earliest{.epoch = latest.epoch, .positions = {}};
    if (from == "now")
        return latest;
    if (from == "earliest")
        return earliest;
    if (from == "last") {
        const auto saved = source_.load_cursor(consumer);
        if (!saved)
            return std::unexpected(saved.error());
        return *saved ? known(**saved) : earliest;
    }
    auto cursor = store::parse_cursor(from);
    if (!cursor)
        return model::fail(ErrorKind::malformed, "cursor_unknown",
                           "Subscribe from last, earliest, now, or a cursor that an EVENT carried.", "from");
    return known(*std::move(cursor));
}

/// The cursor, where it is one that this feed has given.
model::Result<store::Cursor> FeedDoor::known(store::Cursor cursor) const {
    const auto latest = source_.latest();
    const auto is_reached = [&](const auto& place) {
        const auto found = latest.positions.find(place.first);
        return place.second <= (found == latest.positions.end() ? 0 : found->second);
    };
    if (cursor.epoch != latest.epoch || !std::ranges::all_of(cursor.positions, is_reached))
        return model::fail(ErrorKind::refused, "cursor_unknown",
                           "The feed has not come to this cursor; it may be another store's. The latest is " +
                               store::to_text(latest) + ".",
                           "cursor");
    return cursor;
}

/// One consumer has one connection: the newest.
void FeedDoor::take_over(const std::string& consumer, const std::string& peer) {
    for (auto it = subscribers_.begin(); it != subscribers_.end(); ++it) {
        if (it->second.consumer != consumer || it->first == peer)
            continue;
        const auto older = std::move(it->second.subscription);
        subscribers_.erase(it);
        return answer(
            older, Command::error,
            model::fail(ErrorKind::refused, "taken_over", "Another connection has subscribed as " + consumer + "."));
    }
}

model::Result<std::string> FeedDoor::commit(const Address& from, const model::Meta& meta) {
    const auto subscriber = subscribers_.find(from.peer);
    if (subscriber == subscribers_.end())
        return model::fail(ErrorKind::refused, "subscribe_first", "COMMIT follows SUBSCRIBE on the same connection.");
    auto cursor = store::parse_cursor(model::text_in(meta, "cursor").value_or(""));
    if (!cursor)
        return model::fail(ErrorKind::malformed, "cursor_unknown", "COMMIT names a cursor that an EVENT carried.",
                           "cursor");
    cursor = known(*std::move(cursor));
    if (!cursor)
        return std::unexpected(cursor.error());
    if (const auto saved = source_.save_cursor(subscriber->second.consumer, *cursor); !saved)
        return std::unexpected(saved.error());
    ++stats_.commits;
    return member("cursor", store::to_text(*cursor));
}

model::Result<void> FeedDoor::grant(const Address& from, const model::Meta& meta) {
    const auto subscriber = subscribers_.find(from.peer);
    if (subscriber == subscribers_.end())
        return model::fail(ErrorKind::refused, "subscribe_first", "CREDIT follows SUBSCRIBE on the same connection.");
    const auto granted = model::number_in(meta, "n");
    if (!granted || *granted > limits_.credit_max - subscriber->second.credit)
        return model::fail(ErrorKind::malformed, "bad_credit",
                           "The credit not yet used is at most " + std::to_string(limits_.credit_max) + ".", "n");
    subscriber->second.credit += *granted;
    return {};
}

model::Result<FeedState> FeedDoor::send_entries(std::size_t entries_max) {
    const auto latest = source_.latest();
    auto state = FeedState::idle;
    std::vector<std::string> gone;
    for (auto& [peer, subscriber] : subscribers_) {
        if (subscriber.credit == 0 || subscriber.sent == latest)
            continue;
        auto entries = source_.read(subscriber.sent, std::min<std::size_t>(entries_max, subscriber.credit));
        if (!entries)
            return std::unexpected(entries.error());
        auto sent = model::Sent::sent;
        for (auto entry = entries->begin(); entry != entries->end() && sent == model::Sent::sent; ++entry) {
            auto after = subscriber.sent;
            after.positions[entry->partition] = entry->position;
            auto event = model::answer(subscriber.subscription, Command::event, event_text(after, *entry));
            event.bodies.push_back(std::move(entry->bytes));
            sent = wire_.send(peer, std::move(event));
            if (sent != model::Sent::sent)
                break;
            subscriber.sent = std::move(after);
            --subscriber.credit;
            ++stats_.entries_sent;
        }
        if (sent == model::Sent::gone)
            gone.push_back(peer);
        else if (sent == model::Sent::full)
            state = state == FeedState::idle ? FeedState::blocked : state;
        else if (subscriber.credit > 0 && entries->size() == entries_max)
            state = FeedState::more;
    }
    for (const auto& peer : gone)
        subscribers_.erase(peer);
    return state;
}

void FeedDoor::answer(const Address& to, Command command, const model::Result<std::string>& meta) {
    if (!meta)
        ++stats_.refusals[meta.error().reason];
    const auto sent = wire_.send(to.peer, meta ? model::answer(to, command, *meta)
                                               : model::error_answer(to, meta.error(), passes(meta.error())));
    if (sent != model::Sent::sent)
        ++stats_.replies_lost;
    if (sent == model::Sent::gone)
        subscribers_.erase(to.peer);
}

FeedDoorStats FeedDoor::stats() const {
    auto stats = stats_;
    stats.subscribers = subscribers_.size();
    return stats;
}

} // namespace bonewatch::alerts
