#include "tests/reference/timeline_text.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace bonewatch::reference {
namespace {

/// The shipped monitors, or those of the folder that MONITOR_FILES names.
const Catalogue& catalogue() {
    static const Catalogue read = std::getenv("MONITOR_FILES") == nullptr
                                      ? shipped_catalogue()
                                      : read_catalogue(std::getenv("MONITOR_FILES"), shipped_vocabulary());
    return read;
}

class OwnTimelines : public testing::TestWithParam<TimelineTest> {};

TEST_P(OwnTimelines, come_out_right) {
    const TimelineTest& test = GetParam();
    SCOPED_TRACE(test.monitor + ": " + test.name);
    const auto day0 = test.day0 ? model::parse_date(*test.day0) : day_zero;
    ASSERT_TRUE(day0) << *test.day0;
    const auto timeline = read_timeline(test.events, test.expect, test.until, *day0);
    ASSERT_TRUE(timeline) << timeline.error().message;
    EXPECT_EQ(to_text(transitions(*timeline, test.monitor, catalogue())), to_text(timeline->expect));
}

std::string name_of(const testing::TestParamInfo<TimelineTest>& one) {
    std::string name = one.param.monitor + "_" + std::to_string(one.index);
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0)
            c = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, OwnTimelines, testing::ValuesIn(catalogue().tests), name_of);

} // namespace
} // namespace bonewatch::reference
