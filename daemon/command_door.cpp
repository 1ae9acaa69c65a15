#include "daemon/command_door.h"

#include "store/model/json_writer.h"

namespace bonewatch::daemon {

using model::Address;
using model::Command;
using model::ErrorKind;

CommandDoor::CommandDoor(model::Wire& wire, const model::FrameLimits& limits, std::string server)
    : wire_(wire), limits_(limits), server_(std::move(server)) {}

std::vector<Request> CommandDoor::receive(std::size_t frames_max) {
    std::vector<Request> requests;
    for (std::size_t frames = 0; frames < frames_max; ++frames) {
        auto envelope = wire_.receive();
        if (!envelope)
            break;
        serve(*std::move(envelope), requests);
    }
    return requests;
}

void CommandDoor::serve(model::Envelope envelope, std::vector<Request>& requests) {
    Address from{.peer = envelope.peer, .has_delimiter = false, .request_id = std::string(model::no_request_id)};
    const auto frame = model::parse_frame(std::move(envelope), limits_);
    if (!frame) {
        from.has_delimiter = frame.error().has_delimiter;
        from.request_id = frame.error().request_id;
        return send_error(from, frame.error().error);
    }
    from.has_delimiter = frame->has_delimiter;
    from.request_id = frame->request_id;
    auto meta = model::read_meta(frame->meta);
    if (!meta)
        return send_error(from, meta.error());

    switch (frame->command) {
    case Command::hello: {
        model::JsonWriter json;
        json.begin_object();
        json.text("server", server_);
        json.end_object();
        return send(from, model::answer(from, Command::welcome, json.take()));
    }
    case Command::ping:
        return send(from, model::answer(from, Command::pong));
    case Command::bye:
        return send(from, model::answer(from, Command::bye));
    case Command::query:
    case Command::act: {
        const bool is_query = frame->command == Command::query;
        const std::string key = is_query ? "what" : "action";
        auto what = model::text_in(*meta, key);
        if (!what)
            return send_error(from,
                              {ErrorKind::malformed, "no_" + key,
                               std::string(model::name_of(frame->command)) + " needs the member " + key + ".", key});
        meta->erase(key);
        ++stats_.requests;
        requests.push_back(Request{.kind = is_query ? Request::Kind::query : Request::Kind::command,
                                   .what = *std::move(what),
                                   .args = *std::move(meta),
                                   .from = std::move(from)});
        return;
    }
    default:
        return send_error(from, {ErrorKind::malformed,
                                 "wrong_door",
                                 std::string(model::name_of(frame->command)) +
                                     " is not for the command door: it takes HELLO, QUERY, COMMAND, PING and BYE.",
                                 {}});
    }
}

void CommandDoor::reply(const Request& request, std::string meta, std::vector<std::string> bodies) {
    auto frame = model::answer(request.from, Command::result, std::move(meta));
    frame.bodies = std::move(bodies);
    send(request.from, std::move(frame));
}

void CommandDoor::refuse(const Request& request, const model::Error& error) {
    send_error(request.from, error);
}

void CommandDoor::send_error(const Address& to, const model::Error& error) {
    ++stats_.refusals[error.reason];
    send(to, model::error_answer(to, error, error.kind == ErrorKind::unavailable));
}

void CommandDoor::send(const Address& to, model::Frame frame) {
    if (wire_.send(to.peer, std::move(frame)) != model::Sent::sent)
        ++stats_.replies_lost;
}

} // namespace bonewatch::daemon
