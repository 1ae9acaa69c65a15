#include "daemon/service.h"

#include "daemon/clock.h"
#include "daemon/publisher_changes.h"
#include "daemon/shelf_answers.h"
#include "store/model/json_writer.h"
#include "store/rocks_store.h"

#include <algorithm>
#include <array>
#include <spdlog/spdlog.h>

namespace bonewatch::daemon {

namespace {

using model::Result;

/// A round takes at most so much: what is bounded here bounds the time that everybody else waits.
constexpr std::size_t bodies_per_round = 512;
constexpr std::size_t bytes_per_round = 4u << 20;
constexpr std::size_t bytes_per_commit = 4u << 20;
constexpr std::size_t frames_per_round = 256;
constexpr std::size_t entries_per_round = 256;

/// Smaller ones would be sorted into tables too often.
constexpr std::size_t write_buffer_bytes_min = 64u << 20;

/// Timers are looked for this often: they fall on midnights, and on the ends of backfills.
constexpr auto clock_interval = std::chrono::milliseconds(500);

/// Counts of what no table knows are made durable this often: they need no sync of their own with each message.
constexpr auto unmapped_interval = std::chrono::seconds(10);

} // namespace

Result<std::unique_ptr<Service>> Service::open(const config::Settings& settings) {
    std::unique_ptr<Service> service(new Service(settings));
    auto files = config::read_tables(settings);
    if (!files)
        return std::unexpected(files.error());
    auto revision = Revision::load(*files, settings.settle);
    if (!revision)
        return std::unexpected(revision.error().front());

    store::RocksSettings rocks;
    rocks.folder = settings.store_folder;
    rocks.cache_bytes = static_cast<std::size_t>(settings.cache_mib) << 20;
    rocks.write_buffer_bytes = std::max(rocks.cache_bytes / 2, write_buffer_bytes_min);
    rocks.first_epoch = static_cast<std::uint64_t>(wall_now().time_since_epoch().count());
    auto store = store::open_rocks_store(rocks);
    if (!store)
        return std::unexpected(store.error());
    service->store_ = std::move(*store);
    auto core = Core::open(*service->store_, *revision, {settings.strong_systems},
                           static_cast<std::size_t>(settings.patients_mib) << 20);
    if (!core)
        return std::unexpected(core.error());
    service->core_ = std::move(*core);
    if (service->core_->revision().id != (*revision)->id)
        spdlog::warn("event=revision_kept store={} files={} hint=\"the store keeps the revision it was made with\"",
                     service->core_->revision().id, (*revision)->id);
    auto publishers = config::load_publishers(settings, service->core_->revision().vocabulary);
    if (!publishers)
        return std::unexpected(publishers.error().front());
    service->settings_.publishers = std::move(*publishers);
    service->intake_ = std::make_unique<Intake>(
        *service->core_, IntakeLimits{.events_max = static_cast<std::size_t>(settings.limits.batch_max)});
    if (auto ok = service->intake_->load_unmapped(); !ok)
        return std::unexpected(ok.error());
    service->started_at_ = service->unmapped_saved_ = service->round_time();
    if (auto ok = service->bind(); !ok)
        return std::unexpected(ok.error());
    return service;
}

model::Instant Service::round_time() const {
    return std::max(wall_now(), core_->now());
}

void Service::reload_publishers() {
    auto read = config::load_publishers(settings_, core_->revision().vocabulary);
    if (!read) {
        for (const model::Error& error : read.error())
            spdlog::error("event=publishers_kept place=\"{}\" message=\"{}\"", error.place, error.message);
        return;
    }
    const std::vector<std::string> changes = changes_between(settings_.publishers, *read);
    for (const std::string& change : changes)
        spdlog::info("event=publisher_changed {}", change);
    spdlog::info("event=publishers_read publishers={} changed={}", read->size(), changes.size());
    settings_.publishers = std::move(*read);
}

Result<void> Service::run(const std::atomic<bool>& stop, std::atomic<bool>* reload) {
    struct Part {
        const char* name;
        Result<void> (Service::*serve)();
    };
    while (!stop) {
        if (reload != nullptr && reload->exchange(false)) {
            reload_keys();
            reload_publishers();
        }
        for (const Part& part : {Part{"clock", &Service::serve_clock}, Part{"ingest", &Service::serve_ingest},
                                 Part{"commands", &Service::serve_commands}, Part{"feed", &Service::serve_feed}}) {
            const Moment before = steady_now();
            if (auto ok = (this->*part.serve)(); !ok)
                return ok;
            log_.took(part.name, std::chrono::floor<std::chrono::milliseconds>(steady_now() - before));
        }
        if (log_.is_due()) {
            say_counts();
            if (auto ok = sweep_doors(); !ok)
                return ok;
        }
        if (!stop)
            wait();
    }
    say_counts();
    return intake_->save_unmapped();
}

void Service::wait() const {
    std::vector<zmq::pollitem_t> items{{ingest_socket_->handle(), 0, ZMQ_POLLIN, 0},
                                       {feed_socket_->handle(), 0, ZMQ_POLLIN, 0},
                                       {command_socket_->handle(), 0, ZMQ_POLLIN, 0}};
    if (mllp_)
        items.push_back({nullptr, mllp_->wakeup(), ZMQ_POLLIN, 0});
    try {
        zmq::poll(items.data(), items.size(),
                  has_more_feed_ || !waiting_.empty() ? std::chrono::milliseconds(0) : clock_interval);
    } catch (const zmq::error_t&) {
        // A signal: `stop` is looked at next.
    }
}

Result<void> Service::serve_clock() {
    const model::Instant now = round_time();
    if (now - clock_checked_ < clock_interval)
        return {};
    clock_checked_ = now;
    if (now - unmapped_saved_ >= unmapped_interval) {
        unmapped_saved_ = now;
        if (auto ok = intake_->save_unmapped(); !ok)
            return ok;
    }
    auto next = core_->next_timer();
    if (!next)
        return std::unexpected(next.error());
    if (*next >= now)
        return {};
    const FoldStats before = core_->stats();
    if (auto ok = core_->tick(now); !ok)
        return ok;
    const FoldStats after = core_->stats();
    spdlog::info("event=timers fired={} entries={}", after.timers - before.timers, after.entries - before.entries);
    return {};
}

void Service::receive_submissions() {
    const auto enqueue = [&](std::string_view door, std::vector<ingest::Submission> submissions, bool is_mllp) {
        for (ingest::Submission& submission : submissions) {
            auto& of_peer = waiting_[std::string(door) + submission.from.peer];
            of_peer.push_back({.submission = std::move(submission), .is_mllp = is_mllp});
        }
    };
    enqueue("ingest ", ingest_door_->receive(bodies_per_round), false);
    for (const ingest::Greeting& greeting : ingest_door_->take_greetings())
        log_.greeted(greeting, ingest_door_->stats().peers);
    if (!mllp_)
        return;
    enqueue("mllp ", mllp_->receive(round_time()), true);
    for (const MllpConnected& connected : mllp_->take_connected())
        log_.connected(connected);
}

void Service::reply(Waiting& done, model::Instant now) {
    if (done.is_mllp)
        mllp_->reply(done.submission, done.results.front(), now);
    else
        ingest_door_->reply(done.submission, std::move(done.results));
}

Result<void> Service::serve_ingest() {
    receive_submissions();
    const model::Instant now = round_time();
    std::vector<Waiting> answerable;
    std::size_t events = 0;
    std::size_t bytes = 0;
    const auto is_full = [&] {
        return events >= static_cast<std::size_t>(settings_.limits.batch_max) || bytes >= bytes_per_round ||
               core_->pending_bytes() >= bytes_per_commit;
    };
    while (!waiting_.empty() && !is_full()) {
        auto& [submission, results, is_mllp] = next_waiting();
        const ingest::Publisher publisher{model::PublisherId(submission.publisher),
                                          &settings_.publisher(submission.publisher)};
        const std::string body = std::move(submission.bodies[results.size()]);
        auto result = intake_->take(body, submission.format, publisher, submission.is_backfill, now);
        if (!result)
            return std::unexpected(result.error());
        events += result->outcomes.size();
        bytes += body.size();
        results.push_back(std::move(*result));
        if (results.size() < submission.bodies.size())
            continue;
        const auto of_peer = waiting_.find(turn_);
        answerable.push_back(std::move(of_peer->second.front()));
        of_peer->second.pop_front();
        if (of_peer->second.empty())
            waiting_.erase(of_peer);
    }
    if (auto ok = core_->commit(); !ok)
        return ok;
    for (Waiting& done : answerable)
        reply(done, now);
    return {};
}

Service::Waiting& Service::next_waiting() {
    auto of_peer = waiting_.upper_bound(turn_);
    if (of_peer == waiting_.end())
        of_peer = waiting_.begin();
    turn_ = of_peer->first;
    return of_peer->second.front();
}

Result<void> Service::serve_commands() {
    for (const Request& request : command_door_->receive(frames_per_round)) {
        if (request.kind == Request::Kind::query) {
            auto answer = answer_query(*core_, *intake_, running(), request.what, request.args, round_time());
            if (answer)
                command_door_->reply(request, std::move(answer->meta), std::move(answer->bodies));
            else
                command_door_->refuse(request, answer.error());
            continue;
        }
        auto done = carry_out(request);
        if (done)
            command_door_->reply(request, std::move(done->meta), std::move(done->bodies));
        else if (done.error().kind == model::ErrorKind::unavailable)
            return std::unexpected(done.error());
        else
            command_door_->refuse(request, done.error());
    }
    return {};
}

Result<QueryAnswer> Service::carry_out(const Request& request) {
    if (request.what == "acknowledge") {
        auto meta = acknowledge(request);
        return meta ? Result<QueryAnswer>({std::move(*meta), {}}) : std::unexpected(meta.error());
    }
    if (request.what == "retry") {
        Retry again(
            *core_,
            [this](std::string_view publisher) -> const config::PublisherSettings& {
                return settings_.publisher(publisher);
            },
            static_cast<std::size_t>(settings_.limits.batch_max));
        auto tried = retry_shelf(*core_, again, request.args, round_time());
        if (tried) {
            std::string which;
            for (const char* name : {"number", "reason", "publisher"})
                which += "\n" + model::text_in(request.args, name).value_or("");
            log_.retried(which, tried->bodies, model::read_meta(tried->meta).value_or(model::Meta{}).contains("next"));
        }
        return tried;
    }
    if (request.what == "dismiss") {
        auto dismissed = dismiss_shelved(*core_, request.args, round_time());
        if (dismissed)
            log_.dismissed(model::text_in(request.args, "number").value_or(""),
                           model::text_in(request.args, "actor").value_or(""));
        return dismissed;
    }
    return model::fail(model::ErrorKind::malformed, "unknown_command",
                       "'" + request.what + "' is no command: acknowledge, retry or dismiss");
}

Result<std::string> Service::acknowledge(const Request& request) {
    const auto argument = [&](const char* name) { return model::text_in(request.args, name).value_or(""); };
    store::CommandRecord command{{}, argument("alert"), request.what, argument("actor"), argument("note")};
    const std::string actor = command.actor;
    const std::string note = command.note;
    if (actor.empty())
        return model::fail(model::ErrorKind::malformed, "no_actor", "say who acknowledges: 'actor'", "actor");
    const auto before = core_->command(std::move(command), round_time());
    if (!before)
        return std::unexpected(before.error());
    if (before->acknowledged_by == actor && before->note == note)
        return "{}"; // Sent again.
    if (auto ok = core_->commit(); !ok)
        return std::unexpected(ok.error());
    log_.acknowledged(before->id, actor, before->acknowledged_by);
    model::JsonWriter meta;
    meta.begin_object();
    if (!before->acknowledged_by.empty()) {
        meta.text("actor_before", before->acknowledged_by);
        meta.text("note_before", before->note);
    }
    meta.end_object();
    return meta.take();
}

Running Service::running() const {
    std::size_t bodies = 0;
    for (const auto& [peer, of_peer] : waiting_)
        for (const Waiting& waiting : of_peer)
            bodies += waiting.submission.bodies.size() - waiting.results.size();
    return {started_at_,
            ingest_door_->stats().peers,
            feed_door_->stats().subscribers,
            bodies,
            mllp_ ? mllp_->reports() : std::map<std::string, MllpReport>(),
            gatekeeper_ ? gatekeeper_->json() : std::string()};
}

void Service::say_counts() {
    log_.say_growth(intake_->troubles());
    for (const auto& [door, refusals] :
         {std::pair{"ingest", ingest_door_->stats().refusals}, std::pair{"feed", feed_door_->stats().refusals},
          std::pair{"command", command_door_->stats().refusals}}) {
        ServiceLog::Counts counts;
        for (const auto& [reason, count] : refusals)
            counts["event=refused door=" + std::string(door) + " reason=" + reason] = count;
        log_.say_growth(counts);
    }
    if (mllp_)
        log_.say_growth(mllp_counts(mllp_->reports()));
}

Result<void> Service::serve_feed() {
    feed_door_->receive(frames_per_round);
    auto state = feed_door_->send_entries(entries_per_round);
    if (!state)
        return std::unexpected(state.error());
    has_more_feed_ = *state == alerts::FeedState::more;
    if (!tail_)
        return {};
    const auto is_more = tail_->send_entries(entries_per_round);
    if (!is_more)
        return std::unexpected(is_more.error());
    has_more_feed_ = has_more_feed_ || *is_more;
    return {};
}

} // namespace bonewatch::daemon
