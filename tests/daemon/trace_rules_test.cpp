#include "daemon/replay.h"
#include "daemon/trace.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace bonewatch::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view monitor_text = R"~(id = "probe"
title = "Probe"
when = "latest(tsh) < low and (known(osteoporosis) or age >= 65 y)"
clears = "latest(tsh) >= 0.4 mU/L"
severity = [ { level = "warning", when = "known(t1dm)" }, { level = "info" } ]
advice = "Look."
source = "A guideline"
[thresholds]
low = { default = "0.1 mU/L", min = "0.01 mU/L", max = "0.2 mU/L", basis = "V", meaning = "Below this it is low." }
[[test]]
name = "opens at 0.09 and clears at 0.4"
events = """
patient female born 1975-03-01
-10 condition osteoporosis
0 tsh 0.09
10 tsh 0.39
20 tsh 0.4"""
expect = """
0 raised info
20 resolved"""
[[test]]
name = "0.1 is not low"
events = """
patient female born 1975-03-01
-10 condition osteoporosis
0 tsh 0.1"""
expect = ""
[[test]]
name = "neither osteoporosis nor 65"
events = """
patient female born 1975-03-01
0 tsh 0.05"""
expect = ""
[[test]]
name = "65, type 1 diabetes"
events = """
patient female born 1950-03-01
-10 condition t1dm
0 tsh 0.05"""
expect = """
0 raised warning"""
[[test]]
name = "corrected"
events = """
patient female born 1950-03-01
0 tsh 0.05 id=A
0 tsh 1.0 id=A recorded 5"""
expect = """
0 raised info
5 withdrawn"""
[[test]]
name = "unknown: '<0.2' may be low or not"
events = """
patient female born 1950-03-01
0 tsh <0.2"""
expect = ""
)~";

constexpr std::string_view statement_text = R"~([lines]
low-tsh = "A low TSH"
exercise = "Exercise"
[elsewhere]
exercise = "advice only"
[statements.guideline]
says = "A TSH below 0.1 is low."
basis = "V"
source = "A guideline"
lines = ["low-tsh"]
carried = { probe = ["when", "clears", "severity", "low"] }
)~";

/// A text of the two with one passage replaced, and what is then missed.
struct Case {
    std::string name;
    std::string from, to;
    std::string problem;
};

std::string with(std::string text, const Case& one) {
    if (const auto at = text.find(one.from); at != std::string::npos && !one.from.empty())
        text.replace(at, one.from.size(), one.to);
    return text;
}

/// The shipped vocabulary and one monitor.
std::shared_ptr<const Revision> revision_with(const std::string& monitor) {
    auto files = config::read_files(BONEWATCH_SOURCE_DIR "/config");
    EXPECT_TRUE(files);
    std::erase_if(*files, [](const auto& file) { return !file.first.starts_with("vocabulary/"); });
    (*files)["monitors/_common.toml"] = "fresh = \"400 d\"\n";
    (*files)["monitors/probe.toml"] = monitor;
    auto loaded = Revision::load(*files, std::chrono::minutes(10));
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().front().message);
    return loaded.value_or(nullptr);
}

std::vector<std::string> problems_of(const Case& one) {
    const auto revision = revision_with(with(std::string(monitor_text), one));
    const auto statements = monitors::read_statements("statements.toml", with(std::string(statement_text), one));
    if (revision == nullptr || !statements)
        return {"does not load"};
    return trace(*revision, *statements).problems;
}

/// A timeline of the text by its name, to take out whole.
std::string timeline(std::string_view name) {
    const std::size_t begin = monitor_text.rfind("[[test]]", monitor_text.find(name));
    const std::size_t end = monitor_text.find("[[test]]", begin + 1);
    return std::string(monitor_text.substr(begin, end == std::string_view::npos ? end : end - begin));
}

const std::string listed = R"~(severity", "low"] }
[[unnoticed]]
monitor = "probe"
part = "known(t1dm)"
change = "true"
why = "It is noticed."
)~";

const std::vector<Case> cases{
    {"clause_never_missed", timeline("neither osteoporosis"), "",
     "no timeline notices that 'known(osteoporosis)' is always true"},
    {"clause_never_needed", timeline("65, type 1"), "", "no timeline notices that 'known(t1dm)' is always false"},
    {"clause_of_clears", "20 tsh 0.4\"\"\"\nexpect = \"\"\"\n0 raised info\n20 resolved",
     "\"\"\"\nexpect = \"\"\"\n0 raised info", "no timeline notices that 'latest(tsh) >= 0.4 mU/L' is always false"},
    {"threshold_one_step_lower", "0 tsh 0.09", "0 tsh 0.05", "low = 0.09 mU/L instead of 0.1 mU/L"},
    {"threshold_one_step_higher", "0 tsh 0.1\"", "0 tsh 0.2\"", "low = 0.11 mU/L instead of 0.1 mU/L"},
    {"no_timeline_clears", "20 tsh 0.4\"\"\"\nexpect = \"\"\"\n0 raised info\n20 resolved",
     "\"\"\"\nexpect = \"\"\"\n0 raised info", "probe has no timeline that clears"},
    {"no_timeline_is_late", timeline("corrected"), "", "probe has no timeline that has a late or corrected fact"},
    {"no_timeline_is_unknown", "tsh <0.2", "tsh 1.0", "probe has no timeline that is unknown"},
    {"no_source", "source = \"A guideline\"\n[thr", "source = \"\"\n[thr", "probe has no source"},
    {"statement_without_a_monitor", "probe = [\"when\"", "prob = [\"when\"",
     "no monitor 'prob'; did you mean 'probe'?"},
    {"statement_of_a_part_that_is_not_there", "\"clears\", ", "\"clears\", \"unless\", ", "probe has no 'unless'"},
    {"monitor_without_a_statement", "\"when\", ", "", "probe: 'when' comes from no statement"},
    {"threshold_without_a_statement", ", \"low\"]", "]", "probe: 'low' comes from no statement"},
    {"threshold_of_another_basis", "basis = \"V\", meaning", "basis = \"V2\", meaning",
     "'low' has the basis V2, and no statement of that basis"},
    {"line_without_a_statement", "lines = [\"low-tsh\"]\n", "", "line 'low-tsh' has no monitor"},
    {"line_that_nobody_wrote", "lines = [\"low-tsh\"]", "lines = [\"low-tsh\", \"x\"]", "no line 'x'"},
    {"line_elsewhere_and_taken_up", "lines = [\"low-tsh\"]", "lines = [\"low-tsh\", \"exercise\"]",
     "is taken up by a statement, and also elsewhere"},
    {"exception_that_is_noticed", "severity\", \"low\"] }\n", listed,
     "'known(t1dm)' of probe is listed as unnoticed (true), and is noticed or not there"},
};

class TraceRules : public testing::TestWithParam<Case> {};

TEST_P(TraceRules, say_what_is_missing) {
    EXPECT_THAT(problems_of(GetParam()), testing::Contains(HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(Table, TraceRules, testing::ValuesIn(cases), [](const auto& one) { return one.param.name; });

TEST(TraceRules, a_monitor_with_all_of_it_has_no_problem) {
    EXPECT_THAT(problems_of({}), ElementsAre());
}

TEST(TraceRules, an_exception_silences_only_what_it_lists) {
    const Case one{"", timeline("65, type 1"), "", ""};
    const auto revision = revision_with(with(std::string(monitor_text), one));
    auto statements = monitors::read_statements("statements.toml", std::string(statement_text));
    ASSERT_TRUE(statements);
    statements->unnoticed.push_back({"probe", "known(t1dm)", "false", "why", "place"});
    const auto problems = trace(*revision, *statements).problems;
    EXPECT_THAT(problems, testing::Not(testing::Contains(HasSubstr("known(t1dm)"))));
}

TEST(Statements, are_refused_with_place_and_nearest_word) {
    const auto refused =
        monitors::read_statements("statements.toml", "[statements.x]\nsays = \"X.\"\nbasis = \"V3\"\nline = []\n");
    ASSERT_FALSE(refused);
    std::vector<std::string> said;
    for (const model::Error& error : refused.error())
        said.push_back(error.place + ": " + error.message);
    EXPECT_THAT(said, testing::Contains(HasSubstr("statements.toml:3:9: ")));
    EXPECT_THAT(said, testing::Contains(HasSubstr("did you mean 'lines'?")));
}

TEST(SignOff, no_alert_claims_one) {
    const auto revision = revision_with(std::string(monitor_text));
    Replay replay(revision, {});
    replay.add(R"({"type":"patient","patient":"t:1","sex":"female","born":"1950-03-01","registered":"2000-01-01"}
{"type":"result","patient":"t:1","id":"1","at":"2023-01-02T09:00:00Z","code":"tsh","value":"0.05","unit":"m[IU]/L"}
{"type":"result","patient":"t:1","id":"2","at":"2023-02-02T09:00:00Z","code":"tsh","value":"1","unit":"m[IU]/L"})",
               ingest::Format::native, {model::PublisherId("file")}, [](const ingest::Decoded&) {});
    ASSERT_TRUE(replay.run(std::nullopt));
    const auto entries = replay.entries();
    ASSERT_TRUE(entries);
    EXPECT_THAT(*entries,
                ElementsAre(HasSubstr("\"transition\":\"raised\""), HasSubstr("\"transition\":\"resolved\"")));
    EXPECT_THAT(*entries, testing::Each(HasSubstr("\"clinical_sign_off\":\"none\"")));
}

TEST(SignOff, no_monitor_file_can_claim_one) {
    auto files = revision_with(std::string(monitor_text))->files;
    files["monitors/probe.toml"] = "signed_off = \"somebody\"\n" + files["monitors/probe.toml"];
    const auto refused = Revision::load(files, std::chrono::minutes(10));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().front().message, HasSubstr("unknown key 'signed_off'"));
}

} // namespace
} // namespace bonewatch::daemon
