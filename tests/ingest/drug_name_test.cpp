#include "ingest/drug_name.h"
#include "tests/ingest/decoding.h"

#include <gtest/gtest.h>

#include <chrono>

namespace bonewatch::ingest::rules {
namespace {

/// A product's name as feeds write it, and what of it is read: `drug | strength | one item | route`, or why it is not.
struct NameCase {
    const char* name;
    const char* product;
    const char* expected;
};

std::string reading_of(const std::string& product) {
    const auto name = read_product_name(vocabulary(), product);
    if (name.drug == nullptr)
        return "not watched";
    if (name.is_combination)
        return "combination";
    if (!name.is_plain)
        return "unclear";
    std::string out = name.drug->id.text + " | " + name.strength + " | ";
    out += name.item_dose ? model::to_text(*name.item_dose) : "";
    out += " | ";
    if (name.route)
        out += model::to_text(*name.route);
    return out + (name.is_injection ? "injection" : "");
}

class DrugNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(DrugNameTest, is_read_as_it_says) {
    EXPECT_EQ(reading_of(GetParam().product), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    rxnorm, DrugNameTest,
    testing::Values(
        NameCase{"tablet", "predniSONE 5 MG Oral Tablet", "prednisone | 5 mg | 5 mg | oral"},
        NameCase{"brand_in_brackets", "Thyroxine 0.1 MG Oral Tablet [Synthroid]",
                 "levothyroxine | 100 ug | 100 ug | oral"},
        NameCase{"syringe", "0.375 ML leuprolide acetate 120 MG/ML Prefilled Syringe",
                 "leuprorelin | 120 mg/ml | 45 mg | injection"},
        NameCase{"pen", "2.4 ML teriparatide 0.25 MG/ML Pen Injector", "teriparatide | 250 ug/ml | 600 ug | injection"},
        NameCase{"inhaler", "120 ACTUAT Fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler",
                 "fluticasone-propionate | 44 ug | 44 ug | inhaled"},
        NameCase{"nasal", "120 ACTUAT mometasone furoate 0.05 MG/ACTUAT Nasal Inhaler [Nasonex]",
                 "mometasone | 50 ug | 50 ug | nasal"},
        NameCase{"of_which_place_nobody_says", "Mometasone Furoate 0.05mg/Actuat", "mometasone | 50 ug | 50 ug | "},
        NameCase{"two_ingredients", "Hydrocortisone 25 MG/ML / pramoxine 10 MG/ML Topical Cream", "combination"},
        NameCase{"brand_alone", "Synthroid Tablet", "not watched"},
        NameCase{"another_drug", "lisinopril 10 MG Oral Tablet", "not watched"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    dm_and_d, DrugNameTest,
    testing::Values(
        NameCase{"tablets", "Prednisolone 5mg tablets", "prednisolone | 5 mg | 5 mg | oral"},
        NameCase{"gastro_resistant", "Prednisolone 5mg gastro-resistant tablets", "prednisolone | 5 mg | 5 mg | oral"},
        NameCase{"spoonful", "Prednisolone 5mg/5ml oral solution unit dose", "prednisolone | 1 mg/ml |  | oral"},
        NameCase{"ear_and_eye", "Prednisolone 1% ear/eye drops", "prednisolone |  |  | ophthalmic"},
        NameCase{"micrograms", "Levothyroxine sodium 25microgram tablets", "levothyroxine | 25 ug | 25 ug | oral"},
        NameCase{"modified_release", "Hydrocortisone 10mg modified-release tablets",
                 "hydrocortisone | 10 mg | 10 mg | oral"},
        NameCase{"whole_syringe", "Denosumab 60mg/1ml solution for injection pre-filled syringes",
                 "denosumab | 60 mg/ml | 60 mg | injection"},
        NameCase{"whole_syringe_of_several_ml", "Ibandronic acid 3mg/3ml solution for injection pre-filled syringes",
                 "ibandronic-acid | 1 mg/ml | 3 mg | injection"},
        NameCase{"bag", "Zoledronic acid 5mg/100ml infusion bags", "zoledronic-acid | 50 ug/ml | 5 mg | injection"},
        NameCase{"powder", "Triptorelin 11.25mg powder and solvent for suspension for injection vials",
                 "triptorelin | 11.25 mg | 11.25 mg | injection"},
        NameCase{"pen_of_many_doses", "Teriparatide 20micrograms/80microlitres inj 2.4ml pre-filled disposable devices",
                 "teriparatide | 250 ug/ml | 600 ug | injection"},
        NameCase{"implant", "Goserelin 3.6mg implant pre-filled syringes", "goserelin | 3.6 mg | 3.6 mg | implant"},
        NameCase{"inhaler", "Beclometasone 100micrograms/dose inhaler CFC free",
                 "beclometasone | 100 ug | 100 ug | inhaled"},
        NameCase{"fluticasone", "Fluticasone 125micrograms/dose inhaler CFC free",
                 "fluticasone-propionate | 125 ug | 125 ug | inhaled"},
        NameCase{"patches", "Estradiol 50micrograms/24hours transdermal patches",
                 "estradiol | 50 ug/day |  | transdermal"},
        NameCase{"two_watched", "Alendronic acid 70mg / Colecalciferol 70microgram tablets", "combination"},
        NameCase{"brand_alone", "Prolia 60mg/1ml solution for injection pre-filled syringes (Amgen Ltd)",
                 "not watched"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(hospitals, DrugNameTest,
                         testing::Values(NameCase{"of_a_pack_of_grams", "Fluticasone Propionate NASAL 16g NASAL SPRAY",
                                                  "fluticasone-propionate |  |  | nasal"},
                                         NameCase{"a_puff_and_a_pack", "Fluticasone Propionate 110mcg 12g Inhaler",
                                                  "fluticasone-propionate | 110 ug | 110 ug | inhaled"},
                                         NameCase{"oral_syringe", "Lansoprazole Oral Suspension 30mg/10mL Oral Syringe",
                                                  "lansoprazole | 3 mg/ml |  | oral"},
                                         NameCase{"vial", "Methylprednisolone Na Succ 125MG VIAL",
                                                  "methylprednisolone | 125 mg | 125 mg | injection"},
                                         NameCase{"milliequivalents", "Calcium Gluconate 0.465 mEq / 1 mL - 10 mL Vial",
                                                  "calcium-gluconate |  |  | injection"},
                                         NameCase{"substance", "Hydrocortisone (substance)", "hydrocortisone |  |  | "},
                                         NameCase{"no_dose_yet", "Warfarin Check with MD for Dose", "unclear"},
                                         NameCase{"hyphen", "Nystatin-Triamcinolone Cream 30 g Tube", "unclear"},
                                         NameCase{"australian", "zoledronic acid 5 mg/100 mL injection, 100 mL vial",
                                                  "zoledronic-acid | 50 ug/ml | 5 mg | injection"},
                                         NameCase{"actuation",
                                                  "budesonide 200 microgram/actuation powder for inhalation",
                                                  "budesonide | 200 ug | 200 ug | inhaled"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(DrugName, a_text_of_any_length_costs_what_it_is) {
    std::string text = "prednisolone";
    for (int i = 0; i < 50'000; ++i)
        text += " 5 mg 1 g";
    const auto before = std::chrono::steady_clock::now();
    EXPECT_NE(read_product_name(vocabulary(), text).drug, nullptr);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

} // namespace
} // namespace bonewatch::ingest::rules
