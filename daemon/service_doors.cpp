#include "daemon/service.h"

#include "store/meta.h"

#include <algorithm>

namespace bonewatch::daemon {

namespace {

using model::Result;

constexpr const char* server_name = "bonewatchd";

} // namespace

Result<void> Service::bind() {
    auto meta = store::read_meta(*store_);
    if (!meta)
        return std::unexpected(meta.error());
    const std::uint64_t epoch = *meta ? (*meta)->epoch : 0;
    const config::LimitSettings& limits = settings_.limits;

    ingest::DoorLimits door_limits;
    door_limits.frame.bytes_max = static_cast<std::size_t>(limits.max_message_bytes);
    door_limits.inflated_bytes_max = std::max(door_limits.inflated_bytes_max, door_limits.frame.bytes_max);
    door_limits.events_max = static_cast<std::size_t>(limits.batch_max);
    door_limits.peers_max = static_cast<std::size_t>(limits.peers_max);
    door_limits.queued_bodies_max = static_cast<std::size_t>(limits.queue_max);
    alerts::FeedLimits feed_limits;
    feed_limits.subscribers_max = static_cast<std::size_t>(limits.peers_max);
    const model::FrameLimits command_limits{.bodies_max = 0, .bytes_max = 128u << 10};

    if (settings_.curve) {
        auto keeper = Gatekeeper::start(context_, *settings_.curve);
        if (!keeper)
            return std::unexpected(keeper.error().front());
        gatekeeper_ = std::move(*keeper);
    }
    auto ingest = open_socket(DoorName::ingest, settings_.doors.ingest, door_limits.frame, ingest_socket_);
    if (!ingest)
        return std::unexpected(ingest.error());
    auto feed = open_socket(DoorName::feed, settings_.doors.feed, feed_limits.frame, feed_socket_);
    if (!feed)
        return std::unexpected(feed.error());
    auto command = open_socket(DoorName::command, settings_.doors.command, command_limits, command_socket_);
    if (!command)
        return std::unexpected(command.error());
    feed_ = std::make_unique<StoreFeed>(*core_, epoch);
    if (!settings_.doors.tail.empty()) {
        auto tail = TailSocket::bind(context_, settings_.doors.tail, *feed_,
                                     settings_.needs_key("tail") ? gatekeeper_.get() : nullptr);
        if (!tail)
            return std::unexpected(tail.error());
        tail_ = std::move(*tail);
    }
    ingest_door_ = std::make_unique<ingest::Door>(**ingest, door_limits, server_name, epoch);
    feed_door_ = std::make_unique<alerts::FeedDoor>(**feed, *feed_, feed_limits, server_name);
    command_door_ = std::make_unique<CommandDoor>(**command, command_limits, server_name);
    if (!settings_.mllp.empty()) {
        auto mllp = MllpDoor::open(settings_.mllp, wall_now());
        if (!mllp)
            return std::unexpected(mllp.error());
        mllp_ = std::move(*mllp);
    }
    std::map<std::string, DoorName> guarded;
    ConnectionWatch::Listening open;
    const auto note = [&](DoorName name, const std::string& endpoint, void* handle) {
        if (settings_.needs_key(std::string(word_of(name))))
            guarded.emplace(endpoint, name);
        else
            open.emplace_back(name, handle);
    };
    for (const auto& [name, socket] :
         {std::pair{DoorName::ingest, ingest_socket_.get()}, std::pair{DoorName::feed, feed_socket_.get()},
          std::pair{DoorName::command, command_socket_.get()}})
        note(name, socket->endpoint(), socket->handle());
    if (tail_)
        note(DoorName::tail, tail_->endpoint(), tail_->handle());
    if (tail_ && settings_.needs_key("tail"))
        gatekeeper_->watch_connections(DoorName::tail, tail_->handle());
    if (!open.empty()) {
        auto watch = ConnectionWatch::start(context_, open);
        if (!watch)
            return std::unexpected(watch.error());
        connections_ = std::move(*watch);
    }
    if (!gatekeeper_)
        return {};
    return gatekeeper_->watch(std::move(guarded));
}

Result<model::Wire*> Service::open_socket(DoorName name, const std::string& endpoint, const model::FrameLimits& limits,
                                          std::unique_ptr<RouterSocket>& socket) {
    const bool needs_key = settings_.needs_key(std::string(word_of(name)));
    RouterSettings router;
    router.endpoint = endpoint;
    router.limits = limits;
    if (needs_key)
        router.curve = CurveDoor{name, gatekeeper_->server_key(), &gatekeeper_->log()};
    auto bound = RouterSocket::bind(context_, router);
    if (!bound)
        return std::unexpected(bound.error());
    socket = std::move(*bound);
    if (!needs_key)
        return socket.get();
    gatekeeper_->watch_connections(name, socket->handle());
    guards_.push_back(std::make_unique<GuardedWire>(name, *gatekeeper_, *socket));
    return guards_.back().get();
}

Result<void> Service::sweep_doors() {
    if (tail_)
        tail_->sweep();
    if (connections_)
        connections_->log().say_growth();
    if (!gatekeeper_)
        return {};
    for (const auto& guard : guards_)
        guard->sweep();
    gatekeeper_->log().say_growth();
    if (auto failed = gatekeeper_->failure())
        return std::unexpected(*std::move(failed));
    return {};
}

void Service::reload_keys() {
    if (gatekeeper_)
        gatekeeper_->reload();
}

std::string Service::endpoints() const {
    return "ingest=" + ingest_socket_->endpoint() + " feed=" + feed_socket_->endpoint() +
           " command=" + command_socket_->endpoint() + (tail_ ? " tail=" + tail_->endpoint() : "") +
           (mllp_ ? mllp_->endpoints() : "");
}

} // namespace bonewatch::daemon
