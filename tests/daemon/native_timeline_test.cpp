#include "daemon/native_timeline.h"
#include "tests/monitors/shipped_catalogue.h"

#include <gtest/gtest.h>

namespace bonewatch::daemon {
namespace {

/// A test timeline with one line wrong, and what its author is told.
struct Mistake {
    std::string name;
    std::string events, expect; ///< The last line of each, the third and the second of its text.
    std::string problem;
};

std::string file_with(const Mistake& mistake) {
    return "id = \"probe\"\ntitle = \"P\"\nwhen = \"known(fall)\"\nseverity = [ { level = \"info\" } ]\n"
           "advice = \"A\"\nsource = \"S\"\n[[test]]\nname = \"t\"\nevents = \"\"\"\n0 tsh 1\n1 tsh 1\n" +
           mistake.events + "\"\"\"\nexpect = \"\"\"\n0 raised info\n" + mistake.expect + "\"\"\"\n";
}

class TimelineMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(TimelineMistakes, name_their_line) {
    const auto definitions = monitors::read_definitions({{"monitors/probe.toml", file_with(GetParam())}}, {});
    ASSERT_TRUE(definitions);
    const auto& test = definitions->monitors.front().tests.front();
    const auto timeline = read_timeline(test, monitors::shipped_catalogue().vocabulary);
    EXPECT_EQ(timeline ? "" : timeline.error().place + ": " + timeline.error().message, GetParam().problem);
}

const std::vector<Mistake> mistakes{
    {"nothing_wrong", "2 tsh 1", "2 resolved", ""},
    {"no_day", "x tsh 1", "2 resolved",
     "monitors/probe.toml:12:1: 'x tsh 1': a line begins with its day, or with 'patient'"},
    {"unknown_analyte", "2 thsh 1", "2 resolved",
     "monitors/probe.toml:12:1: '2 thsh 1': 'thsh' is no analyte, and not supply, stop, given, condition, procedure "
     "or retract; did you mean 'tsh'?"},
    {"unknown_transition", "2 tsh 1", "2 resolvd",
     "monitors/probe.toml:15:1: '2 resolvd': 'resolvd' is no transition: raised, escalated, resolved or withdrawn; "
     "did you mean 'resolved'?"},
    {"unknown_level", "2 tsh 1", "2 raised warn",
     "monitors/probe.toml:15:1: '2 raised warn': 'warn' is not a level: info, warning or urgent"},
};

INSTANTIATE_TEST_SUITE_P(Table, TimelineMistakes, testing::ValuesIn(mistakes),
                         [](const auto& one) { return one.param.name; });

} // namespace
} // namespace bonewatch::daemon
