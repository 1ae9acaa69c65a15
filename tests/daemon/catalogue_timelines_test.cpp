#include "daemon/native_timeline.h"
#include "daemon/replay.h"
#include "ingest/json.h"

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
    std::string monitor;
    monitors::Definition::Test test;
};

std::vector<Case> all_tests() {
    std::vector<Case> out;
    for (const monitors::Definition& monitor : shipped()->catalogue->definitions().monitors)
        for (const auto& test : monitor.tests)
            out.push_back({monitor.id.text, test});
    return out;
}

std::string line_of(const ExpectedTransition& t) {
    return std::to_string(t.day) + " " + t.transition + (t.severity.empty() ? "" : " " + t.severity);
}

/// What replay tells of a monitor, as `expect` writes it.
std::vector<std::string> told(const Case& one, const NativeTimeline& timeline) {
    Replay replay(shipped(), {});
    replay.add(timeline.lines, ingest::Format::native, {model::PublisherId("file")},
               [](const ingest::Decoded& trouble) {
                   ADD_FAILURE() << std::get<model::Error>(trouble.outcome).message << " in " << trouble.raw;
               });
    const auto ran = replay.run(Instant(timeline.day0 + model::Days(timeline.until)));
    EXPECT_TRUE(ran) << ran.error().message;
    std::vector<std::string> out;
    const auto entries = replay.entries();
    for (const std::string& text : *entries) {
        const auto json = ingest::parse_json(text);
        EXPECT_TRUE(json) << text;
        if (json->root.text_of("monitor") != one.monitor || json->root.text_of("transition") == "updated")
            continue;
        const auto at = model::parse_instant(json->root.text_of("at"));
        ExpectedTransition transition{static_cast<int>((model::date_of(*at) - timeline.day0).count()),
                                      std::string(json->root.text_of("transition")), ""};
        if (transition.transition == "raised" || transition.transition == "escalated")
            transition.severity = json->root.text_of("severity");
        out.push_back(line_of(transition));
    }
    return out;
}

class CatalogueTimelines : public testing::TestWithParam<Case> {};

TEST_P(CatalogueTimelines, come_out_as_written) {
    const Case& one = GetParam();
    const auto timeline = read_timeline(one.test, shipped()->vocabulary);
    ASSERT_TRUE(timeline) << timeline.error().message;
    std::vector<std::string> expected;
    for (const ExpectedTransition& transition : timeline->expect)
        expected.push_back(line_of(transition));
    EXPECT_EQ(told(one, *timeline), expected) << timeline->lines;
}

INSTANTIATE_TEST_SUITE_P(Shipped, CatalogueTimelines, testing::ValuesIn(all_tests()), [](const auto& one) {
    std::string name = one.param.monitor + "__" + one.param.test.name;
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name.substr(0, 100) + "_" + std::to_string(one.index);
});

} // namespace
} // namespace bonewatch::daemon
