#pragma once

#include "config/key_text.h"
#include "config/settings.h"
#include "daemon/access_log.h"
#include "daemon/curve_server.h"
#include "daemon/door_check.h"
#include "daemon/key_shelf.h"
#include "daemon/permit.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

namespace bonewatch::daemon {

/// Who guards the doors that take keys, on two threads of its own, so that nobody who knocks waits for the loop: one
/// answers libzmq's question for each handshake, the other reads the folder of keys when it changes and tries the
/// doors. Made before any socket of the context, and gone after all of them.
///
/// Nobody is let in unless the answerer says so: a door for which nobody answers is shut. Each minute a stranger
/// knocks; where one is let in, or the answerer is silent, `failure` says so, and the daemon must stop.
class Gatekeeper {
  public:
    /// Fails with every problem of the keys, or with `unavailable` where the answerer's place is taken.
    [[nodiscard]] static std::expected<std::unique_ptr<Gatekeeper>, std::vector<model::Error>>
    start(zmq::context_t& context, const config::CurveSettings& settings);
    ~Gatekeeper();

    /// The doors, by their endpoints, are open: has a stranger knock at each, now and then each minute. Fails with
    /// `unavailable`, `anybody_let_in`, `nobody_answers` or `door_not_checked`, where one does not refuse him now.
    [[nodiscard]] model::Result<void> watch(std::map<std::string, DoorName> doors);
    /// Counts the connections made to this listening socket, and turns away what would be too many.
    void watch_connections(DoorName door, void* socket);
    /// Has the folder read again, and the doors tried. From a signal handler too.
    void reload() { is_reload_asked_ = true; }

    [[nodiscard]] std::shared_ptr<const config::KeyRing> ring() const { return shelf_->ring(); }
    [[nodiscard]] const config::SecretKey& server_key() const { return server_key_; }
    [[nodiscard]] AccessLog& log() { return log_; }
    /// Why the doors must not stay open; nothing as long as they may.
    [[nodiscard]] std::optional<model::Error> failure() const;
    /// For `status`, a JSON object.
    [[nodiscard]] std::string json() const;

    /// Ends the answerer, as a fault would: for tests.
    void end_answerer();
    /// Has a stranger knock now, as happens each minute. False where a door did not answer in time, or there is a
    /// failure.
    bool check_doors();

  private:
    Gatekeeper(zmq::context_t& context, std::unique_ptr<KeyShelf> shelf, config::SecretKey server_key);
    void answer(zmq::socket_t questions, zmq::socket_t orders);
    void watch_on(const std::stop_token& stop);
    void fail(const std::string& reason, const std::string& message);

    zmq::context_t& context_;
    std::unique_ptr<KeyShelf> shelf_;
    config::SecretKey server_key_;
    StrangerKey stranger_;
    AccessLog log_;
    std::atomic<bool> is_reload_asked_ = false;

    mutable std::mutex mutex_;
    std::condition_variable_any woken_;
    std::map<std::string, DoorName> doors_; ///< By endpoint.
    std::optional<model::Error> failure_;
    model::Instant checked_at_{}; ///< When all doors were last seen to refuse a stranger.

    std::vector<std::unique_ptr<HandshakeWatcher>> connections_; ///< The answerer's; the list is the mutex's.
    zmq::socket_t orders_;                                       ///< To the answerer.
    std::jthread answerer_;
    std::jthread watcher_;
};

} // namespace bonewatch::daemon
