#include "config/files.h"
#include "monitors/catalogue.h"
#include "tests/monitors/shipped_catalogue.h"

#include <gmock/gmock.h>

namespace bonewatch::monitors {
namespace {

/// A monitor file with one thing wrong, and what its author is told: file:line:column and the nearest right word.
struct Mistake {
    std::string name;
    std::string line;         ///< Stands in for the file's line that begins with the same word, or before the first.
    std::string problem = {}; ///< `place: message`, a line each.
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
    return (is_placed ? "" : line + "\n") + out;
}

std::string problems_of(const Mistake& mistake) {
    config::Files files;
    files["monitors/probe.toml"] = file_with(mistake.line);
    if (!mistake.other.empty())
        files["monitors/other.toml"] =
            "id = \"other\"\ntitle = \"Other\"\nwhen = \"" + mistake.other +
            "\"\nseverity = [ { level = \"info\" } ]\nadvice = \"Look.\"\nsource = \"None\"\n";
    const auto catalogue = Catalogue::load(files, shipped_catalogue().vocabulary, mistake.settings);
    std::string out;
    if (!catalogue)
        for (const model::Error& error : catalogue.error())
            out += error.place + ": " + error.message + "\n";
    return out;
}

const std::vector<Mistake> mistakes{
    {"nothing_wrong", "", ""},
    {"tsh_in_milligrams", R"~(when = "latest(tsh) < 5 mg")~",
     "monitors/probe.toml:3:23: expected a value of tsh in m[IU]/L, found '5 mg': Thyrotropin (TSH) "
     "5 mg: nothing is known of this unit for it\n"},
    {"unknown_word", R"~(when = "sustaned(tsh < low, results: 2)")~",
     "monitors/probe.toml:3:9: no word 'sustaned'; did you mean 'sustained'?\n"},
    {"unknown_name", R"~(when = "on(prednisolon)")~",
     "monitors/probe.toml:3:12: expected a drug, a drug class or a group of them, found "
     "'prednisolon'; did you mean 'prednisolone'?\n"},
    {"unknown_analyte", R"~(when = "latest(thyrotropn) < low")~",
     "monitors/probe.toml:3:16: expected an analyte, found 'thyrotropn'\n"},
    {"unknown_argument", R"~(when = "sustained(tsh < low, resuls: 2)")~",
     "monitors/probe.toml:3:38: 'sustained' has no argument 'resuls'; did you mean 'results'?\n"},
    {"missing_argument", R"~(when = "average_dose(glucocorticoid-systemic) >= 5 mg")~",
     "monitors/probe.toml:3:9: 'average_dose' needs 'over:'\n"},
    {"a_number_is_no_truth", R"~(when = "latest(tsh)")~",
     "monitors/probe.toml:3:9: 'latest' is not something true or false: compare it, or ask 'missing' "
     "or 'count' of it\n"},
    {"bracket_left_open", R"~(when = "known(osteoporosis")~",
     "monitors/probe.toml:3:27: expected ',' or ')', found 'the end'\n"},
    {"something_left_over", R"~(when = "known(osteoporosis) known(dxa)")~",
     "monitors/probe.toml:3:29: expected an operator, or the end, found 'known'\n"},
    {"cycle_of_open",
     R"~(when = "open(other)")~",
     "monitors/other.toml: monitors ask about one another in a circle: other -> probe -> other\n",
     {},
     "open(probe)"},
    {"unknown_monitor",
     R"~(when = "open(othr)")~",
     "monitors/probe.toml:3:14: expected a monitor's id, found 'othr'; did you mean 'other'?\n",
     {},
     "known(osteoporosis)"},
    {"threshold_out_of_range", R"~(low  = { default = "0.3 mU/L", min = "0.01 mU/L", max = "0.2 mU/L", basis = "V" })~",
     "monitors/probe.toml:10:21: threshold 'low' must lie between 0.01 mU/L and 0.2 mU/L, found 0.3 "
     "mU/L\n"},
    {"threshold_of_another_kind", R"~(low  = { default = "90 d", min = "0.01 mU/L", max = "0.2 mU/L", basis = "V" })~",
     "monitors/probe.toml:10:21: give threshold 'low' in mU/L, like its range\n"
     "monitors/probe.toml:6:13: 'require' compares two thresholds of one unit, found 90 d and 0.4 mU/L\n"
     "monitors/probe.toml:10:21: expected a value of tsh in m[IU]/L, found '90 d': Thyrotropin (TSH) "
     "90 d: nothing is known of this unit for it\n"},
    {"require_broken", R"~(high = { default = "0.1 mU/L", min = "0.1 mU/L", max = "1 mU/L", basis = "V" })~",
     "monitors/probe.toml:6:13: the thresholds do not keep to 'low < high': 0.1 mU/L against 0.1 "
     "mU/L\n"},
    {"unknown_key", R"~(advise = "Look.")~",
     "monitors/probe.toml:1:10: unknown key 'advise'; did you mean 'advice'?\n"},
    {"unknown_level", R"~(severity = [ { level = "warn" } ])~",
     "monitors/probe.toml:5:12: 'warn' is not a level: info, warning or urgent\n"},
    {"no_toml", R"~(title = "Probe)~",
     "monitors/probe.toml:2:15: Error while parsing string: unescaped control characters other than "
     "TAB (U+0009) are explicitly prohibited\n"},
    {"set_of_no_threshold",
     "",
     "--set probe.lo: 'probe.lo' names no threshold; did you mean 'probe.low'?\n",
     {{"probe.lo", "0.05 mU/L"}}},
    {"set_of_no_monitor",
     "",
     "--set prob.low: 'prob.low' names no threshold; did you mean 'probe.low'?\n",
     {{"prob.low", "0.05 mU/L"}}},
    {"set_out_of_range",
     "",
     "--set probe.low:1:1: threshold 'low' must lie between 0.01 mU/L and 0.2 mU/L, found 0.5 mU/L\n"
     "monitors/probe.toml:6:13: the thresholds do not keep to 'low < high': 0.5 mU/L against 0.4 "
     "mU/L\n",
     {{"probe.low", "0.5 mU/L"}}},
    {"set_of_another_kind",
     "",
     "--set probe.low:1:1: give threshold 'low' in mU/L, like its range\n"
     "monitors/probe.toml:6:13: 'require' compares two thresholds of one unit, found 5 mg and 0.4 mU/L\n"
     "--set probe.low:1:1: expected a value of tsh in m[IU]/L, found '5 mg': Thyrotropin (TSH) 5 mg: "
     "nothing is known of this unit for it\n",
     {{"probe.low", "5 mg"}}},
};

class LanguageErrors : public testing::TestWithParam<Mistake> {};

TEST_P(LanguageErrors, name_the_place_and_the_nearest_word) {
    EXPECT_EQ(problems_of(GetParam()), GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(Table, LanguageErrors, testing::ValuesIn(mistakes),
                         [](const auto& one) { return one.param.name; });

TEST(LanguageErrors, every_problem_of_a_file_is_told_at_once) {
    const std::string problems =
        problems_of({"both", R"~(when = "on(prednisolon)")~", "", {{"probe.lo", "0.05 mU/L"}}});
    EXPECT_THAT(problems, testing::HasSubstr("--set probe.lo"));
}

} // namespace
} // namespace bonewatch::monitors
