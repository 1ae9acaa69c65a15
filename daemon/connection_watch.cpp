#include "daemon/connection_watch.h"

#include <csignal>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace bonewatch::daemon {

model::Result<std::unique_ptr<ConnectionWatch>> ConnectionWatch::start(zmq::context_t& context,
                                                                       const Listening& sockets) {
    const int end = eventfd(0, EFD_CLOEXEC);
    std::unique_ptr<ConnectionWatch> watch(new ConnectionWatch(end));
    try {
        if (end < 0)
            throw zmq::error_t();
        for (const auto& [door, socket] : sockets)
            watch->connections_.push_back(std::make_unique<HandshakeWatcher>(context, socket, door, watch->log_));
    } catch (const zmq::error_t& error) {
        return model::fail(model::ErrorKind::unavailable, "cannot_watch",
                           std::string("The connections of the doors cannot be watched: ") + error.what() + ".");
    }
    watch->thread_ = std::jthread([raw = watch.get()] { raw->run(); });
    return watch;
}

ConnectionWatch::~ConnectionWatch() {
    if (thread_.joinable()) {
        static_cast<void>(eventfd_write(end_, 1));
        thread_.join();
    }
    if (end_ >= 0)
        close(end_);
}

void ConnectionWatch::run() {
    constexpr int events_max = 1'000; // Of one door in one turn.
    sigset_t all;
    sigfillset(&all); // Signals are the main thread's.
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    pthread_setname_np(pthread_self(), "door-watcher");
    std::vector<zmq::pollitem_t> items{{nullptr, end_, ZMQ_POLLIN, 0}};
    for (const auto& one : connections_)
        items.push_back({one->handle(), 0, ZMQ_POLLIN, 0});
    try {
        while (items.front().revents == 0) {
            zmq::poll(items.data(), items.size(), std::chrono::milliseconds(-1));
            for (const auto& one : connections_)
                one->count(events_max);
        }
    } catch (const zmq::error_t& error) {
        spdlog::error("event=connections_not_watched message=\"{}\"", error.what());
    }
}

} // namespace bonewatch::daemon
