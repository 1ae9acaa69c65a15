#include "tests/config/shipped.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace bonewatch::config {

const Vocabulary& shipped_vocabulary() {
    static const Vocabulary loaded = [] {
        const auto files = read_files(BONEWATCH_CONFIG_FOLDER);
        if (!files) {
            std::cerr << files.error().message << '\n';
            std::abort();
        }
        auto vocabulary = Vocabulary::load(*files);
        if (vocabulary)
            return std::move(*vocabulary);
        for (const auto& error : vocabulary.error())
            std::cerr << error.place << ": " << error.message << '\n';
        std::abort();
    }();
    return loaded;
}

namespace {

struct CodeCase {
    std::string name, system, code;
    std::string id; ///< Empty: the code must mean nothing.
    std::optional<Vouched> vouched = std::nullopt;
    friend std::ostream& operator<<(std::ostream& out, const CodeCase& each) { return out << each.name; }
};

class ShippedCode : public testing::TestWithParam<CodeCase> {};

TEST_P(ShippedCode, means_what_its_source_says) {
    const auto& each = GetParam();
    const CodeMeaning* meaning = shipped_vocabulary().meaning(each.system, each.code);
    if (each.id.empty()) {
        EXPECT_EQ(meaning, nullptr) << meaning->id.text;
        return;
    }
    ASSERT_NE(meaning, nullptr);
    EXPECT_EQ(meaning->id.text, each.id);
    EXPECT_EQ(meaning->vouched, each.vouched.value_or(meaning->vouched));
}

const std::string loinc = "http://loinc.org";
const std::string snomed = "http://snomed.info/sct";
const std::string rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
const std::string atc = "http://www.whocc.no/atc";
const std::string icd10 = "http://hl7.org/fhir/sid/icd-10";

// Wrong labels met in public files: each code must mean what its own name says.
const std::vector<CodeCase> traps{
    {"coeliac_is_not_rheumatoid_arthritis", snomed, "396331005", "coeliac"},
    {"pcos_is_not_gestational_diabetes", snomed, "237055002", "pcos"},
    {"hypogonadism_is_not_hypothyroidism", snomed, "48130008", "hypogonadism"},
    {"chronic_diarrhoea_is_not_abdominoplasty", snomed, "236071009", "chronic-diarrhoea"},
    {"osteoarthritis_is_not_osteoporosis", snomed, "239862000", ""},
    {"rheumatic_heart_disease_is_not_arthritis", snomed, "23685000", ""},
    {"disuse_osteoporosis_is_not_drug_induced", snomed, "53174001", ""},
    {"drug_induced_osteoporosis", snomed, "14651005", "osteoporosis"},
    {"molar_d3_is_vitamin_d_not_calcium", loinc, "14635-7", "vitd25"},
    {"iga_is_not_calcium", loinc, "2458-8", "iga-total"},
    {"active_vitamin_d_is_not_25_hydroxy", loinc, "1649-3", ""},
    {"d2_alone_is_not_the_total", loinc, "49054-0", ""},
    {"a_guessed_total_is_not_there", loinc, "68438-1", ""},
    {"a_dropped_p1np_code_is_not_there", loinc, "47255-5", ""},
    {"qualitative_crp_is_no_number", loinc, "11039-5", ""},
    {"red_cell_magnesium_is_another_test", loinc, "26746-8", ""},
    {"bone_alp_activity_is_another_series", loinc, "1777-2", ""},
    {"a_rate_that_nobody_vouches_for", loinc, "25362-5", ""},
    {"prednisone_is_not_prednisolone", rxnorm, "8640", "prednisone"},
    {"prednisolone", rxnorm, "8638", "prednisolone"},
    {"beclometasone_from_memory_is_not_betamethasone", rxnorm, "1347", ""},
    {"betamethasone", rxnorm, "1514", "betamethasone"},
    {"glimepiride_is_not_teriparatide", rxnorm, "25789", ""},
    {"liothyronine_from_memory", rxnorm, "10814", ""},
    {"testosterone_from_memory", rxnorm, "10379", ""},
    {"estradiol_from_memory", rxnorm, "4083", ""},
};
INSTANTIATE_TEST_SUITE_P(traps, ShippedCode, testing::ValuesIn(traps),
                         [](const auto& each) { return each.param.name; });

/// Under every name of its system a code means the same.
TEST(ShippedSystem, is_known_by_all_its_names) {
    struct Names {
        std::vector<std::string> names;
        std::string code, id;
    };
    const std::vector<Names> systems{
        {{loinc, "https://loinc.org", "LN", "LOINC", "loinc", "2.16.840.1.113883.6.1", "urn:oid:2.16.840.1.113883.6.1"},
         "3016-3",
         "tsh"},
        {{snomed, "https://dmd.nhs.uk", "http://dmd.nhs.uk", "https://dmd.nhs.uk/", "DMD", "dm+d", "SCT", "SNM",
          "SNOMED", "SNOMED-CT", "SNOMED CT", "2.16.840.1.113883.6.96", "urn:oid:2.16.840.1.113883.6.96",
          "URN:OID:2.16.840.1.113883.6.96"},
         "446321003",
         "denosumab"},
        {{rxnorm, "https://www.nlm.nih.gov/research/umls/rxnorm", "RXNORM", "RxNorm", "2.16.840.1.113883.6.88",
          "urn:oid:2.16.840.1.113883.6.88"},
         "8640",
         "prednisone"},
        {{atc, "https://www.whocc.no/atc", "ATC", "WC", "2.16.840.1.113883.6.73", "urn:oid:2.16.840.1.113883.6.73"},
         "M05BX04",
         "denosumab"},
        {{icd10, "I10", "ICD10", "ICD-10", "2.16.840.1.113883.6.3", "urn:oid:2.16.840.1.113883.6.3"},
         "M05.9",
         "rheumatoid-arthritis"},
    };
    for (const auto& [names, code, id] : systems)
        for (const std::string& name : names) {
            const CodeMeaning* meaning = shipped_vocabulary().meaning(name, code);
            ASSERT_NE(meaning, nullptr) << name << " " << code;
            EXPECT_EQ(meaning->id.text, id) << name << " " << code;
        }
    for (const char* name : {"http://hl7.org/fhir/sid/ndc", "NDC", "urn:oid:2.16.840.1.113883.6.69"})
        EXPECT_EQ(shipped_vocabulary().comparable(name, " 0054-4728 "), (PublishedCode{"ndc", "0054-4728"})) << name;
    EXPECT_EQ(shipped_vocabulary().comparable("ICD-10-CM", "m05.9"), (PublishedCode{"icd10cm", "M059"}));
    EXPECT_EQ(shipped_vocabulary().comparable(" 99LAB ", " tSH "), (PublishedCode{"99lab", "tSH"}));
}

const std::vector<CodeCase> spellings{
    {"loinc_url", loinc, "3016-3", "tsh", Vouched::name_seen},
    {"loinc_short", "LN", "3016-3", "tsh"},
    {"loinc_oid", "urn:oid:2.16.840.1.113883.6.1", "3016-3", "tsh"},
    {"system_case_is_ignored", "ln", "3016-3", "tsh"},
    {"spaces_are_ignored", " LN ", " 3016-3 ", "tsh"},
    {"snomed_short", "SCT", "69896004", "rheumatoid-arthritis"},
    {"snomed_oid", "2.16.840.1.113883.6.96", "69896004", "rheumatoid-arthritis"},
    {"dmd_is_the_same_code_space", "https://dmd.nhs.uk", "446321003", "denosumab", Vouched::code_seen},
    {"rxnorm_hand_made", "RXNORM", "33738", "pioglitazone", Vouched::hand_made},
    {"not_verified", snomed, "84229001", "fatigue", Vouched::not_verified},
    {"general_knowledge", icd10, "E11", "t2dm", Vouched::not_verified},
    {"valproic_acid", rxnorm, "11118", "valproate"},
    {"valproate", rxnorm, "40254", "valproate"},
    {"unknown_system", "http://example.org", "3016-3", ""},
    {"code_of_another_system", snomed, "3016-3", ""},
    {"empty_code", loinc, "", ""},
};
INSTANTIATE_TEST_SUITE_P(spellings, ShippedCode, testing::ValuesIn(spellings),
                         [](const auto& each) { return each.param.name; });

const std::vector<CodeCase> groups{
    {"icd10_group", icd10, "M05", "rheumatoid-arthritis"},
    {"icd10_below_its_group", icd10, "M05.3", "rheumatoid-arthritis"},
    {"icd10_without_its_point", icd10, "M053", "rheumatoid-arthritis"},
    {"icd10_excepted", icd10, "M06.1", ""},
    {"icd10_below_an_excepted", icd10, "M06.10", ""},
    {"icd10_beside_an_excepted", icd10, "M06.9", "rheumatoid-arthritis"},
    {"icd10_longest_group_wins", icd10, "K90.0", "coeliac"},
    {"icd10_rest_of_the_group", icd10, "K90.9", "malabsorption"},
    {"icd10_other_group", icd10, "M07", ""},
    {"icd10_too_short", icd10, "M0", ""},
    {"icd10_cm_is_another_system", "http://hl7.org/fhir/sid/icd-10-cm", "M05", ""},
    {"icd10_says_two_things", icd10, "M80.0", "osteoporosis-with-fracture"},
    {"atc_below_its_group", atc, "G03AA07", "combined-hormonal-contraceptive"},
    {"atc_whole", atc, "H02AB06", "prednisolone"},
    {"snomed_has_no_groups", snomed, "698960041", ""},
};
INSTANTIATE_TEST_SUITE_P(groups, ShippedCode, testing::ValuesIn(groups),
                         [](const auto& each) { return each.param.name; });

struct ClassCase {
    std::string name, drug;
    Route route;
    std::string drug_class;
    friend std::ostream& operator<<(std::ostream& out, const ClassCase& each) { return out << each.name; }
};

class ShippedClass : public testing::TestWithParam<ClassCase> {};

TEST_P(ShippedClass, follows_the_route) {
    const Drug* drug = shipped_vocabulary().drug(CodeId(GetParam().drug));
    ASSERT_NE(drug, nullptr);
    const CodeId* found = shipped_vocabulary().class_of(*drug, GetParam().route);
    EXPECT_EQ(found == nullptr ? "" : found->text, GetParam().drug_class);
}

const std::vector<ClassCase> classes{
    {"oral_prednisolone", "prednisolone", Route::oral, "glucocorticoid-systemic"},
    {"unstated_prednisolone", "prednisolone", Route::unstated, "glucocorticoid-systemic"},
    {"rectal_prednisolone", "prednisolone", Route::rectal, ""},
    {"prednisolone_eye_drops", "prednisolone", Route::ophthalmic, ""},
    {"intravenous_methylprednisolone", "methylprednisolone", Route::intravenous, "glucocorticoid-injection"},
    {"joint_injection", "triamcinolone", Route::intra_articular, "glucocorticoid-injection"},
    {"nasal_triamcinolone", "triamcinolone", Route::nasal, ""},
    {"topical_hydrocortisone", "hydrocortisone", Route::topical, ""},
    {"dexamethasone_ear_drops", "dexamethasone", Route::otic, ""},
    {"inhaled_budesonide", "budesonide", Route::inhaled, "glucocorticoid-inhaled"},
    {"oral_budesonide", "budesonide", Route::oral, "glucocorticoid-gut"},
    {"nasal_budesonide", "budesonide", Route::nasal, ""},
    {"vaginal_estradiol", "estradiol", Route::vaginal, ""},
    {"transdermal_estradiol", "estradiol", Route::transdermal, "sex-hormone-replacement"},
    {"denosumab", "denosumab", Route::subcutaneous, "rankl-inhibitor"},
    {"a_drug_without_class", "tamoxifen", Route::oral, ""},
    {"fludrocortisone_by_any_route", "fludrocortisone", Route::other, "mineralocorticoid"},
};
INSTANTIATE_TEST_SUITE_P(routes, ShippedClass, testing::ValuesIn(classes),
                         [](const auto& each) { return each.param.name; });

TEST(ShippedVocabulary, steroid_equivalences_are_exact) {
    const auto equivalence = [](const char* id) { return *shipped_vocabulary().drug(CodeId(id))->equivalence; };
    EXPECT_EQ(equivalence("dexamethasone") * Rational(3, 4), Rational(5));
    EXPECT_EQ(equivalence("betamethasone") * Rational(3, 4), Rational(5));
    EXPECT_EQ(equivalence("deflazacort") * Rational(6), Rational(5));
    EXPECT_EQ(equivalence("methylprednisolone") * Rational(4), Rational(5));
    EXPECT_EQ(equivalence("hydrocortisone") * Rational(20), Rational(5));
    EXPECT_EQ(equivalence("cortisone") * Rational(25), Rational(5));
    EXPECT_EQ(shipped_vocabulary().drug_class(CodeId("glucocorticoid-systemic"))->equivalents, "prednisolone");
    EXPECT_EQ(shipped_vocabulary().drug_class(CodeId("glucocorticoid-gut"))->equivalents, "");
    EXPECT_FALSE(shipped_vocabulary().drug(CodeId("fludrocortisone"))->equivalence);
}

TEST(ShippedVocabulary, gaps_are_those_of_the_class) {
    const auto gap = [](const char* id) { return shipped_vocabulary().drug_class(CodeId(id))->gap; };
    EXPECT_EQ(gap("glucocorticoid-systemic"), Days(14));
    EXPECT_EQ(gap("glucocorticoid-inhaled"), Days(30));
    EXPECT_EQ(gap("proton-pump-inhibitor"), Days(30));
    EXPECT_EQ(gap("ssri"), Days(30));
    EXPECT_EQ(gap("bisphosphonate"), Days(60));
    EXPECT_EQ(gap("depot-medroxyprogesterone"), Days(28));
    EXPECT_EQ(gap("gnrh-androgen-deprivation"), Days(28));
    EXPECT_EQ(shipped_vocabulary().drug(CodeId("methotrexate"))->gap, Days(60));
    EXPECT_FALSE(shipped_vocabulary().drug(CodeId("prednisolone"))->gap);
}

TEST(ShippedVocabulary, single_doses_cover_by_their_size) {
    const Drug& denosumab = *shipped_vocabulary().drug(CodeId("denosumab"));
    EXPECT_TRUE(denosumab.is_single_dose);
    ASSERT_EQ(denosumab.covers.size(), 2U);
    EXPECT_EQ(denosumab.covers[0].dose, (Dose{60}));
    EXPECT_EQ(denosumab.covers[0].days, Days(183));
    EXPECT_EQ(denosumab.covers[1].dose, (Dose{120}));
    EXPECT_EQ(denosumab.covers[1].days, Days(28));

    const Drug& zoledronic = *shipped_vocabulary().drug(CodeId("zoledronic-acid"));
    EXPECT_EQ(zoledronic.covers[0].days, Days(28));
    EXPECT_EQ(zoledronic.covers[1].dose, (Dose{5}));
    EXPECT_EQ(zoledronic.covers[1].days, Days(365));

    const Drug& ibandronic = *shipped_vocabulary().drug(CodeId("ibandronic-acid"));
    EXPECT_FALSE(ibandronic.is_single_dose);
    EXPECT_EQ(ibandronic.covers[0].route, Route::intravenous);
    EXPECT_EQ(ibandronic.covers[0].days, Days(91));
    EXPECT_EQ(ibandronic.covers[1].days, Days(30));
    EXPECT_FALSE(shipped_vocabulary().drug(CodeId("alendronic-acid"))->is_single_dose);
}

TEST(ShippedVocabulary, a_code_may_imply_the_route) {
    EXPECT_EQ(shipped_vocabulary().meaning(atc, "A07EA06")->route, Route::oral);
    EXPECT_EQ(shipped_vocabulary().meaning(atc, "R03BA02")->route, Route::inhaled);
    EXPECT_EQ(shipped_vocabulary().meaning(rxnorm, "19831")->route, Route::unstated);
}

TEST(ShippedVocabulary, wider_conditions_include_narrower_ones_at_any_depth) {
    const auto all = shipped_vocabulary().with_included(CodeId("autoimmune-disease"));
    const std::set<CodeId> included(all.begin(), all.end());
    for (const char* id : {"autoimmune-disease", "rheumatoid-arthritis", "coeliac", "crohns", "t1dm",
                           "autoimmune-thyroid", "graves-disease", "hashimoto-thyroiditis"})
        EXPECT_TRUE(included.contains(CodeId(id))) << id;
    EXPECT_EQ(included.size(), 8U);
    EXPECT_EQ(shipped_vocabulary().with_included(CodeId("asthma")), std::vector{CodeId("asthma")});
    EXPECT_EQ(shipped_vocabulary().with_included(CodeId("tsh")), std::vector{CodeId("tsh")});
}

TEST(ShippedVocabulary, members_of_a_class_are_sorted) {
    std::vector<std::string> names;
    for (const Drug* drug : shipped_vocabulary().drugs_of(CodeId("antithyroid")))
        names.push_back(drug->id.text);
    EXPECT_EQ(names, (std::vector<std::string>{"carbimazole", "propylthiouracil", "thiamazole"}));
    EXPECT_TRUE(shipped_vocabulary().drugs_of(CodeId("opioid")).empty());
    EXPECT_NE(shipped_vocabulary().drug_class(CodeId("opioid")), nullptr);
}

// What laboratories really sent in the public data that the project was tried on: analyte, unit.
TEST(ShippedVocabulary, units_really_sent_are_known) {
    const std::vector<std::pair<std::string, std::string>> sent{
        {"albumin", "g/dL"},
        {"alp", "IU/L"},
        {"alp", "U/L"},
        {"bmi", "kg/m2"},
        {"calcium-total", "mg/dL"},
        {"cortisol-9am", "ug/dL"},
        {"creatinine", "mg/dL"},
        {"creatinine", "UMOLL"},
        {"egfr", "mL/min"},
        {"egfr", "mL/min/{1.73_m2}"},
        {"esr", "mm/h"},
        {"ft4", "ng/dL"},
        {"hba1c", "%"},
        {"height", "cm"},
        {"height", "in"},
        {"hscrp", "mg/L"},
        {"magnesium", "mg/dL"},
        {"phosphate", "mg/dL"},
        {"pth", "pg/mL"},
        {"testosterone", "ng/dL"},
        {"tscore-forearm", "{T-score}"},
        {"tsh", "m[IU]/L"},
        {"tsh", "mcU/mL"},
        {"tsh", "uIU/mL"},
        {"tsh", "uU/ML"},
        {"tsh", "miu/l"},
        {"vitd25", "ng/mL"},
        {"vitd25", "ng/ml"},
        {"vitd25", "nmol/l"},
        {"weight", "kg"},
        {"weight", "lbs"},
        {"weight", "[lb_av]"},
    };
    for (const auto& [id, unit] : sent) {
        const Analyte* analyte = shipped_vocabulary().analyte(CodeId(id));
        ASSERT_NE(analyte, nullptr) << id;
        bool is_known = false;
        for (const auto& conversion : analyte->conversions)
            is_known = is_known || conversion.unit == normalised_unit(unit);
        EXPECT_TRUE(is_known) << id << " in " << unit;
    }
}

TEST(ShippedVocabulary, every_class_that_sums_has_a_reference_drug) {
    for (const auto& [id, drug_class] : shipped_vocabulary().drug_classes()) {
        if (drug_class.equivalents.empty())
            continue;
        bool has_reference = false;
        for (const Drug* drug : shipped_vocabulary().drugs_of(id))
            has_reference =
                has_reference || (drug->id.text == drug_class.equivalents && drug->equivalence == Rational(1));
        EXPECT_TRUE(has_reference) << id.text;
    }
}

} // namespace
} // namespace bonewatch::config
