#include "tests/reference/timeline_text.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace bonewatch::reference {
namespace {

/// The shipped monitors, or those of the folder that MONITOR_FILES names.
std::string folder() {
    const char* other = std::getenv("MONITOR_FILES");
    return other == nullptr ? BONEWATCH_SOURCE_DIR "/config/monitors" : other;
}

const Catalogue& catalogue() {
    static const Catalogue read = read_catalogue(folder(), shipped_vocabulary());
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
    const Catalogue& watched =
        test.set.empty() ? catalogue() : read_catalogue(folder(), shipped_vocabulary(), {test.monitor, test.set});
    EXPECT_EQ(to_text(transitions(*timeline, test.monitor, watched)), to_text(timeline->expect)) << test.events;
    if (test.tags) {
        EXPECT_EQ(tags_at_end(*timeline, test.monitor, watched), *test.tags) << test.events;
    }
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
