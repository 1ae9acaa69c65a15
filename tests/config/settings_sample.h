#pragma once

#include "config/fields.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace bonewatch::config {

/// A text of settings, and the one problem that is found in it.
struct Sample {
    std::string name;
    std::string text;
    std::string place;   ///< `12:5`; empty: the sample is sound.
    std::string message; ///< A part of it.
    friend std::ostream& operator<<(std::ostream& out, const Sample& sample) { return out << sample.name; }
};

/// `problems` are none, where the sample is sound; else the one that it names, in `file`.
inline void expect_only(const std::vector<model::Error>& problems, const std::string& file, const Sample& sample) {
    if (sample.place.empty()) {
        EXPECT_TRUE(problems.empty()) << problems.front().message;
        return;
    }
    ASSERT_EQ(problems.size(), 1U) << (problems.empty() ? "" : problems.back().message);
    EXPECT_EQ(problems.front().place, file + ":" + sample.place);
    EXPECT_NE(problems.front().message.find(sample.message), std::string::npos) << problems.front().message;
}

} // namespace bonewatch::config
