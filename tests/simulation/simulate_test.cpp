#include "daemon/simulate.h"
#include "daemon/simulated_life.h"

#include <gmock/gmock.h>
#include <simdjson.h>

#include <iostream>
#include <map>
#include <set>
#include <sstream>

namespace bonewatch::daemon {
namespace {

SimulateSettings settings(int patients, std::uint64_t seed = 1) {
    return {.patients = patients, .years = 5, .seed = seed, .until = std::chrono::year(2026) / 3 / 1};
}

std::string text_of(const SimulateSettings& wanted) {
    std::ostringstream out;
    simulate(wanted, out);
    return out.str();
}

TEST(Simulate, same_seed_same_bytes) {
    EXPECT_EQ(text_of(settings(20)), text_of(settings(20)));
    EXPECT_NE(text_of(settings(20)), text_of(settings(20, 2)));
}

TEST(Simulate, more_patients_leave_the_others_as_they_are) {
    const std::string few = text_of(settings(20));
    EXPECT_EQ(text_of(settings(40)).substr(0, few.size()), few);
}

TEST(Simulate, every_line_is_json_with_type_patient_and_times) {
    std::istringstream lines(text_of(settings(200)));
    simdjson::dom::parser parser;
    const std::string end = "2026-03-02";
    std::string before;
    std::string patient_before;
    for (std::string line; std::getline(lines, line);) {
        simdjson::dom::object object;
        ASSERT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
        std::map<std::string, std::string> texts;
        for (const auto& [key, value] : object)
            if (value.is_string())
                texts.emplace(key, value.get_c_str().value());
        ASSERT_THAT(texts, testing::IsSupersetOf({testing::Key("type"), testing::Key("patient"), testing::Key("at"),
                                                  testing::Key("recorded")}))
            << line;
        EXPECT_TRUE(model::parse_instant(texts["recorded"])) << line;
        EXPECT_LT(texts["recorded"], end);
        EXPECT_TRUE(texts["type"] == "patient" || texts.contains("id")) << line;
    }
}

TEST(Simulate, each_difficulty_occurs_and_a_fifth_have_something_to_find) {
    std::ostringstream out;
    const SimulateCounts counts = simulate(settings(500), out);
    for (const auto& [name, count] : std::map<std::string, std::uint64_t>{{"late", counts.late},
                                                                          {"corrected", counts.corrected},
                                                                          {"retracted", counts.retracted},
                                                                          {"retracted first", counts.retracted_first},
                                                                          {"moved", counts.moved},
                                                                          {"repeated", counts.repeated},
                                                                          {"disputed", counts.disputed},
                                                                          {"post-dated", counts.post_dated},
                                                                          {"partly dated", counts.partly_dated}}) {
        std::cout << name << ": " << count << "\n";
        EXPECT_GT(count, 0u) << name;
    }
    std::cout << "lines: " << counts.lines << "\n";
    EXPECT_GT(counts.lines, 500u * 25);
    EXPECT_LT(counts.lines, 500u * 80);
    EXPECT_GT(counts.patients_with_pattern, 70u);
    EXPECT_LT(counts.patients_with_pattern, 130u);
}

TEST(Simulate, an_id_names_one_fact) {
    for (std::uint64_t serial = 0; serial < 2000; ++serial) {
        Dice dice(serial);
        const auto from = std::chrono::sys_days(std::chrono::year(2021) / 3 / 1);
        std::set<std::string> ids;
        for (const SimulatedFact& fact : simulated_life(dice, serial, from, from + model::Days(1826)).facts)
            EXPECT_TRUE(ids.insert(fact.id).second) << fact.id;
    }
}

TEST(Simulate, test_numbers_are_ten_digits_of_999_and_differ) {
    std::set<std::string> numbers;
    for (std::uint64_t serial = 0; serial < 20'000; ++serial) {
        const std::string number = test_nhs_number(serial);
        ASSERT_EQ(number.size(), 10u);
        ASSERT_TRUE(number.starts_with("999"));
        int sum = 0;
        for (std::size_t i = 0; i < 10; ++i)
            sum += (number[i] - '0') * static_cast<int>(10 - i);
        ASSERT_EQ(sum % 11, 0) << number;
        numbers.insert(number);
    }
    EXPECT_EQ(numbers.size(), 20'000u);
    EXPECT_EQ(test_nhs_number(test_numbers_max - 1).size(), 10u);
}

} // namespace
} // namespace bonewatch::daemon
