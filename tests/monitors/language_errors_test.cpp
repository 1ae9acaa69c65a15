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
    {"unknown_word_that_is_compared", R"~(when = "latets(tsh) < low")~",
     "monitors/probe.toml:3:9: no word 'latets'; did you mean 'latest'?\n"},
    {"capitals", R"~(when = "latest(TSH) < low")~",
     "monitors/probe.toml:3:16: expected an analyte, found 'TSH'; did you mean 'tsh'?\n"},
    {"name_of_another_kind", R"~(when = "on(tsh)")~",
     "monitors/probe.toml:3:12: expected a drug, a drug class or a group of them, found 'tsh', an analyte\n"},
    {"drug_for_an_analyte", R"~(when = "latest(prednisolone) > 5 mg")~",
     "monitors/probe.toml:3:16: expected an analyte, found 'prednisolone', a drug\n"},
    {"two_analytes_of_different_units", R"~(when = "latest(tsh) < latest(calcium-adj)")~",
     "monitors/probe.toml:3:23: expected a value of tsh in m[IU]/L, found 'latest(calcium-adj)', a value of "
     "calcium-adj in mmol/L\n"},
    {"two_dimensions", R"~(when = "count(fall) > age")~",
     "monitors/probe.toml:3:9: expected an age in y, found 'count(fall)', a plain number\n"},
    {"difference_in_an_offset_unit", R"~(when = "latest(hba1c) - latest(hba1c, within: 1 y) > 1 %")~",
     "monitors/probe.toml:3:54: expected a difference of hba1c in mmol/mol, found '1 %'\n"},
    {"value_of_no_sample", R"~(when = "count(tsh, where: value > 5 mU/L) >= 2")~",
     "monitors/probe.toml:3:27: 'value' is asked of one analyte's result: in the condition or 'where:' of latest, "
     "sustained, result, run, trend or a change\n"},
    {"attribute_of_no_sample", R"~(when = "fasting is yes")~",
     "monitors/probe.toml:3:9: 'fasting' is asked of a sample or an event: in its condition, or in 'where:'\n"},
    {"clock_of_no_sample", R"~(when = "taken_between(08:00, 10:00)")~",
     "monitors/probe.toml:3:9: 'taken_between' is asked of a sample or an event: in its condition, or in 'where:'\n"},
    {"unknown_route", R"~(when = "count(zoledronic-acid, where: route is orl) > 1")~",
     "monitors/probe.toml:3:39: 'orl' is not a route\n"},
    {"unknown_attribute_for_same", R"~(when = "drop(bmd-spine, over: 1 y to 5 y, same: devise) > 0.1 g/cm2")~",
     "monitors/probe.toml:3:49: expected an attribute of a sample, as 'device', found 'devise'; did you mean "
     "'device'?\n"},
    {"operators_of_other_languages", R"~(when = "latest(tsh) == low && known(fall)")~",
     "monitors/probe.toml:3:21: unexpected '=='; did you mean '='?\n"},
    {"operator_in_capitals", R"~(when = "known(fall) AND known(dxa)")~",
     "monitors/probe.toml:3:21: expected an operator, or the end, found 'AND'; did you mean 'and'?\n"},
    {"hour_of_one_digit", R"~(when = "count(result(tsh < low and taken_between(8:00, 10:00))) > 1")~",
     "monitors/probe.toml:3:50: a time of day has two digits for its hour, as 08:00\n"},
    {"span_without_unit", R"~(when = "on(prednisolone, for: 90)")~",
     "monitors/probe.toml:3:31: expected a length of time in whole d, mo or y, found '90'\n"},
    {"line_of_several", "when = \"\"\"\nknown(fall)\nor knwn(dxa)\"\"\"",
     "monitors/probe.toml:5:4: no word 'knwn'; did you mean 'known'?\n"},
    {"threshold_as_a_decimal", R"~(low  = { default = 0.1, min = "0.01 mU/L", max = "0.2 mU/L", basis = "V" })~",
     "monitors/probe.toml:10:20: 'default' must be a whole number, or a text in quotes with its unit, as "
     "\"0.1 mU/L\"\n"},
    {"range_without_unit", R"~(low  = { default = "0.1 mU/L", min = "0.01", max = "0.2", basis = "V" })~",
     "monitors/probe.toml:10:21: the range of threshold 'low' lacks the unit mU/L\n"},
    {"unknown_threshold_in_require", R"~(require = ["low < hihg"])~",
     "monitors/probe.toml:6:19: expected a threshold, found 'hihg'; did you mean 'high'?\n"},
    {"let_with_the_name_of_a_class", R"~(let = { calcium = "calcium-adj" })~",
     "monitors/probe.toml:1:20: 'calcium' is already a drug class: give the threshold or let another name\n"},
    {"one_test_table", R"~(test = { name = "t", events = "0 tsh 1", expect = "" })~",
     "monitors/probe.toml:1:8: 'test' must be a list of tables: [[test]]\n"},
    {"last_severity_with_when", R"~(severity = [ { level = "warning", when = "age > 60 y" } ])~",
     "monitors/probe.toml:5:12: every row of 'severity' but the last has a 'when', and the last has none\n"},
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
     "monitors/other.toml:3:9: monitors ask about one another in a circle: other -> probe -> other\n",
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
    {"unknown_threshold_in_ends", R"~(ends = "One of {hig} or more.")~",
     "monitors/probe.toml:1:17: expected a threshold in braces, found 'hig'; did you mean 'high'?\n"},
    {"brace_left_open_in_ends", R"~(ends = "One of {high or more.")~",
     "monitors/probe.toml:1:17: expected a threshold in braces, found 'high or more.'\n"},
    {"no_sentence_in_ends", R"~(ends = 4)~", "monitors/probe.toml:1:8: 'ends' must be a text in quotes\n"},
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

/// Legal and probably wrong: what the check warns of.
TEST(LanguageErrors, absence_under_not_is_warned_of) {
    for (const auto& [when, absent] : {std::pair{"not latest(tsh) < low", "latest(tsh)"},
                                       std::pair{"not (latest(tsh) < low or known(fall))", "latest(tsh)"},
                                       std::pair{"not now >= last(dxa) + 2 y", "last(dxa)"},
                                       std::pair{"not latest(esr) / 2 > 10 mm/h", "latest(esr)"}}) {
        config::Files files;
        files["monitors/probe.toml"] = file_with("when = \"" + std::string(when) + "\"");
        const auto catalogue = Catalogue::load(files, shipped_catalogue().vocabulary, {});
        ASSERT_TRUE(catalogue) << when;
        EXPECT_THAT((*catalogue)->warnings(), testing::ElementsAre(testing::HasSubstr(
                                                  std::string("is also true where there is no '") + absent + "'")))
            << when;
    }
    EXPECT_THAT(shipped_catalogue().catalogue->warnings(), testing::IsEmpty());
}

TEST(LanguageErrors, every_problem_of_a_file_is_told_at_once) {
    const std::string problems =
        problems_of({"both", R"~(when = "on(prednisolon)")~", "", {{"probe.lo", "0.05 mU/L"}}});
    EXPECT_THAT(problems, testing::HasSubstr("--set probe.lo"));
}

} // namespace
} // namespace bonewatch::monitors
