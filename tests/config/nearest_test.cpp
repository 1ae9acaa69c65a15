#include "config/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bonewatch::config {
namespace {

const std::vector<std::string> words{"gap", "glucocorticoid-systemic", "levothyroxine", "span", "tsh"};

TEST(NearestWord, one_wrong_letter_is_mended) {
    EXPECT_EQ(nearest_word("levothyroxin", words), "levothyroxine");
}
TEST(NearestWord, swapped_neighbours_are_one_edit) {
    EXPECT_EQ(nearest_word("gpa", words), "gap");
}
TEST(NearestWord, an_underscore_for_a_hyphen_is_one_edit) {
    EXPECT_EQ(nearest_word("glucocorticoid_systemic", words), "glucocorticoid-systemic");
}
TEST(NearestWord, capitals_are_no_edits) {
    EXPECT_EQ(nearest_word("TSH", words), "tsh");
}
TEST(NearestWord, a_third_of_the_word_may_differ) {
    EXPECT_EQ(nearest_word("levothyrox", words), "levothyroxine");
}
TEST(NearestWord, more_than_a_third_is_another_word) {
    EXPECT_EQ(nearest_word("levothy", words), std::nullopt);
}
TEST(NearestWord, nothing_is_near_to_an_empty_word) {
    EXPECT_EQ(nearest_word("", words), std::nullopt);
}
TEST(NearestWord, nothing_is_near_without_candidates) {
    EXPECT_EQ(nearest_word("tsh", {}), std::nullopt);
}
TEST(NearestWord, a_whole_replacement_is_not_near) {
    const std::vector<std::string> one{"a"};
    EXPECT_EQ(nearest_word("b", one), std::nullopt);
}
TEST(NearestWord, the_first_of_equals_is_taken) {
    const std::vector<std::string> equals{"span", "spun"};
    EXPECT_EQ(nearest_word("spin", equals), "span");
}
TEST(NearestWord, of_equals_the_one_in_the_same_case_is_taken) {
    const std::vector<std::string> equals{"mu/l", "mU/L", "MU/L"};
    EXPECT_EQ(nearest_word("mU/LL", equals), "mU/L");
}
TEST(NearestWord, the_message_ends_with_the_proposal_or_not_at_all) {
    EXPECT_EQ(did_you_mean("spn", words), "; did you mean 'span'?");
    EXPECT_EQ(did_you_mean("xyzzy", words), "");
}

} // namespace
} // namespace bonewatch::config
