#include "daemon/mllp_listener.h"

#include "daemon/descriptors.h"
#include "daemon/mutual_tls.h"
#include "store/model/ensure.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <csignal>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bonewatch::daemon {

namespace asio = boost::asio;

namespace {

using boost::system::error_code;
using std::chrono::seconds;
using tcp = asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 16'384;
constexpr std::size_t connected_max = 256;
constexpr seconds handshake_time{10};
constexpr seconds stop_time{1};
/// After an accept that failed: file descriptors may have run out.
constexpr std::chrono::milliseconds accept_pause{100};

/// A connection as the thread of the sockets sees it.
struct Connection {
    Connection(asio::io_context& io, std::uint64_t number) : id(number), deadline(io), answered(io) {}

    std::uint64_t id;
    std::string client;
    asio::steady_timer deadline; ///< When it passes, the connection is closed.
    asio::steady_timer answered; ///< Cancelled when there is an answer.
    std::optional<std::string> answer;
    std::function<void()> close; ///< Ends whatever is awaited on its socket.
    bool is_late = false;        ///< Closed by its deadline.
    bool is_closed = false;
};
using Shared = std::shared_ptr<Connection>;

void close(Connection& connection) {
    connection.is_closed = true;
    connection.close();
    connection.answered.cancel();
}

void watch(const Shared& connection, seconds time) {
    connection->deadline.expires_after(time);
    connection->deadline.async_wait([connection](error_code error) {
        if (error)
            return;
        connection->is_late = true;
        close(*connection);
    });
}

void unwatch(const Shared& connection) {
    connection->deadline.cancel();
}

/// What was counted since.
ingest::MllpCounts growth(const ingest::MllpCounts& now, const ingest::MllpCounts& before) {
    return {now.blocks - before.blocks, now.discarded_bytes - before.discarded_bytes, now.resyncs - before.resyncs,
            now.ends_without_return - before.ends_without_return, now.cut - before.cut};
}

void add(ingest::MllpCounts& sum, const ingest::MllpCounts& more) {
    sum.blocks += more.blocks;
    sum.discarded_bytes += more.discarded_bytes;
    sum.resyncs += more.resyncs;
    sum.ends_without_return += more.ends_without_return;
    sum.cut += more.cut;
}

} // namespace

/// All that Asio has to do with. Its coroutines run on `thread_`; public functions are called by the loop's thread.
class MllpListener::Sockets {
  public:
    model::Result<void> bind(const std::map<std::string, config::MllpSettings>& doors);
    void start();
    void stop();

    std::vector<MllpArrival> take();
    std::vector<MllpConnected> take_connected();
    void answer(std::uint64_t connection, std::string bytes);
    [[nodiscard]] std::string endpoints() const;
    [[nodiscard]] std::map<std::string, MllpDoorStats> stats() const;
    [[nodiscard]] int wakeup() const { return wakeup_; }

    Sockets() : wakeup_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { ENSURE(wakeup_ >= 0, "no eventfd could be made"); }
    Sockets(const Sockets&) = delete;
    Sockets& operator=(const Sockets&) = delete;
    ~Sockets() { ::close(wakeup_); }

  private:
    struct Door {
        Door(asio::io_context& io, const std::string& its_name, const config::MllpSettings& its_settings)
            : name(its_name), settings(its_settings), acceptor(std::in_place, io), pause(std::in_place, io) {}

        const std::string& name;
        const config::MllpSettings& settings;
        std::optional<tcp::acceptor> acceptor; ///< Nothing once the thread has ended.
        std::optional<asio::steady_timer> pause;
        std::optional<asio::ssl::context> tls;
    };

    asio::awaitable<void> accept(Door& door);
    asio::awaitable<void> serve(Door& door, tcp::socket socket);
    asio::awaitable<void> serve_tls(Door& door, tcp::socket& socket, const Shared& connection);
    template <typename Stream>
    asio::awaitable<void> converse(Door& door, Stream& stream, const Shared& connection);
    template <typename Stream>
    asio::awaitable<bool> answered(Door& door, Stream& stream, const Shared& connection, ingest::MllpBlock block);

    void hand_over(Door& door, const Connection& connection, ingest::MllpBlock block);
    void refuse(Door& door, const char* reason);
    void note_connected(Door& door, const Connection& connection);
    void forget(Door& door, Connection& connection);

    // Of the sockets' thread, once it runs. `io_` is made first and ends before what its coroutines refer to.
    std::unique_ptr<asio::io_context> io_ = std::make_unique<asio::io_context>(1);
    std::deque<Door> doors_;
    std::map<std::uint64_t, Shared> connections_;
    std::uint64_t last_id_ = 0;
    bool is_stopping_ = false;
    std::optional<asio::steady_timer> stop_timer_;

    std::jthread thread_;
    int wakeup_;

    mutable std::mutex mutex_; ///< Of what follows.
    std::vector<MllpArrival> arrivals_;
    std::vector<MllpConnected> connected_;
    std::map<std::string, MllpDoorStats> stats_;
};

model::Result<void> MllpListener::Sockets::bind(const std::map<std::string, config::MllpSettings>& doors) {
    for (const auto& [name, settings] : doors) {
        Door& door = doors_.emplace_back(*io_, name, settings);
        stats_[name];
        if (settings.tls) {
            auto context = mutual_tls(*settings.tls);
            if (!context)
                return std::unexpected(context.error());
            door.tls.emplace(context->release());
        }
        const tcp::endpoint endpoint(asio::ip::make_address(settings.address), settings.port);
        error_code error;
        door.acceptor->open(endpoint.protocol(), error);
        if (!error)
            door.acceptor->set_option(tcp::acceptor::reuse_address(true), error);
        if (!error)
            door.acceptor->bind(endpoint, error);
        if (!error)
            door.acceptor->listen(tcp::acceptor::max_listen_connections, error);
        if (error)
            return model::fail(model::ErrorKind::unavailable, "cannot_bind",
                               "The door mllp." + name + " cannot listen at " + settings.address + ", port " +
                                   std::to_string(settings.port) + ": " + error.message() + ".");
    }
    return {};
}

void MllpListener::Sockets::start() {
    const auto done = [](const std::exception_ptr& failed) { ENSURE(!failed, "a listener ended by an exception"); };
    for (Door& door : doors_)
        asio::co_spawn(*io_, accept(door), done);
    // Signals are for the loop's thread, which waits for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::jthread([this] { io_->run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void MllpListener::Sockets::stop() {
    asio::post(*io_, [this] {
        is_stopping_ = true;
        for (Door& door : doors_) {
            error_code ignored;
            door.acceptor->close(ignored);
            door.pause->cancel();
        }
        for (const auto& [id, connection] : connections_)
            if (!connection->answer)
                daemon::close(*connection);
        stop_timer_.emplace(*io_, stop_time);
        stop_timer_->async_wait([this](error_code error) {
            if (!error)
                io_->stop();
        });
        if (connections_.empty())
            stop_timer_->cancel();
    });
    thread_.join();
    // What is left of the coroutines refers to the doors; timers and acceptors refer to `io_`.
    stop_timer_.reset();
    connections_.clear();
    for (Door& door : doors_) {
        door.acceptor.reset();
        door.pause.reset();
    }
    io_.reset();
}

asio::awaitable<void> MllpListener::Sockets::accept(Door& door) {
    const auto done = [](const std::exception_ptr& failed) { ENSURE(!failed, "a connection ended by an exception"); };
    while (!is_stopping_) {
        auto [error, socket] = co_await door.acceptor->async_accept(as_result);
        if (is_stopping_)
            break;
        if (error) {
            refuse(door, "cannot_accept");
            door.pause->expires_after(accept_pause);
            co_await door.pause->async_wait(as_result);
            continue;
        }
        if (socket.native_handle() >= first_reserved_descriptor()) {
            refuse(door, "no_descriptors");
            socket.close(error);
            continue;
        }
        bool is_full = false;
        {
            const std::scoped_lock lock(mutex_);
            MllpDoorStats& stats = stats_[door.name];
            is_full = stats.connections >= static_cast<std::size_t>(door.settings.connections_max);
            stats.connections += is_full ? 0 : 1;
        }
        if (is_full) {
            refuse(door, "too_many_connections");
            socket.close(error);
            continue;
        }
        asio::co_spawn(*io_, serve(door, std::move(socket)), done);
    }
}

asio::awaitable<void> MllpListener::Sockets::serve(Door& door, tcp::socket socket) {
    const auto connection = std::make_shared<Connection>(*io_, ++last_id_);
    connections_.emplace(connection->id, connection);
    connection->close = [&socket] {
        error_code ignored;
        socket.close(ignored);
    };
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.set_option(tcp::socket::keep_alive(true), ignored);
    if (door.tls) {
        co_await serve_tls(door, socket, connection);
    } else {
        note_connected(door, *connection);
        co_await converse(door, socket, connection);
    }
    socket.close(ignored);
    forget(door, *connection);
}

asio::awaitable<void> MllpListener::Sockets::serve_tls(Door& door, tcp::socket& socket, const Shared& connection) {
    asio::ssl::stream<tcp::socket&> stream(socket, *door.tls);
    watch(connection, handshake_time);
    const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, as_result);
    unwatch(connection);
    if (error) {
        refuse(door, connection->is_late ? "handshake_time" : "tls_refused");
        co_return;
    }
    connection->client = client_named_in(*stream.native_handle(), *door.settings.tls);
    note_connected(door, *connection);
    co_await converse(door, stream, connection);
}

template <typename Stream>
asio::awaitable<void> MllpListener::Sockets::converse(Door& door, Stream& stream, const Shared& connection) {
    ingest::MllpReader reader(static_cast<std::size_t>(door.settings.max_message_bytes));
    ingest::MllpCounts counted;
    const auto count = [&] {
        const ingest::MllpCounts more = growth(reader.counts(), std::exchange(counted, reader.counts()));
        const std::scoped_lock lock(mutex_);
        add(stats_[door.name].framing, more);
    };
    std::vector<char> buffer(read_bytes);
    std::string_view unread;
    bool is_within_block = false; ///< And its time runs: bytes that come drop by drop do not give it more.
    watch(connection, door.settings.idle);
    while (true) {
        std::optional<ingest::MllpBlock> block = reader.take(unread);
        count();
        if (block) {
            const bool goes_on = co_await answered(door, stream, connection, *std::move(block));
            if (!goes_on)
                break;
            is_within_block = false;
            watch(connection, door.settings.idle);
            continue;
        }
        if (reader.is_within_block() && !is_within_block)
            watch(connection, door.settings.message);
        is_within_block = reader.is_within_block();
        const auto [error, size] = co_await stream.async_read_some(asio::buffer(buffer), as_result);
        if (error)
            break;
        unread = {buffer.data(), size};
    }
    unwatch(connection);
    if (connection->is_late)
        refuse(door, is_within_block ? "message_time" : "idle");
    reader.end();
    count();
}

template <typename Stream>
asio::awaitable<bool> MllpListener::Sockets::answered(Door& door, Stream& stream, const Shared& connection,
                                                      ingest::MllpBlock block) {
    unwatch(connection);
    hand_over(door, *connection, std::move(block));
    while (!connection->answer && !connection->is_closed) {
        connection->answered.expires_at(asio::steady_timer::time_point::max());
        co_await connection->answered.async_wait(as_result);
    }
    bool is_written = !connection->is_closed;
    if (is_written && !connection->answer->empty()) {
        watch(connection, door.settings.message);
        const auto [error, size] = co_await asio::async_write(stream, asio::buffer(*connection->answer), as_result);
        unwatch(connection);
        is_written = !error;
    }
    connection->answer.reset();
    const std::scoped_lock lock(mutex_);
    MllpDoorStats& stats = stats_[door.name];
    ++(is_written ? stats.answers : stats.answers_lost);
    co_return is_written && !is_stopping_;
}

void MllpListener::Sockets::hand_over(Door& door, const Connection& connection, ingest::MllpBlock block) {
    const std::scoped_lock lock(mutex_);
    arrivals_.push_back({connection.id, &door.name, std::move(block), connection.client});
    constexpr std::uint64_t one = 1;
    ENSURE(write(wakeup_, &one, sizeof one) == sizeof one, "the eventfd could not be written");
}

void MllpListener::Sockets::refuse(Door& door, const char* reason) {
    const std::scoped_lock lock(mutex_);
    ++stats_[door.name].refused[reason];
}

void MllpListener::Sockets::note_connected(Door& door, const Connection& connection) {
    const std::scoped_lock lock(mutex_);
    MllpDoorStats& stats = stats_[door.name];
    ++stats.connected;
    if (connected_.size() < connected_max)
        connected_.push_back({door.name, connection.client, stats.connections});
}

void MllpListener::Sockets::forget(Door& door, Connection& connection) {
    unwatch(connections_.at(connection.id));
    connection.close = [] {};
    connections_.erase(connection.id);
    if (is_stopping_ && connections_.empty())
        stop_timer_->cancel();
    const std::scoped_lock lock(mutex_);
    --stats_[door.name].connections;
}

std::vector<MllpArrival> MllpListener::Sockets::take() {
    const std::scoped_lock lock(mutex_);
    std::uint64_t count = 0;
    static_cast<void>(!read(wakeup_, &count, sizeof count)); // Nothing to read: nothing has come.
    return std::exchange(arrivals_, {});
}

std::vector<MllpConnected> MllpListener::Sockets::take_connected() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(connected_, {});
}

void MllpListener::Sockets::answer(std::uint64_t id, std::string bytes) {
    asio::post(*io_, [this, id, text = std::move(bytes)]() mutable {
        const auto found = connections_.find(id);
        if (found == connections_.end())
            return;
        found->second->answer = std::move(text);
        found->second->answered.cancel();
    });
}

std::string MllpListener::Sockets::endpoints() const {
    std::string text;
    for (const Door& door : doors_) {
        const tcp::endpoint bound = door.acceptor->local_endpoint();
        const std::string address = bound.address().to_string();
        text += " mllp." + door.name + "=tcp://" + (bound.address().is_v6() ? "[" + address + "]" : address) + ":" +
                std::to_string(bound.port());
    }
    return text;
}

std::map<std::string, MllpDoorStats> MllpListener::Sockets::stats() const {
    const std::scoped_lock lock(mutex_);
    return stats_;
}

MllpListener::MllpListener(std::unique_ptr<Sockets> sockets) : sockets_(std::move(sockets)) {}

model::Result<std::unique_ptr<MllpListener>>
MllpListener::open(const std::map<std::string, config::MllpSettings>& doors) {
    auto sockets = std::make_unique<Sockets>();
    if (auto bound = sockets->bind(doors); !bound)
        return std::unexpected(bound.error());
    sockets->start();
    return std::unique_ptr<MllpListener>(new MllpListener(std::move(sockets)));
}

MllpListener::~MllpListener() {
    sockets_->stop();
}

int MllpListener::wakeup() const {
    return sockets_->wakeup();
}
std::vector<MllpArrival> MllpListener::take() {
    return sockets_->take();
}
std::vector<MllpConnected> MllpListener::take_connected() {
    return sockets_->take_connected();
}
void MllpListener::answer(std::uint64_t connection, std::string bytes) {
    sockets_->answer(connection, std::move(bytes));
}
std::string MllpListener::endpoints() const {
    return sockets_->endpoints();
}
std::map<std::string, MllpDoorStats> MllpListener::stats() const {
    return sockets_->stats();
}

} // namespace bonewatch::daemon
