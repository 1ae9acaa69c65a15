#include "tests/monitors/happened.h"
#include "tests/monitors/shipped_catalogue.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace bonewatch::monitors {
namespace {

constexpr std::uint64_t histories = 1000;

/// A clause that no history can make true, or none false, and why. One that is so after all has no place here.
struct Exception {
    std::string clause;
    Truth never;
    std::string reason;
};

const std::vector<Exception> exceptions{
    {"testosterone-low-men tags: on(opioid, within: 90 d)", Truth::yes, "the vocabulary has no drug of the class"},
    {"vitamin-d-deficient when: n = 1", Truth::yes, "n is a threshold, and 2 by default"},
    {"weight-loss severity: on(glp1-agonist)", Truth::yes, "the vocabulary has no drug of the class"},
};

/// What the shares of brute_force_test left in the folder COUNTS, added up in order of their first seeds.
const std::optional<Happened>& all() {
    static const std::optional<Happened> sum = []() -> std::optional<Happened> {
        Happened out;
        const char* folder = std::getenv("COUNTS");
        while (folder != nullptr && out.seeds < histories) {
            std::ifstream file(std::filesystem::path(folder) / std::to_string(out.seeds + 1));
            std::stringstream text;
            text << file.rdbuf();
            const auto share = read_happened(text.str());
            if (!share || share->seeds == 0)
                return std::nullopt;
            out += *share;
        }
        return out;
    }();
    return sum;
}

class Counts : public testing::Test {
    void SetUp() override { ASSERT_TRUE(all()) << "brute_force_test's shares come first: ctest -R brute_force"; }
};

TEST_F(Counts, each_monitor_opened_closed_was_excluded_and_changed_its_severity) {
    std::cout << to_text(*all());
    EXPECT_EQ(all()->seeds, histories);
    for (const Monitor& monitor : all_enabled().catalogue->monitors()) {
        const auto found = all()->monitors.find(monitor.id.text);
        ASSERT_NE(found, all()->monitors.end()) << monitor.id.text;
        EXPECT_GT(found->second.opened, 0) << monitor.id.text;
        EXPECT_GT(found->second.cleared, 0) << monitor.id.text;
        EXPECT_GT(found->second.excluded, 0) << monitor.id.text;
        if (monitor.severity.size() > 1) {
            EXPECT_GT(found->second.regraded, 0) << monitor.id.text;
        }
    }
}

TEST_F(Counts, each_clause_was_true_and_was_false) {
    for (const auto& [name, count] : all()->clauses)
        for (const auto& [answer, times] : {std::pair(Truth::yes, count.yes), std::pair(Truth::no, count.no)}) {
            const bool is_exception = std::ranges::any_of(
                exceptions, [&](const Exception& one) { return one.clause == name && one.never == answer; });
            EXPECT_NE(times > 0, is_exception)
                << name << " was " << (times > 0 ? "" : "never ") << (answer == Truth::yes ? "true" : "false");
        }
    for (const Exception& one : exceptions)
        EXPECT_TRUE(all()->clauses.contains(one.clause)) << one.clause << ": no such clause";
}

} // namespace
} // namespace bonewatch::monitors
