#include "daemon/trace.h"

#include <gmock/gmock.h>

namespace bonewatch::daemon {
namespace {

monitors::Statements shipped_statements() {
    const auto text = config::read_text(BONEWATCH_SOURCE_DIR "/config/statements.toml");
    EXPECT_TRUE(text) << text.error().message;
    auto statements = monitors::read_statements("statements.toml", *text);
    if (!statements)
        for (const model::Error& error : statements.error())
            ADD_FAILURE() << error.place << ": " << error.message;
    return *statements;
}

/// The shipped monitors, traced once: every clause changed to true and to false, every threshold moved both ways.
const Trace& shipped_trace() {
    static const auto revision = [] {
        auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
        EXPECT_TRUE(files) << files.error().message;
        auto loaded = Revision::load(*files, std::chrono::minutes(10));
        EXPECT_TRUE(loaded) << loaded.error().front().message;
        return *loaded;
    }();
    static const Trace traced = trace(*revision, shipped_statements());
    return traced;
}

TEST(Trace, nothing_is_without_statement_monitor_or_timeline) {
    EXPECT_THAT(shipped_trace().problems, testing::ElementsAre());
}

TEST(Trace, the_table_in_the_tree_is_what_is_generated) {
    const auto table = config::read_text(BONEWATCH_SOURCE_DIR "/monitors/traceability.md");
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_TRUE(*table == to_text(shipped_trace(), shipped_statements()))
        << "generate it again: bonewatch monitor trace > monitors/traceability.md";
}

} // namespace
} // namespace bonewatch::daemon
