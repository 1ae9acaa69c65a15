#include "daemon/replay.h"
#include "tests/ingest/outside_data.h"
#include "tests/oracles/measure_cases.h"
#include "tests/oracles/qi_core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>

namespace bonewatch::oracles {
namespace {

using monitors::Truth;

/// A population of a measure, and the monitor that is open for whoever belongs to it.
struct Population {
    const char* code;
    const char* monitor;
};

struct Measure {
    const char* name;
    std::size_t case_count;
    std::vector<std::vector<Population>> groups;
};

const Measure measures[] = {
    {"CMS645",
     27,
     {{{"initial-population", "cms645-initial-population"},
       {"denominator", "cms645-initial-population"},
       {"numerator", "cms645-numerator"},
       {"denominator-exception", "cms645-exception"}}}},
    {"CMS128",
     16,
     {{{"initial-population", "cms128-initial-population"},
       {"denominator", "cms128-initial-population"},
       {"denominator-exclusion", "cms128-exclusion"},
       {"numerator", "cms128-numerator-1"}},
      {{"initial-population", "cms128-initial-population"},
       {"denominator", "cms128-initial-population"},
       {"denominator-exclusion", "cms128-exclusion"},
       {"numerator", "cms128-numerator-2"}}}},
    {"CMS122",
     30,
     {{{"initial-population", "cms122-initial-population"},
       {"denominator", "cms122-initial-population"},
       {"denominator-exclusion", "cms122-exclusion"},
       {"numerator", "cms122-numerator"}}}},
};

/// A case in which we answer otherwise, what we answer, and why that stays so.
struct Disagreement {
    const char* measure;
    const char* name;
    const char* ours;
    const char* why;
};

const std::vector<Disagreement> disagreements = {
    {"CMS645", "DENEXCEPPass-DEXANotPerformedPatienttRefused", "1101",
     "its reason not to scan reads 'Refusal of treatment by patient', and its description says that the exception "
     "holds; its report counts none, as if the measure's own value set lacked that code"},
    {"CMS645", "DENOMPass-ADTActiveAfterCancerDxWithNullADTDates", "0000",
     "the order says neither when it was written nor from when it runs, only until when; the measure takes the end "
     "for a beginning, Bonewatch keeps the order in quarantine (missing_time)"},
    {"CMS645", "IPFail-ADTActiveWithWrongADTCode", "1100",
     "leuprolide under a code that no value set holds: the measure goes by codes alone, Bonewatch knows a drug also "
     "by the plain words of its name"},
    {"CMS122", "NUMPass-GMIGreaterThan9", "110?",
     "9.1 % for a period of two dates, 2 to 3 January; the measure takes its end, to Bonewatch the date is not known, "
     "and such a result is compared with nothing"},
    {"CMS122", "NUMPass-HbA1cGreaterThan9", "110?",
     "9.1 % for a period of two dates, 2 to 3 January; the measure takes its end, to Bonewatch the date is not known, "
     "and such a result is compared with nothing"},
};

std::shared_ptr<const daemon::Revision> revision() {
    static const auto loaded = [] {
        std::shared_ptr<const daemon::Revision> out;
        auto files = config::read_files(BONEWATCH_SOURCE_DIR "/tests/oracles");
        EXPECT_TRUE(files);
        auto read = daemon::Revision::load(std::move(files.value()), std::chrono::minutes(10));
        if (read)
            out = *read;
        else
            for (const auto& problem : read.error())
                ADD_FAILURE() << problem.place << ": " << problem.message;
        return out;
    }();
    return loaded;
}

/// What became of one case: a digit for each population as the measure lists them (1, 0, ? where it is not known),
/// groups apart by a space.
struct Answer {
    std::string populations;
    std::vector<std::string> quarantined;
};

/// The last instant of the measurement period, 2026.
model::Instant period_end() {
    return *model::parse_instant("2027-01-01") - std::chrono::milliseconds(1);
}

std::string_view patient_id(const ingest::Json& bundle) {
    for (const auto& [key, entry] : bundle.items_of("entry"))
        if (const auto* resource = entry.find("resource"))
            if (resource->text_of("resourceType") == "Patient")
                return resource->text_of("id");
    return {};
}

/// The patient of the case; nobody, and a failure, where there is none.
daemon::PatientState* patient_in(daemon::Replay& replay, const MeasureCase& measured) {
    const auto bearers = replay.core().directory().bearers_of({"Patient", std::string(patient_id(measured.json.root))});
    EXPECT_TRUE(bearers && bearers->size() == 1);
    const auto patient = replay.core().patient(bearers->front().patient);
    EXPECT_TRUE(patient);
    return patient.value_or(nullptr);
}

/// Whether the monitor is open, having been followed through time; `when` asked by itself at the end must agree.
char answer_of(daemon::PatientState& patient, const char* monitor) {
    const auto found = revision()->catalogue->find(model::MonitorId(monitor));
    EXPECT_TRUE(found) << monitor;
    const auto explained = patient.watch.explain(*found, period_end());
    EXPECT_EQ(explained.is_open, explained.when.value == Truth::yes) << monitor;
    return explained.is_open ? '1' : explained.when.value == Truth::unknown ? '?' : '0';
}

Answer answer_to(const Measure& measure, const MeasureCase& measured) {
    Answer out;
    daemon::Replay replay(revision(), {});
    const config::PublisherSettings utc{.zone = "UTC"};
    const ingest::Publisher publisher{.id = model::PublisherId("case"), .settings = &utc};
    const auto trouble = [&](const ingest::Decoded& decoded) {
        const auto& error = std::get<model::Error>(decoded.outcome);
        if (error.kind != model::ErrorKind::not_used && decoded.kind.find("MeasureReport") == std::string::npos)
            out.quarantined.push_back(decoded.kind + ": " + error.reason);
    };
    replay.add(measured.text, ingest::Format::fhir, publisher, trouble);
    replay.add(conditions_in(measured.json.root, revision()->vocabulary), ingest::Format::fhir, publisher, trouble);
    EXPECT_TRUE(replay.run(period_end()));
    EXPECT_TRUE(replay.troubles().empty());
    auto* patient = patient_in(replay, measured);
    for (const auto& group : measure.groups) {
        out.populations += out.populations.empty() ? "" : " ";
        for (const Population& population : group)
            out.populations += answer_of(*patient, population.monitor);
    }
    return out;
}

std::string expected_of(const Measure& measure, const MeasureCase& measured) {
    std::string out;
    EXPECT_EQ(measured.expected.size(), measure.groups.size());
    for (std::size_t i = 0; i < std::min(measured.expected.size(), measure.groups.size()); ++i) {
        out += out.empty() ? "" : " ";
        EXPECT_EQ(measured.expected[i].size(), measure.groups[i].size());
        for (const Population& population : measure.groups[i])
            out += measured.expected[i].at(population.code) == 0 ? '0' : '1';
    }
    return out;
}

/// What is not known opens nothing.
bool agree(std::string ours, const std::string& expected) {
    std::ranges::replace(ours, '?', '0');
    return ours == expected;
}

const Disagreement* listed(const Measure& measure, const std::string& name) {
    const auto found = std::ranges::find_if(disagreements, [&](const Disagreement& one) {
        return one.measure == std::string_view(measure.name) && one.name == name;
    });
    return found == disagreements.end() ? nullptr : &*found;
}

class MeasureTest : public testing::TestWithParam<Measure> {};

TEST_P(MeasureTest, answers_as_its_cases_expect_or_says_why_not) {
    const Measure& measure = GetParam();
    const auto folder = ingest::rules::data_folder();
    if (folder.empty())
        GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
    const auto cases = read_cases(folder / "ecqm-expected" / "bundles.tar.gz", measure.name);
    EXPECT_EQ(cases.size(), measure.case_count);
    std::size_t agreed = 0;
    std::cout << measure.name << ": expected, ours, case\n";
    for (const MeasureCase& measured : cases) {
        SCOPED_TRACE(measured.name);
        const std::string expected = expected_of(measure, measured);
        const Answer answer = answer_to(measure, measured);
        const bool is_agreed = agree(answer.populations, expected);
        const Disagreement* known = listed(measure, measured.name);
        agreed += is_agreed ? 1 : 0;
        std::cout << "  " << expected << "  " << answer.populations << "  " << measured.name << "\n";
        if (!is_agreed && known != nullptr)
            std::cout << "      otherwise: " << known->why << "\n";
        for (const std::string& reason : answer.quarantined)
            std::cout << "      quarantined: " << reason << "\n";
        EXPECT_EQ(is_agreed, known == nullptr) << (is_agreed ? "it is listed as a disagreement" : "nobody says why")
                                               << ": expected " << expected << ", ours " << answer.populations;
        if (known != nullptr) {
            EXPECT_EQ(answer.populations, known->ours);
        }
    }
    for (const Disagreement& one : disagreements)
        EXPECT_TRUE(one.measure != std::string_view(measure.name) ||
                    std::ranges::count(cases, one.name, &MeasureCase::name) == 1)
            << one.name << " is no case";
    std::cout << "  " << cases.size() << " cases, " << agreed << " agreed\n";
}

INSTANTIATE_TEST_SUITE_P(Cms, MeasureTest, testing::ValuesIn(measures),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Oracles, monitors_and_value_sets_load) {
    ASSERT_NE(revision(), nullptr);
    for (const Measure& measure : measures)
        for (const auto& group : measure.groups)
            for (const Population& population : group)
                EXPECT_TRUE(revision()->catalogue->find(model::MonitorId(population.monitor))) << population.monitor;
}

} // namespace
} // namespace bonewatch::oracles
