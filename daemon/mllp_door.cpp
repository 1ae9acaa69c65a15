#include "daemon/mllp_door.h"

#include "ingest/hl7_batch.h"
#include "store/model/ensure.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace bonewatch::daemon {

namespace {

std::string in_base_36(std::uint64_t number) {
    std::array<char, 16> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number, 36).ptr;
    return {text.data(), end};
}

std::unexpected<model::Error> not_taken(const char* reason, std::string message, const char* place) {
    return model::fail(model::ErrorKind::refused, reason, std::move(message), place);
}

/// What its sender is told of a message that never was a submission.
ingest::MessageResult refusal(const model::Error& error) {
    ingest::MessageResult result;
    result.reason = error.reason;
    result.message = error.message;
    result.outcomes.push_back({"message", "", "rejected", error.reason, error.place, error.message, {}});
    return result;
}

} // namespace

model::Result<std::unique_ptr<MllpDoor>> MllpDoor::open(const std::map<std::string, config::MllpSettings>& doors,
                                                        model::Instant now) {
    auto listener = MllpListener::open(doors);
    if (!listener)
        return std::unexpected(listener.error());
    return std::unique_ptr<MllpDoor>(new MllpDoor(doors, std::move(*listener), now));
}

MllpDoor::MllpDoor(const std::map<std::string, config::MllpSettings>& doors, std::unique_ptr<MllpListener> listener,
                   model::Instant now)
    : doors_(doors), listener_(std::move(listener)),
      id_stem_(in_base_36(static_cast<std::uint64_t>(now.time_since_epoch().count())) + "-") {
    for (const auto& [name, settings] : doors)
        reports_[name];
}

std::vector<ingest::Submission> MllpDoor::receive(model::Instant now) {
    std::vector<ingest::Submission> submissions;
    for (MllpArrival& arrival : listener_->take()) {
        auto header = ingest::read_hl7_header(arrival.block.bytes);
        auto publisher = publisher_of(arrival, header);
        if (!publisher) {
            ++reports_[*arrival.door].refused[publisher.error().reason];
            answer(arrival.connection, *arrival.door, header.value_or(ingest::Hl7Header{}), refusal(publisher.error()),
                   now);
            continue;
        }
        ingest::Submission& submission = submissions.emplace_back();
        submission.publisher = *std::move(publisher);
        submission.format = ingest::Format::hl7v2;
        submission.from.peer = std::to_string(arrival.connection);
        submission.credit = 1;
        submission.bytes = arrival.block.bytes.size();
        submission.bodies.push_back(std::move(arrival.block.bytes));
        pending_[submission.from.peer] = {arrival.connection, arrival.door, *std::move(header)};
    }
    return submissions;
}

model::Result<std::string> MllpDoor::publisher_of(const MllpArrival& arrival,
                                                  const model::Result<ingest::Hl7Header>& header) const {
    if (!header)
        return std::unexpected(header.error());
    const config::MllpSettings& settings = doors_.at(*arrival.door);
    if (arrival.block.is_cut)
        return not_taken("too_large",
                         "the message has more than the " + std::to_string(settings.max_message_bytes) +
                             " bytes that this door takes",
                         "");
    // Each has a sender of its own, and an answer of its own.
    if (ingest::split_hl7(arrival.block.bytes).messages.size() > 1)
        return not_taken("not_hl7", "the block holds several messages; each is sent in a block of its own", "MSH");
    std::string publisher = settings.publisher_of(header->application(), header->facility());
    if (publisher.empty())
        return not_taken("unknown_sender", "this door knows no sender of this application and facility", "MSH-3");
    if (!settings.tls)
        return publisher;
    const auto client = std::ranges::find(settings.tls->clients, arrival.client, &config::MllpClient::name);
    if (client == settings.tls->clients.end())
        return not_taken("not_allowed", "nobody with the certificate of " + arrival.client + " may send here", "");
    if (!client->publishers.contains(publisher))
        return not_taken("not_allowed", arrival.client + " may not speak for " + publisher, "MSH-3");
    return publisher;
}

void MllpDoor::reply(const ingest::Submission& submission, const ingest::MessageResult& result, model::Instant now) {
    auto pending = pending_.extract(submission.from.peer);
    ENSURE(!pending.empty(), "a message is answered once");
    answer(pending.mapped().connection, *pending.mapped().door, pending.mapped().header, result, now);
}

void MllpDoor::answer(std::uint64_t connection, const std::string& door, const ingest::Hl7Header& header,
                      const ingest::MessageResult& result, model::Instant now) {
    ++reports_[door].answered[result.is_stored ? "accepted" : result.retry ? "put_off" : "refused"];
    std::string bytes;
    for (const std::string& text : ingest::acknowledgements(header, result, id_stem_ + in_base_36(++answers_), now))
        bytes += ingest::mllp_block(text);
    listener_->answer(connection, std::move(bytes));
}

std::map<std::string, MllpReport> MllpDoor::reports() const {
    auto reports = reports_;
    for (auto& [door, stats] : listener_->stats()) {
        MllpReport& report = reports[door];
        for (const auto& [reason, count] : stats.refused)
            report.refused[reason] += count;
        report.sockets = stats;
    }
    return reports;
}

} // namespace bonewatch::daemon
