#include "alerts/feed_door.h"
#include "tests/daemon/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::alerts {
namespace {

using model::Command;
using store::Cursor;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::frame;
using tests::Peer;
using tests::reason_in;

/// A feed in memory.
class Entries final : public FeedSource {
  public:
    void append(std::uint8_t partition, std::string bytes) { partitions_[partition].push_back(std::move(bytes)); }

    [[nodiscard]] model::Result<std::vector<FeedEntry>> read(const Cursor& after,
                                                             std::size_t entries_max) const override {
        if (is_broken)
            return model::fail(model::ErrorKind::unavailable, "disk", "The disk failed.");
        std::vector<FeedEntry> found;
        for (const auto& [partition, entries] : partitions_) {
            const auto place = after.positions.find(partition);
            for (std::uint64_t n = place == after.positions.end() ? 1 : place->second + 1; n <= entries.size(); ++n)
                if (found.size() < entries_max)
                    found.push_back({partition, n, entries[n - 1]});
        }
        return found;
    }
    [[nodiscard]] Cursor latest() const override {
        Cursor cursor{epoch, {}};
        for (const auto& [partition, entries] : partitions_)
            cursor.positions[partition] = entries.size();
        return cursor;
    }
    [[nodiscard]] model::Result<std::optional<Cursor>> load_cursor(std::string_view consumer) const override {
        const auto found = saved.find(std::string(consumer));
        return found == saved.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] model::Result<void> save_cursor(std::string_view consumer, const Cursor& cursor) override {
        if (is_broken)
            return model::fail(model::ErrorKind::unavailable, "disk", "The disk failed.");
        saved[std::string(consumer)] = cursor;
        return {};
    }

    std::map<std::string, Cursor> saved;
    std::uint64_t epoch = 5;
    bool is_broken = false;

  private:
    std::map<std::uint8_t, std::vector<std::string>> partitions_;
};

std::string subscribe_text(const std::string& consumer, const std::string& from, int credit) {
    return R"({"consumer":")" + consumer + R"(","from":")" + from + R"(","credit":)" + std::to_string(credit) + "}";
}

std::string member(const model::Frame& frame, const char* key) {
    return model::text_in(model::read_meta(frame.meta).value_or(model::Meta{}), key).value_or("");
}

class Feed : public testing::Test {
  protected:
    void open(const FeedLimits& limits = {}, int replies_queued_max = 1000) {
        socket_ = daemon::RouterSocket::bind(context_, {.endpoint = "tcp://127.0.0.1:0",
                                                        .limits = limits.frame,
                                                        .replies_queued_max = replies_queued_max})
                      .value();
        door_ = std::make_unique<FeedDoor>(*socket_, entries_, limits, "bonewatchd test");
    }

    Peer connect() { return {context_, socket_->endpoint()}; }

    Peer subscribed(const std::string& consumer, const std::string& from, int credit) {
        Peer peer = connect();
        peer.send(frame(Command::subscribe, "s-" + consumer, subscribe_text(consumer, from, credit)));
        const auto welcome = peer.answer([this] { door_->receive(100); });
        EXPECT_EQ(reason_in(welcome), "WELCOME " + welcome.request_id + " " + welcome.meta);
        return peer;
    }

    /// The bodies of `count` events, and that no more follow.
    std::vector<std::string> events(Peer& peer, std::size_t count) {
        std::vector<std::string> bodies;
        while (bodies.size() < count) {
            const auto event = peer.answer(serve_);
            if (event.command != Command::event)
                return {"not an event: " + reason_in(event)};
            bodies.push_back(event.bodies.at(0));
            cursor_ = member(event, "cursor");
        }
        if (const auto more = peer.receive(serve_, std::chrono::milliseconds(20)))
            bodies.push_back("one more than expected");
        return bodies;
    }

    void append_five() {
        for (int i = 1; i <= 5; ++i)
            entries_.append(9, std::to_string(i));
    }

    zmq::context_t context_;
    Entries entries_;
    std::unique_ptr<daemon::RouterSocket> socket_;
    std::unique_ptr<FeedDoor> door_;
    FeedState state_ = FeedState::idle;
    std::string cursor_;
    std::function<void()> serve_ = [this] {
        door_->receive(100);
        state_ = door_->send_entries(2).value_or(FeedState::idle);
    };
};

TEST_F(Feed, subscribe_is_answered_with_the_cursor_it_begins_after) {
    open();
    append_five();
    Peer peer = connect();
    peer.send(frame(Command::subscribe, "s1", subscribe_text("ward", "now", 10)));
    const auto welcome = peer.answer(serve_);
    EXPECT_EQ(welcome.command, Command::welcome);
    EXPECT_EQ(welcome.request_id, "s1");
    EXPECT_EQ(welcome.meta, R"({"server":"bonewatchd test","epoch":5,"cursor":")" + to_text(Cursor{5, {{9, 5}}}) +
                                R"(","limits":{"credit":10000}})");
}

TEST_F(Feed, an_event_carries_cursor_position_and_the_entry_s_bytes) {
    open();
    entries_.append(9, "{\"alert\":1}");
    Peer peer = subscribed("ward", "earliest", 10);
    const auto event = peer.answer(serve_);
    EXPECT_EQ(event.command, Command::event);
    EXPECT_EQ(event.request_id, "s-ward");
    EXPECT_EQ(event.meta, R"({"cursor":")" + to_text(Cursor{5, {{9, 1}}}) + R"(","position":"9:1"})");
    EXPECT_THAT(event.bodies, ElementsAre("{\"alert\":1}"));
}

TEST_F(Feed, each_partition_comes_in_order_and_new_entries_follow) {
    open();
    append_five();
    entries_.append(3, "x");
    Peer peer = subscribed("ward", "earliest", 100);
    EXPECT_THAT(events(peer, 6), ElementsAre("x", "1", "2", "3", "4", "5"));
    entries_.append(3, "y");
    entries_.append(63, "z");
    EXPECT_THAT(events(peer, 2), ElementsAre("y", "z"));
    EXPECT_EQ(cursor_, to_text(entries_.latest()));
}

TEST_F(Feed, nothing_is_sent_beyond_the_credit_and_nothing_is_dropped) {
    open();
    append_five();
    Peer peer = subscribed("ward", "earliest", 0);
    EXPECT_THAT(events(peer, 0), ElementsAre());
    peer.send(frame(Command::credit, "c", R"({"n":3})"));
    EXPECT_THAT(events(peer, 3), ElementsAre("1", "2", "3"));
    EXPECT_EQ(state_, FeedState::idle);
    peer.send(frame(Command::credit, "c", R"({"n":1})"));
    peer.send(frame(Command::credit, "c", R"({"n":7})"));
    EXPECT_THAT(events(peer, 2), ElementsAre("4", "5"));
}

TEST_F(Feed, says_when_there_is_more_to_send) {
    open();
    append_five();
    Peer peer = subscribed("ward", "earliest", 100);
    EXPECT_EQ(door_->send_entries(2), FeedState::more);
    EXPECT_EQ(door_->send_entries(2), FeedState::more);
    EXPECT_EQ(door_->send_entries(2), FeedState::idle);
    EXPECT_THAT(events(peer, 5), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(Feed, a_subscription_resumes_after_its_committed_cursor) {
    open();
    append_five();
    {
        Peer peer = subscribed("ward", "last", 3);
        EXPECT_THAT(events(peer, 3), ElementsAre("1", "2", "3"));
        peer.send(frame(Command::commit, "c1", R"({"cursor":")" + to_text(Cursor{5, {{9, 2}}}) + R"("})"));
        const auto result = peer.answer(serve_);
        EXPECT_EQ(result.command, Command::result);
        EXPECT_EQ(result.request_id, "c1");
        EXPECT_EQ(entries_.saved.at("ward"), (Cursor{5, {{9, 2}}}));
    }
    Peer again = subscribed("ward", "last", 100);
    EXPECT_THAT(events(again, 3), ElementsAre("3", "4", "5"));
    Peer other = subscribed("clinic", "last", 100);
    EXPECT_THAT(events(other, 5), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(Feed, a_subscription_may_begin_after_any_cursor_that_was_given) {
    open();
    append_five();
    Peer peer = subscribed("ward", to_text(Cursor{5, {{9, 4}}}), 100);
    EXPECT_THAT(events(peer, 1), ElementsAre("5"));
    EXPECT_TRUE(entries_.saved.empty());
}

TEST_F(Feed, the_newer_connection_of_a_consumer_takes_over) {
    open();
    append_five();
    Peer older = subscribed("ward", "earliest", 2);
    EXPECT_THAT(events(older, 2), ElementsAre("1", "2"));
    Peer newer = subscribed("ward", "earliest", 100);
    const auto error = older.answer(serve_);
    EXPECT_EQ(reason_in(error), "taken_over");
    EXPECT_EQ(error.request_id, "s-ward");
    EXPECT_EQ(member(error, "retry"), "false");
    EXPECT_THAT(events(newer, 5), ElementsAre("1", "2", "3", "4", "5"));
    older.send(frame(Command::commit, "late", R"({"cursor":")" + to_text(Cursor{5, {{9, 2}}}) + R"("})"));
    EXPECT_EQ(reason_in(older.answer(serve_)), "subscribe_first");
    EXPECT_TRUE(entries_.saved.empty());
    EXPECT_EQ(door_->stats().subscribers, 1U);
}

TEST_F(Feed, subscribing_again_on_one_connection_begins_anew) {
    open();
    append_five();
    Peer peer = subscribed("ward", "earliest", 100);
    EXPECT_EQ(events(peer, 5).size(), 5U);
    peer.send(frame(Command::subscribe, "again", subscribe_text("ward", "earliest", 1)));
    EXPECT_EQ(peer.answer(serve_).command, Command::welcome);
    EXPECT_THAT(events(peer, 1), ElementsAre("1"));
}

TEST_F(Feed, two_consumers_read_at_their_own_pace) {
    open();
    append_five();
    Peer slow = subscribed("slow", "earliest", 1);
    Peer fast = subscribed("fast", "earliest", 100);
    EXPECT_THAT(events(fast, 5), ElementsAre("1", "2", "3", "4", "5"));
    EXPECT_THAT(events(slow, 1), ElementsAre("1"));
}

TEST_F(Feed, pong_tells_the_latest_cursor_and_whether_one_is_subscribed) {
    open();
    append_five();
    Peer peer = connect();
    peer.send(frame(Command::ping, "p", "{}"));
    const auto latest = to_text(entries_.latest());
    EXPECT_EQ(peer.answer(serve_).meta, R"({"latest":")" + latest + R"(","subscribed":false})");
    peer.send(frame(Command::subscribe, "s", subscribe_text("ward", "now", 1)));
    EXPECT_EQ(peer.answer(serve_).command, Command::welcome);
    peer.send(frame(Command::ping, "p", "{}"));
    EXPECT_EQ(member(peer.answer(serve_), "subscribed"), "true");
    peer.send(frame(Command::bye, "b", "{}"));
    EXPECT_EQ(peer.answer(serve_).command, Command::bye);
    EXPECT_EQ(door_->stats().subscribers, 0U);
}

struct FeedRefusalCase {
    std::string name;
    tests::Parts parts;
    std::string reason;
    std::string retry = "false";
};

class FeedRefusal : public Feed, public testing::WithParamInterface<FeedRefusalCase> {};

TEST_P(FeedRefusal, names_its_reason_and_the_subscription_goes_on) {
    open();
    append_five();
    Peer peer = subscribed("ward", "earliest", 0);
    peer.send(GetParam().parts);
    const auto error = peer.answer(serve_);
    EXPECT_EQ(reason_in(error), GetParam().reason);
    EXPECT_EQ(member(error, "retry"), GetParam().retry);
    EXPECT_TRUE(entries_.saved.empty());
    peer.send(frame(Command::credit, "c", R"({"n":5})"));
    EXPECT_EQ(events(peer, 5).size(), 5U);
}

std::string cursor_text(const std::string& cursor) {
    return R"({"cursor":")" + cursor + R"("})";
}

INSTANTIATE_TEST_SUITE_P(
    Feed, FeedRefusal,
    testing::Values(
        FeedRefusalCase{"garbage", {"\xde\xad\xbe\xef"}, "not_bwp1"},
        FeedRefusalCase{"next_version", {"BWP2", "\x20", "1", "{}"}, "wrong_version"},
        FeedRefusalCase{"unknown_command", {"BWP1", "\x7e", "1", "{}"}, "unknown_command"},
        FeedRefusalCase{"publish", frame(Command::publish, "1", "{}"), "wrong_door"},
        FeedRefusalCase{"a_body", frame(Command::ping, "1", "{}", {"a"}), "too_many_bodies"},
        FeedRefusalCase{"meta_is_text", frame(Command::subscribe, "1", "\"x\""), "meta_not_object"},
        FeedRefusalCase{"no_consumer", frame(Command::subscribe, "1", R"({"credit":1})"), "bad_consumer"},
        FeedRefusalCase{"consumer_of_65_bytes",
                        frame(Command::subscribe, "1", subscribe_text(std::string(65, 'x'), "now", 1)), "bad_consumer"},
        FeedRefusalCase{"no_credit", frame(Command::subscribe, "1", R"({"consumer":"x"})"), "bad_credit"},
        FeedRefusalCase{"too_much_credit", frame(Command::subscribe, "1", subscribe_text("x", "now", 10'001)),
                        "bad_credit"},
        FeedRefusalCase{"too_much_more_credit", frame(Command::credit, "1", R"({"n":10001})"), "bad_credit"},
        FeedRefusalCase{"negative_credit", frame(Command::credit, "1", R"({"n":-1})"), "bad_member"},
        FeedRefusalCase{"credit_in_quotes", frame(Command::subscribe, "1", R"({"consumer":"x","credit":"5"})"),
                        "bad_member"},
        FeedRefusalCase{"from_nonsense", frame(Command::subscribe, "1", subscribe_text("x", "yesterday", 1)),
                        "cursor_unknown"},
        FeedRefusalCase{"from_another_epoch",
                        frame(Command::subscribe, "1", subscribe_text("x", to_text(Cursor{4, {{9, 1}}}), 1)),
                        "cursor_unknown"},
        FeedRefusalCase{"from_beyond_the_latest",
                        frame(Command::subscribe, "1", subscribe_text("x", to_text(Cursor{5, {{9, 6}}}), 1)),
                        "cursor_unknown"},
        FeedRefusalCase{"from_a_partition_without_entries",
                        frame(Command::subscribe, "1", subscribe_text("x", to_text(Cursor{5, {{8, 1}}}), 1)),
                        "cursor_unknown"},
        FeedRefusalCase{"commit_nonsense", frame(Command::commit, "1", cursor_text("x")), "cursor_unknown"},
        FeedRefusalCase{"commit_nothing", frame(Command::commit, "1", "{}"), "cursor_unknown"},
        FeedRefusalCase{"commit_beyond_the_latest",
                        frame(Command::commit, "1", cursor_text(to_text(Cursor{5, {{9, 6}}}))), "cursor_unknown"}),
    [](const auto& test) { return test.param.name; });

TEST_F(Feed, credit_and_commit_need_a_subscription) {
    open();
    Peer peer = connect();
    peer.send(frame(Command::credit, "1", R"({"n":1})"));
    EXPECT_EQ(reason_in(peer.answer(serve_)), "subscribe_first");
    peer.send(frame(Command::commit, "2", cursor_text(to_text(Cursor{5, {}}))));
    EXPECT_EQ(reason_in(peer.answer(serve_)), "subscribe_first");
}

TEST_F(Feed, a_committed_cursor_of_an_older_epoch_is_refused) {
    open();
    entries_.saved["ward"] = Cursor{4, {}};
    Peer peer = connect();
    peer.send(frame(Command::subscribe, "1", subscribe_text("ward", "last", 1)));
    EXPECT_EQ(reason_in(peer.answer(serve_)), "cursor_unknown");
}

TEST_F(Feed, a_commit_that_the_disk_refused_may_be_tried_again) {
    open();
    Peer peer = subscribed("ward", "now", 0);
    entries_.is_broken = true;
    peer.send(frame(Command::commit, "1", cursor_text(to_text(Cursor{5, {}}))));
    const auto error = peer.answer(serve_);
    EXPECT_EQ(reason_in(error), "disk");
    EXPECT_EQ(member(error, "retry"), "true");
}

TEST_F(Feed, a_source_that_fails_loses_nothing) {
    open();
    append_five();
    Peer peer = subscribed("ward", "earliest", 100);
    entries_.is_broken = true;
    EXPECT_FALSE(door_->send_entries(10).has_value());
    entries_.is_broken = false;
    EXPECT_EQ(events(peer, 5).size(), 5U);
}

TEST_F(Feed, too_many_subscribers_are_refused_until_one_has_gone) {
    FeedLimits limits;
    limits.subscribers_max = 2;
    open(limits);
    const Peer first = subscribed("a", "now", 0);
    Peer late = connect();
    {
        const Peer second = subscribed("b", "now", 0);
        late.send(frame(Command::subscribe, "1", subscribe_text("c", "now", 0)));
        EXPECT_EQ(reason_in(late.answer(serve_)), "too_many_peers");
    }
    auto answer = model::Frame{};
    const auto deadline = std::chrono::steady_clock::now() + tests::patience;
    do {
        late.send(frame(Command::subscribe, "1", subscribe_text("c", "now", 0)));
        answer = late.answer(serve_);
    } while (answer.command != Command::welcome && std::chrono::steady_clock::now() < deadline);
    EXPECT_EQ(answer.command, Command::welcome);
    EXPECT_EQ(door_->stats().subscribers, 2U);
}

TEST_F(Feed, a_subscriber_that_never_reads_loses_nothing_and_stops_nobody) {
    open({}, 10);
    const std::string large(100'000, 'x');
    for (int i = 0; i < 500; ++i)
        entries_.append(1, std::to_string(i) + large);
    Peer deaf(context_, socket_->endpoint(), zmq::socket_type::dealer, 1);
    deaf.send(frame(Command::subscribe, "s", subscribe_text("deaf", "earliest", 10'000)));
    const auto deadline = std::chrono::steady_clock::now() + tests::patience;
    while (state_ != FeedState::blocked && std::chrono::steady_clock::now() < deadline)
        serve_();
    ASSERT_EQ(state_, FeedState::blocked);
    entries_.append(2, "new");
    Peer bystander = subscribed("ward", to_text(Cursor{5, {{1, 500}}}), 10);
    EXPECT_EQ(bystander.answer(serve_).bodies, tests::Parts{"new"});
    EXPECT_EQ(deaf.answer(serve_).command, Command::welcome);
    for (int i = 0; i < 500; ++i)
        ASSERT_EQ(deaf.answer(serve_).bodies, tests::Parts{std::to_string(i) + large});
    EXPECT_EQ(deaf.answer(serve_).bodies, tests::Parts{"new"});
}

} // namespace
} // namespace bonewatch::alerts
