#include "alerts/feed_door.h"
#include "ingest/door.h"
#include "tests/daemon/peer.h"
#include "tests/store/scratch_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <thread>

/// The two programs in this folder were written from the READMEs alone; they must get on with the doors.
namespace bonewatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The feed is what was published: one entry for each body.
class Echo final : public alerts::FeedSource {
  public:
    [[nodiscard]] model::Result<std::vector<alerts::FeedEntry>> read(const store::Cursor& after,
                                                                     std::size_t entries_max) const override {
        std::vector<alerts::FeedEntry> found;
        const auto place = after.positions.find(1);
        for (std::uint64_t n = place == after.positions.end() ? 1 : place->second + 1; n <= entries.size(); ++n)
            if (found.size() < entries_max)
                found.push_back({1, n, entries[n - 1]});
        return found;
    }
    [[nodiscard]] store::Cursor latest() const override { return {1, {{1, entries.size()}}}; }
    [[nodiscard]] model::Result<std::optional<store::Cursor>> load_cursor(std::string_view) const override {
        return committed;
    }
    [[nodiscard]] model::Result<void> save_cursor(std::string_view, const store::Cursor& cursor) override {
        committed = cursor;
        return {};
    }

    std::vector<std::string> entries;
    std::optional<store::Cursor> committed;
};

class PythonClients : public testing::Test {
  protected:
    PythonClients() {
        ingest::DoorLimits limits;
        limits.credit = 2;
        server_ = std::jthread([this, limits](const std::stop_token& stop) { serve(stop, limits); });
        while (!is_open_)
            std::this_thread::yield();
    }

    void serve(const std::stop_token& stop, const ingest::DoorLimits& limits) {
        zmq::context_t context;
        const auto ingest_socket = daemon::RouterSocket::bind(context, {.endpoint = ingest_, .limits = {}}).value();
        const auto feed_socket = daemon::RouterSocket::bind(context, {.endpoint = feed_, .limits = {}}).value();
        ingest::Door ingest_door(*ingest_socket, limits, "test", 1);
        alerts::FeedDoor feed_door(*feed_socket, source_, {}, "test");
        is_open_ = true;
        while (!stop.stop_requested()) {
            std::array items{zmq::pollitem_t{ingest_socket->handle(), 0, ZMQ_POLLIN, 0},
                             zmq::pollitem_t{feed_socket->handle(), 0, ZMQ_POLLIN, 0}};
            zmq_poll(items.data(), items.size(), 5);
            for (const auto& submission : ingest_door.receive(100)) {
                std::vector<ingest::MessageResult> results;
                for (const auto& body : submission.bodies) {
                    source_.entries.push_back(body);
                    results.emplace_back().is_stored = true;
                }
                ingest_door.reply(submission, std::move(results));
            }
            feed_door.receive(100);
            EXPECT_TRUE(feed_door.send_entries(100).has_value());
        }
    }

    /// Exit code and standard output of one of the programs.
    std::pair<int, std::string> run(const std::string& program, const std::string& arguments,
                                    const std::string& input) {
        const auto input_file = folder_.path() / "input";
        std::ofstream(input_file) << input;
        const std::string command = std::string("timeout 60 '" PYTHON "' '" PROGRAMS "/") + program + "' " + arguments +
                                    " < '" + input_file.string() + "'";
        std::FILE* pipe = ::popen(command.c_str(), "r");
        std::string output;
        std::array<char, 4096> chunk{};
        while (const auto size = std::fread(chunk.data(), 1, chunk.size(), pipe))
            output.append(chunk.data(), size);
        return {WEXITSTATUS(::pclose(pipe)), output};
    }

    tests::ScratchFolder folder_;
    std::string ingest_ = "ipc://" + (folder_.path() / "ingest").string();
    std::string feed_ = "ipc://" + (folder_.path() / "feed").string();
    Echo source_;
    std::atomic<bool> is_open_ = false;
    std::jthread server_;
};

TEST_F(PythonClients, what_one_publishes_the_other_receives_once) {
    const auto published = run("publisher.py", ingest_ + " lab", "a\nb\nc\nd\n\n");
    EXPECT_EQ(published.first, 0) << published.second;
    EXPECT_THAT(published.second, HasSubstr("4 {\"status\": \"stored\""));

    const auto first = run("subscriber.py", feed_ + " ward last 3", "");
    EXPECT_EQ(first, std::pair(0, std::string("1:1 a\n\n1:2 b\n\n1:3 c\n\n")));
    const auto second = run("subscriber.py", feed_ + " ward last 2", "");
    EXPECT_EQ(second, std::pair(0, std::string("1:4 d\n\n1:5 \n\n")));
}

TEST_F(PythonClients, refusals_end_them_with_the_door_s_words) {
    EXPECT_NE(run("publisher.py", ingest_ + " 'two words'", "").first, 0);
    EXPECT_NE(run("subscriber.py", feed_ + " ward yesterday 1", "").first, 0);
}

} // namespace
} // namespace bonewatch
