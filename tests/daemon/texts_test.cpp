#include "daemon/native_timeline.h"
#include "daemon/replay.h"
#include "daemon/simulate.h"
#include "ingest/json.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace bonewatch::daemon {
namespace {

/// The shipped tables, with `monitor` enabled and other thresholds set for it.
std::shared_ptr<const Revision> revision(const std::string& monitor, const std::map<std::string, std::string>& set) {
    static const auto files = *config::read_files(BONEWATCH_SOURCE_DIR "/config");
    static std::map<monitors::ThresholdSettings, std::shared_ptr<const Revision>> kept;
    monitors::ThresholdSettings settings;
    if (!monitor.empty())
        settings[monitor + ".enabled"] = "true";
    for (const auto& [name, value] : set)
        settings[monitor + "." + name] = value;
    auto& found = kept[settings];
    if (!found)
        found = *Revision::load(files, std::chrono::minutes(10), settings);
    return found;
}

std::vector<std::string> entries(const std::shared_ptr<const Revision>& with, const std::string& lines,
                                 std::optional<model::Instant> until) {
    Replay replay(with, {});
    replay.add(lines, ingest::Format::native, {model::PublisherId("file")}, [](const ingest::Decoded&) {});
    EXPECT_TRUE(replay.run(until));
    auto out = replay.entries();
    EXPECT_TRUE(out);
    return out ? *out : std::vector<std::string>{};
}

/// What no clinician should have to read, in a text of an alert: the rules of alerts/README.md, "Texts".
std::string complaint(const std::string& text) {
    static const std::regex doubled("[;:,]\\s*[;:,.]|\\s[,;:]|  |[:;,]\\s*$");
    static const std::regex code("[{}_]|>=|<=|\\b[a-z_]+\\(");
    if (std::smatch found; std::regex_search(text, found, doubled))
        return "punctuation '" + found.str() + "'";
    if (std::smatch found; std::regex_search(text, found, code))
        return "code '" + found.str() + "'";
    for (const std::string_view words : {"no such date", "nothing to compare", "that meets it", " 0 days", "no any "})
        if (text.find(words) != std::string::npos)
            return "'" + std::string(words) + "'";
    return {};
}

/// The words of a text that are an id of the vocabulary and no plain English.
std::string id_in(const std::string& text, const config::Vocabulary& vocabulary) {
    static const std::regex word("[a-z0-9]+(-[a-z0-9]+)+|vitd25|tsh|pth|crp|esr|hba1c");
    for (std::sregex_iterator at(text.begin(), text.end(), word); at != std::sregex_iterator(); ++at) {
        const model::CodeId id(at->str());
        const bool is_title = at->position() > 0 && text[static_cast<std::size_t>(at->position()) - 1] == '-';
        if (!is_title && (vocabulary.analyte(id) != nullptr || vocabulary.condition(id) != nullptr ||
                          vocabulary.drug_class(id) != nullptr))
            return "the id '" + at->str() + "'";
    }
    return {};
}

std::string repeated(const std::string& headline, const std::string& title) {
    std::istringstream in(headline.substr(std::min(headline.size(), title.size() + 2)));
    std::set<std::string> said;
    for (std::string sentence; std::getline(in, sentence, ';');) {
        sentence.erase(0, sentence.find_first_not_of(' '));
        if (!said.insert(sentence).second)
            return "'" + sentence + "' twice";
    }
    return {};
}

/// For whoever wants to read them all: TEXTS=FILE gathers every entry there.
void keep(const std::string& entry) {
    if (const char* file = std::getenv("TEXTS"))
        std::ofstream(file, std::ios::app) << entry << "\n";
}

void check(const std::string& entry, const Revision& with) {
    keep(entry);
    const auto json = ingest::parse_json(entry);
    ASSERT_TRUE(json) << entry;
    const std::string headline(json->root.text_of("headline"));
    const auto index = with.catalogue->find(model::MonitorId(std::string(json->root.text_of("monitor"))));
    const std::string& title = with.catalogue->monitors()[*index].title;
    EXPECT_TRUE(headline.starts_with(title + ": ")) << headline;
    EXPECT_EQ(repeated(headline, title), "") << headline;
    EXPECT_THAT(title, testing::Not(testing::HasSubstr(":")));
    std::vector<std::string> texts{headline, std::string(json->root.text_of("not_known"))};
    for (const ingest::Json::Member& fact : json->root.items_of("facts"))
        texts.emplace_back(fact.value.text_of("text"));
    for (const std::string& text : texts) {
        EXPECT_EQ(complaint(text), "") << text;
        EXPECT_EQ(id_in(text, with.vocabulary), "") << text;
    }
}

/// A timeline in the notation of test tables, and the headlines of one monitor, each without its title.
struct Row {
    std::string name;
    std::string monitor;
    std::string events;
    std::string headlines; ///< `raised ARE; THESE`, a line each.
    std::optional<int> until = {};
};

const std::vector<Row> rows{
    {"one_unit_is_said_once", "tsh-suppressed", "0 tsh 0.05\n90 tsh <0.03",
     "raised Thyrotropin (TSH) 0.05 on 2023-01-02, <0.03 on 2023-04-02 (mIU/L): 2 results over "
     "90 days; urgent because: age 68\n"},
    {"values_of_different_units_keep_theirs", "vitamin-d-deficient", "0 vitd25 18 ng/mL\n90 vitd25 40 nmol/L",
     "raised 25-hydroxyvitamin D total 18 ng/mL on 2023-01-02, 40 nmol/L on 2023-04-02: 2 "
     "results over 90 days\n"},
    {"a_date_that_is_reached_names_its_event", "denosumab-overdue",
     "0 given denosumab 60 mg\n220 given denosumab 60 mg",
     "raised 183 days after denosumab given on 2023-01-02; no Bisphosphonates; no denosumab "
     "from 2023-01-03 to 2023-07-04\n"
     "escalated 213 days after denosumab given on 2023-01-02; no Bisphosphonates; no denosumab "
     "from 2023-01-03 to 2023-08-03\n"
     "resolved resolved, denosumab given on 2023-08-10, so not before 2024-02-09\n"},
    {"what_turned_ends_it_and_nothing_else", "levothyroxine-no-tsh",
     "0 supply levothyroxine 100 ug 28 d x16\n430 tsh 1.0",
     "raised Thyroid hormones since 2023-01-02, 400 days; no Thyrotropin (TSH) from 2023-01-07 "
     "to 2024-02-06; warning because: no Thyrotropin (TSH) from 2022-08-05 to 2024-02-06\n"
     "resolved resolved, Thyrotropin (TSH) 1.0 mIU/L on 2024-03-07\n"},
    {"a_drug_that_ended_is_no_longer_taken", "steroid-no-dxa", "0 supply prednisolone 10 mg 28 d x8",
     "raised Systemic steroid at 5 mg a day or more for three months (open); 182 days after "
     "start of Systemic glucocorticoids on 2023-01-02; no bone assessment from 2022-01-02 to "
     "2023-07-03\n"
     "updated Systemic steroid at 5 mg a day or more for three months (open); 196 days after "
     "start of Systemic glucocorticoids on 2023-01-02; no bone assessment from 2022-01-02 to "
     "2023-07-17\n"
     "resolved resolved, no Systemic glucocorticoids since 2023-08-14, after 224 days from "
     "2023-01-02\n",
     300},
    {"an_event_goes_by_its_own_name", "fracture-on-thyroid-hormone",
     "-20 supply levothyroxine 100 ug 28 d x3\n0 condition hip-fracture\n5 tsh 1.0\n9 procedure dxa",
     "raised Hip fracture on 2023-01-02; age 67 then; thyroid drug since 2022-12-13, 20 days; "
     "urgent because: no Thyrotropin (TSH) from 2022-07-06 to 2023-01-02\n"
     "updated Hip fracture on 2023-01-02; age 67 then; thyroid drug since 2022-12-13, 20 days\n"
     "resolved resolved, Thyrotropin (TSH) 1.0 mIU/L on 2023-01-07; Bone density scan (DXA) on "
     "2023-01-11\n"},
    {"what_is_not_open_is_not_said", "tsh-low", "0 tsh 0.3\n90 tsh 0.3\n180 tsh 0.3",
     "raised Thyrotropin (TSH) 0.3 on 2023-01-02, 0.3 on 2023-04-02, 0.3 on 2023-07-01 (mIU/L): "
     "3 results over 180 days; warning because: age 68\n"},
    {"a_loss_is_said_with_what_it_was_lost_from", "height-loss", "0 height 165\n90 height 162\n100 height 162",
     "raised age 68; Body height 162 on 2023-04-02, 162 on 2023-04-12 (cm): 2 results over 10 "
     "days (Body height 162 cm on 2023-04-12 against 165 cm on 2023-01-02: down by 3 cm)\n"},
    {"half_of_what_was_lost", "weight-loss", "0 weight 80\n100 weight 76\n110 weight 76\n200 weight 78.5",
     "raised Body weight 76 on 2023-04-12, 76 on 2023-04-22 (kg): 2 results over 10 days (Body "
     "weight 76 kg on 2023-04-22 against 80 kg on 2023-01-02: down by 5 %)\n"
     "resolved resolved, Body weight 78.5 kg on 2023-07-21, against: Body weight 76 kg on "
     "2023-04-22 against 80 kg on 2023-01-02: down by 4 kg; no Body mass index\n"},
    {"tests_that_came", "fatigue-unexplained",
     "0 condition fatigue\n50 condition fatigue\n60 tsh 1\n60 ttg-iga 2 U/mL normal_high=10\n70 vitd25 60",
     "raised Fatigue: 2 (2023-01-02, 2023-02-21); missing: Thyrotropin (TSH) + Tissue "
     "transglutaminase IgA or Tissue transglutaminase IgG + 25-hydroxyvitamin D total\n"
     "updated Fatigue: 2 (2023-01-02, 2023-02-21); missing: 25-hydroxyvitamin D total\n"
     "resolved resolved, 25-hydroxyvitamin D total 60 nmol/L on 2023-03-13\n"},
    {"why_it_is_urgent_goes_with_the_evidence", "levothyroxine-overreplacement",
     "patient female born 1950-03-01\n-100 supply levothyroxine 125 ug 300 d\n"
     "0 tsh 0.05\n60 tsh 0.04\n120 tsh 0.02",
     "raised Thyroid hormones since 2022-09-24, 160 days; Thyrotropin (TSH) 0.05 on 2023-01-02, 0.04 on 2023-03-03 "
     "(mIU/L): 2 results over 60 days; urgent because: Thyrotropin (TSH) 0.04 mIU/L on 2023-03-03 and age 73\n"
     "updated Thyroid hormones since 2022-09-24, 220 days; Thyrotropin (TSH) 0.04 on 2023-03-03, 0.02 on 2023-05-02 "
     "(mIU/L): 2 results over 60 days; urgent because: Thyrotropin (TSH) 0.02 mIU/L on 2023-05-02 and age 73\n",
     150},
    {"a_death_ends_it", "denosumab-overdue", "patient female born 1955-03-01 died 200\n0 given denosumab 60 mg",
     "raised 183 days after denosumab given on 2023-01-02; no Bisphosphonates; no denosumab "
     "from 2023-01-03 to 2023-07-04\n"
     "resolved no longer applies, died 2023-07-21\n",
     300},
    {"a_retraction_names_what_is_gone", "tsh-suppressed", "0 tsh 0.05\n90 tsh 0.05 id=A\n100 retract A",
     "raised Thyrotropin (TSH) 0.05 on 2023-01-02, 0.05 on 2023-04-02 (mIU/L): 2 results over "
     "90 days; urgent because: age 68\n"
     "withdrawn not so after all, no longer in the record: Thyrotropin (TSH) of 2023-04-02; it "
     "had been told on Thyrotropin (TSH) of 2023-01-02 and 2023-04-02\n"},
    {"a_correction_names_what_is_known_now", "tsh-suppressed",
     "0 tsh 0.05\n90 tsh 0.05 id=A\n90 tsh 0.5 id=A recorded 100",
     "raised Thyrotropin (TSH) 0.05 on 2023-01-02, 0.05 on 2023-04-02 (mIU/L): 2 results over "
     "90 days; urgent because: age 68\n"
     "withdrawn not so after all, now known: Thyrotropin (TSH) 0.5 mIU/L on 2023-04-02; it had "
     "been told on Thyrotropin (TSH) of 2023-01-02 and 2023-04-02\n"},
    {"a_late_fact_is_named", "denosumab-overdue", "0 given denosumab 60 mg\n170 given denosumab 60 mg recorded 190",
     "raised 183 days after denosumab given on 2023-01-02; no Bisphosphonates; no denosumab "
     "from 2023-01-03 to 2023-07-04\n"
     "withdrawn not so after all, now known: denosumab given 60 mg on 2023-06-21; it had been "
     "told on denosumab of 2023-01-02\n"},
    {"the_same_fact_says_why_it_is_severe", "vitamin-d-deficient", "0 vitd25 20",
     "raised 25-hydroxyvitamin D total 20 nmol/L on 2023-01-02\n"},
};

class Headlines : public testing::TestWithParam<Row> {};

TEST_P(Headlines, say_it_in_words) {
    const Row& row = GetParam();
    monitors::Definition::Test test;
    test.events = row.events;
    test.until = row.until;
    const auto with = revision(row.monitor, {});
    const auto timeline = read_timeline(test, with->vocabulary);
    ASSERT_TRUE(timeline) << timeline.error().message;
    const model::Instant until(timeline->day0 + model::Days(timeline->until));
    std::string told;
    for (const std::string& entry : entries(with, timeline->lines, until)) {
        const auto json = ingest::parse_json(entry);
        const std::string headline(json->root.text_of("headline"));
        if (json->root.text_of("monitor") == row.monitor)
            told += std::string(json->root.text_of("transition")) + headline.substr(headline.find(": ") + 1) + "\n";
    }
    EXPECT_EQ(told, row.headlines);
}

INSTANTIATE_TEST_SUITE_P(Rows, Headlines, testing::ValuesIn(rows), [](const auto& one) { return one.param.name; });

TEST(Texts, of_the_monitors_own_timelines_can_be_read) {
    for (const monitors::Definition& monitor : revision("", {})->catalogue->definitions().monitors)
        for (const auto& test : monitor.tests) {
            SCOPED_TRACE(monitor.id.text + ": " + test.name);
            const auto with = revision(monitor.id.text, test.set);
            const auto timeline = read_timeline(test, with->vocabulary);
            ASSERT_TRUE(timeline);
            const model::Instant until(timeline->day0 + model::Days(timeline->until));
            for (const std::string& entry : entries(with, timeline->lines, until))
                check(entry, *with);
        }
}

TEST(Texts, of_an_invented_clinic_can_be_read) {
    for (const std::uint64_t seed : {3u, 4u, 5u}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::ostringstream lines;
        simulate({.patients = 300, .years = 4, .seed = seed, .until = std::chrono::year(2026) / 11 / 1}, lines);
        for (const std::string& entry : entries(revision("", {}), lines.str(), std::nullopt))
            check(entry, *revision("", {}));
    }
}

} // namespace
} // namespace bonewatch::daemon
