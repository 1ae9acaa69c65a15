#include "config/files.h"
#include "monitors/catalogue.h"
#include "tests/monitors/shipped_catalogue.h"

#include <gmock/gmock.h>

namespace bonewatch::monitors {
namespace {

/// A monitor file with one thing wrong, and what its author is told: file:line:column and the nearest right word.
struct Mistake {
    std::string name;
    std::string line;         ///< Stands in for the file's line that begins with the same word, or after the last one.
    std::string problem = {}; ///< `place: message`
    ThresholdSettings settings = {};
    std::string other = {}; ///< `when` of a second monitor, `other`.
};

constexpr const char* right_lines[] = {
    R"~(id = "probe")~",
    R"~(title = "Probe")~",
    R"~(when = "latest(tsh) < low")~",
    R"~(clears = "latest(tsh) >= 0.4 mU/L")~",
    R"~(severity = [ { level = "warning" } ])~",
    R"~(require = ["low < high"])~",
    R"~(advice = "Look.")~",
    R"~(source = "None")~",
    R"~([thresholds])~",
    R"~(low  = { default = "0.1 mU/L", min = "0.01 mU/L", max = "0.2 mU/L", basis = "V" })~",
    R"~(high = { default = "0.4 mU/L", min = "0.1 mU/L", max = "1 mU/L", basis = "V" })~",
};

std::string file_with(const std::string& line) {
    const std::string word = line.substr(0, line.find(' '));
    std::string out;
    bool is_placed = line.empty();
    for (const std::string right : right_lines) {
        const bool is_here = !is_placed && right.substr(0, right.find(' ')) == word;
        out += (is_here ? line : right) + "\n";
        is_placed = is_placed || is_here;
    }
    return out + (is_placed ? "" : line + "\n");
}

std::vector<std::string> problems_of(const Mistake& mistake) {
    config::Files files;
    files["monitors/probe.toml"] = file_with(mistake.line);
    if (!mistake.other.empty())
        files["monitors/other.toml"] =
            "id = \"other\"\ntitle = \"Other\"\nwhen = \"" + mistake.other +
            "\"\nseverity = [ { level = \"info\" } ]\nadvice = \"Look.\"\nsource = \"None\"\n";
    const auto catalogue = Catalogue::load(files, shipped_catalogue().vocabulary, mistake.settings);
    std::vector<std::string> out;
    if (!catalogue)
        for (const model::Error& error : catalogue.error())
            out.push_back(error.place + ": " + error.message);
    return out;
}

const std::vector<Mistake> mistakes{
    {"nothing_wrong", "", ""},
    {"tsh_in_milligrams", R"~(when = "latest(tsh) < 5 mg")~", "?"},
    {"unknown_word", R"~(when = "sustaned(tsh < low, results: 2)")~", "?"},
    {"unknown_name", R"~(when = "on(prednisolon)")~", "?"},
    {"unknown_analyte", R"~(when = "latest(thyrotropn) < low")~", "?"},
    {"unknown_argument", R"~(when = "sustained(tsh < low, resuls: 2)")~", "?"},
    {"missing_argument", R"~(when = "average_dose(glucocorticoid-systemic) >= 5 mg")~", "?"},
    {"a_number_is_no_truth", R"~(when = "latest(tsh)")~", "?"},
    {"bracket_left_open", R"~(when = "known(osteoporosis")~", "?"},
    {"something_left_over", R"~(when = "known(osteoporosis) known(dxa)")~", "?"},
    {"cycle_of_open", R"~(when = "open(other)")", "?", {}, "open(probe)~"},
    {"unknown_monitor", R"~(when = "open(othr)")", "?", {}, "known(osteoporosis)~"},
    {"threshold_out_of_range", R"~(low  = { default = "0.3 mU/L", min = "0.01 mU/L", max = "0.2 mU/L", basis = "V" })~",
     "?"},
    {"threshold_of_another_kind", R"~(low  = { default = "90 d", min = "0.01 mU/L", max = "0.2 mU/L", basis = "V" })~",
     "?"},
    {"require_broken", R"~(high = { default = "0.1 mU/L", min = "0.1 mU/L", max = "1 mU/L", basis = "V" })~", "?"},
    {"unknown_key", R"~(advise = "Look.")~", "?"},
    {"unknown_level", R"~(severity = [ { level = "warn" } ])~", "?"},
    {"no_toml", R"~(title = "Probe)~", "?"},
    {"set_of_no_threshold", "", "?", {{"probe.lo", "0.05 mU/L"}}},
    {"set_of_no_monitor", "", "?", {{"prob.low", "0.05 mU/L"}}},
    {"set_out_of_range", "", "?", {{"probe.low", "0.5 mU/L"}}},
    {"set_of_another_kind", "", "?", {{"probe.low", "5 mg"}}},
};

class LanguageErrors : public testing::TestWithParam<Mistake> {};

TEST_P(LanguageErrors, name_the_place_and_the_nearest_word) {
    const Mistake& mistake = GetParam();
    std::vector<std::string> expected;
    if (!mistake.problem.empty())
        expected.push_back(mistake.problem);
    EXPECT_EQ(problems_of(mistake), expected);
}

INSTANTIATE_TEST_SUITE_P(Table, LanguageErrors, testing::ValuesIn(mistakes),
                         [](const auto& one) { return one.param.name; });

TEST(LanguageErrors, every_problem_of_a_file_is_told_at_once) {
    Mistake both{"both", R"~(when = "on(prednisolon)")~", ""};
    both.settings = {{"probe.lo", "0.05 mU/L"}};
    EXPECT_GE(problems_of(both).size(), 1u);
}

} // namespace
} // namespace bonewatch::monitors
