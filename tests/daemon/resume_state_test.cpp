#include "daemon/resume_state.h"
#include "tests/store/scratch_folder.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace bonewatch::daemon {
namespace {

class ResumeStateTest : public testing::Test {
  protected:
    /// Each is written at once: a state writes once a second, and its first answer.
    void run(std::uint64_t answered, bool is_stored = true, bool may_retry = false) {
        ResumeState state(path_);
        EXPECT_EQ(state.begin("text", 10), answered);
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
    EXPECT_EQ(state.begin("text", 10), 3u);
    EXPECT_EQ(state.skipped(), 3u);
    state.finish();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ResumeStateTest, an_answer_ahead_of_another_is_not_counted) {
    ResumeState state(path_);
    EXPECT_EQ(state.begin("text", 10), 0u);
    EXPECT_TRUE(state.answered(1, true, false));
    ResumeState again(path_);
    EXPECT_EQ(again.begin("text", 10), 0u);
}

TEST_F(ResumeStateTest, is_of_one_text_cut_in_one_way) {
    run(0);
    EXPECT_EQ(ResumeState(path_).begin("other", 10), 0u);
    EXPECT_EQ(ResumeState(path_).begin("text", 11), 0u);
    EXPECT_EQ(ResumeState(path_).begin("text", 10), 1u);
}

TEST_F(ResumeStateTest, what_was_rejected_is_remembered_and_what_may_succeed_later_is_sent_again) {
    run(0, false, false);
    ResumeState state(path_);
    EXPECT_EQ(state.begin("text", 10), 1u);
    EXPECT_EQ(state.rejected_before(), 1u);
    run(1, false, true);
    EXPECT_EQ(ResumeState(path_).begin("text", 10), 1u);
}

} // namespace
} // namespace bonewatch::daemon
