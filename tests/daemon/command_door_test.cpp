#include "daemon/command_door.h"
#include "tests/daemon/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::daemon {
namespace {

using model::Command;
using tests::frame;
using tests::Peer;
using tests::reason_in;

class Commands : public testing::Test {
  protected:
    zmq::context_t context_;
    model::FrameLimits limits_{.bodies_max = 0, .bytes_max = 128u << 10};
    std::unique_ptr<RouterSocket> socket_ =
        RouterSocket::bind(context_, {.endpoint = "tcp://127.0.0.1:0", .limits = limits_}).value();
    CommandDoor door_{*socket_, limits_, "bonewatchd test"};
    Request last_;
    std::function<void()> serve_ = [this] {
        for (const auto& request : door_.receive(10)) {
            last_ = request;
            if (request.what == "nothing")
                door_.refuse(request, {model::ErrorKind::not_found, "no_such_alert", "There is no such alert.", {}});
            else
                door_.reply(request, R"({"count":2})", {"a", "b"});
        }
    };
};

TEST_F(Commands, a_query_is_answered_with_meta_and_bodies) {
    Peer peer(context_, socket_->endpoint());
    peer.send(frame(Command::query, "q", R"({"what":"alerts","patient":"nhs:1","limit":10,"open":true})"));
    const auto result = peer.answer(serve_);
    EXPECT_EQ(result.command, Command::result);
    EXPECT_EQ(result.request_id, "q");
    EXPECT_EQ(result.meta, R"({"count":2})");
    EXPECT_EQ(result.bodies, (tests::Parts{"a", "b"}));
    EXPECT_EQ(last_.kind, Request::Kind::query);
    EXPECT_EQ(last_.what, "alerts");
    EXPECT_EQ(last_.args, (model::Meta{{"limit", "10"}, {"open", "true"}, {"patient", "nhs:1"}}));
}

TEST_F(Commands, a_command_is_told_from_a_query) {
    Peer peer(context_, socket_->endpoint(), zmq::socket_type::req);
    peer.send(frame(Command::act, "c", R"({"action":"acknowledge","alert":"A1","actor":"dr","note":"seen"})"));
    EXPECT_EQ(peer.answer(serve_).command, Command::result);
    EXPECT_EQ(last_.kind, Request::Kind::command);
    EXPECT_EQ(last_.what, "acknowledge");
    EXPECT_EQ(last_.args, (model::Meta{{"actor", "dr"}, {"alert", "A1"}, {"note", "seen"}}));
}

TEST_F(Commands, hello_ping_and_bye_are_answered) {
    Peer peer(context_, socket_->endpoint());
    peer.send(frame(Command::hello, "1", "{}"));
    EXPECT_EQ(peer.answer(serve_).meta, R"({"server":"bonewatchd test"})");
    peer.send(frame(Command::ping, "2", "{}"));
    EXPECT_EQ(peer.answer(serve_).command, Command::pong);
    peer.send(frame(Command::bye, "3", "{}"));
    EXPECT_EQ(peer.answer(serve_).command, Command::bye);
}

TEST_F(Commands, refusals_name_their_reason) {
    Peer peer(context_, socket_->endpoint());
    const std::vector<std::pair<tests::Parts, std::string>> cases{
        {frame(Command::query, "1", R"({"what":"nothing"})"), "no_such_alert"},
        {frame(Command::query, "1", "{}"), "no_what"},
        {frame(Command::act, "1", R"({"what":"status"})"), "no_action"},
        {frame(Command::query, "1", "[]"), "meta_not_object"},
        {frame(Command::publish, "1", "{}"), "wrong_door"},
        {frame(Command::query, "1", "{}", {"body"}), "too_many_bodies"},
        {{"BWP1", "\x7e", "1", "{}"}, "unknown_command"},
        {{"BWP9", "\x40", "1", "{}"}, "wrong_version"},
        {{"\x01garbage"}, "not_bwp1"},
        {frame(Command::query, "1", std::string(200'000, ' ')), "too_large"}};
    for (const auto& [parts, reason] : cases) {
        peer.send(parts);
        EXPECT_EQ(reason_in(peer.answer(serve_)), reason);
    }
    peer.send(frame(Command::query, "after", R"({"what":"status"})"));
    EXPECT_EQ(peer.answer(serve_).request_id, "after");
    EXPECT_EQ(door_.stats().requests, 2U);
}

} // namespace
} // namespace bonewatch::daemon
