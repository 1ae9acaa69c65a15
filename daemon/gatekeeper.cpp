#include "daemon/gatekeeper.h"

#include "daemon/clock.h"
#include "daemon/zap.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <zmq_addon.hpp>

namespace bonewatch::daemon {

namespace {

constexpr const char* orders_endpoint = "inproc://gatekeeper.orders";
constexpr std::string_view order_to_end = "end";
constexpr std::string_view order_to_watch = "watch"; ///< There is one more in the list of connections to watch.
constexpr auto look_interval = std::chrono::seconds(1);
constexpr auto check_interval = std::chrono::minutes(1);
constexpr auto patience = std::chrono::seconds(10);

/// Signals are the main thread's.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

} // namespace

std::expected<std::unique_ptr<Gatekeeper>, std::vector<model::Error>>
Gatekeeper::start(zmq::context_t& context, const config::CurveSettings& settings) {
    auto server_key = config::load_secret_key(settings.server_key);
    if (!server_key)
        return std::unexpected(std::vector{server_key.error()});
    auto shelf = KeyShelf::open(settings.keys);
    if (!shelf)
        return std::unexpected(std::move(shelf.error()));
    try {
        zmq::socket_t questions(context, zmq::socket_type::rep);
        questions.set(zmq::sockopt::linger, 0);
        questions.bind(zap_endpoint);
        zmq::socket_t orders(context, zmq::socket_type::pair);
        orders.set(zmq::sockopt::linger, 0);
        orders.bind(orders_endpoint);
        std::unique_ptr<Gatekeeper> keeper(new Gatekeeper(context, *std::move(shelf), *std::move(server_key)));
        keeper->orders_.connect(orders_endpoint);
        keeper->answerer_ =
            std::jthread([raw = keeper.get(), questions = std::move(questions), orders = std::move(orders)]() mutable {
                raw->answer(std::move(questions), std::move(orders));
            });
        keeper->watcher_ = std::jthread([raw = keeper.get()](const std::stop_token& stop) { raw->watch_on(stop); });
        return keeper;
    } catch (const zmq::error_t& error) {
        return std::unexpected(
            std::vector{model::Error{model::ErrorKind::unavailable,
                                     "cannot_answer",
                                     std::string("Nobody could be set to answer for the keys: ") + error.what() + ".",
                                     {}}});
    }
}

Gatekeeper::Gatekeeper(zmq::context_t& context, std::unique_ptr<KeyShelf> shelf, config::SecretKey server_key)
    : context_(context), shelf_(std::move(shelf)), server_key_(std::move(server_key)), stranger_(make_stranger()),
      orders_(context, zmq::socket_type::pair) {
    orders_.set(zmq::sockopt::linger, 0);
}

Gatekeeper::~Gatekeeper() {
    watcher_.request_stop();
    if (watcher_.joinable())
        watcher_.join();
    end_answerer();
}

void Gatekeeper::end_answerer() {
    if (!answerer_.joinable())
        return;
    orders_.send(zmq::buffer(order_to_end), zmq::send_flags::dontwait);
    answerer_.join();
}

void Gatekeeper::watch_connections(DoorName door, void* socket) {
    {
        const std::scoped_lock lock(mutex_);
        connections_.push_back(std::make_unique<HandshakeWatcher>(context_, socket, door, log_));
    }
    orders_.send(zmq::buffer(order_to_watch), zmq::send_flags::dontwait);
}

void Gatekeeper::answer(zmq::socket_t questions, zmq::socket_t orders) {
    constexpr int events_max = 1'000; // Of one door in one turn.
    block_signals();
    pthread_setname_np(pthread_self(), "keys-answerer");
    std::vector<HandshakeWatcher*> watched;
    try {
        for (;;) {
            std::vector<zmq::pollitem_t> items{{questions.handle(), 0, ZMQ_POLLIN, 0},
                                               {orders.handle(), 0, ZMQ_POLLIN, 0}};
            for (HandshakeWatcher* connections : watched)
                items.push_back({connections->handle(), 0, ZMQ_POLLIN, 0});
            zmq::poll(items.data(), items.size(), std::chrono::milliseconds(-1));
            for (HandshakeWatcher* connections : watched)
                connections->count(events_max);
            if (zmq::message_t order; orders.recv(order, zmq::recv_flags::dontwait)) {
                if (order.to_string_view() == order_to_end)
                    break;
                const std::scoped_lock lock(mutex_);
                watched.clear();
                for (const auto& connections : connections_)
                    watched.push_back(connections.get());
            }
            std::vector<zmq::message_t> parts;
            if (!zmq::recv_multipart(questions, std::back_inserter(parts), zmq::recv_flags::dontwait))
                continue;
            std::vector<std::string> question;
            for (const zmq::message_t& part : parts)
                question.push_back(part.to_string());
            const auto answer = answer_zap(question, *ring(), wall_now(), log_, stranger_.public_key);
            for (std::size_t i = 0; i < answer.size(); ++i)
                questions.send(zmq::buffer(answer[i]),
                               i + 1 < answer.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
        }
    } catch (const zmq::error_t& error) {
        fail("nobody_answers", std::string("Nobody answers for the keys any more: ") + error.what() + ".");
    }
}

model::Result<void> Gatekeeper::watch(std::map<std::string, DoorName> doors) {
    {
        const std::scoped_lock lock(mutex_);
        doors_ = std::move(doors);
    }
    const bool is_checked = check_doors();
    if (auto failed = failure())
        return std::unexpected(*std::move(failed));
    if (!is_checked)
        return model::fail(model::ErrorKind::unavailable, "door_not_checked",
                           "A door did not say in time whether it refuses a stranger, so none is opened.");
    return {};
}

bool Gatekeeper::check_doors() {
    const auto doors = [&] {
        const std::scoped_lock lock(mutex_);
        return doors_;
    }();
    const Met answerer = ask_answerer(context_, stranger_, patience);
    if (answerer == Met::unclear)
        fail("nobody_answers", "Nobody answers for the keys any more, so nobody can be let in.");
    if (answerer == Met::let_in)
        fail("anybody_let_in", "Whoever answers for the keys would let a stranger in.");
    bool is_clear = answerer == Met::refused;
    for (const auto& [endpoint, door] : doors) {
        if (!is_clear)
            return false;
        const Met met = knock(endpoint, door == DoorName::tail, server_key_.public_key, stranger_, patience);
        is_clear = met == Met::refused;
        if (met == Met::let_in)
            fail("anybody_let_in", "A stranger was let in at " + endpoint + ".");
        if (met == Met::unclear)
            spdlog::warn("event=door_not_checked endpoint={} hint=\"it did not answer in time\"", endpoint);
    }
    const std::scoped_lock lock(mutex_);
    if (is_clear)
        checked_at_ = wall_now();
    return is_clear;
}

void Gatekeeper::watch_on(const std::stop_token& stop) {
    block_signals();
    pthread_setname_np(pthread_self(), "keys-watcher");
    Moment checked = steady_now();
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            woken_.wait_for(lock, stop, look_interval, [] { return false; });
        }
        if (stop.stop_requested())
            return;
        const auto before = ring();
        const bool is_asked = is_reload_asked_.exchange(false);
        for (const model::Error& error : shelf_->reload(is_asked))
            spdlog::error("event=key_refused place={} reason={} message=\"{}\" hint=\"it stays as it was\"",
                          error.place, error.reason, error.message);
        if (const auto now = ring(); now != before || is_asked)
            spdlog::info("event=keys_read clients={} refused_files={}", now->clients().size(), shelf_->refused_files());
        if (is_asked || steady_now() - checked >= check_interval) {
            checked = steady_now();
            static_cast<void>(check_doors());
        }
    }
}

void Gatekeeper::fail(const std::string& reason, const std::string& message) {
    const std::scoped_lock lock(mutex_);
    if (!failure_)
        failure_ = model::Error{model::ErrorKind::unavailable, reason, message, {}};
}

std::optional<model::Error> Gatekeeper::failure() const {
    const std::scoped_lock lock(mutex_);
    return failure_;
}

std::string Gatekeeper::json() const {
    model::JsonWriter json;
    json.begin_object();
    json.number("clients", static_cast<std::int64_t>(ring()->clients().size()));
    json.number("refused_files", static_cast<std::int64_t>(shelf_->refused_files()));
    {
        const std::scoped_lock lock(mutex_);
        json.flag("is_ready", !failure_.has_value());
        json.text("doors_checked", checked_at_ == model::Instant{} ? "never" : model::to_text(checked_at_));
    }
    json.raw("since_start", log_.json());
    json.end_object();
    return json.take();
}

} // namespace bonewatch::daemon
