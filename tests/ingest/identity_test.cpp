#include "ingest/identity.h"

#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

struct Named {
    const char* name;
    const char* text;
    const char* read; ///< Empty: refused.
};

class PatientName : public testing::TestWithParam<Named> {};

TEST_P(PatientName, is_read_as_the_directory_looks_it_up) {
    const auto identifier = read_identifier(GetParam().text);
    EXPECT_EQ(identifier ? model::to_text(*identifier) : "", GetParam().read);
    if (!identifier) {
        EXPECT_EQ(identifier.error().reason, "bad_patient");
    }
}

INSTANTIATE_TEST_SUITE_P(
    identity, PatientName,
    testing::Values(
        Named{"valid_number", "nhs:9990000018", "nhs:9990000018"},
        Named{"valid_spaces_and_hyphens", " nhs : 999-000 0018 ", "nhs:9990000018"},
        Named{"valid_system_in_capitals", "NHS:999 000 0018", "nhs:9990000018"},
        Named{"valid_own_system", "MRN:77-A", "mrn:77-A"}, Named{"valid_colon_in_the_value", "mrn:7:7", "mrn:7:7"},
        Named{"valid_patient_resource", "patient:P1", "Patient:P1"}, Named{"reject_words", "nhs:unknown", ""},
        Named{"reject_letters", "nhs:abc", ""}, Named{"reject_wrong_check_digit", "nhs:9990000019", ""},
        Named{"reject_nine_digits", "nhs:999000001", ""}, Named{"reject_eleven_digits", "nhs:99900000180", ""},
        Named{"reject_all_zeros", "nhs:0000000000", ""}, Named{"reject_all_nines", "nhs:9999999999", ""},
        Named{"reject_capitals_do_not_help", "Nhs:unknown", ""}, Named{"reject_no_system", "9990000018", ""},
        Named{"reject_empty_value", "nhs:", ""}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(PatientName, an_impossible_number_is_quarantined_and_not_repeated) {
    const auto error = error_of(decode_one(Format::native, R"({"type":"patient","patient":"nhs:9434765918"})"));
    EXPECT_EQ(error.kind, model::ErrorKind::unusable);
    EXPECT_EQ(error.reason, "bad_patient");
    EXPECT_EQ(error.place, "line 1, $.patient");
    EXPECT_EQ(error.message.find("9434765918"), std::string::npos);
}

} // namespace
} // namespace bonewatch::ingest::rules
