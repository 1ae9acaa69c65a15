#pragma once

#include "daemon/clock.h"

#include <cstdint>
#include <string>

namespace bonewatch::daemon {

/// How far long work has come: one line on standard error that is written over and wiped in the end, and nothing at all
/// where standard error is no terminal.
class Progress {
  public:
    /// `what` is counted: "patients". `total` 0: not known.
    Progress(std::string what, std::uint64_t total);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void at(std::uint64_t done);
    void wipe();

  private:
    std::string what_;
    std::uint64_t total_;
    bool is_shown_;
    bool is_written_ = false;
    Moment last_{};
};

} // namespace bonewatch::daemon
