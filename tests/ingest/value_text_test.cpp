#include "ingest/value_text.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest {
namespace {

struct ValueCase {
    const char* name;
    const char* text;
    const char* value; ///< `words` where it stays a text.
    const char* unit = "";
};

class ValueTextTest : public testing::TestWithParam<ValueCase> {};

TEST_P(ValueTextTest, reads_as_stated) {
    const auto read = read_value(GetParam().text);
    EXPECT_EQ(read.value ? model::to_text(*read.value) : "words", GetParam().value);
    EXPECT_EQ(read.value ? read.unit : "", GetParam().unit);
}

INSTANTIATE_TEST_SUITE_P(
    values, ValueTextTest,
    testing::Values(ValueCase{"plain", "0.71", "0.71"}, ValueCase{"leading_plus", "+3.10", "3.1"},
                    ValueCase{"negative", "-2.5", "-2.5"}, ValueCase{"exponent", "1.2E-2", "0.012"},
                    ValueCase{"less", "<0.01", "<0.01"}, ValueCase{"less_with_space", "< 0.01", "<0.01"},
                    ValueCase{"less_equal_sign", "≤0.01", "<=0.01"}, ValueCase{"less_equal", "<= 0.01", "<=0.01"},
                    ValueCase{"greater", ">100", ">100"}, ValueCase{"greater_equal", ">=90", ">=90"},
                    ValueCase{"greater_equal_sign", "≥ 90", ">=90"}, ValueCase{"leaked_entity", "&lt;0.01", "<0.01"},
                    ValueCase{"spelt_less", "LESS THAN 0.4", "<0.4"},
                    ValueCase{"spelt_greater", "greater than 500", ">500"},
                    ValueCase{"less_negative", "<-2.5", "<-2.5"}, ValueCase{"range", "100-200", "100 to 200"},
                    ValueCase{"range_with_spaces", "100 - 200", "100 to 200"},
                    ValueCase{"range_with_dash", "100–200", "100 to 200"},
                    ValueCase{"range_in_words", "100 to 200", "100 to 200"}, ValueCase{"flag", "0.01 L", "0.01"},
                    ValueCase{"star", "0.01*", "0.01"}, ValueCase{"spaces_around", "  7.2 ", "7.2"},
                    ValueCase{"unit", "0.45 mU/L", "0.45", "mU/L"}, ValueCase{"unit_joined", "7.2%", "7.2", "%"},
                    ValueCase{"unit_of_ten", "5 10*9/L", "5", "10*9/L"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    words, ValueTextTest,
    testing::Values(ValueCase{"comment", "See comment", "words"}, ValueCase{"empty", "", "words"},
                    ValueCase{"not_equal", "<>5", "words"}, ValueCase{"comparator_alone", "<", "words"},
                    ValueCase{"titre", "1:128", "words"}, ValueCase{"plus", "2+", "words"},
                    ValueCase{"date", "2020-01-05", "words"}, ValueCase{"falling_range", "200-100", "words"},
                    ValueCase{"decimal_comma", "0,01", "words"}, ValueCase{"two_numbers", "5 10", "words"},
                    ValueCase{"thousands", "1,200", "words"}, ValueCase{"about", "~5", "words"},
                    ValueCase{"infinite", "inf", "words"}, ValueCase{"hexadecimal", "0x10", "0", "x10"}),
    [](const auto& tested) { return tested.param.name; });

struct NumberCase {
    const char* name;
    const char* text;
    const char* value;
    bool is_rounded;
};

class NumberTextTest : public testing::TestWithParam<NumberCase> {};

TEST_P(NumberTextTest, keeps_twelve_digits_and_rounds_noise) {
    const auto read = read_number(GetParam().text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(model::to_text(read->value), GetParam().value);
    EXPECT_EQ(read->is_rounded, GetParam().is_rounded);
}

INSTANTIATE_TEST_SUITE_P(numbers, NumberTextTest,
                         testing::Values(NumberCase{"twelve_digits", "123456.789012", "123456.789012", false},
                                         NumberCase{"thirteen_digits", "123456.7890123", "123456.789", true},
                                         NumberCase{"noise_below", "0.09999999999999999", "0.1", true},
                                         NumberCase{"noise_above", "0.10000000000000001", "0.1", true},
                                         NumberCase{"negative_noise", "-2.4999999999999996", "-2.5", true},
                                         NumberCase{"carries_over", "99999999999.99999", "100000000000", true},
                                         NumberCase{"leading_zeros", "0.000000000012", "0.000000000012", false},
                                         NumberCase{"noise_with_exponent", "1.76354998667295581e2", "176.354999",
                                                    true}),
                         [](const auto& tested) { return tested.param.name; });

TEST(NumberText, reject_out_of_range) {
    EXPECT_FALSE(read_number("1e400"));
    EXPECT_FALSE(read_number("0.00000000000000012"));
    EXPECT_FALSE(read_number("123456789012345678901234567890"));
    EXPECT_FALSE(read_number("1e99999999999999999999"));
    EXPECT_FALSE(read_number("12345678901234567e9999999"));
}

} // namespace
} // namespace bonewatch::ingest
