#include "ingest/hl7_code.h"
#include "tests/ingest/hl7_messages.h"

#include <gtest/gtest.h>
#include <toml++/toml.h>

namespace bonewatch::ingest::rules {
namespace {

struct Known {
    const char* name;
    const char* code; ///< OBX-3.
    const char* expected;
};

void PrintTo(const Known& tested, std::ostream* out) {
    *out << tested.name;
}

class Hl7CodeTest : public testing::TestWithParam<Known> {};

TEST_P(Hl7CodeTest, is_known_again) {
    const Hl7Encoding encoding;
    EXPECT_EQ(hl7_code_identity(Hl7Text(GetParam().code, encoding)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    codes, Hl7CodeTest,
    testing::Values(
        Known{"alone", "3016-3^TSH^LN", "3016-3^LN"},
        Known{"before_the_local_one", "3016-3^TSH^LN^T^TSH^L", "3016-3^LN"},
        Known{"behind_the_local_one", "T^TSH^L^3016-3^TSH^LN", "3016-3^LN"},
        Known{"in_the_third_triplet", "T^TSH^L^T2^TSH^99X^^^TSH^3016-3^TSH^LN", "3016-3^LN"},
        Known{"beside_original_text", "3016-3^TSH^LN^^^^2.33^^TSH", "3016-3^LN"},
        Known{"by_its_name", "3016-3^TSH^LOINC", "3016-3^LN"}, Known{"in_lower_case", "3016-3^TSH^ln", "3016-3^LN"},
        Known{"with_spaces", " 3016-3 ^TSH^ LN ", "3016-3^LN"},
        Known{"by_its_oid", "3016-3^TSH^2.16.840.1.113883.6.1", "3016-3^LN"},
        Known{"by_its_address", "3016-3^TSH^http://loinc.org", "3016-3^LN"},
        Known{"loinc_before_snomed", "61167004^TSH^SCT^3016-3^TSH^LN", "3016-3^LN"},
        Known{"snomed_before_local", "T^TSH^L^61167004^TSH^SNOMED CT", "61167004^SCT"},
        Known{"icd_before_local", "T^RA^L^M06.9^RA^ICD-10", "M06.9^I10"},
        Known{"first_of_two_of_one_system", "3016-3^TSH^LN^11579-0^TSH^LN", "3016-3^LN"},
        // That it fails its check digit does not change what it says that it is.
        Known{"slip", "T^TSH^L^3016-4^TSH^LN", "3016-4^LN"}, Known{"local", "T^TSH^L", "T^L"},
        Known{"local_in_lower_case", "T^TSH^99 lab", "T^99LAB"},
        Known{"first_of_two_local_ones", "T^TSH^L^A^TSH^99X", "T^L"},
        Known{"letters_of_a_local_code_count", "t^TSH^L", "t^L"}, Known{"local_behind_nothing", "^TSH^^T^TSH^L", "T^L"},
        Known{"without_a_system", "3016-3^TSH", "3016-3"}, Known{"system_without_a_code", "T^TSH^L^^TSH^LN", "T^L"},
        Known{"null", "\"\"^TSH^LN^T^TSH^L", "T^L"}, Known{"words_alone", "^TSH", ""}, Known{"nothing", "", ""}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Hl7CodeIdentity, knows_each_system_by_every_name_that_the_shipped_vocabulary_has_for_it) {
    const std::map<std::string, std::string> names{
        {"loinc", "LN"}, {"snomed", "SCT"}, {"icd10", "I10"}, {"icd10cm", "I10C"}};
    const auto shipped = toml::parse_file(BONEWATCH_SOURCE_DIR "/config/vocabulary/systems.toml");
    std::size_t count = 0;
    for (const auto& [key, name] : names) {
        EXPECT_EQ(hl7_system(key), name);
        for (const auto& spelling : *shipped[key]["spellings"].as_array()) {
            EXPECT_EQ(hl7_system(spelling.value_or<std::string>("")), name);
            ++count;
        }
    }
    EXPECT_GT(count, 30U);
}

std::string id_of(std::string_view code, std::string_view sub_id = "") {
    return event_of(
               hl7_result(hl7_tsh("OBX|1|NM|" + std::string(code) + "|" + std::string(sub_id) + "|0.4|mU/L|||||F")))
        .key.id.text;
}

TEST(Hl7CodeIdentity, makes_a_correction_meet_its_result) {
    for (const std::string_view code : {"3016-3^TSH^LN^T^TSH^L", "T^TSH^L^3016-3^TSH^LN", "3016-3^TSH^LN",
                                        "T^TSH^L^3016-3^TSH^http://loinc.org", "T^TSH^L^^^^^^^3016-3^TSH^LN"}) {
        EXPECT_EQ(id_of(code), "F4711^LABSYS#3016-3^LN") << code;
        EXPECT_EQ(id_of(code, "2"), "F4711^LABSYS#3016-3^LN/2") << code;
        const auto deleted = hl7_result(hl7_tsh("OBX|1|NM|" + std::string(code) + "||||||||D"));
        EXPECT_EQ(model::fact_of(event_of(deleted)).id.text, "F4711^LABSYS#3016-3^LN") << code;
    }
}

TEST(Hl7CodeIdentity, does_not_depend_on_what_the_codes_mean) {
    // A publisher's mapping knows the local code, and the vocabulary the other one: alone and together.
    const config::PublisherSettings bare;
    config::PublisherSettings mapped;
    mapped.codes[vocabulary().comparable("L", "T")] = *vocabulary().meaning("LN", "3016-3");
    for (const config::PublisherSettings* settings :
         std::initializer_list<const config::PublisherSettings*>{&bare, &mapped}) {
        const Publisher lab{.id = model::PublisherId("lab"), .settings = settings};
        const auto all = decode(Format::hl7v2, hl7_tsh("OBX|1|NM|T^TSH^L^3016-3^TSH^LN||0.4|mU/L|||||F"), lab,
                                vocabulary(), std::nullopt);
        EXPECT_EQ(event_of(all.back()).key.id.text, "F4711^LABSYS#3016-3^LN");
    }
    const Publisher lab{.id = model::PublisherId("lab"), .settings = &mapped};
    // A LOINC that fails its check digit, beside a local code that is known: it is called as before, and that is told.
    const auto slip = decode(Format::hl7v2, hl7_tsh("OBX|1|NM|T^TSH^L^3016-4^TSH^LN||0.4|mU/L|||||F"), lab,
                             vocabulary(), std::nullopt);
    EXPECT_EQ(event_of(slip.back()).key.id.text, "F4711^LABSYS#3016-4^LN");
    ASSERT_EQ(slip.back().warnings.size(), 1U);
    EXPECT_TRUE(slip.back().warnings.front().starts_with("bad_check_digit: "));
}

TEST(Hl7CodeIdentity, of_the_service_names_an_order_without_a_number) {
    const auto read = [](std::string_view service) {
        const auto decoded =
            hl7_result(hl7_header("ORU^R01") + std::string(hl7_person_line) + "OBR|1|P1||" + std::string(service) +
                       "|||202603010830\rOBX|1|NM|3016-3^TSH^LN||0.4|mU/L|||||F\r");
        return event_of(decoded).key.id.text;
    };
    EXPECT_EQ(read("TFT^Thyroid^L^3016-3^Thyroid^LN"), read("3016-3^Thyroid^LN^TFT^Thyroid^L"));
    EXPECT_EQ(read("TFT^Thyroid^L"), read("TFT^Thyroid function^l"));
    EXPECT_NE(read("TFT^Thyroid^L"), read("TSH^Thyroid^L"));
}

TEST(Hl7CodeIdentity, of_two_results_of_one_code_in_one_order_is_one) {
    // Whatever their local codes: what else a message holds does not name its results. OBX-4 tells them apart.
    const auto all = hl7_results(hl7_tsh("OBX|1|NM|A^TSH^L^3016-3^TSH^LN||0.4|mU/L|||||F\r"
                                         "OBX|2|NM|B^TSH^L^3016-3^TSH^LN||0.5|mU/L|||||F"));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(event_of(all[0]).key, event_of(all[1]).key);
}

} // namespace
} // namespace bonewatch::ingest::rules
