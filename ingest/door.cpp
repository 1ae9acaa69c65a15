#include "ingest/door.h"

#include "ingest/gzip.h"
#include "store/model/ensure.h"
#include "store/model/json_writer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bonewatch::ingest {

namespace {

using model::Address;
using model::Command;
using model::ErrorKind;

constexpr std::array<model::MemberRule, 5> meta_rules{{{"client", model::MemberKind::text},
                                                       {"publisher", model::MemberKind::text},
                                                       {"format", model::MemberKind::text},
                                                       {"encoding", model::MemberKind::text},
                                                       {"backfill", model::MemberKind::flag}}};

/// A program's name as a log may show it.
std::string plain_name(std::string_view text) {
    constexpr std::size_t client_bytes_max = 64;
    std::string out;
    for (const char c : text.substr(0, client_bytes_max))
        out += c > ' ' && c < 0x7f && c != '"' ? c : '_';
    return out;
}

/// Reasons that pass by themselves; the same frame may be sent again.
bool passes(const model::Error& error) {
    return error.reason == "over_credit" || error.reason == "too_many_peers" || error.reason == "say_hello_first";
}

std::string welcome_text(const std::string& server, std::uint64_t epoch, const DoorLimits& limits) {
    model::JsonWriter json;
    json.begin_object();
    json.text("server", server);
    json.number("epoch", static_cast<std::int64_t>(epoch));
    json.number("credit", static_cast<std::int64_t>(limits.credit));
    json.begin_object("limits");
    json.number("message_bytes", static_cast<std::int64_t>(limits.frame.bytes_max));
    json.number("inflated_bytes", static_cast<std::int64_t>(limits.inflated_bytes_max));
    json.number("bodies", static_cast<std::int64_t>(limits.frame.bodies_max));
    json.number("events", static_cast<std::int64_t>(limits.events_max));
    json.end_object();
    json.end_object();
    return json.take();
}

void write(model::JsonWriter& json, const EventOutcome& event) {
    json.begin_object();
    json.text("type", event.type);
    json.text("id", event.id);
    json.text("outcome", event.outcome);
    if (!event.reason.empty())
        json.text("reason", event.reason);
    if (!event.place.empty())
        json.text("place", event.place);
    if (!event.message.empty())
        json.text("message", event.message);
    if (!event.warnings.empty()) {
        json.begin_array("warnings");
        for (const auto& warning : event.warnings)
            json.text(warning);
        json.end_array();
    }
    json.end_object();
}

void write(model::JsonWriter& json, const MessageResult& result) {
    json.begin_object();
    json.text("status", result.is_stored ? "stored" : "rejected");
    if (result.is_stored) {
        json.text("position", result.position);
    } else {
        json.flag("retry", result.retry);
        json.text("reason", result.reason);
        json.text("message", result.message);
    }
    json.begin_array("outcomes");
    for (const auto& event : result.outcomes)
        write(json, event);
    json.end_array();
    json.end_object();
}

std::string results_text(const std::vector<MessageResult>& results) {
    model::JsonWriter json;
    json.begin_object();
    json.begin_array("results");
    for (const auto& result : results)
        write(json, result);
    json.end_array();
    json.end_object();
    return json.take();
}

/// Moves the bodies into the submission, inflated where `is_gzip`; what cannot be read is refused on its own.
void take_bodies(Submission& submission, std::vector<std::string> bodies, bool is_gzip,
                 std::size_t inflated_bytes_max) {
    for (std::size_t place = 0; place < bodies.size(); ++place) {
        model::Result<std::string> body = std::move(bodies[place]);
        if (is_gzip)
            body = inflate_gzip(*body, inflated_bytes_max - submission.bytes);
        if (body && body->empty())
            body = model::fail(ErrorKind::malformed, "empty_body", "The body is empty.");
        if (body) {
            submission.bytes += body->size();
            submission.bodies.push_back(*std::move(body));
        } else {
            MessageResult refused;
            refused.reason = std::move(body.error().reason);
            refused.message = std::move(body.error().message);
            submission.refused.emplace(place, std::move(refused));
        }
    }
}

} // namespace

Door::Door(model::Wire& wire, const DoorLimits& limits, std::string server, std::uint64_t epoch)
    : wire_(wire), limits_(limits), server_(std::move(server)), epoch_(epoch) {
    ENSURE(limits.inflated_bytes_max >= limits.frame.bytes_max, "what fits a message must fit inflated");
}

std::vector<Submission> Door::receive(std::size_t bodies_max) {
    std::vector<Submission> submissions;
    std::size_t bodies = 0;
    std::size_t frames = 0;
    while (bodies < bodies_max && frames < bodies_max && queued_bodies_ < limits_.queued_bodies_max &&
           queued_bytes_ < limits_.queued_bytes_max) {
        auto envelope = wire_.receive();
        if (!envelope)
            break;
        ++frames;
        const std::size_t before = submissions.size();
        serve(*std::move(envelope), submissions);
        if (submissions.size() > before)
            bodies += submissions.back().credit;
    }
    return submissions;
}

void Door::serve(model::Envelope envelope, std::vector<Submission>& submissions) {
    Address from{.peer = envelope.peer, .has_delimiter = false, .request_id = std::string(model::no_request_id)};
    auto frame = model::parse_frame(std::move(envelope), limits_.frame);
    if (!frame) {
        from.has_delimiter = frame.error().has_delimiter;
        from.request_id = frame.error().request_id;
        return send_error(from, frame.error().error, false);
    }
    from.has_delimiter = frame->has_delimiter;
    from.request_id = frame->request_id;
    const auto meta = model::read_meta(frame->meta, meta_rules);
    if (!meta)
        return send_error(from, meta.error(), false);

    switch (frame->command) {
    case Command::hello:
        return greet(from, *meta);
    case Command::ping:
        return send(from, model::answer(from, Command::pong));
    case Command::bye:
        peers_.erase(from.peer);
        return send(from, model::answer(from, Command::bye));
    case Command::publish: {
        auto submission = admit(from, *std::move(frame), *meta);
        if (!submission)
            return send_error(from, submission.error(), passes(submission.error()));
        if (submission->bodies.empty())
            return reply(*submission, {});
        submissions.push_back(*std::move(submission));
        return;
    }
    default:
        return send_error(from,
                          {ErrorKind::malformed,
                           "wrong_door",
                           std::string(model::name_of(frame->command)) +
                               " is not for the ingest door: it takes HELLO, PUBLISH, PING and BYE.",
                           {}},
                          false);
    }
}

void Door::greet(const Address& from, const model::Meta& meta) {
    const auto publisher = model::text_in(meta, "publisher").value_or("");
    if (!is_publisher_name(publisher))
        return send_error(from,
                          {ErrorKind::malformed, "bad_publisher",
                           "HELLO names its publisher: 1 to 64 printable ASCII characters without spaces.",
                           "publisher"},
                          false);
    const auto known = peers_.find(from.peer);
    const bool is_full = known == peers_.end() && peers_.size() >= limits_.peers_max;
    if (is_full && !model::forget_gone(wire_, peers_, probed_to_))
        return send_error(from,
                          {ErrorKind::refused,
                           "too_many_peers",
                           "The door serves " + std::to_string(limits_.peers_max) + " peers already. Try again later.",
                           {}},
                          true);
    peers_[from.peer].publisher = publisher;
    constexpr std::size_t greetings_max = 256;
    if (greetings_.size() < greetings_max)
        greetings_.push_back({publisher, plain_name(model::text_in(meta, "client").value_or(""))});
    send(from, model::answer(from, Command::welcome, welcome_text(server_, epoch_, limits_)));
}

model::Result<Submission> Door::admit(const Address& from, model::Frame frame, const model::Meta& meta) {
    const auto peer = peers_.find(from.peer);
    if (peer == peers_.end())
        return model::fail(ErrorKind::refused, "say_hello_first",
                           "A connection begins with HELLO, also after it was lost and made again.");
    Submission submission;
    const auto format = format_named(model::text_in(meta, "format").value_or(""));
    if (!format)
        return model::fail(ErrorKind::malformed, "unknown_format", "The format is native, fhir or hl7v2.", "format");
    submission.format = *format;
    const auto encoding = model::text_in(meta, "encoding");
    if (encoding && *encoding != "gzip")
        return model::fail(ErrorKind::malformed, "unknown_encoding", "The encoding is gzip or absent.", "encoding");
    if (frame.bodies.empty())
        return model::fail(ErrorKind::malformed, "no_bodies", "PUBLISH carries at least one body.");
    if (peer->second.unanswered + frame.bodies.size() > limits_.credit)
        return model::fail(ErrorKind::refused, "over_credit",
                           "At most " + std::to_string(limits_.credit) +
                               " bodies may be unanswered. Wait for results, then send this again.");

    submission.publisher = peer->second.publisher;
    submission.is_backfill = model::flag_in(meta, "backfill");
    submission.from = from;
    submission.credit = frame.bodies.size();
    take_bodies(submission, std::move(frame.bodies), encoding.has_value(), limits_.inflated_bytes_max);
    peer->second.unanswered += submission.credit;
    queued_bodies_ += submission.credit;
    queued_bytes_ += submission.bytes;
    ++stats_.publishes;
    stats_.bodies += submission.credit;
    return submission;
}

void Door::reply(const Submission& submission, std::vector<MessageResult> results) {
    ENSURE(results.size() == submission.bodies.size(), "each body has one result");
    for (const auto& [place, refused] : submission.refused) {
        results.insert(results.begin() + static_cast<std::ptrdiff_t>(place), refused);
        ++stats_.refusals[refused.reason];
    }
    release(submission);
    send(submission.from, model::answer(submission.from, Command::result, results_text(results)));
}

void Door::refuse(const Submission& submission, const model::Error& error, bool retry) {
    release(submission);
    send_error(submission.from, error, retry);
}

void Door::release(const Submission& submission) {
    ENSURE(queued_bytes_ >= submission.bytes, "a submission is answered once");
    queued_bodies_ -= submission.credit;
    queued_bytes_ -= submission.bytes;
    // The peer may have left, or said HELLO anew, in the meantime.
    if (const auto peer = peers_.find(submission.from.peer); peer != peers_.end())
        peer->second.unanswered -= std::min(peer->second.unanswered, submission.credit);
}

void Door::send_error(const Address& to, const model::Error& error, bool retry) {
    ++stats_.refusals[error.reason];
    send(to, model::error_answer(to, error, retry));
}

void Door::send(const Address& to, model::Frame frame) {
    const auto sent = wire_.send(to.peer, std::move(frame));
    if (sent != model::Sent::sent)
        ++stats_.replies_lost;
    if (sent == model::Sent::gone)
        peers_.erase(to.peer);
}

DoorStats Door::stats() const {
    auto stats = stats_;
    stats.peers = peers_.size();
    stats.queued_bodies = queued_bodies_;
    stats.queued_bytes = queued_bytes_;
    return stats;
}

} // namespace bonewatch::ingest
