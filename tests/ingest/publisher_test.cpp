#include "config/read_publishers.h"
#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace bonewatch::ingest::rules {
namespace {

using model::ResultEvent;

/// A laboratory with codes and units of its own.
config::PublisherSettings laboratory() {
    config::PublisherSettings settings;
    const auto problems =
        config::read_mapping("lab-codes.toml",
                             "codes = [\n"
                             "  { system = \"99LAB\", code = \"TSH3\", means = \"tsh\", unit = \"mU/L\" },\n"
                             "  { system = \"99LAB\", code = \"VITD\", means = \"vitd25\" },\n"
                             "  { system = \"99LAB\", code = \"VITM\", means = \"vitd25\", unit = \"ng/mL\" },\n"
                             "  { code = \"BARE\", means = \"crp\" },\n"
                             "  { system = \"LN\", code = \"3016-3\", means = \"ft4\" },\n"
                             "  { system = \"99PH\", code = \"PRED5\", means = \"prednisolone\", route = \"oral\" },\n"
                             "]\n"
                             "[units]\n\"mE/l\" = \"mU/L\"\n\"mg/Liter\" = \"mg/L\"\n",
                             vocabulary(), settings);
    EXPECT_TRUE(problems.empty());
    settings.missing_units = {{model::CodeId("vitd25"), "nmol/L"}, {model::CodeId("crp"), "mg/L"}};
    return settings;
}

Decoded decode_from_laboratory(Format format, const std::string& message) {
    static const config::PublisherSettings settings = laboratory();
    const Publisher publisher{.id = model::PublisherId("lab"), .settings = &settings};
    auto all =
        decode(format, message, publisher, vocabulary(), model::Instant(model::Date(std::chrono::year(2026) / 6 / 1)));
    EXPECT_EQ(all.size(), 1U);
    return std::move(all.front());
}

struct ResultCase {
    std::string name;
    std::string code;                    ///< Native `code`.
    std::string value;                   ///< Native `value` and what follows.
    std::string read;                    ///< `tsh 0.05`, or the reason why there is nothing.
    std::vector<std::string> warnings{}; ///< First words.
    friend std::ostream& operator<<(std::ostream& out, const ResultCase& each) { return out << each.name; }
};

class LaboratoryResult : public testing::TestWithParam<ResultCase> {};

TEST_P(LaboratoryResult, is_read_by_its_settings) {
    const auto& each = GetParam();
    const auto decoded = decode_from_laboratory(
        Format::native, R"({"type":"result","id":"1","patient":"mrn:7","at":"2026-03-01","code":)" + each.code +
                            R"(,"value":)" + each.value + "}");
    std::vector<std::string> warnings;
    for (const std::string& warning : decoded.warnings)
        warnings.push_back(warning.substr(0, warning.find(':')));
    EXPECT_EQ(warnings, each.warnings);
    if (outcome_word(decoded) != "applied") {
        EXPECT_EQ(outcome_word(decoded), each.read);
        return;
    }
    const auto result = body_of<ResultEvent>(decoded);
    ASSERT_TRUE(result.value.has_value());
    EXPECT_EQ(result.analyte.text + " " + to_text(*result.value), each.read);
}

std::string lab_code(const std::string& code, const std::string& system = "99LAB") {
    return R"({"system":")" + system + R"(","code":")" + code + "\"}";
}

const std::vector<ResultCase> results{
    {"own_code", lab_code("TSH3"), R"("0.05","unit":"mU/L")", "tsh 0.05"},
    {"own_code_in_another_case_of_the_system", lab_code("TSH3", "99lab"), R"("0.05","unit":"mU/L")", "tsh 0.05"},
    {"own_code_in_another_case_is_another_code", lab_code("tsh3"), R"("0.05","unit":"mU/L")", "unknown_code"},
    {"own_code_of_another_system", lab_code("TSH3", "98LAB"), R"("0.05","unit":"mU/L")", "unknown_code"},
    {"own_meaning_of_a_public_code", lab_code("3016-3", "http://loinc.org"), R"("12","unit":"pmol/L")", "ft4 12"},
    {"public_code", lab_code("11580-8", "http://loinc.org"), R"("0.05","unit":"mU/L")", "tsh 0.05"},
    {"unit_of_the_code", lab_code("TSH3"), R"("0.05")", "tsh 0.05", {"unit_assumed"}},
    {"unit_of_the_analyte", lab_code("VITD"), R"("50")", "vitd25 50", {"unit_assumed"}},
    {"unit_of_the_code_before_the_analytes", lab_code("VITM"), R"("20")", "vitd25 49.91926", {"unit_assumed"}},
    {"unit_of_the_analyte_by_its_own_id", R"("crp")", R"("5")", "crp 5", {"unit_assumed"}},
    {"stated_unit_before_the_settings", lab_code("VITD"), R"("20","unit":"ng/mL")", "vitd25 49.91926"},
    {"unit_in_the_value_before_the_settings", lab_code("VITD"), R"("20 ng/mL")", "vitd25 49.91926"},
    {"missing_unit_that_nobody_states", R"("ft3")", R"("5")", "missing_unit"},
    {"range_in_the_assumed_unit",
     lab_code("VITM"),
     R"("20","range":{"low":20,"high":40})",
     "vitd25 49.91926",
     {"unit_assumed"}},
    {"own_spelling", lab_code("TSH3"), R"("0.05","unit":" mE/l ")", "tsh 0.05"},
    {"own_spelling_in_the_value", lab_code("TSH3"), R"("0.05 mE/l")", "tsh 0.05"},
    {"own_spelling_beside_the_usual_one", lab_code("TSH3"), R"("0.05 mE/l","unit":"mU/L")", "tsh 0.05"},
    {"own_spelling_of_another_analytes_unit", R"("ft4")", R"("12","unit":"mE/l")", "unknown_unit"},
};
INSTANTIATE_TEST_SUITE_P(results, LaboratoryResult, testing::ValuesIn(results),
                         [](const auto& each) { return each.param.name; });

TEST(Laboratory, warning_says_which_unit_was_assumed) {
    const auto decoded = decode_from_laboratory(
        Format::native, R"({"type":"result","id":"1","patient":"mrn:7","at":"2026-03-01","code":"crp","value":"5"})");
    EXPECT_THAT(decoded.warnings, testing::ElementsAre(testing::HasSubstr("'mg/L'")));
    EXPECT_EQ(body_of<ResultEvent>(decoded).unit_text, "mg/L");
}

TEST(Laboratory, fhir_coding_may_be_of_an_own_system_or_of_none) {
    for (const std::string coding : {R"("system":"99LAB","code":"TSH3")", R"("code":"BARE")"}) {
        const auto decoded = decode_from_laboratory(
            Format::fhir,
            R"({"resourceType":"Observation","id":"1","status":"final","subject":{"reference":"Patient/7"},)"
            R"("effectiveDateTime":"2026-03-01","code":{"coding":[{)" +
                coding + R"(}]},"valueQuantity":{"value":5}})");
        EXPECT_EQ(outcome_word(decoded), "applied") << coding;
        EXPECT_THAT(decoded.warnings, testing::Contains(testing::StartsWith("unit_assumed"))) << coding;
    }
}

TEST(Laboratory, a_code_of_no_system_means_nothing_without_a_mapping) {
    const auto decoded = decode_one(
        Format::fhir, R"({"resourceType":"Observation","id":"1","status":"final","subject":{"reference":"Patient/7"},)"
                      R"("effectiveDateTime":"2026-03-01","code":{"coding":[{"code":"3016-3"}]},)"
                      R"("valueQuantity":{"value":5}})");
    EXPECT_EQ(outcome_word(decoded), "unknown_code");
}

TEST(Laboratory, own_code_of_a_drug_implies_its_route) {
    const auto decoded = decode_from_laboratory(
        Format::fhir,
        R"({"resourceType":"MedicationDispense","id":"1","status":"completed","subject":{"reference":"Patient/7"},)"
        R"("whenHandedOver":"2026-03-01","daysSupply":{"value":28,"code":"d"},)"
        R"("medicationCodeableConcept":{"coding":[{"system":"99PH","code":"PRED5"}]}})");
    const auto supply = body_of<model::SupplyEvent>(decoded);
    EXPECT_EQ(supply.drug, model::CodeId("prednisolone"));
    EXPECT_EQ(supply.route, model::Route::oral);
}

} // namespace
} // namespace bonewatch::ingest::rules
