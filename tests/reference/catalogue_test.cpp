#include "tests/reference/timeline_text.h"

#include <gmock/gmock.h>
#include <toml++/toml.h>

#include <string>
#include <vector>

namespace bonewatch::reference {
namespace {

const std::vector<std::string> monitors{
    "tsh-suppressed",
    "tsh-low",
    "levothyroxine-overreplacement",
    "levothyroxine-no-tsh",
    "steroid-5mg-90d",
    "steroid-7p5mg-90d-unprotected",
    "steroid-no-dxa",
    "steroid-cumulative-12m",
    "vitamin-d-deficient",
    "denosumab-overdue",
    "ra-over-1y-no-bone-assessment",
    "fracture-on-thyroid-hormone",
};

class Catalogue : public testing::TestWithParam<std::string> {};

TEST_P(Catalogue, own_timelines_come_out_right) {
    const toml::table file = toml::parse_file(BONEWATCH_SOURCE_DIR "/config/monitors/" + GetParam() + ".toml");
    const toml::array* tests = file["test"].as_array();
    ASSERT_NE(tests, nullptr);
    for (const toml::node& node : *tests) {
        const toml::table& test = *node.as_table();
        SCOPED_TRACE(test["name"].value_or(""));
        const auto timeline = read_timeline(test["events"].value_or(std::string_view()),
                                            test["expect"].value_or(std::string_view()), test["until"].value<int>());
        ASSERT_TRUE(timeline) << timeline.error().message;
        EXPECT_EQ(to_text(transitions(*timeline, GetParam())), to_text(timeline->expect));
    }
}

INSTANTIATE_TEST_SUITE_P(Twelve, Catalogue, testing::ValuesIn(monitors), [](const auto& one) {
    std::string name = one.param;
    for (char& c : name)
        if (c == '-')
            c = '_';
    return name;
});

} // namespace
} // namespace bonewatch::reference
