#include "daemon/monitor_tests.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bonewatch::daemon {
namespace {

std::shared_ptr<const Revision> shipped() {
    static const auto revision = [] {
        auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
        auto loaded = Revision::load(*files, std::chrono::minutes(10));
        if (!loaded)
            for (const model::Error& error : loaded.error())
                ADD_FAILURE() << error.place << ": " << error.message;
        return *loaded;
    }();
    return revision;
}

struct Case {
    model::MonitorId monitor;
    monitors::Definition::Test test;
};

std::vector<Case> all_tests() {
    std::vector<Case> out;
    for (const monitors::Definition& monitor : shipped()->catalogue->definitions().monitors)
        for (const auto& test : monitor.tests)
            out.push_back({monitor.id, test});
    return out;
}

class CatalogueTimelines : public testing::TestWithParam<Case> {};

TEST_P(CatalogueTimelines, come_out_as_written) {
    static MonitorTests tests(shipped()->files, shipped()->settle);
    const MonitorTestOutcome outcome = tests.run(GetParam().monitor, GetParam().test);
    EXPECT_EQ(outcome.trouble, "");
    EXPECT_EQ(outcome.told, outcome.expected) << to_text(outcome.place) << "\n" << GetParam().test.events;
}

INSTANTIATE_TEST_SUITE_P(Shipped, CatalogueTimelines, testing::ValuesIn(all_tests()), [](const auto& one) {
    std::string name = one.param.monitor.text + "__" + one.param.test.name;
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name.substr(0, 100) + "_" + std::to_string(one.index);
});

TEST(CatalogueTimelines, every_monitor_has_some) {
    for (const monitors::Definition& monitor : shipped()->catalogue->definitions().monitors)
        EXPECT_FALSE(monitor.tests.empty()) << monitor.id.text;
}

} // namespace
} // namespace bonewatch::daemon
