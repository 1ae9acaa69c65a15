#include "tests/ingest/opened_door.h"
#include "tests/store/scratch_folder.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bonewatch::ingest {
namespace {

TEST_F(IngestDoor, four_times_the_limit_drops_the_connection_and_harms_nobody_else) {
    DoorLimits limits;
    limits.frame = {.bodies_max = 2, .bytes_max = 10'000};
    open(limits);
    Peer bystander = greeted();
    Peer peer = greeted();
    peer.send(frame(Command::publish, "1", native, {std::string(40'001, 'x')}));
    bystander.send(frame(Command::publish, "2", native, {"L-1"}));
    EXPECT_EQ(bystander.answer(serve_).command, Command::result);
    // libzmq has made a new connection, which has not been greeted.
    peer.send(frame(Command::publish, "3", native, {"L-2"}));
    EXPECT_EQ(reason_in(peer.answer(serve_)), "say_hello_first");
}

TEST_F(IngestDoor, over_credit_is_refused_whole_and_may_be_sent_again) {
    DoorLimits limits;
    limits.credit = 3;
    open(limits);
    Peer peer = greeted();
    peer.send(frame(Command::publish, "1", native, {"a", "b"}));
    peer.send(frame(Command::publish, "2", native, {"c", "d"}));
    peer.send(frame(Command::publish, "3", native, {"e"}));
    std::vector<Submission> waiting;
    const auto error = peer.answer([&] {
        for (auto& submission : door_->receive(10))
            waiting.push_back(std::move(submission));
    });
    EXPECT_EQ(error.request_id, "2");
    EXPECT_EQ(reason_in(error), "over_credit");
    EXPECT_THAT(error.meta, HasSubstr(R"("retry":true)"));
    const auto deadline = std::chrono::steady_clock::now() + tests::patience;
    while (waiting.size() < 2 && std::chrono::steady_clock::now() < deadline)
        for (auto& submission : door_->receive(10))
            waiting.push_back(std::move(submission));
    ASSERT_EQ(waiting.size(), 2U);
    door_->refuse(waiting[0], {model::ErrorKind::unavailable, "disk_full", "The disk is full.", {}}, true);
    EXPECT_EQ(reason_in(peer.answer(serve_)), "disk_full");
    peer.send(frame(Command::publish, "2", native, {"c", "d"}));
    EXPECT_EQ(peer.answer(serve_).command, Command::result);
}

/// A queue that two bodies of 60 bytes fill, and one does not.
struct QueueCase {
    std::string name;
    std::size_t bodies_max, bytes_max;
};
void PrintTo(const QueueCase& tested, std::ostream* out) {
    *out << tested.name;
}

class FullQueue : public IngestDoor, public testing::WithParamInterface<QueueCase> {};

INSTANTIATE_TEST_SUITE_P(IngestDoor, FullQueue,
                         testing::Values(QueueCase{"of_bytes", 1000, 100}, QueueCase{"of_bodies", 2, 1000}),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(FullQueue, receives_nothing) {
    DoorLimits limits;
    limits.queued_bodies_max = GetParam().bodies_max;
    limits.queued_bytes_max = GetParam().bytes_max;
    open(limits);
    Peer peer = greeted();
    for (const auto* id : {"1", "2", "3"})
        peer.send(frame(Command::publish, id, native, {std::string(60, 'x')}));
    std::vector<Submission> waiting;
    const auto deadline = std::chrono::steady_clock::now() + tests::patience;
    while (waiting.size() < 2 && std::chrono::steady_clock::now() < deadline)
        for (auto& submission : door_->receive(10))
            waiting.push_back(std::move(submission));
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_EQ(door_->stats().queued_bytes, 120U);
    EXPECT_TRUE(door_->receive(10).empty());
    MessageResult stored;
    stored.is_stored = true;
    for (const auto& submission : waiting)
        door_->reply(submission, {stored});
    for (const auto* id : {"1", "2", "3"})
        EXPECT_EQ(peer.answer(serve_).request_id, id);
    EXPECT_EQ(door_->stats().queued_bytes, 0U);
    EXPECT_EQ(door_->stats().queued_bodies, 0U);
}

TEST_F(IngestDoor, a_turn_takes_no_more_than_it_asks_for) {
    open();
    Peer peer = greeted();
    for (int i = 0; i < 10; ++i)
        peer.send(frame(Command::publish, std::to_string(i), native, {"a", "b"}));
    peer.send(frame(Command::ping, "sent", "{}"));
    std::size_t turns = 0;
    MessageResult stored;
    EXPECT_EQ(peer.answer([&] {
                      const auto submissions = door_->receive(4);
                      EXPECT_LE(submissions.size(), 2U);
                      turns += submissions.empty() ? 0 : 1;
                      for (const auto& submission : submissions)
                          door_->reply(submission, {stored, stored});
                  })
                  .request_id,
              "0");
    while (peer.answer([&] {
                   for (const auto& submission : door_->receive(4)) {
                       door_->reply(submission, {stored, stored});
                       ++turns;
                   }
               })
               .request_id != "sent") {
    }
    EXPECT_GE(turns, 5U);
}

TEST_F(IngestDoor, two_peers_get_their_own_answers_and_are_whom_they_said) {
    open();
    Peer lab = greeted();
    Peer pharmacy = greeted(R"({"publisher":"pharmacy"})");
    lab.send(frame(Command::publish, "same-id", native, {"from-lab"}));
    EXPECT_THAT(lab.answer(serve_).meta, HasSubstr("from-lab"));
    EXPECT_EQ(last_.publisher, "lab");
    pharmacy.send(frame(Command::publish, "same-id", native, {"from-pharmacy"}));
    EXPECT_THAT(pharmacy.answer(serve_).meta, HasSubstr("from-pharmacy"));
    EXPECT_EQ(last_.publisher, "pharmacy");
}

TEST_F(IngestDoor, too_many_peers_are_refused_until_one_has_gone) {
    DoorLimits limits;
    limits.peers_max = 2;
    open(limits);
    Peer first = greeted();
    Peer late = connect();
    {
        const Peer second = greeted();
        late.send(frame(Command::hello, "h", say_lab));
        const auto error = late.answer(serve_);
        EXPECT_EQ(reason_in(error), "too_many_peers");
        EXPECT_THAT(error.meta, HasSubstr(R"("retry":true)"));
    }
    auto answer = model::Frame{};
    const auto deadline = std::chrono::steady_clock::now() + tests::patience;
    do {
        late.send(frame(Command::hello, "h", say_lab));
        answer = late.answer(serve_);
    } while (answer.command != Command::welcome && std::chrono::steady_clock::now() < deadline);
    EXPECT_EQ(answer.command, Command::welcome);
    EXPECT_EQ(door_->stats().peers, 2U);
    first.send(frame(Command::publish, "still", native, {"L-1"}));
    while (first.answer(serve_).request_id == "-") { // PONGs that nobody asked for.
    }
    EXPECT_EQ(stored_, 1);
}

TEST_F(IngestDoor, a_peer_that_never_reads_loses_answers_and_stops_nobody) {
    DoorLimits limits;
    limits.credit = 100'000;
    open(limits, "tcp://127.0.0.1:0", 10);
    Peer deaf(context_, socket_->endpoint(), zmq::socket_type::dealer, 1);
    deaf.send(frame(Command::hello, "h", say_lab));
    Peer bystander = greeted();
    const auto deadline = std::chrono::steady_clock::now() + tests::patience;
    const std::string body(10'000, 'x'); // Its answer repeats it.
    while (door_->stats().replies_lost == 0 && std::chrono::steady_clock::now() < deadline) {
        for (int i = 0; i < 50; ++i)
            deaf.send(frame(Command::publish, "1", native, {body}));
        store_all();
    }
    EXPECT_GT(door_->stats().replies_lost, 0U);
    EXPECT_GT(socket_->stats().sends_full, 0U);
    bystander.send(frame(Command::publish, "2", native, {"L-1"}));
    EXPECT_EQ(bystander.answer(serve_).request_id, "2");
}

TEST_F(IngestDoor, an_answer_to_a_peer_that_left_is_counted_as_lost) {
    open();
    std::vector<Submission> waiting;
    {
        Peer peer = greeted();
        peer.send(frame(Command::publish, "1", native, {"L-1"}));
        const auto deadline = std::chrono::steady_clock::now() + tests::patience;
        while (waiting.empty() && std::chrono::steady_clock::now() < deadline)
            waiting = door_->receive(10);
    }
    ASSERT_EQ(waiting.size(), 1U);
    // The ROUTER notices in its own time.
    const auto deadline = std::chrono::steady_clock::now() + tests::patience;
    while (socket_->send(waiting[0].from.peer, model::Frame{}) != model::Sent::gone &&
           std::chrono::steady_clock::now() < deadline)
        (void)door_->receive(1);
    door_->reply(waiting[0], {MessageResult{}});
    EXPECT_EQ(door_->stats().replies_lost, 1U);
    EXPECT_EQ(door_->stats().peers, 0U);
}

TEST_F(IngestDoor, raw_bytes_that_are_no_zeromq_harm_nobody) {
    open();
    Peer bystander = greeted();
    const auto endpoint = socket_->endpoint();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int raw = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(::connect(raw, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    std::string garbage;
    for (unsigned i = 0, state = 1; i < 100'000; ++i, state = state * 1103515245 + 12345)
        garbage += static_cast<char>(state >> 16);
    (void)::send(raw, garbage.data(), garbage.size(), MSG_NOSIGNAL);
    bystander.send(frame(Command::publish, "1", native, {"L-1"}));
    EXPECT_EQ(bystander.answer(serve_).command, Command::result);
    ::close(raw);
}

TEST_F(IngestDoor, random_parts_are_each_answered_with_an_error) {
    open();
    Peer peer = connect();
    unsigned state = 7;
    const auto next = [&] { return (state = state * 1103515245 + 12345) >> 16; };
    for (int i = 0; i < 2000; ++i) {
        Parts parts(1 + next() % 6);
        for (auto& part : parts)
            for (unsigned length = next() % 12; length > 0; --length)
                part += static_cast<char>(next());
        if (next() % 2 == 0)
            parts.front() = "BWP1";
        if (next() % 2 == 0 && parts.size() > 1)
            parts[1] = std::string(1, static_cast<char>(Command::publish));
        peer.send(parts);
        ASSERT_EQ(peer.answer(serve_).command, Command::error) << i;
    }
}

TEST_F(IngestDoor, ipc_endpoints_work) {
    const tests::ScratchFolder folder;
    open({}, "ipc://" + (folder.path() / "ingest").string());
    Peer peer = greeted();
    peer.send(frame(Command::publish, "1", native, {"L-1"}));
    EXPECT_EQ(peer.answer(serve_).command, Command::result);
}

TEST_F(IngestDoor, doors_are_local_while_they_are_not_encrypted) {
    for (const auto* endpoint : {"tcp://*:5555", "tcp://0.0.0.0:5555", "tcp://eth0:5555", "tcp://[::]:5555",
                                 "tcp://192.168.0.1:5555", "pgm://127.0.0.1:5555", "", "nonsense"}) {
        const auto socket = daemon::RouterSocket::bind(context_, {.endpoint = endpoint, .limits = {}});
        ASSERT_FALSE(socket.has_value()) << endpoint;
        EXPECT_EQ(socket.error().reason, "refused_endpoint") << endpoint;
        EXPECT_EQ(socket.error().kind, model::ErrorKind::config) << endpoint;
    }
}

TEST_F(IngestDoor, a_taken_endpoint_is_said_to_be_taken) {
    open();
    const auto second = daemon::RouterSocket::bind(context_, {.endpoint = socket_->endpoint(), .limits = {}});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().reason, "cannot_bind");
    EXPECT_THAT(second.error().message, HasSubstr("in use"));
}

} // namespace
} // namespace bonewatch::ingest
