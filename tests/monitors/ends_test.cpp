#include "config/files.h"
#include "tests/monitors/shipped_catalogue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace bonewatch::monitors {
namespace {

/// The sentence of a monitor, `probe`, whose file says no more than it must.
std::string sentence(const std::string& more, const ThresholdSettings& settings = {}) {
    config::Files files;
    files["monitors/probe.toml"] =
        "id = \"probe\"\ntitle = \"Probe\"\nwhen = \"sustained(tsh < low, span: span)\"\n"
        "severity = [ { level = \"info\" } ]\nadvice = \"Look.\"\nsource = \"None\"\n" +
        more +
        "[thresholds]\n"
        "low = { default = \"0.1 mU/L\", min = \"0 mU/L\", max = \"1 mU/L\", basis = \"V\" }\n"
        "span = { default = \"90 d\", min = \"1 d\", max = \"2 y\", basis = \"V\" }\n";
    const auto catalogue = Catalogue::load(files, shipped_catalogue().vocabulary, settings);
    return catalogue ? (*catalogue)->monitors().front().ends : catalogue.error().front().message;
}

TEST(Ends, names_the_thresholds_in_force) {
    const std::string ends = "ends = \"One TSH of {low} or more, {span} later.\"\n";
    EXPECT_EQ(sentence(ends), "One TSH of 0.1 mU/L or more, 90 days later.");
    EXPECT_EQ(sentence(ends, {{"probe.low", "0.3 mU/L"}, {"probe.span", "1 d"}}),
              "One TSH of 0.3 mU/L or more, 1 day later.");
    EXPECT_EQ(sentence(ends, {{"probe.span", "2 y"}}), "One TSH of 0.1 mU/L or more, 2 years later.");
}

TEST(Ends, falls_back_on_the_expression) {
    EXPECT_EQ(sentence(""), "no longer: sustained(tsh < 0.1 mU/L, span: 90 d)");
    EXPECT_EQ(sentence("clears = \"latest(tsh) >= low\"\n"), "latest(tsh) >= 0.1 mU/L");
}

/// The expression without what it asks about the day of raising: those numbers were given then.
std::string without_the_past(std::string text) {
    for (auto at = text.find("at(raised,"); at != std::string::npos; at = text.find("at(raised,")) {
        std::size_t end = text.find('(', at) + 1;
        for (int depth = 1; depth > 0; ++end)
            depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
        text.erase(at, end - at);
    }
    return text;
}

/// The thresholds that an expression uses, directly or by its lets.
void gather_thresholds(const Definition& monitor, const std::string& expression, std::set<std::string>& out) {
    const std::string text = without_the_past(expression);
    const auto is_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    for (auto at = text.begin(); at != text.end();) {
        const auto end = std::find_if_not(at, text.end(), is_name);
        const std::string word(at, end);
        const bool is_label = end != text.end() && *end == ':';
        if (!is_label && std::ranges::find(monitor.thresholds, word, &Threshold::name) != monitor.thresholds.end())
            out.insert(word);
        if (const auto let = monitor.lets.find(word); let != monitor.lets.end())
            gather_thresholds(monitor, let->second.text, out);
        at = end == text.end() ? end : end + 1;
    }
}

/// By index in the shipped catalogue.
class ShippedEnds : public testing::TestWithParam<std::size_t> {
  protected:
    const Definition& definition = shipped_catalogue().catalogue->definitions().monitors[GetParam()];
};

TEST_P(ShippedEnds, are_a_sentence) {
    ASSERT_TRUE(definition.ends);
    const Catalogue& catalogue = *shipped_catalogue().catalogue;
    const std::string& ends = catalogue.monitors()[*catalogue.find(definition.id)].ends;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(ends.front()))) << ends;
    EXPECT_EQ(ends.back(), '.') << ends;
    for (const char* code : {">=", "<=", " < ", " > ", "_", "{", "latest(", "sustained(", "  ", ".."})
        EXPECT_THAT(ends, testing::Not(testing::HasSubstr(code)));
}

/// Without `clears` what ends it is that `when` is over: seldom by its numbers, mostly by what was missing.
TEST_P(ShippedEnds, name_every_threshold_that_clears_uses) {
    if (!definition.ends || !definition.clears)
        return;
    std::set<std::string> used;
    gather_thresholds(definition, definition.clears->text, used);
    for (const std::string& name : used)
        EXPECT_THAT(definition.ends->text, testing::HasSubstr("{" + name + "}"));
}

INSTANTIATE_TEST_SUITE_P(Monitors, ShippedEnds,
                         testing::Range<std::size_t>(0, shipped_catalogue().catalogue->monitors().size()),
                         [](const auto& one) {
                             std::string name =
                                 shipped_catalogue().catalogue->definitions().monitors[one.param].id.text;
                             std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                             return name;
                         });

} // namespace
} // namespace bonewatch::monitors
