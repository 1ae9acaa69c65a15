#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace bonewatch::daemon {

/// What was refused at the doors, counted by door and reason, with the last case of each. Any thread counts; the loop
/// says once a second what has grown, however much it was. No secret, and of a public key its fingerprint alone.
class AccessLog {
  public:
    /// The count of all connections, good ones too: said in the log only where they come in floods.
    static constexpr std::string_view accepted = "accepted";

    /// `what` is one of few words, `detail` says whom it concerned: `fingerprint=… from=…`.
    void count(std::string_view door, std::string_view what, std::string_view detail = {});
    /// A line for each count that has grown since this was called last.
    void say_growth();
    /// `{"ingest":{"unknown_key":3},…}`.
    [[nodiscard]] std::string json() const;
    [[nodiscard]] std::uint64_t count_of(std::string_view door, std::string_view what) const;

  private:
    struct Count {
        std::uint64_t count = 0;
        std::uint64_t said = 0;
        std::string last;
    };

    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::string, Count, std::less<>>, std::less<>> counts_; ///< By door, then by word.
};

} // namespace bonewatch::daemon
