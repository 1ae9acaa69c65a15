#pragma once

#include "daemon/clock.h"
#include "store/model/result.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

/// How far a file has been published, in a small file of its own, so that a publisher that was killed goes on where it
/// was. It is written at most once a second, after the answers that it tells of: never ahead of what is stored, so the
/// worst that can happen is that messages are sent again, as duplicates.
///
///     {"digest":HEX,"messages":12000,"answered":8800,"rejected":2}
class ResumeState {
  public:
    explicit ResumeState(std::string path) : path_(std::move(path)) {}

    /// How many of the text's messages were answered before; 0 where the state is of another text, or of one that was
    /// cut into another number of messages. Fails with `config`, `no_state`, where a file is there that is no state: it
    /// would be written over, and removed in the end. An empty one may be.
    [[nodiscard]] model::Result<std::uint64_t> begin(std::string_view text, std::size_t message_count);
    /// A message was answered. One that may succeed later, and all behind it, will be sent again.
    [[nodiscard]] model::Result<void> answered(std::uint64_t number, bool is_stored, bool may_retry);
    /// All is published: the file is removed.
    void finish();

    [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
    /// Messages rejected in earlier runs.
    [[nodiscard]] std::uint64_t rejected_before() const { return rejected_before_; }

  private:
    [[nodiscard]] model::Result<void> write() const;

    std::string path_;
    std::string digest_;
    std::size_t messages_ = 0;
    std::uint64_t skipped_ = 0, rejected_before_ = 0;
    std::uint64_t answered_ = 0; ///< All before it are.
    std::uint64_t rejected_ = 0;
    std::set<std::uint64_t> ahead_; ///< Answered, with one before them that is not.
    bool is_stuck_ = false;
    Moment written_{};
};

} // namespace bonewatch::daemon
