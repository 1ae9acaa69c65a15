#include "alerts/feed_door.h"
#include "daemon/client.h"
#include "daemon/command_door.h"
#include "tests/daemon/peer.h"
#include "tests/store/scratch_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace bonewatch::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Calls `turn` again and again on a thread of its own, with a socket of that thread, until it is destroyed.
class Server {
  public:
    using Turn = std::function<void()>;
    using Make = std::function<Turn(RouterSocket&)>;

    Server(const std::string& endpoint, const model::FrameLimits& limits, const Make& make) {
        thread_ = std::jthread([=, this](const std::stop_token& stop) {
            zmq::context_t context;
            const auto socket = RouterSocket::bind(context, {.endpoint = endpoint, .limits = limits}).value();
            const auto turn = make(*socket);
            is_open_ = true;
            while (!stop.stop_requested()) {
                std::array items{zmq::pollitem_t{socket->handle(), 0, ZMQ_POLLIN, 0}};
                zmq_poll(items.data(), 1, 1);
                turn();
            }
        });
        while (!is_open_)
            std::this_thread::yield();
    }

  private:
    std::atomic<bool> is_open_ = false;
    std::jthread thread_;
};

class Client : public testing::Test {
  protected:
    tests::ScratchFolder folder_;
    std::string endpoint_ = "ipc://" + (folder_.path() / "door").string();
    ConnectionSettings settings_{.endpoint = endpoint_,
                                 .client = "test",
                                 .publisher = "lab",
                                 .connect_timeout = 2s,
                                 .reply_timeout = 200ms,
                                 .give_up_after = 10s};
};

ingest::MessageResult stored(const std::string& body) {
    ingest::MessageResult result;
    result.is_stored = true;
    result.position = "1:1";
    result.outcomes.push_back({.type = "result",
                               .id = body,
                               .outcome = "quarantined",
                               .reason = "unknown_unit",
                               .place = "$.unit",
                               .message = "did you mean mU/L?",
                               .warnings = {"w1", "w2"}});
    return result;
}

/// Stores every body of the submissions for which `wants` says yes; leaves the others unanswered.
Server::Make storing(const ingest::DoorLimits& limits, std::function<bool(const ingest::Submission&)> wants) {
    return [=](RouterSocket& socket) -> Server::Turn {
        auto door = std::make_shared<ingest::Door>(socket, limits, "test", 1);
        return [=] {
            for (const auto& submission : door->receive(1000)) {
                if (!wants(submission))
                    continue;
                std::vector<ingest::MessageResult> results;
                for (const auto& body : submission.bodies)
                    results.push_back(stored(body));
                door->reply(submission, std::move(results));
            }
        };
    };
}

/// Publishes "0", "1", …; how often each had a result, by number.
class PublishClient : public Client {
  protected:
    model::Result<void> publish_numbers(std::uint64_t count, PublishOptions options = {}) {
        std::uint64_t given = 0;
        return publish(
            settings_, options,
            [&]() -> std::optional<std::string> {
                return given < count ? std::optional(std::to_string(given++)) : std::nullopt;
            },
            [&](std::uint64_t number, const ingest::MessageResult& result) {
                ++results_[number];
                last_ = result;
            });
    }

    void expect_each_once(std::uint64_t count) {
        EXPECT_EQ(results_.size(), count);
        for (const auto& [number, times] : results_)
            EXPECT_EQ(times, 1) << number;
    }

    ingest::DoorLimits limits_;
    std::map<std::uint64_t, int> results_;
    ingest::MessageResult last_;
};

TEST_F(PublishClient, each_message_has_one_result_within_the_door_s_credit) {
    limits_.credit = 10;
    const Server server(endpoint_, limits_.frame, storing(limits_, [](const auto& submission) {
                            EXPECT_LE(submission.bodies.size(), 4U);
                            EXPECT_EQ(submission.publisher, "lab");
                            return true;
                        }));
    const auto done = publish_numbers(1003, {.bodies_per_publish = 4});
    ASSERT_TRUE(done.has_value()) << done.error().message;
    expect_each_once(1003);
    EXPECT_TRUE(last_.is_stored);
    EXPECT_EQ(last_.position, "1:1");
    ASSERT_EQ(last_.outcomes.size(), 1U);
    EXPECT_EQ(last_.outcomes[0].outcome, "quarantined");
    EXPECT_EQ(last_.outcomes[0].reason, "unknown_unit");
    EXPECT_EQ(last_.outcomes[0].place, "$.unit");
    EXPECT_EQ(last_.outcomes[0].message, "did you mean mU/L?");
    EXPECT_EQ(last_.outcomes[0].warnings, (std::vector<std::string>{"w1", "w2"}));
}

TEST_F(PublishClient, nothing_to_publish_is_done_at_once) {
    const Server server(endpoint_, limits_.frame, storing(limits_, [](const auto&) { return true; }));
    EXPECT_TRUE(publish_numbers(0).has_value());
}

TEST_F(PublishClient, what_stayed_unanswered_is_sent_again_with_the_same_request_id) {
    std::map<std::string, int> seen;
    const Server server(endpoint_, limits_.frame, storing(limits_, [&](const auto& submission) {
                            return ++seen[submission.from.request_id] > 1; // The first time it is lost.
                        }));
    const auto done = publish_numbers(20, {.bodies_per_publish = 5});
    ASSERT_TRUE(done.has_value()) << done.error().message;
    expect_each_once(20);
    EXPECT_EQ(seen.size(), 4U);
}

TEST_F(PublishClient, goes_on_when_the_daemon_was_restarted) {
    std::atomic<int> answered = 0;
    const auto make = storing(limits_, [&](const auto&) { return ++answered <= 100; });
    const auto make_again = storing(limits_, [](const auto&) { return true; });
    auto server = std::make_unique<Server>(endpoint_, limits_.frame, make);
    std::jthread operator_thread([&] {
        while (answered <= 100)
            std::this_thread::yield();
        server.reset();
        server = std::make_unique<Server>(endpoint_, limits_.frame, make_again);
    });
    const auto done = publish_numbers(5000, {.bodies_per_publish = 1});
    operator_thread.join();
    ASSERT_TRUE(done.has_value()) << done.error().message;
    expect_each_once(5000);
}

TEST_F(PublishClient, a_message_over_the_limit_is_rejected_and_the_others_are_not) {
    limits_.frame.bytes_max = 10'000;
    const Server server(endpoint_, limits_.frame, storing(limits_, [](const auto&) { return true; }));
    std::vector<std::string> messages{"a", std::string(100'000, 'x'), "b", std::string(8'000, 'y'),
                                      std::string(8'000, 'z')};
    std::size_t given = 0;
    std::map<std::uint64_t, std::string> results;
    const auto done = publish(
        settings_, {},
        [&]() -> std::optional<std::string> {
            return given < messages.size() ? std::optional(messages[given++]) : std::nullopt;
        },
        [&](std::uint64_t number, const ingest::MessageResult& result) {
            results[number] = result.is_stored ? "stored" : result.reason;
        });
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(results, (std::map<std::uint64_t, std::string>{
                           {0, "stored"}, {1, "too_large"}, {2, "stored"}, {3, "stored"}, {4, "stored"}}));
}

TEST_F(PublishClient, what_the_door_refuses_is_rejected_with_its_reason) {
    const Server server(endpoint_, limits_.frame, storing(limits_, [](const auto&) { return true; }));
    ASSERT_TRUE(publish_numbers(3, {.format = "csv"}).has_value());
    expect_each_once(3);
    EXPECT_FALSE(last_.is_stored);
    EXPECT_FALSE(last_.retry);
    EXPECT_EQ(last_.reason, "unknown_format");
}

TEST_F(PublishClient, gives_up_when_there_is_no_progress) {
    settings_.give_up_after = 500ms;
    const Server server(endpoint_, limits_.frame, storing(limits_, [](const auto&) { return false; }));
    const auto done = publish_numbers(3);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().kind, model::ErrorKind::unavailable);
    EXPECT_EQ(done.error().reason, "no_answer");
    EXPECT_THAT(done.error().message, HasSubstr("3 messages unanswered"));
}

TEST_F(PublishClient, no_daemon_is_said_in_words) {
    settings_.connect_timeout = 100ms;
    const auto done = publish_numbers(1);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().kind, model::ErrorKind::unavailable);
    EXPECT_EQ(done.error().reason, "not_reachable");
    EXPECT_THAT(done.error().message, HasSubstr("Is bonewatchd running"));
    settings_.endpoint = "nonsense";
    EXPECT_EQ(publish_numbers(1).error().reason, "bad_endpoint");
}

TEST_F(PublishClient, a_refused_greeting_is_said_in_the_door_s_words) {
    settings_.publisher = "two words";
    const Server server(endpoint_, limits_.frame, storing(limits_, [](const auto&) { return true; }));
    EXPECT_EQ(publish_numbers(1).error().reason, "bad_publisher");
}

/// A feed of the numbers from 1, and what was committed; the feed's thread and the test's look at it.
class Numbers final : public alerts::FeedSource {
  public:
    explicit Numbers(std::uint64_t count) : count_(count) {}

    [[nodiscard]] model::Result<std::vector<alerts::FeedEntry>> read(const store::Cursor& after,
                                                                     std::size_t entries_max) const override {
        std::vector<alerts::FeedEntry> found;
        const auto place = after.positions.find(1);
        for (auto n = place == after.positions.end() ? 1 : place->second + 1; n <= count_; ++n)
            if (found.size() < entries_max)
                found.push_back({1, n, std::to_string(n)});
        return found;
    }
    [[nodiscard]] store::Cursor latest() const override { return {1, {{1, count_}}}; }
    [[nodiscard]] model::Result<std::optional<store::Cursor>> load_cursor(std::string_view) const override {
        return committed ? std::optional(store::Cursor{1, {{1, committed}}}) : std::nullopt;
    }
    [[nodiscard]] model::Result<void> save_cursor(std::string_view, const store::Cursor& cursor) override {
        committed = cursor.positions.at(1);
        return {};
    }

    std::atomic<std::uint64_t> committed = 0;

  private:
    std::uint64_t count_;
};

class SubscribeClient : public Client {
  protected:
    Server::Make feeding() {
        return [this](RouterSocket& socket) -> Server::Turn {
            auto door = std::make_shared<alerts::FeedDoor>(socket, source_, limits_, "test");
            return [door] {
                door->receive(100);
                EXPECT_TRUE(door->send_entries(10).has_value());
            };
        };
    }

    void expect_numbers(Subscription& subscription, std::uint64_t from, std::uint64_t to) {
        for (auto n = from; n <= to; ++n) {
            const auto message = subscription.next(10s);
            ASSERT_TRUE(message.has_value()) << message.error().message;
            ASSERT_TRUE(message->has_value());
            ASSERT_EQ((*message)->body, std::to_string(n));
            ASSERT_EQ((*message)->position, "1:" + std::to_string(n));
        }
    }

    alerts::FeedLimits limits_;
    Numbers source_{100};
};

TEST_F(SubscribeClient, entries_come_in_order_beyond_the_first_credit_and_then_nothing) {
    const Server server(endpoint_, limits_.frame, feeding());
    auto subscription = Subscription::open(settings_, "ward", "earliest", 8);
    ASSERT_TRUE(subscription.has_value()) << subscription.error().message;
    expect_numbers(*subscription, 1, 100);
    const auto none = subscription->next(20ms);
    ASSERT_TRUE(none.has_value());
    EXPECT_FALSE(none->has_value());
}

TEST_F(SubscribeClient, goes_on_where_it_committed) {
    const Server server(endpoint_, limits_.frame, feeding());
    {
        auto subscription = Subscription::open(settings_, "ward", "last", 8).value();
        expect_numbers(subscription, 1, 30);
        ASSERT_TRUE(subscription.commit(subscription.cursor()).has_value());
        EXPECT_EQ(source_.committed, 30U);
        expect_numbers(subscription, 31, 40);
    }
    auto subscription = Subscription::open(settings_, "ward", "last", 8).value();
    expect_numbers(subscription, 31, 100);
}

TEST_F(SubscribeClient, goes_on_after_the_last_entry_when_the_daemon_was_restarted) {
    auto server = std::make_unique<Server>(endpoint_, limits_.frame, feeding());
    auto subscription = Subscription::open(settings_, "ward", "earliest", 8).value();
    expect_numbers(subscription, 1, 30);
    server.reset();
    server = std::make_unique<Server>(endpoint_, limits_.frame, feeding());
    expect_numbers(subscription, 31, 100);
    server.reset();
    server = std::make_unique<Server>(endpoint_, limits_.frame, feeding());
    const auto committed = subscription.commit(subscription.cursor());
    ASSERT_TRUE(committed.has_value()) << committed.error().message;
    EXPECT_EQ(source_.committed, 100U);
}

TEST_F(SubscribeClient, an_older_connection_is_told_that_it_was_taken_over) {
    const Server server(endpoint_, limits_.frame, feeding());
    auto older = Subscription::open(settings_, "ward", "now", 8).value();
    auto newer = Subscription::open(settings_, "ward", "earliest", 8).value();
    const auto message = older.next(10s);
    ASSERT_FALSE(message.has_value());
    EXPECT_EQ(message.error().reason, "taken_over");
    expect_numbers(newer, 1, 100);
}

TEST_F(SubscribeClient, an_unknown_cursor_is_refused) {
    const Server server(endpoint_, limits_.frame, feeding());
    const auto subscription = Subscription::open(settings_, "ward", to_text(store::Cursor{9, {}}));
    ASSERT_FALSE(subscription.has_value());
    EXPECT_EQ(subscription.error().reason, "cursor_unknown");
}

TEST_F(Client, questions_and_commands_are_answered_or_refused) {
    const model::FrameLimits limits{.bodies_max = 0, .bytes_max = 128u << 10};
    const Server server(endpoint_, limits, [&](RouterSocket& socket) -> Server::Turn {
        auto door = std::make_shared<CommandDoor>(socket, limits, "test");
        return [door] {
            for (const auto& request : door->receive(10)) {
                if (request.what == "forget")
                    continue;
                if (request.what == "missing")
                    door->refuse(request, {model::ErrorKind::not_found, "no_such_alert", "There is none.", "$.a"});
                else
                    door->reply(request, request.kind == Request::Kind::query ? R"({"n":1})" : "{}",
                                {request.what, model::text_in(request.args, "alert").value_or("none")});
            }
        };
    });
    const auto answer = query(settings_, "alert", {{"alert", "A\"1"}});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->meta, R"({"n":1})");
    EXPECT_EQ(answer->bodies, (tests::Parts{"alert", "A\"1"}));
    EXPECT_EQ(command(settings_, "acknowledge", {})->bodies, (tests::Parts{"acknowledge", "none"}));
    const auto missing = query(settings_, "missing", {});
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().kind, model::ErrorKind::refused);
    EXPECT_EQ(missing.error().reason, "no_such_alert");
    EXPECT_EQ(missing.error().place, "$.a");
    EXPECT_EQ(query(settings_, "forget", {}).error().reason, "no_answer");
}

} // namespace
} // namespace bonewatch::daemon
