#include "ingest/door.h"
#include "ingest/gzip.h"
#include "tests/daemon/peer.h"
#include "tests/store/scratch_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

namespace bonewatch::ingest {
namespace {

using model::Command;
using testing::HasSubstr;
using tests::frame;
using tests::Parts;
using tests::Peer;
using tests::reason_in;

const std::string say_lab = R"({"client":"test","publisher":"lab"})";
const std::string native = R"({"format":"native"})";

std::string gzip(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

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

TEST_F(IngestDoor, hello_is_answered_with_server_epoch_credit_and_limits) {
    open();
    Peer peer = connect();
    peer.send(frame(Command::hello, "h1", say_lab));
    const auto welcome = peer.answer(serve_);
    EXPECT_EQ(welcome.command, Command::welcome);
    EXPECT_EQ(welcome.request_id, "h1");
    EXPECT_FALSE(welcome.has_delimiter);
    EXPECT_EQ(welcome.meta, R"({"server":"bonewatchd test","epoch":7,"credit":1024,"limits":{"message_bytes":16777216,)"
                            R"("inflated_bytes":16777216,"bodies":256,"events":4096}})");
    EXPECT_EQ(door_->stats().peers, 1U);
}

TEST_F(IngestDoor, publish_is_answered_once_with_its_request_id_and_position) {
    open();
    Peer peer = greeted();
    peer.send(frame(Command::publish, "r-1", native, {"L-1"}));
    const auto result = peer.answer(serve_);
    EXPECT_EQ(result.command, Command::result);
    EXPECT_EQ(result.request_id, "r-1");
    EXPECT_EQ(result.meta, R"({"results":[{"status":"stored","position":"3:1","outcomes":[{"type":"result","id":"L-1",)"
                           R"("outcome":"applied"}]}]})");
    EXPECT_EQ(last_.publisher, "lab");
    EXPECT_EQ(last_.format, Format::native);
    EXPECT_FALSE(last_.is_backfill);
    EXPECT_EQ(peer.receive(serve_, std::chrono::milliseconds(20)), std::nullopt);
}

TEST_F(IngestDoor, format_and_backfill_are_passed_on) {
    open();
    Peer peer = greeted();
    peer.send(frame(Command::publish, "1", R"({"format":"fhir","backfill":true,"unknown":[1]})", {"{}"}));
    EXPECT_EQ(peer.answer(serve_).command, Command::result);
    EXPECT_EQ(last_.format, Format::fhir);
    EXPECT_TRUE(last_.is_backfill);
}

TEST_F(IngestDoor, what_must_be_a_text_or_a_boolean_is_no_other_value) {
    open();
    Peer peer = greeted();
    for (const auto* backfill : {"\"yes\"", "\"true\"", "1", "[]"}) {
        peer.send(
            frame(Command::publish, "1", R"({"format":"native","backfill":)" + std::string(backfill) + "}", {"{}"}));
        EXPECT_EQ(reason_in(peer.answer(serve_)), "bad_member") << backfill;
    }
    for (const auto* publisher : {"5", "true", "[]"}) {
        peer.send(frame(Command::hello, "2", R"({"publisher":)" + std::string(publisher) + "}"));
        EXPECT_EQ(reason_in(peer.answer(serve_)), "bad_member") << publisher;
    }
}

TEST_F(IngestDoor, tells_who_said_hello_with_which_program) {
    open();
    (void)greeted(R"({"client":"lab \"link\"\n3","publisher":"lab"})");
    (void)greeted(R"({"publisher":"other"})");
    const auto greetings = door_->take_greetings();
    ASSERT_EQ(greetings.size(), 2U);
    EXPECT_EQ(greetings[0].publisher, "lab");
    EXPECT_EQ(greetings[0].client, "lab__link__3");
    EXPECT_EQ(greetings[1].client, "");
    EXPECT_TRUE(door_->take_greetings().empty());
}

TEST_F(IngestDoor, one_bad_body_never_sinks_a_batch) {
    open();
    Peer peer = greeted();
    peer.send(frame(Command::publish, "1", native, {"a", "", "reject", "b"}));
    const auto result = peer.answer(serve_);
    EXPECT_EQ(
        result.meta,
        R"({"results":[{"status":"stored","position":"3:1","outcomes":[{"type":"result","id":"a",)"
        R"("outcome":"applied"}]},)"
        R"({"status":"rejected","retry":false,"reason":"empty_body","message":"The body is empty.","outcomes":[]},)"
        R"({"status":"rejected","retry":false,"reason":"malformed","message":"Not readable.","outcomes":[]},)"
        R"({"status":"stored","position":"3:3","outcomes":[{"type":"result","id":"b","outcome":"applied",)"
        R"("message":"Nobody knows."}]}]})");
}

TEST_F(IngestDoor, nothing_but_bad_bodies_is_answered_at_once) {
    open();
    Peer peer = greeted();
    peer.send(frame(Command::publish, "1", native, {""}));
    EXPECT_THAT(peer.answer([this] { EXPECT_TRUE(door_->receive(10).empty()); }).meta, HasSubstr("empty_body"));
}

TEST_F(IngestDoor, gzip_bodies_are_inflated_and_broken_ones_are_rejected_alone) {
    open();
    Peer peer = greeted();
    const auto whole = gzip("L-1");
    peer.send(frame(Command::publish, "1", R"({"format":"native","encoding":"gzip"})",
                    {whole, whole.substr(0, whole.size() - 3), "plain", whole + whole}));
    const auto meta = peer.answer(serve_).meta;
    EXPECT_EQ(last_.bodies, (Parts{"L-1", "L-1L-1"}));
    EXPECT_THAT(meta, HasSubstr("bad_gzip"));
}

TEST_F(IngestDoor, a_gzip_bomb_is_rejected_before_it_is_inflated) {
    DoorLimits limits;
    limits.frame.bytes_max = 100'000;
    limits.inflated_bytes_max = 200'000;
    open(limits);
    Peer peer = greeted();
    peer.send(frame(Command::publish, "1", R"({"format":"native","encoding":"gzip"})",
                    {gzip(std::string(1 << 24, 'x')), gzip("fits")}));
    EXPECT_THAT(peer.answer(serve_).meta, HasSubstr("inflated_too_large"));
    EXPECT_EQ(last_.bodies, Parts{"fits"});
}

TEST_F(IngestDoor, a_plain_req_client_is_served) {
    open();
    Peer peer = connect(zmq::socket_type::req);
    for (const auto& [request, answer] :
         std::vector<std::pair<Parts, Command>>{{frame(Command::hello, "1", say_lab), Command::welcome},
                                                {frame(Command::publish, "2", native, {"L-1"}), Command::result},
                                                {frame(Command::ping, "3", "{}"), Command::pong},
                                                {Parts{"garbage"}, Command::error},
                                                {frame(Command::bye, "4", "{}"), Command::bye}}) {
        peer.send(request);
        EXPECT_EQ(peer.answer(serve_).command, answer);
    }
}

TEST_F(IngestDoor, publish_without_hello_is_refused_and_may_be_sent_again) {
    open();
    Peer peer = connect();
    peer.send(frame(Command::publish, "1", native, {"L-1"}));
    const auto error = peer.answer(serve_);
    EXPECT_EQ(reason_in(error), "say_hello_first");
    EXPECT_THAT(error.meta, HasSubstr(R"("retry":true)"));
    EXPECT_EQ(stored_, 0);
}

TEST_F(IngestDoor, bye_ends_the_greeting) {
    open();
    Peer peer = greeted();
    peer.send(frame(Command::bye, "b", "{}"));
    EXPECT_EQ(peer.answer(serve_).command, Command::bye);
    peer.send(frame(Command::publish, "1", native, {"L-1"}));
    EXPECT_EQ(reason_in(peer.answer(serve_)), "say_hello_first");
}

struct RefusalCase {
    std::string name;
    Parts parts;
    std::string reason;
};

class IngestDoorRefusal : public IngestDoor, public testing::WithParamInterface<RefusalCase> {};

TEST_P(IngestDoorRefusal, names_its_reason_and_the_connection_goes_on) {
    DoorLimits limits;
    limits.frame = {.bodies_max = 2, .bytes_max = 100'000};
    open(limits);
    Peer peer = greeted();
    peer.send(GetParam().parts);
    const auto error = peer.answer(serve_);
    EXPECT_EQ(reason_in(error), GetParam().reason);
    EXPECT_THAT(error.meta, HasSubstr(R"("retry":false)"));
    EXPECT_EQ(door_->stats().refusals[GetParam().reason], 1U);
    peer.send(frame(Command::publish, "after", native, {"L-1"}));
    EXPECT_EQ(peer.answer(serve_).request_id, "after");
    EXPECT_EQ(stored_, 1);
}

INSTANTIATE_TEST_SUITE_P(
    IngestDoor, IngestDoorRefusal,
    testing::Values(
        RefusalCase{"garbage", {"\xde\xad\xbe\xef"}, "not_bwp1"},
        RefusalCase{"next_version", {"BWP2", "\x10", "1", "{}"}, "wrong_version"},
        RefusalCase{"unknown_command", {"BWP1", "\x7e", "1", "{}"}, "unknown_command"},
        RefusalCase{"feed_command", frame(Command::subscribe, "1", "{}"), "wrong_door"},
        RefusalCase{"server_command", frame(Command::result, "1", "{}"), "wrong_door"},
        RefusalCase{"empty_request_id", {"BWP1", "\x10", "", "{}"}, "bad_request_id"},
        RefusalCase{"meta_is_a_list", frame(Command::publish, "1", "[]", {"a"}), "meta_not_object"},
        RefusalCase{"meta_is_deep", frame(Command::publish, "1", std::string(60'000, '['), {"a"}), "meta_not_object"},
        RefusalCase{"no_format", frame(Command::publish, "1", "{}", {"a"}), "unknown_format"},
        RefusalCase{"unknown_format", frame(Command::publish, "1", R"({"format":"csv"})", {"a"}), "unknown_format"},
        RefusalCase{"unknown_encoding", frame(Command::publish, "1", R"({"format":"native","encoding":"zstd"})", {"a"}),
                    "unknown_encoding"},
        RefusalCase{"backfill_in_words", frame(Command::publish, "1", R"({"format":"native","backfill":"yes"})", {"a"}),
                    "bad_member"},
        RefusalCase{"format_as_a_number", frame(Command::publish, "1", R"({"format":5})", {"a"}), "bad_member"},
        RefusalCase{"publisher_as_a_number", frame(Command::hello, "1", R"({"publisher":5})"), "bad_member"},
        RefusalCase{"no_bodies", frame(Command::publish, "1", native), "no_bodies"},
        RefusalCase{"too_many_bodies", frame(Command::publish, "1", native, {"a", "b", "c"}), "too_many_bodies"},
        RefusalCase{"very_many_bodies", frame(Command::publish, "1", native, Parts(500, "a")), "too_many_bodies"},
        RefusalCase{"oversized", frame(Command::publish, "1", native, {std::string(100'001, 'x')}), "too_large"},
        RefusalCase{"oversized_together",
                    frame(Command::publish, "1", native, {std::string(60'000, 'x'), std::string(60'000, 'x')}),
                    "too_large"},
        RefusalCase{"hello_without_publisher", frame(Command::hello, "1", R"({"client":"x"})"), "bad_publisher"},
        RefusalCase{"publisher_with_control_character", frame(Command::hello, "1", R"({"publisher":"a\nb"})"),
                    "bad_publisher"}),
    [](const auto& test) { return test.param.name; });

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
