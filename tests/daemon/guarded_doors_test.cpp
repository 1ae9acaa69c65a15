#include "daemon/guarded_wire.h"
#include "daemon/zap.h"
#include "ingest/door.h"
#include "tests/daemon/peer.h"
#include "tests/store/scratch_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <zmq_addon.hpp>

/// Doors that take keys, over real sockets: who gets in, and what happens when nobody minds the doors.
namespace bonewatch::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;
constexpr auto moment = 300ms; ///< For what must not happen.

/// A client with a key, which speaks frames.
class Knocker {
  public:
    Knocker(const std::string& endpoint, const std::string& server, const StrangerKey& key,
            const std::string& routing_id = {})
        : socket_(context_, zmq::socket_type::dealer) {
        socket_.set(zmq::sockopt::linger, 0);
        if (!routing_id.empty())
            socket_.set(zmq::sockopt::routing_id, routing_id);
        socket_.set(zmq::sockopt::curve_serverkey, server);
        socket_.set(zmq::sockopt::curve_publickey, key.public_key);
        socket_.set(zmq::sockopt::curve_secretkey, key.secret_key);
        socket_.connect(endpoint);
    }

    void send(model::Command command, const std::string& meta, const tests::Parts& bodies = {}) {
        const auto parts = tests::frame(command, "q", meta, bodies);
        for (std::size_t i = 0; i < parts.size(); ++i)
            static_cast<void>(socket_.send(zmq::buffer(parts[i]),
                                           i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none));
    }

    /// The frame that comes while `serve` is called; nothing where none does.
    std::optional<model::Frame> receive(const std::function<void()>& serve, std::chrono::milliseconds wait = patience) {
        const auto deadline = std::chrono::steady_clock::now() + wait;
        while (std::chrono::steady_clock::now() < deadline) {
            serve();
            std::vector<zmq::message_t> parts;
            std::array items{zmq::pollitem_t{socket_.handle(), 0, ZMQ_POLLIN, 0}};
            zmq_poll(items.data(), 1, 5);
            if (!zmq::recv_multipart(socket_, std::back_inserter(parts), zmq::recv_flags::dontwait))
                continue;
            model::Envelope envelope;
            for (const auto& part : parts)
                envelope.parts.push_back(part.to_string());
            envelope.part_count = parts.size();
            auto frame = model::parse_frame(std::move(envelope), {});
            return frame ? std::optional(std::move(*frame)) : std::nullopt;
        }
        return std::nullopt;
    }

  private:
    zmq::context_t context_;
    zmq::socket_t socket_;
};

std::string reason_in(const std::optional<model::Frame>& frame) {
    if (!frame)
        return "no answer";
    return model::text_in(model::read_meta(frame->meta).value(), "reason").value_or("none");
}

/// A folder of keys, its keeper, and an ingest door.
class GuardedDoors : public testing::Test {
  protected:
    GuardedDoors() {
        std::filesystem::create_directory(keys_);
        write(folder_.path() / "server.secret",
              config::to_text(config::SecretKey{server_.public_key, server_.secret_key}),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        add("lab", lab_, {"north-lab"});
        add("other", other_, {"south-lab"});
    }

    static void write(const std::filesystem::path& path, const std::string& text, std::filesystem::perms perms) {
        const auto draft = path.string() + ".draft";
        std::ofstream(draft) << text;
        std::filesystem::permissions(draft, perms);
        std::filesystem::rename(draft, path);
    }

    void add(const std::string& name, const StrangerKey& key, const std::set<std::string>& sources,
             std::optional<model::Instant> revoked = std::nullopt) {
        config::ClientKey client{.name = name, .public_key = key.public_key, .roles = {config::Role::publisher}};
        client.sources = sources;
        client.revoked = revoked;
        write(keys_ / (name + ".pub"), config::to_text(client),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }

    void open() {
        keeper_ = Gatekeeper::start(context_, {folder_.path() / "server.secret", keys_, {}}).value();
        socket_ = RouterSocket::bind(context_, settings()).value();
        guard_ = std::make_unique<GuardedWire>(DoorName::ingest, *keeper_, *socket_);
        door_ = std::make_unique<ingest::Door>(*guard_, ingest::DoorLimits{}, "test", 1);
    }

    RouterSettings settings() {
        RouterSettings settings;
        settings.endpoint = "tcp://127.0.0.1:0";
        settings.curve =
            CurveDoor{DoorName::ingest, {server_.public_key, server_.secret_key}, keeper_ ? &keeper_->log() : &log_};
        return settings;
    }

    /// One turn of the loop: every body is stored at once.
    void serve() {
        for (const auto& submission : door_->receive(64)) {
            published_.push_back(submission.publisher);
            ingest::MessageResult stored;
            stored.is_stored = true;
            door_->reply(submission, std::vector(submission.bodies.size(), stored));
        }
    }
    std::function<void()> turn() {
        return [this] { serve(); };
    }
    Knocker knocker(const StrangerKey& key, const std::string& routing_id = {}) {
        return {socket_->endpoint(), server_.public_key, key, routing_id};
    }

    tests::ScratchFolder folder_;
    std::filesystem::path keys_ = folder_.path() / "keys";
    StrangerKey server_ = make_stranger(), lab_ = make_stranger(), other_ = make_stranger();
    zmq::context_t context_;
    AccessLog log_;
    std::unique_ptr<Gatekeeper> keeper_;
    std::unique_ptr<RouterSocket> socket_;
    std::unique_ptr<GuardedWire> guard_;
    std::unique_ptr<ingest::Door> door_;
    std::vector<std::string> published_;
};

const std::string north = R"({"publisher":"north-lab"})";
const std::string publish = R"({"format":"native"})";

TEST_F(GuardedDoors, a_known_key_speaks_for_its_sources_alone) {
    open();
    auto lab = knocker(lab_);
    lab.send(model::Command::hello, R"({"publisher":"south-lab"})");
    EXPECT_EQ(reason_in(lab.receive(turn())), "other_publisher");
    lab.send(model::Command::publish, publish, {"x"});
    EXPECT_EQ(reason_in(lab.receive(turn())), "say_hello_first");
    lab.send(model::Command::hello, north);
    EXPECT_EQ(lab.receive(turn())->command, model::Command::welcome);
    lab.send(model::Command::publish, publish, {"x"});
    EXPECT_EQ(lab.receive(turn())->command, model::Command::result);
    EXPECT_EQ(published_, std::vector<std::string>{"north-lab"});
    EXPECT_EQ(keeper_->log().count_of("ingest", "other_publisher"), 1U);
}

TEST_F(GuardedDoors, an_unknown_key_gets_no_frame_through) {
    open();
    auto stranger = knocker(make_stranger());
    stranger.send(model::Command::hello, north);
    EXPECT_FALSE(stranger.receive(turn(), moment).has_value());
    EXPECT_EQ(socket_->stats().received, 0U);
    EXPECT_EQ(keeper_->log().count_of("ingest", "unknown_key"), 1U);
}

TEST_F(GuardedDoors, a_greeting_belongs_to_the_key_that_made_it) {
    open();
    {
        auto lab = knocker(lab_, "same-routing-id");
        lab.send(model::Command::hello, north);
        EXPECT_EQ(lab.receive(turn())->command, model::Command::welcome);
    }
    std::optional<model::Frame> answer;
    // While the connection before it still holds the routing id, libzmq hears nothing of a new one, then or later.
    for (int i = 0; i < 20 && !answer; ++i) {
        auto other = knocker(other_, "same-routing-id");
        other.send(model::Command::publish, publish, {"x"});
        answer = other.receive(turn(), moment);
    }
    EXPECT_EQ(reason_in(answer), "say_hello_first");
    EXPECT_TRUE(published_.empty());
}

TEST_F(GuardedDoors, a_revoked_key_has_nothing_served_and_its_connection_is_closed) {
    open();
    auto lab = knocker(lab_);
    lab.send(model::Command::hello, north);
    ASSERT_EQ(lab.receive(turn())->command, model::Command::welcome);
    add("lab", lab_, {"north-lab"}, model::Instant{});
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (keeper_->ring()->standing(lab_.public_key, {}) == config::Standing::good &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(20ms);
    lab.send(model::Command::publish, publish, {"x"});
    EXPECT_EQ(reason_in(lab.receive(turn())), "key_revoked");
    guard_->sweep();
    EXPECT_EQ(reason_in(lab.receive(turn())), "key_revoked"); // Also to who says nothing.
    guard_->sweep();
    EXPECT_EQ(keeper_->log().count_of("ingest", "connection_closed"), 1U);
    // It connects again by itself, and is refused.
    const auto again = std::chrono::steady_clock::now() + patience;
    while (keeper_->log().count_of("ingest", "key_revoked") < 2 && std::chrono::steady_clock::now() < again)
        std::this_thread::sleep_for(20ms);
    EXPECT_EQ(keeper_->log().count_of("ingest", "key_revoked"), 2U);
    EXPECT_TRUE(published_.empty());
}

TEST_F(GuardedDoors, what_is_sent_to_a_revoked_key_finds_it_gone) {
    open();
    auto lab = knocker(lab_);
    lab.send(model::Command::ping, "{}");
    std::optional<model::Envelope> envelope;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!envelope && std::chrono::steady_clock::now() < deadline)
        envelope = guard_->receive();
    ASSERT_TRUE(envelope.has_value());
    const auto pong = model::answer({.peer = envelope->peer}, model::Command::pong);
    EXPECT_EQ(guard_->send(envelope->peer, pong), model::Sent::sent);
    add("lab", lab_, {"north-lab"}, model::Instant{});
    while (keeper_->ring()->standing(lab_.public_key, {}) == config::Standing::good &&
           std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(20ms);
    EXPECT_EQ(guard_->send(envelope->peer, pong), model::Sent::gone);
}

TEST_F(GuardedDoors, the_answerer_answers_while_the_loop_is_busy) {
    open();
    // Nobody serves the door meanwhile.
    EXPECT_EQ(knock(socket_->endpoint(), false, server_.public_key, lab_, patience), Met::let_in);
    EXPECT_EQ(knock(socket_->endpoint(), false, server_.public_key, make_stranger(), patience), Met::refused);
}

TEST_F(GuardedDoors, without_an_answerer_nobody_gets_in_and_the_check_says_so) {
    open();
    ASSERT_TRUE(keeper_->watch({{socket_->endpoint(), DoorName::ingest}}).has_value());
    EXPECT_FALSE(keeper_->failure().has_value());
    keeper_->end_answerer();
    for (const StrangerKey& key : {lab_, make_stranger()})
        EXPECT_EQ(knock(socket_->endpoint(), false, server_.public_key, key, moment), Met::unclear);
    auto lab = knocker(lab_);
    lab.send(model::Command::hello, north);
    EXPECT_FALSE(lab.receive(turn(), moment).has_value());
    EXPECT_EQ(socket_->stats().received, 0U);
    EXPECT_FALSE(keeper_->check_doors());
    ASSERT_TRUE(keeper_->failure().has_value());
    EXPECT_EQ(keeper_->failure()->reason, "nobody_answers");
}

TEST_F(GuardedDoors, a_connection_made_before_the_answerer_ended_is_held_to_its_key_still) {
    open();
    auto lab = knocker(lab_);
    lab.send(model::Command::hello, north);
    ASSERT_EQ(lab.receive(turn())->command, model::Command::welcome);
    keeper_->end_answerer();
    lab.send(model::Command::hello, R"({"publisher":"south-lab"})");
    EXPECT_EQ(reason_in(lab.receive(turn())), "other_publisher");
}

TEST_F(GuardedDoors, a_door_that_lets_anybody_in_is_noticed) {
    open();
    // As libzmq does by itself where nobody answers: measured, and the reason for the option that enforces the domain.
    zmq::context_t careless;
    zmq::socket_t socket(careless, zmq::socket_type::router);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, server_.secret_key);
    socket.bind("tcp://127.0.0.1:*");
    const std::string endpoint = socket.get(zmq::sockopt::last_endpoint);
    const auto watched = keeper_->watch({{endpoint, DoorName::ingest}});
    ASSERT_FALSE(watched.has_value());
    EXPECT_EQ(watched.error().reason, "anybody_let_in");
}

TEST_F(GuardedDoors, a_door_in_a_context_without_answerer_lets_nobody_in) {
    const auto socket = RouterSocket::bind(context_, settings()).value();
    for (const StrangerKey& key : {lab_, make_stranger()})
        EXPECT_EQ(knock(socket->endpoint(), false, server_.public_key, key, moment), Met::unclear);
}

TEST_F(GuardedDoors, a_message_for_which_nobody_vouches_is_dropped_and_counted) {
    // An answerer that lets everybody in, and says not whom.
    zmq::socket_t questions(context_, zmq::socket_type::rep);
    questions.set(zmq::sockopt::linger, 0);
    questions.bind(zap_endpoint);
    const auto socket = RouterSocket::bind(context_, settings()).value();
    Knocker stranger(socket->endpoint(), server_.public_key, make_stranger());
    stranger.send(model::Command::hello, north);
    const auto answered = stranger.receive(
        [&] {
            std::vector<zmq::message_t> question;
            if (zmq::recv_multipart(questions, std::back_inserter(question), zmq::recv_flags::dontwait)) {
                const std::string id = question[1].to_string();
                for (const std::string& part :
                     {std::string("1.0"), id, std::string("200"), std::string("OK"), std::string()})
                    questions.send(zmq::buffer(part), zmq::send_flags::sndmore);
                questions.send(zmq::message_t(), zmq::send_flags::none);
            }
            EXPECT_FALSE(socket->receive().has_value());
        },
        1s);
    EXPECT_FALSE(answered.has_value());
    EXPECT_EQ(socket->stats().nameless, 1U);
}

TEST(Zap, answers_nothing_but_curve_questions_about_doors_with_200) {
    const StrangerKey pair = make_stranger();
    config::ClientKey client{.name = "lab", .public_key = pair.public_key, .roles = {config::Role::publisher}};
    std::vector<model::Error> problems;
    const auto ring = config::KeyRing::of({{"lab", client}}, problems);
    std::array<std::uint8_t, 32> bytes{};
    zmq_z85_decode(bytes.data(), pair.public_key.c_str());
    const std::string key(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    AccessLog log;
    const auto status = [&](const std::vector<std::string>& question) {
        const auto answer = answer_zap(question, ring, {}, log, "");
        EXPECT_EQ(answer.size(), 6U);
        EXPECT_EQ(answer[4], answer[2] == "200" ? pair.public_key : "");
        return answer[2];
    };
    EXPECT_EQ(status({"1.0", "1", "ingest", "127.0.0.1", "", "CURVE", key}), "200");
    EXPECT_EQ(status({"1.0", "1", "tail", "127.0.0.1", "", "CURVE", key}), "400");
    EXPECT_EQ(status({"1.0", "1", "", "127.0.0.1", "", "CURVE", key}), "400");
    EXPECT_EQ(status({"1.0", "1", "cellar", "127.0.0.1", "", "CURVE", key}), "400");
    EXPECT_EQ(status({"1.0", "1", "ingest", "127.0.0.1", "", "PLAIN", key}), "400");
    EXPECT_EQ(status({"1.0", "1", "ingest", "127.0.0.1", "", "NULL"}), "400");
    EXPECT_EQ(status({"2.0", "1", "ingest", "127.0.0.1", "", "CURVE", key}), "400");
    EXPECT_EQ(status({"1.0", "1", "ingest", "127.0.0.1", "", "CURVE", key + "x"}), "400");
    EXPECT_EQ(status({"1.0", "1"}), "400");
    EXPECT_EQ(status({}), "400");
    EXPECT_EQ(log.count_of("tail", "wrong_role"), 1U);
    EXPECT_EQ(log.count_of("all", "unknown_door"), 2U);
    EXPECT_EQ(log.count_of("all", "bad_question"), 6U);
}

} // namespace
} // namespace bonewatch::daemon
