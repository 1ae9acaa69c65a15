#include "tests/ingest/decoding.h"
#include "tests/ingest/outside_data.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <map>

namespace bonewatch::ingest::rules {
namespace {

namespace fs = std::filesystem;

/// Reads the outcomes of a file's messages: `not_used unknown_code RDS dispense NDC|0093505601`.
std::vector<std::string> outcomes_in(const fs::path& file) {
    const config::PublisherSettings settings{.takes_test_messages = true};
    std::vector<std::string> out;
    for (const Decoded& decoded :
         decode(Format::hl7v2, read_text(file), {model::PublisherId("lab"), &settings}, vocabulary(), std::nullopt))
        if (!std::holds_alternative<model::Event>(decoded.outcome))
            out.push_back(std::string(outcome_of(decoded)) + " " + outcome_word(decoded) + " " + decoded.kind);
        else if (!std::holds_alternative<model::PatientEvent>(event_of(decoded).body))
            out.push_back("applied " + decoded.kind);
    return out;
}

/// None of them is about a drug that is watched: each is read, and says which drug it is.
TEST(Hl7OutsideMedication, every_message_is_read) {
    if (data_folder().empty())
        GTEST_SKIP() << "no data from elsewhere: set BONEWATCH_DATA";
    std::map<std::string, std::vector<std::string>> found;
    for (const auto& file : fs::recursive_directory_iterator(data_folder() / "hl7v2")) {
        if (!file.is_regular_file() || file.path().extension() != ".hl7")
            continue;
        const std::string text = read_text(file.path());
        const bool is_about_drugs =
            std::ranges::any_of(std::vector<std::string>{"|RDE^", "|RDS^", "|RAS^", "|OMP^"},
                                [&](const std::string& type) { return text.find(type) != std::string::npos; });
        if (is_about_drugs)
            found[file.path().filename()] = outcomes_in(file.path());
    }
    for (const auto& [name, outcomes] : found) {
        std::cout << name << ":\n";
        for (const std::string& outcome : outcomes)
            std::cout << "  " << outcome << "\n";
    }
    EXPECT_THAT(
        found,
        testing::ElementsAre(
            testing::Pair("RDE-O11-01.hl7", testing::ElementsAre("not_used unknown_code RDE order NDC|0143963401")),
            testing::Pair("RDE-O25-01.hl7", testing::ElementsAre("not_used unknown_code RDE order NDC|0143963401")),
            testing::Pair("RDS-O13-01.hl7", testing::ElementsAre("not_used unknown_code RDS dispense NDC|01151327")),
            testing::Pair("rds-o13-dispense.hl7",
                          testing::ElementsAre("not_used unknown_code RDS dispense NDC|0093505601"))));
}

} // namespace
} // namespace bonewatch::ingest::rules
