#include "daemon/resume_state.h"
#include "tests/store/scratch_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace bonewatch::daemon {
namespace {

class ResumeStateTest : public testing::Test {
  protected:
    /// Each is written at once: a state writes once a second, and its first answer.
    void run(std::uint64_t answered, bool is_stored = true, bool may_retry = false) {
        ResumeState state(path_);
        EXPECT_EQ(state.begin("text", 10).value(), answered);
        EXPECT_TRUE(state.answered(answered, is_stored, may_retry));
    }
    tests::ScratchFolder folder_;
    std::string path_ = (folder_.path() / "state").string();
};

TEST_F(ResumeStateTest, goes_on_behind_what_was_answered) {
    run(0);
    run(1);
    run(2);
    ResumeState state(path_);
    EXPECT_EQ(state.begin("text", 10).value(), 3u);
    EXPECT_EQ(state.skipped(), 3u);
    state.finish();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ResumeStateTest, an_answer_ahead_of_another_is_not_counted) {
    ResumeState state(path_);
    EXPECT_EQ(state.begin("text", 10).value(), 0u);
    EXPECT_TRUE(state.answered(1, true, false));
    ResumeState again(path_);
    EXPECT_EQ(again.begin("text", 10).value(), 0u);
}

TEST_F(ResumeStateTest, is_of_one_text_cut_in_one_way) {
    run(0);
    EXPECT_EQ(ResumeState(path_).begin("other", 10).value(), 0u);
    EXPECT_EQ(ResumeState(path_).begin("text", 11).value(), 0u);
    EXPECT_EQ(ResumeState(path_).begin("text", 10).value(), 1u);
}

TEST_F(ResumeStateTest, what_was_rejected_is_remembered_and_what_may_succeed_later_is_sent_again) {
    run(0, false, false);
    ResumeState state(path_);
    EXPECT_EQ(state.begin("text", 10).value(), 1u);
    EXPECT_EQ(state.rejected_before(), 1u);
    run(1, false, true);
    EXPECT_EQ(ResumeState(path_).begin("text", 10).value(), 1u);
}

TEST_F(ResumeStateTest, another_file_is_refused_and_left_alone) {
    for (const char* text :
         {"Dear colleague", "{}", R"({"digest":"ab","messages":1,"answered":1,"rejected":0})", "[]"}) {
        std::ofstream(path_) << text;
        const auto begun = ResumeState(path_).begin("text", 10);
        ASSERT_FALSE(begun) << text;
        EXPECT_EQ(begun.error().kind, model::ErrorKind::config);
        EXPECT_EQ(begun.error().reason, "no_state");
        EXPECT_EQ(begun.error().place, path_);
        EXPECT_EQ(std::filesystem::file_size(path_), std::string(text).size());
    }
    std::ofstream(path_).close();
    EXPECT_EQ(ResumeState(path_).begin("text", 10).value(), 0u) << "an empty file may be removed";
    std::filesystem::remove(path_);
    std::filesystem::create_directory(path_);
    EXPECT_FALSE(ResumeState(path_).begin("text", 10));
}

} // namespace
} // namespace bonewatch::daemon
