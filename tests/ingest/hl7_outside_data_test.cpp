#include "ingest/hl7_batch.h"
#include "tests/ingest/decoding.h"
#include "tests/ingest/outside_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

namespace bonewatch::ingest::rules {
namespace {

namespace fs = std::filesystem;

/// What became of the messages of one set.
struct Tally {
    std::size_t files = 0, messages = 0;
    std::map<std::string, std::size_t> outcomes;
    std::map<std::string, std::size_t> reasons; ///< Of what was quarantined or rejected, with its kind.
    std::map<std::string, std::size_t> kinds;   ///< Of what was applied, or not used.
    std::map<std::string, std::size_t> warnings;
};

void count(const Decoded& decoded, Tally& tally) {
    const std::string what(outcome_of(decoded));
    ++tally.outcomes[what];
    if (what == "quarantined" || what == "rejected")
        ++tally.reasons[what + " " + outcome_word(decoded) + " at " + error_of(decoded).place + ": " + decoded.kind];
    else
        ++tally.kinds[what + " " + decoded.kind];
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

class Hl7OutsideDataTest : public testing::TestWithParam<const char*> {};

TEST_P(Hl7OutsideDataTest, every_message_has_an_outcome) {
    const fs::path folder = data_folder() / "hl7v2" / GetParam();
    if (data_folder().empty() || !fs::is_directory(folder))
        GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
    const config::PublisherSettings settings{.takes_test_messages = true};
    const Publisher publisher{.id = model::PublisherId(GetParam()), .settings = &settings};
    Tally tally;
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
        const std::string name = file.path().filename();
        if (!file.is_regular_file() || name.find(".hl7") == std::string::npos)
            continue;
        ++tally.files;
        const std::string text = read_text(file.path());
        const Hl7Batch batch = split_hl7(text);
        tally.messages += batch.messages.size();
        const auto all = decode(Format::hl7v2, text, publisher, vocabulary(), std::nullopt);
        EXPECT_GE(all.size(), batch.messages.size() + batch.problems.size()) << name;
        for (const auto& decoded : all) {
            EXPECT_FALSE(decoded.kind.empty()) << name;
            count(decoded, tally);
            const auto* error = std::get_if<model::Error>(&decoded.outcome);
            if (error != nullptr && error->kind != model::ErrorKind::not_used) {
                EXPECT_FALSE(error->reason.empty() || error->message.empty()) << name;
                EXPECT_FALSE(error->place.empty()) << name << ": " << error->reason;
            }
        }
    }
    EXPECT_GT(tally.files, 0U);
    std::cout << GetParam() << ": " << tally.files << " files, " << tally.messages << " messages\n";
    for (const auto& [word, number] : tally.outcomes)
        std::cout << "  " << word << " " << number << "\n";
    print("applied and not used, by kind", tally.kinds, 60);
    print("quarantined and rejected", tally.reasons, 60);
    print("warnings", tally.warnings, 20);
}

INSTANTIATE_TEST_SUITE_P(sets, Hl7OutsideDataTest,
                         testing::Values("cosyte-hl7", "linuxforhealth", "ms-fhir-converter", "simhospital"),
                         [](const auto& tested) {
                             std::string name(tested.param);
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

} // namespace
} // namespace bonewatch::ingest::rules
