#include "tests/ingest/decoding.h"
#include "tests/ingest/outside_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

namespace bonewatch::ingest::rules {
namespace {

namespace fs = std::filesystem;

/// What became of one data set.
struct Tally {
    std::map<std::string, std::size_t> outcomes;
    std::map<std::string, std::size_t> reasons;  ///< Of what was quarantined or rejected.
    std::map<std::string, std::size_t> applied;  ///< By kind.
    std::map<std::string, std::size_t> not_used; ///< By kind.
    std::map<std::string, std::size_t> warnings;
};

void count(const Decoded& decoded, Tally& tally) {
    const std::string what(outcome_of(decoded));
    ++tally.outcomes[what];
    if (what == "quarantined" || what == "rejected")
        ++tally.reasons[what + " " + outcome_word(decoded) + ": " + decoded.kind];
    if (what == "not_used")
        ++tally.not_used[decoded.kind];
    if (what == "applied")
        ++tally.applied[decoded.kind];
    for (const auto& warning : decoded.warnings)
        ++tally.warnings[warning.substr(0, warning.find(':'))];
}

void print(const char* title, const std::map<std::string, std::size_t>& counts, std::size_t lines_max) {
    std::vector<std::pair<std::size_t, std::string>> sorted;
    for (const auto& [word, number] : counts)
        sorted.emplace_back(number, word);
    std::ranges::sort(sorted, std::greater());
    std::cout << "  " << title << "\n";
    for (std::size_t i = 0; i < std::min(lines_max, sorted.size()); ++i)
        std::cout << "    " << sorted[i].first << "  " << sorted[i].second << "\n";
}

/// Of a resource of a known code only what it says of itself may leave it unused: `levothyroxine (not an order)`.
bool is_known_code(const std::string& kind) {
    const auto bar = kind.find('|');
    const auto space = kind.find(' ');
    if (bar == std::string::npos || space == std::string::npos || kind.find("DiagnosticReport") == 0)
        return false;
    const std::string system = kind.substr(space + 1, bar - space - 1);
    const std::string code = kind.substr(bar + 1, kind.find(' ', bar) - bar - 1);
    return vocabulary().meaning(system, code) != nullptr;
}

struct DataSet {
    const char* name;
    std::vector<std::string> folders;
    /// How many of which outcome; each was looked at once. Nothing where only their being there is asked.
    std::map<std::string, std::size_t> expected{};
};

class OutsideDataTest : public testing::TestWithParam<DataSet> {};

TEST_P(OutsideDataTest, every_resource_has_an_outcome) {
    if (data_folder().empty())
        GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
    const config::PublisherSettings utc{.zone = "UTC"};
    const Publisher publisher{.id = model::PublisherId(GetParam().name), .settings = &utc};
    Tally tally;
    std::size_t files = 0;
    for (const auto& folder : GetParam().folders)
        for (const auto& file : fs::recursive_directory_iterator(data_folder() / folder)) {
            const std::string name = file.path().filename();
            const bool is_resource = file.is_regular_file() && name.find("json") != std::string::npos &&
                                     name != "manifest.json" && name != "series.json.gz" && name != "log.ndjson";
            if (!is_resource)
                continue;
            const auto all = decode(Format::fhir, read_text(file.path()), publisher, vocabulary(), std::nullopt);
            EXPECT_FALSE(all.empty()) << name;
            for (const auto& decoded : all) {
                EXPECT_FALSE(decoded.kind.empty()) << name;
                count(decoded, tally);
            }
            ++files;
        }
    EXPECT_GT(files, 0U);
    for (const auto& [kind, number] : tally.not_used)
        EXPECT_FALSE(is_known_code(kind)) << kind << " is known to the vocabulary, and was not used";
    if (!GetParam().expected.empty()) {
        EXPECT_EQ(tally.outcomes, GetParam().expected);
    }
    std::cout << GetParam().name << ": " << files << " files\n";
    for (const auto& [word, number] : tally.outcomes)
        std::cout << "  " << word << " " << number << "\n";
    print("applied, by kind", tally.applied, 100);
    print("quarantined and rejected", tally.reasons, 60);
    print("commonest not used", tally.not_used, 30);
    print("warnings", tally.warnings, 20);
}

INSTANTIATE_TEST_SUITE_P(
    data, OutsideDataTest,
    testing::Values(
        DataSet{"synthea_bulk", {"fhir-r4-synthea/bulk"}}, DataSet{"synthea_bundles", {"fhir-r4-synthea/bundles"}},
        DataSet{"smart_derived", {"fhir-stu3-smart-patients/r4-derived-ndjson"}},
        DataSet{"smart_stu3", {"fhir-stu3-smart-patients/stu3-original"}}, DataSet{"mimic_derived", {"mimic3-demo"}},
        DataSet{"r4_examples", {"fhir-r4-examples"}, {{"applied", 33}, {"not_used", 264}, {"quarantined", 5}}},
        DataSet{"au", {"fhir-r4-au"}, {{"applied", 59}, {"not_used", 197}, {"quarantined", 1}}},
        DataSet{"bulk10", {"fhir-r4-bulk10"}, {{"applied", 23}, {"not_used", 2398}, {"quarantined", 64}}},
        DataSet{"converted", {"hl7v2/ms-fhir-converter/expected-fhir"}, {{"applied", 17}, {"not_used", 1266}}},
        DataSet{"primitives", {"fhir-r4-primitives"}, {{"rejected", 46}}}),
    [](const auto& tested) { return std::string(tested.param.name); });

} // namespace
} // namespace bonewatch::ingest::rules
