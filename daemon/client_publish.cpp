#include "daemon/client.h"

#include "daemon/clock.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <simdjson.h>

namespace bonewatch::daemon {

namespace {

using ingest::EventOutcome;
using ingest::MessageResult;

struct Limits {
    std::size_t credit = 1;
    std::size_t bodies = 1;
    std::size_t message_bytes = 1u << 20;
};

constexpr std::chrono::milliseconds pause_first{100};
constexpr std::chrono::milliseconds pause_max{5'000};
constexpr std::size_t frame_bytes_spare = 1024; ///< For the parts of a PUBLISH that are not bodies.

std::string text_at(const simdjson::dom::element& object, const char* key) {
    std::string_view text;
    return object[key].get(text) ? std::string() : std::string(text);
}

Limits limits_in(const std::string& welcome) {
    simdjson::dom::parser parser;
    simdjson::dom::element meta;
    Limits limits;
    if (parser.parse(welcome).get(meta))
        return limits;
    const auto read = [](const simdjson::simdjson_result<simdjson::dom::element>& member, std::size_t& value) {
        std::uint64_t number = 0;
        if (!member.get(number) && number > 0)
            value = number;
    };
    read(meta["credit"], limits.credit);
    read(meta["limits"]["bodies"], limits.bodies);
    read(meta["limits"]["message_bytes"], limits.message_bytes);
    return limits;
}

EventOutcome outcome_in(const simdjson::dom::element& object) {
    EventOutcome event{.type = text_at(object, "type"),
                       .id = text_at(object, "id"),
                       .outcome = text_at(object, "outcome"),
                       .reason = text_at(object, "reason"),
                       .place = text_at(object, "place"),
                       .message = text_at(object, "message"),
                       .warnings = {}};
    simdjson::dom::array warnings;
    if (!object["warnings"].get(warnings))
        for (const auto warning : warnings)
            if (std::string_view text; !warning.get(text))
                event.warnings.emplace_back(text);
    return event;
}

std::vector<MessageResult> results_in(const std::string& meta_text) {
    simdjson::dom::parser parser;
    simdjson::dom::element meta;
    simdjson::dom::array results;
    std::vector<MessageResult> read;
    if (parser.parse(meta_text).get(meta) || meta["results"].get(results))
        return read;
    for (const auto result : results) {
        MessageResult& message = read.emplace_back();
        message.is_stored = text_at(result, "status") == "stored";
        message.position = text_at(result, "position");
        message.reason = text_at(result, "reason");
        message.message = text_at(result, "message");
        if (bool retry = false; !result["retry"].get(retry))
            message.retry = retry;
        simdjson::dom::array outcomes;
        if (!result["outcomes"].get(outcomes))
            for (const auto outcome : outcomes)
                message.outcomes.push_back(outcome_in(outcome));
    }
    return read;
}

MessageResult rejected(const model::Error& error) {
    MessageResult result;
    result.retry = error.kind == model::ErrorKind::unavailable;
    result.reason = error.reason;
    result.message = error.message;
    return result;
}

std::string publish_text(const PublishOptions& options) {
    model::JsonWriter json;
    json.begin_object();
    json.text("format", options.format);
    if (options.is_gzip)
        json.text("encoding", "gzip");
    if (options.is_backfill)
        json.flag("backfill", true);
    json.end_object();
    return json.take();
}

/// One run of `publish`.
class Publisher {
  public:
    Publisher(Connection connection, const PublishOptions& options, const NextMessage& next, const OnResult& on_result)
        : connection_(std::move(connection)), limits_(limits_in(connection_.welcome())), options_(options), next_(next),
          on_result_(on_result), meta_(publish_text(options)) {}

    model::Result<void> run() {
        while (true) {
            if (const auto sent = send_new(); !sent)
                if (const auto renewed = resend_all(); !renewed)
                    return renewed;
            if (unanswered_.empty())
                return {};
            if (const auto served = serve_answer(); !served)
                return served;
        }
    }

  private:
    struct Batch {
        std::uint64_t first_number = 0;
        std::vector<std::string> bodies;
    };

    /// The next messages that fit one PUBLISH. A message that no PUBLISH can carry is rejected here: the door would
    /// drop the connection.
    std::optional<Batch> next_batch() {
        Batch batch{.first_number = numbered_, .bodies = {}};
        const std::size_t room = limits_.credit - std::min(limits_.credit, unanswered_bodies_);
        const std::size_t bodies_max =
            std::min({std::max<std::size_t>(1, options_.bodies_per_publish), limits_.bodies, room});
        std::size_t bytes = frame_bytes_spare;
        while (batch.bodies.size() < bodies_max && !is_at_end_) {
            if (!held_)
                held_ = next_();
            is_at_end_ = !held_;
            if (is_at_end_)
                break;
            if (held_->size() + frame_bytes_spare > limits_.message_bytes) {
                if (!batch.bodies.empty())
                    break;
                on_result_(numbered_++,
                           rejected({model::ErrorKind::refused,
                                     "too_large",
                                     "The message has " + std::to_string(held_->size()) + " bytes; the daemon takes " +
                                         std::to_string(limits_.message_bytes) + ".",
                                     {}}));
                held_.reset();
                batch.first_number = numbered_;
                continue;
            }
            if (bytes + held_->size() > limits_.message_bytes)
                break;
            bytes += held_->size();
            batch.bodies.push_back(*std::move(held_));
            held_.reset();
            ++numbered_;
        }
        return batch.bodies.empty() ? std::nullopt : std::optional(std::move(batch));
    }

    model::Result<void> send_new() {
        while (auto batch = next_batch()) {
            unanswered_bodies_ += batch->bodies.size();
            const std::uint64_t id = ++requests_;
            const auto [place, is_new] = unanswered_.emplace(id, *std::move(batch));
            if (const auto sent = send(id, place->second); !sent)
                return sent;
        }
        return {};
    }

    model::Result<void> send(std::uint64_t id, const Batch& batch) {
        return connection_.send({.command = model::Command::publish,
                                 .request_id = "p" + std::to_string(id),
                                 .meta = meta_,
                                 .bodies = batch.bodies});
    }

    /// A new connection, on which all that is unanswered is sent again in its order.
    model::Result<void> resend_all() {
        const auto deadline = progress_at_ + connection_.settings().give_up_after;
        while (true) {
            if (const auto opened = connection_.reopen(); !opened)
                return opened;
            limits_ = limits_in(connection_.welcome());
            const bool is_sent = std::ranges::all_of(
                unanswered_, [&](const auto& entry) { return send(entry.first, entry.second).has_value(); });
            if (is_sent)
                return {};
            if (steady_now() >= deadline)
                return give_up();
        }
    }

    model::Result<void> give_up() const {
        return model::fail(model::ErrorKind::unavailable, "no_answer",
                           "The daemon at " + connection_.settings().endpoint + " left " +
                               std::to_string(unanswered_bodies_) + " messages unanswered.");
    }

    model::Result<void> serve_answer() {
        auto frame = connection_.receive(connection_.settings().reply_timeout);
        if (!frame && frame.error().kind != model::ErrorKind::unavailable)
            return std::unexpected(frame.error());
        if (!frame || !*frame) {
            if (steady_now() - progress_at_ >= connection_.settings().give_up_after)
                return give_up();
            return resend_all();
        }
        const auto batch = batch_of((*frame)->request_id);
        if (batch == unanswered_.end())
            return {};
        if ((*frame)->command == model::Command::result)
            return finish(batch, results_in((*frame)->meta));
        if ((*frame)->command != model::Command::error)
            return {};
        const auto error = error_in(**frame);
        if (is_not_allowed(error.reason))
            return std::unexpected(error);
        if (error.kind == model::ErrorKind::unavailable) {
            if (steady_now() - progress_at_ >= connection_.settings().give_up_after)
                return give_up();
            pause_for(pause_);
            pause_ = std::min(2 * pause_, pause_max);
            return resend_all();
        }
        return finish(batch, std::vector<MessageResult>(batch->second.bodies.size(), rejected(error)));
    }

    std::map<std::uint64_t, Batch>::iterator batch_of(std::string_view request_id) {
        std::uint64_t id = 0;
        if (request_id.starts_with('p'))
            std::from_chars(request_id.data() + 1, request_id.data() + request_id.size(), id);
        return unanswered_.find(id);
    }

    model::Result<void> finish(std::map<std::uint64_t, Batch>::iterator batch,
                               const std::vector<MessageResult>& results) {
        if (results.size() != batch->second.bodies.size())
            return model::fail(model::ErrorKind::malformed, "unexpected_answer",
                               "The daemon answered " + std::to_string(batch->second.bodies.size()) +
                                   " messages with " + std::to_string(results.size()) + " results.");
        for (std::size_t i = 0; i < results.size(); ++i)
            on_result_(batch->second.first_number + i, results[i]);
        unanswered_bodies_ -= results.size();
        unanswered_.erase(batch);
        progress_at_ = steady_now();
        pause_ = pause_first;
        return {};
    }

    Connection connection_;
    Limits limits_;
    const PublishOptions& options_;
    const NextMessage& next_;
    const OnResult& on_result_;
    std::string meta_;

    std::map<std::uint64_t, Batch> unanswered_; ///< By number of the request.
    std::size_t unanswered_bodies_ = 0;
    std::uint64_t requests_ = 0;
    std::uint64_t numbered_ = 0;
    std::optional<std::string> held_; ///< A message that did not fit the last batch.
    bool is_at_end_ = false;
    Moment progress_at_ = steady_now();
    std::chrono::milliseconds pause_ = pause_first; ///< Before what the door put off is sent again.
};

} // namespace

model::Result<void> publish(const ConnectionSettings& settings, const PublishOptions& options, const NextMessage& next,
                            const OnResult& on_result) {
    auto connection = Connection::open(settings);
    if (!connection)
        return std::unexpected(connection.error());
    return Publisher(*std::move(connection), options, next, on_result).run();
}

} // namespace bonewatch::daemon
