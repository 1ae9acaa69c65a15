#pragma once

#include "ingest/door.h"
#include "tests/daemon/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest {

using model::Command;
using testing::HasSubstr;
using tests::frame;
using tests::Parts;
using tests::Peer;
using tests::reason_in;

inline const std::string say_lab = R"({"client":"test","publisher":"lab"})";
inline const std::string native = R"({"format":"native"})";

/// A door on a real socket and a loop that stores every body, except those that contain "reject".
class IngestDoor : public testing::Test {
  protected:
    void open(const DoorLimits& limits = {}, const std::string& endpoint = "tcp://127.0.0.1:0",
              int replies_queued_max = 1000) {
        auto socket = daemon::RouterSocket::bind(
            context_, {.endpoint = endpoint, .limits = limits.frame, .replies_queued_max = replies_queued_max});
        ASSERT_TRUE(socket.has_value()) << socket.error().message;
        socket_ = *std::move(socket);
        door_ = std::make_unique<Door>(*socket_, limits, "bonewatchd test", 7);
    }

    Peer connect(zmq::socket_type type = zmq::socket_type::dealer) { return {context_, socket_->endpoint(), type}; }

    Peer greeted(const std::string& hello = say_lab) {
        Peer peer = connect();
        peer.send(frame(Command::hello, "h", hello));
        EXPECT_EQ(peer.answer(serve_).command, Command::welcome);
        return peer;
    }

    void store_all() {
        for (auto& submission : door_->receive(1000)) {
            std::vector<MessageResult> results;
            for (const auto& body : submission.bodies) {
                MessageResult& result = results.emplace_back();
                result.is_stored = !body.contains("reject");
                result.position = "3:" + std::to_string(++stored_);
                result.reason = "malformed";
                result.message = "Not readable.";
                if (result.is_stored)
                    result.outcomes.push_back({.type = "result",
                                               .id = body,
                                               .outcome = "applied",
                                               .reason = "",
                                               .place = "",
                                               .message = body == "b" ? "Nobody knows." : "",
                                               .warnings = {}});
            }
            last_ = submission;
            door_->reply(submission, std::move(results));
        }
    }

    zmq::context_t context_;
    std::unique_ptr<daemon::RouterSocket> socket_;
    std::unique_ptr<Door> door_;
    std::function<void()> serve_ = [this] { store_all(); };
    Submission last_;
    int stored_ = 0;
};

} // namespace bonewatch::ingest
