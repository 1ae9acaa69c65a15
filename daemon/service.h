#pragma once

#include "config/settings.h"
#include "daemon/command_door.h"
#include "daemon/connection_watch.h"
#include "daemon/gatekeeper.h"
#include "daemon/guarded_wire.h"
#include "daemon/intake.h"
#include "daemon/mllp_door.h"
#include "daemon/queries.h"
#include "daemon/router_socket.h"
#include "daemon/service_log.h"
#include "daemon/store_feed.h"
#include "daemon/tail_socket.h"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// The daemon: three doors, one core, one loop on one thread. Each round takes what has arrived, journals and folds
/// about one commit of it, and only then answers; what is left waits for the next round, so that nobody waits long.
/// Whoever made it outlives nothing: stopping is returning from `run`.
class Service {
  public:
    /// Opens the store and binds the doors. Fails with `config` or `unavailable`, in one clear sentence each.
    [[nodiscard]] static model::Result<std::unique_ptr<Service>> open(const config::Settings& settings);

    /// `ingest=ENDPOINT feed=ENDPOINT command=ENDPOINT [tail=ENDPOINT] [mllp.NAME=ENDPOINT…]`, with the ports that the
    /// system chose.
    [[nodiscard]] std::string endpoints() const;

    /// Serves until `stop` is set, then finishes the round under way. Fails with `unavailable` when the store does, or
    /// when the doors that take keys are not guarded any more: nothing unanswered is lost then, and nothing was
    /// answered that is not on disk. When `reload` (null: never) is set, between two rounds, it is cleared, and
    /// clients' keys, publishers' sections and mapping files are read anew; where they are wrong the old ones hold.
    [[nodiscard]] model::Result<void> run(const std::atomic<bool>& stop, std::atomic<bool>* reload = nullptr);

  private:
    explicit Service(const config::Settings& settings) : settings_(settings) {}

    model::Result<void> bind();
    /// Makes the socket of one door, and what the door is to speak through: the socket, or its guard.
    model::Result<model::Wire*> open_socket(DoorName name, const std::string& endpoint,
                                            const model::FrameLimits& limits, std::unique_ptr<RouterSocket>& socket);
    /// Once a second: those whose key is gone are sent away. Fails where the doors are not guarded any more.
    model::Result<void> sweep_doors();
    /// The time of this round: the wall clock, but never before what is journalled.
    [[nodiscard]] model::Instant round_time() const;
    /// Has the clients' keys read again, and the doors tried.
    void reload_keys();
    void reload_publishers();
    model::Result<void> serve_clock();
    model::Result<void> serve_ingest();
    model::Result<void> serve_commands();
    model::Result<void> serve_feed();
    model::Result<QueryAnswer> carry_out(const Request& request);
    /// The meta of its answer.
    model::Result<std::string> acknowledge(const Request& request);
    [[nodiscard]] Running running() const;
    void say_counts();
    void wait() const;

    /// A PUBLISH on its way, body by body; or a message of HL7 v2 over MLLP, as one of one body.
    struct Waiting {
        ingest::Submission submission;
        std::vector<ingest::MessageResult> results{};
        bool is_mllp = false;
    };
    void receive_submissions();
    void reply(Waiting& done, model::Instant now);
    /// The submission whose turn it is, of a peer after the one served last.
    [[nodiscard]] Waiting& next_waiting();

    config::Settings settings_;
    std::unique_ptr<store::KeyValue> store_;
    std::unique_ptr<Core> core_;
    std::unique_ptr<Intake> intake_;
    std::unique_ptr<StoreFeed> feed_;
    zmq::context_t context_;
    std::unique_ptr<Gatekeeper> gatekeeper_;       ///< Where a door takes keys. Before any socket, and gone after all.
    std::unique_ptr<ConnectionWatch> connections_; ///< Of the doors that take no keys.
    std::unique_ptr<RouterSocket> ingest_socket_, feed_socket_, command_socket_;
    std::vector<std::unique_ptr<GuardedWire>> guards_; ///< Of the doors that take keys.
    std::unique_ptr<TailSocket> tail_;                 ///< Only where the settings name an endpoint for it.
    std::unique_ptr<ingest::Door> ingest_door_;
    std::unique_ptr<alerts::FeedDoor> feed_door_;
    std::unique_ptr<CommandDoor> command_door_;
    std::unique_ptr<MllpDoor> mllp_; ///< Only where the settings have such doors.
    /// Received, by door and peer, each peer's in the order of their coming: peers take turns, body by body.
    std::map<std::string, std::deque<Waiting>> waiting_;
    std::string turn_; ///< The peer that was served last.
    ServiceLog log_;
    model::Instant started_at_{};
    model::Instant clock_checked_{}; ///< When timers were last looked for.
    model::Instant unmapped_saved_{};
    bool has_more_feed_ = false;
};

} // namespace bonewatch::daemon
