#include "ingest/gzip.h"
#include "tests/ingest/opened_door.h"

#include <zlib.h>

namespace bonewatch::ingest {
namespace {

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

} // namespace
} // namespace bonewatch::ingest
