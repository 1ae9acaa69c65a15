#include "config/vocabulary.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace bonewatch::config {
namespace {

const std::string analytes_file = "vocabulary/analytes.toml";
const std::string drugs_file = "vocabulary/drugs.toml";
const std::string conditions_file = "vocabulary/conditions.toml";
const std::string units_file = "vocabulary/units.toml";
const std::string systems_file = "vocabulary/systems.toml";

/// A small sound vocabulary; each sample replaces one of its files.
Files sound() {
    return {
        {systems_file, R"([loinc]
form = "loinc"
spellings = ["http://loinc.org", "LN"]
[snomed]
form = "snomed"
spellings = ["SCT"]
[rxnorm]
form = "rxnorm"
spellings = []
[icd10]
form = "icd10"
spellings = ["I10"]
)"},
        {analytes_file, R"([tsh]
title = "TSH"
unit = "m[IU]/L"
units = [{ unit = "m[IU]/L" }]
)"},
        {drugs_file, R"([classes.steroid]
title = "Steroids"
[drugs.prednisolone]
title = "prednisolone"
classes = [{ class = "steroid" }]
)"},
        {conditions_file, R"([osteoporosis]
title = "Osteoporosis"
kind = "disorder"
)"},
    };
}

struct Sample {
    std::string name;
    std::string file;
    std::string text;
    std::string place;   ///< `12:5`; empty: the sample is sound.
    std::string message; ///< A part of it.
    friend std::ostream& operator<<(std::ostream& out, const Sample& sample) { return out << sample.name; }
};

class VocabularySample : public testing::TestWithParam<Sample> {};

TEST_P(VocabularySample, loads_or_names_the_place) {
    const auto& sample = GetParam();
    Files files = sound();
    files[sample.file] = sample.text;
    const auto loaded = Vocabulary::load(files);
    if (sample.place.empty()) {
        ASSERT_TRUE(loaded.has_value()) << loaded.error().front().place << ": " << loaded.error().front().message;
        return;
    }
    ASSERT_FALSE(loaded.has_value());
    const auto& errors = loaded.error();
    ASSERT_EQ(errors.size(), 1U) << errors.back().place << ": " << errors.back().message;
    EXPECT_EQ(errors.front().kind, model::ErrorKind::config);
    EXPECT_EQ(errors.front().place, sample.file + ":" + sample.place);
    EXPECT_NE(errors.front().message.find(sample.message), std::string::npos) << errors.front().message;
}

std::string unit_rows(const std::string& rows, const std::string& more = "") {
    return "[calcium]\ntitle = \"Calcium\"\nunit = \"mmol/L\"\n" + more +
           "units = [\n    { unit = \"mmol/L\" },\n    " + rows + "\n]\n";
}

const std::string molar = "molar_mass = \"40.078\"\nmolar_source = \"Ca\"\n";

const std::vector<Sample> analyte_samples{
    {"valid_molar_factor", analytes_file, unit_rows(R"({ unit = "mg/dL", factor = "0.2495134", molar = true })", molar),
     "", ""},
    {"valid_valence", analytes_file, unit_rows(R"({ unit = "meq/L", factor = "0.5", valence = 2 })"), "", ""},
    {"valid_same_dimension", analytes_file, unit_rows(R"({ unit = "umol/L", factor = "1/1000" })"), "", ""},
    {"valid_affine_with_source", analytes_file,
     unit_rows(R"({ unit = "%", factor = "2", offset = "-1", source = "a paper" })"), "", ""},
    {"reject_factor_ten_times_too_large", analytes_file, unit_rows(R"({ unit = "umol/L", factor = "0.01" })"), "6:33",
     "'umol/L' to 'mmol/L' is 0.001, not 0.01"},
    {"reject_molar_factor_ten_times_too_large", analytes_file,
     unit_rows(R"({ unit = "mg/dL", factor = "2.495134", molar = true })", molar), "8:32", "0.249513"},
    {"reject_mass_as_substance", analytes_file, unit_rows(R"({ unit = "mg/dL", factor = "0.2495134" })", molar), "8:14",
     "say 'molar = true'"},
    {"reject_molar_without_mass", analytes_file, unit_rows(R"({ unit = "mg/dL", factor = "0.25", molar = true })"),
     "6:48", "needs the analyte's 'molar_mass'"},
    {"reject_molar_mass_without_source", analytes_file, unit_rows("", "molar_mass = \"40.078\"\n"), "4:14",
     "'molar_source'"},
    {"reject_valence_forgotten", analytes_file, unit_rows(R"({ unit = "meq/L", factor = "0.5" })"), "6:14",
     "and of equivalents their 'valence'"},
    {"reject_factor_zero", analytes_file, unit_rows(R"({ unit = "umol/L", factor = 0 })"), "6:33", "more than 0"},
    {"reject_factor_as_binary_decimal", analytes_file, unit_rows(R"({ unit = "umol/L", factor = 0.001 })"), "6:33",
     "a decimal in quotes so that it stays exact, found a decimal number"},
    {"reject_offset_without_source", analytes_file, unit_rows(R"({ unit = "%", factor = "2", offset = "-1" })"), "6:5",
     "an offset needs its 'source'"},
    {"reject_unit_not_ucum", analytes_file, unit_rows(R"({ unit = "mMol/L" })"), "6:14", "'mMol/L' is no unit"},
    {"reject_unit_twice", analytes_file, unit_rows(R"({ unit = "umol/L", factor = "0.001", spelt = ["mmol/L"] })"),
     "6:5", "'mmol/L' is listed twice"},
    {"reject_canonical_unit_missing", analytes_file,
     "[tsh]\ntitle = \"TSH\"\nunit = \"m[IU]/L\"\nunits = [{ unit = \"u[IU]/mL\" }]\n", "4:9",
     "'m[IU]/L' is not among its own units"},
    {"reject_canonical_factor", analytes_file,
     "[tsh]\ntitle = \"TSH\"\nunit = \"m[IU]/L\"\nunits = [{ unit = \"m[IU]/L\", factor = 2 }]\n", "4:9",
     "the canonical unit 'm[IU]/L' must have the factor 1"},
    {"reject_limits_crossed", analytes_file,
     "[tsh]\ntitle = \"TSH\"\nunit = \"m[IU]/L\"\nreject = { below = 10, above = \"9.5\" }\nunits = [{ unit = "
     "\"m[IU]/L\" }]\n",
     "4:10", "below must be less than above"},
    {"reject_limits_equal", analytes_file,
     "[tsh]\ntitle = \"TSH\"\nunit = \"m[IU]/L\"\nflag = { below = 9, above = 9 }\nunits = [{ unit = \"m[IU]/L\" "
     "}]\n",
     "4:8", "below must be less than above"},
    {"reject_unknown_key", analytes_file,
     "[tsh]\ntitle = \"TSH\"\nunit = \"m[IU]/L\"\nunts = []\nunits = [{ unit = \"m[IU]/L\" }]\n", "4:1",
     "unknown key 'unts'; did you mean 'units'?"},
    {"reject_wrong_type", analytes_file, "[tsh]\ntitle = 7\nunit = \"m[IU]/L\"\nunits = [{ unit = \"m[IU]/L\" }]\n",
     "2:9", "'title' must be text, found a whole number"},
    {"reject_missing_title", analytes_file, "[tsh]\nunit = \"m[IU]/L\"\nunits = [{ unit = \"m[IU]/L\" }]\n", "1:1",
     "analyte 'tsh': 'title' is missing"},
    {"reject_id_with_capital", analytes_file,
     "[TSH]\ntitle = \"TSH\"\nunit = \"m[IU]/L\"\nunits = [{ unit = \"m[IU]/L\" }]\n", "1:2", "id 'TSH' must be"},
    {"reject_toml", analytes_file, "[tsh]\ntitle = \"TSH\nunit = 3\n", "2:13", ""},
    {"reject_no_table", analytes_file, "tsh = 3\n", "1:7", "expected a table, found a whole number"},
};
INSTANTIATE_TEST_SUITE_P(analytes, VocabularySample, testing::ValuesIn(analyte_samples),
                         [](const auto& each) { return each.param.name; });

std::string with_code(const std::string& code) {
    return "[tsh]\ntitle = \"TSH\"\nunit = \"m[IU]/L\"\nunits = [{ unit = \"m[IU]/L\" }]\ncodes = [\n    " + code +
           "\n]\n";
}

const std::vector<Sample> code_samples{
    {"valid_code", analytes_file, with_code(R"({ system = "LN", code = "3016-3", tag = "V" })"), "", ""},
    {"reject_loinc_check_digit", analytes_file, with_code(R"({ system = "LN", code = "3016-4", tag = "V" })"), "6:29",
     "'3016-4' is no loinc code: its mod-10 check digit does not fit"},
    {"reject_snomed_check_digit", analytes_file, with_code(R"({ system = "SCT", code = "69896005", tag = "V" })"),
     "6:30", "Verhoeff"},
    {"reject_rxnorm_letter", analytes_file, with_code(R"({ system = "rxnorm", code = "864O", tag = "V" })"), "6:33",
     "digits only"},
    {"reject_unknown_system", analytes_file, with_code(R"({ system = "lionc", code = "3016-3", tag = "V" })"), "6:16",
     "no code system is called 'lionc'; did you mean 'loinc'?"},
    {"reject_unknown_tag", analytes_file, with_code(R"({ system = "LN", code = "3016-3", tag = "Q" })"), "6:45",
     "none of V, C, W, X, GK"},
    {"reject_missing_tag", analytes_file, with_code(R"({ system = "LN", code = "3016-3" })"), "6:5",
     "'tag' is missing"},
    {"reject_code_twice_in_one_row", analytes_file,
     with_code("{ system = \"LN\", code = \"3016-3\", tag = \"V\" },\n    { system = \"loinc\", code = \"3016-3\", tag "
               "= \"C\" }"),
     "7:5", "loinc 3016-3 stands for 'tsh'"},
    {"reject_except_outside_groups", analytes_file,
     with_code(R"({ system = "LN", code = "3016-3", tag = "V", except = ["3016-3"] })"), "6:59",
     "is no code of a group in loinc"},
};
INSTANTIATE_TEST_SUITE_P(codes, VocabularySample, testing::ValuesIn(code_samples),
                         [](const auto& each) { return each.param.name; });

const std::string classes = "[classes.steroid]\ntitle = \"Steroids\"\nequivalents = \"prednisolone\"\n";

const std::vector<Sample> drug_samples{
    {"valid_drug_without_class", drugs_file, "[drugs.lithium]\ntitle = \"lithium\"\n", "", ""},
    {"valid_reasoned_lack_of_equivalence", drugs_file,
     classes + "[drugs.x]\ntitle = \"x\"\nclasses = [{ class = \"steroid\" }]\nno_equivalence = \"not linear\"\n", "",
     ""},
    {"reject_missing_equivalence", drugs_file,
     classes + "[drugs.x]\ntitle = \"x\"\nclasses = [{ class = \"steroid\" }]\n", "4:1",
     "class 'steroid' sums equivalents"},
    {"reject_unknown_class", drugs_file,
     "[classes.steroid]\ntitle = \"Steroids\"\n[drugs.x]\ntitle = \"x\"\nclasses = [{ class = \"steriod\" }]\n", "3:8",
     "no drug class is called 'steriod'; did you mean 'steroid'?"},
    {"reject_unknown_route", drugs_file,
     "[classes.steroid]\ntitle = \"Steroids\"\n[drugs.x]\ntitle = \"x\"\nclasses = [{ class = \"steroid\", routes = "
     "[\"by mouth\"] }]\n",
     "5:42", "'by mouth' is no route"},
    {"reject_equivalence_zero", drugs_file, "[drugs.x]\ntitle = \"x\"\nequivalence = 0\n", "3:15", "more than 0"},
    {"reject_single_dose_without_cover", drugs_file, "[drugs.x]\ntitle = \"x\"\nsingle_dose = true\n", "3:15",
     "needs 'covers'"},
    {"reject_cover_without_days", drugs_file, "[drugs.x]\ntitle = \"x\"\ncovers = [{ dose = \"60 mg\" }]\n", "3:11",
     "'days' is missing"},
    {"reject_cover_of_no_days", drugs_file, "[drugs.x]\ntitle = \"x\"\ncovers = [{ dose = \"60 mg\", days = 0 }]\n",
     "3:36", "'days' must be from 1 to 1826, found 0"},
    {"reject_cover_with_bad_dose", drugs_file,
     "[drugs.x]\ntitle = \"x\"\ncovers = [{ dose = \"sixty\", days = 183 }]\n", "3:20", "sixty"},
    {"reject_one_dose_with_two_covers", drugs_file,
     "[drugs.x]\ntitle = \"x\"\ncovers = [{ dose = \"60 mg\", days = 183 }, { dose = \"0.06 g\", days = 28 }]\n",
     "3:10", "two covers"},
    {"reject_gap_below_zero", drugs_file, "[classes.x]\ntitle = \"x\"\ngap = -1\n", "3:7", "from 0 to 366"},
    {"reject_code_of_two_drugs", drugs_file,
     "[drugs.a]\ntitle = \"a\"\ncodes = [{ system = \"rxnorm\", code = \"8640\", tag = \"V\" }]\n[drugs.b]\ntitle = "
     "\"b\"\ncodes = [{ system = \"rxnorm\", code = \"8640\", tag = \"V\" }]\n",
     "6:10", "stands for 'a' (vocabulary/drugs.toml:3:10) and for 'b'"},
    {"reject_id_of_class_and_drug", drugs_file, "[classes.x]\ntitle = \"x\"\n[drugs.x]\ntitle = \"x\"\n", "3:8",
     "id 'x' already names the drug class at vocabulary/drugs.toml:1:10"},
    {"reject_id_of_analyte_and_drug", drugs_file, "[drugs.tsh]\ntitle = \"x\"\n", "1:8",
     "id 'tsh' already names the analyte at vocabulary/analytes.toml:1:2"},
    {"reject_unknown_table", drugs_file, "[drug.x]\ntitle = \"x\"\n", "1:2",
     "unknown key 'drug'; did you mean 'drugs'?"},
};
INSTANTIATE_TEST_SUITE_P(drugs, VocabularySample, testing::ValuesIn(drug_samples),
                         [](const auto& each) { return each.param.name; });

std::string two_conditions(const std::string& includes) {
    return "[wide]\ntitle = \"Wide\"\nkind = \"disorder\"\n" + includes +
           "codes = [{ system = \"SCT\", code = \"34000006\", tag = \"V\" }]\n[narrow]\ntitle = \"Narrow\"\nkind = "
           "\"disorder\"\ncodes = [{ system = \"SCT\", code = \"34000006\", tag = \"V\" }]\n";
}

const std::vector<Sample> condition_samples{
    {"valid_code_of_wide_and_narrow", conditions_file, two_conditions("includes = [\"narrow\"]\n"), "", ""},
    {"reject_code_of_two_conditions", conditions_file, two_conditions(""), "8:10", "neither includes the other"},
    {"reject_unknown_kind", conditions_file, "[fall]\ntitle = \"Fall\"\nkind = \"accident\"\n", "3:8",
     "none of disorder, finding, event, procedure"},
    {"reject_unknown_narrower", conditions_file,
     "[ibd]\ntitle = \"IBD\"\nkind = \"disorder\"\nincludes = [\"crohns\"]\n[crohn]\ntitle = \"Crohn\"\nkind = "
     "\"disorder\"\n",
     "1:2", "no condition is called 'crohns'; did you mean 'crohn'?"},
    {"reject_condition_that_includes_itself", conditions_file,
     "[a]\ntitle = \"A\"\nkind = \"disorder\"\nincludes = [\"a\"]\n", "1:2", "includes itself"},
    {"reject_id_of_drug_and_condition", conditions_file, "[prednisolone]\ntitle = \"P\"\nkind = \"finding\"\n", "1:2",
     "id 'prednisolone' already names the drug at vocabulary/drugs.toml:3:8"},
};
INSTANTIATE_TEST_SUITE_P(conditions, VocabularySample, testing::ValuesIn(condition_samples),
                         [](const auto& each) { return each.param.name; });

const std::vector<Sample> system_samples{
    {"reject_spelling_of_two_systems", systems_file,
     "[loinc]\nform = \"loinc\"\nspellings = [\"LN\"]\n[other]\nform = \"any\"\nspellings = [\"ln\"]\n", "6:13",
     "another system's"},
    {"reject_unknown_form", systems_file, "[loinc]\nform = \"lonic\"\nspellings = [\"LN\"]\n", "2:8",
     "nothing is known of the form 'lonic'"},
};
INSTANTIATE_TEST_SUITE_P(systems, VocabularySample, testing::ValuesIn(system_samples),
                         [](const auto& each) { return each.param.name; });

const std::vector<Sample> unit_samples{
    {"valid_shared_spelling", units_file, "[\"mg/dL\"]\nspelt = [\"mgm/dL\", \"MG/DL\"]\n", "", ""},
    {"valid_spelling_that_is_ucum_of_something_else", units_file, "[\"10*3/uL\"]\nspelt = [\"K/uL\"]\n", "", ""},
    {"reject_no_ucum", units_file, "[\"mg/dl.\"]\nspelt = [\"mgm/dL\"]\n", "1:2", "no unit that we can read"},
    {"reject_other_magnitude", units_file, "[\"mg/dL\"]\nspelt = [\"mgm/dL\", \"mg/L\"]\n", "2:9",
     "'mg/L' is another unit by itself"},
    {"reject_spelling_of_two_units", units_file,
     "[\"mg/dL\"]\nspelt = [\"mgm/dL\"]\n[\"g/L\"]\nspelt = [\" mgm/dL\"]\n", "4:9", "listed twice"},
    {"reject_empty_spelling", units_file, "[\"mg/dL\"]\nspelt = [\" \"]\n", "2:9", "a spelling is empty"},
    {"reject_misspelt_key", units_file, "[\"mg/dL\"]\nspellt = [\"mgm/dL\"]\n", "2:1", "did you mean 'spelt'?"},
};
INSTANTIATE_TEST_SUITE_P(units, VocabularySample, testing::ValuesIn(unit_samples),
                         [](const auto& each) { return each.param.name; });

TEST(Vocabulary, a_revision_without_shared_spellings_still_loads) {
    const auto loaded = Vocabulary::load(sound());
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->in_ucum("mIU/L"), "mIU/L");
}

TEST(Vocabulary, the_narrower_condition_is_what_a_shared_code_means) {
    for (const bool narrow_first : {true, false}) {
        Files files = sound();
        const std::string code = "codes = [{ system = \"SCT\", code = \"34000006\", tag = \"V\" }]\n";
        const std::string wide = "[wide]\ntitle = \"W\"\nkind = \"disorder\"\nincludes = [\"middle\"]\n" + code;
        const std::string middle = "[middle]\ntitle = \"M\"\nkind = \"disorder\"\nincludes = [\"narrow\"]\n";
        const std::string narrow = "[narrow]\ntitle = \"N\"\nkind = \"disorder\"\n" + code;
        files[conditions_file] = narrow_first ? narrow + middle + wide : wide + middle + narrow;
        const auto loaded = Vocabulary::load(files);
        ASSERT_TRUE(loaded.has_value()) << loaded.error().front().message;
        EXPECT_EQ(loaded->meaning("SCT", "34000006")->id, CodeId("narrow"));
    }
}

TEST(Vocabulary, all_problems_of_all_files_are_reported_at_once) {
    Files files = sound();
    files[analytes_file] = "[tsh]\ntitel = \"TSH\"\n";
    files[conditions_file] = "[fall]\ntitle = \"Fall\"\nkind = \"accident\"\n";
    files.erase(drugs_file);
    const auto loaded = Vocabulary::load(files);
    ASSERT_FALSE(loaded.has_value());
    std::vector<std::string> places;
    for (const auto& error : loaded.error())
        places.push_back(error.place);
    EXPECT_EQ(places, (std::vector<std::string>{"vocabulary/analytes.toml:1:1", "vocabulary/analytes.toml:1:1",
                                                "vocabulary/analytes.toml:2:1", "vocabulary/drugs.toml:1:1",
                                                "vocabulary/conditions.toml:3:8"}));
}

} // namespace
} // namespace bonewatch::config
