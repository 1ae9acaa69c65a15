#include "ingest/drug_name.h"
#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

Decoded fhir(std::string_view message) {
    return decode_one(Format::fhir, message);
}

struct NameCase {
    const char* name;
    const char* text;
    const char* drug; ///< Empty where none is known.
    const char* item; ///< The dose of one item; empty where it is not plain.
    const char* route;
    bool is_combination = false;
    bool is_plain = true;
};

class ProductNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(ProductNameTest, is_read_by_whole_words) {
    const auto read = read_product_name(vocabulary(), GetParam().text);
    EXPECT_EQ(read.drug == nullptr ? "" : read.drug->id.text, GetParam().drug);
    EXPECT_EQ(read.item_dose ? model::to_text(*read.item_dose) : "", GetParam().item);
    EXPECT_EQ(read.route ? model::to_text(*read.route) : "", GetParam().route);
    EXPECT_EQ(read.is_combination, GetParam().is_combination);
    EXPECT_EQ(read.is_plain, GetParam().is_plain);
}

INSTANTIATE_TEST_SUITE_P(
    names, ProductNameTest,
    testing::Values(
        NameCase{"tall_man", "predniSONE 5 MG Oral Tablet", "prednisone", "5 mg", "oral"},
        NameCase{"not_the_other", "prednisoLONE 5 MG Oral Tablet", "prednisolone", "5 mg", "oral"},
        NameCase{"longer_word", "Methylprednisolone 4 MG Oral Tablet", "methylprednisolone", "4 mg", "oral"},
        NameCase{"brand", "Thyroxine 0.112 MG Oral Tablet [Synthroid]", "levothyroxine", "112 ug", "oral"},
        NameCase{"salt", "Levothyroxine Sodium 0.075 MG Oral Tablet", "levothyroxine", "75 ug", "oral"},
        NameCase{"salt_of_an_acid", "Alendronate 70 MG Oral Tablet", "alendronic-acid", "70 mg", "oral"},
        NameCase{"acid", "Alendronic acid 10 MG Oral Tablet", "alendronic-acid", "10 mg", "oral"},
        NameCase{"micrograms", "Levothyroxine 25mcg tablets", "levothyroxine", "25 ug", "oral"},
        NameCase{"thousands", "Ergocalciferol Capsule 50,000 iu", "ergocalciferol", "50000 iu", "oral"},
        NameCase{"syringe", "1 ML denosumab 60 MG/ML Prefilled Syringe", "denosumab", "60 mg", ""},
        NameCase{"part_of_a_millilitre", "0.25 ML Leuprolide Acetate 30 MG/ML Prefilled Syringe", "leuprorelin",
                 "7.5 mg", ""},
        NameCase{"concentration", "budesonide 0.25 MG/ML Inhalation Suspension", "budesonide", "", "inhaled"},
        NameCase{"puff", "120 ACTUAT Fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler",
                 "fluticasone-propionate", "44 ug", "inhaled"},
        NameCase{"solution_of_five", "prednisolone 5 MG / 5 ML Oral Solution", "prednisolone", "", "oral"},
        NameCase{"milligrams_of_a_cream", "Hydrocortisone 0.01 MG/MG Topical Ointment", "hydrocortisone", "",
                 "topical"},
        NameCase{"patch", "estradiol 0.05 MG/HR Transdermal Patch", "estradiol", "", "transdermal"},
        NameCase{"two_of_which_one_is_unknown", "Prednisolone 5 MG / Mystery", "prednisolone", "5 mg", "", true, false},
        NameCase{"narrow_space", "Estradiol\u200b 1 MG Oral Tablet", "estradiol", "1 mg", "oral"},
        NameCase{"bare", "PredniSONE", "prednisone", "", ""},
        NameCase{"eye", "prednisolone acetate 10 MG/ML Ophthalmic Suspension", "prednisolone", "", "ophthalmic"},
        NameCase{"cream", "Hydrocortisone 25 MG/ML Topical Cream", "hydrocortisone", "", "topical"},
        NameCase{"two_known_or_not", "Hydrocortisone 25 MG/ML / pramoxine 10 MG/ML Topical Cream", "hydrocortisone", "",
                 "topical", true, false},
        NameCase{"joined_by_a_hyphen", "Hydrocortisone-Neomycin cream", "hydrocortisone", "", "topical", false, false},
        NameCase{"another_word", "Prednisone Starter", "prednisone", "", "", false, false},
        NameCase{"unknown", "Simvastatin 20 MG Oral Tablet", "", "", ""},
        NameCase{"part_of_a_word", "Neoprednisone 5 MG Oral Tablet", "", "", ""}, NameCase{"nothing", "", "", "", ""}),
    [](const auto& tested) { return tested.param.name; });

/// A request for prednisone tablets with `rest` after it.
std::string request(std::string_view rest, std::string_view status = "active",
                    std::string_view product = "predniSONE 5 MG Oral Tablet") {
    return R"({"resourceType":"MedicationRequest","id":"m1","status":")" + std::string(status) +
           R"(","intent":"order","subject":{"reference":"Patient/p1"},)"
           R"("authoredOn":"2026-01-10","medicationCodeableConcept":{"text":")" +
           std::string(product) + "\"}" + (rest.empty() ? "" : ",") + std::string(rest) + "}";
}

constexpr std::string_view two_a_day = R"("dosageInstruction":[{"timing":{"repeat":{"frequency":2,"period":1,)"
                                       R"("periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,)"
                                       R"("unit":"tablet"}}]}])";

model::SupplyEvent supply(std::string_view message) {
    return body_of<model::SupplyEvent>(fhir(message));
}

TEST(FhirRequest, valid_days_by_quantity_and_dosage) {
    const auto decoded =
        fhir(request(std::string(two_a_day) + R"(,"dispenseRequest":{"quantity":{"value":56,"unit":"tablet"}})"));
    const auto body = body_of<model::SupplyEvent>(decoded);
    EXPECT_EQ(body.drug.text, "prednisone");
    EXPECT_EQ(body.route, model::Route::oral);
    EXPECT_EQ(body.strength, "5 mg");
    EXPECT_EQ(model::to_text(*body.daily_dose), "10 mg");
    EXPECT_EQ(body.days, 28);
    EXPECT_EQ(body.basis, model::Basis::computed);
    EXPECT_EQ(event_of(decoded).key.id.text, "MedicationRequest/m1");
    EXPECT_EQ(decoded.kind, "MedicationRequest prednisone");
}

TEST(FhirRequest, valid_strength_is_the_same_product_however_it_is_spelt) {
    const auto strength = [](std::string_view product) {
        return supply(request(R"("dispenseRequest":{"expectedSupplyDuration":{"value":28,"code":"d"}})", "active",
                              product))
            .strength;
    };
    EXPECT_EQ(strength("Levothyroxine Sodium 0.075 MG Oral Tablet"), "75 ug");
    EXPECT_EQ(strength("Levothyroxine 75mcg tablets"), "75 ug");
    EXPECT_EQ(strength("prednisolone 5.0 MG Oral Tablet"), "5 mg");
    EXPECT_EQ(strength("prednisolone 5 MG / 5 ML Oral Solution"), "1 mg/ml");
    EXPECT_EQ(strength("prednisolone Oral Tablet"), "");
}

TEST(FhirRequest, valid_days_as_stated) {
    const auto body = supply(request(R"("dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,)"
                                     R"("periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":7.5,)"
                                     R"("unit":"mg","code":"mg"}}]}],)"
                                     R"("dispenseRequest":{"expectedSupplyDuration":{"value":4,"code":"wk"}})"));
    EXPECT_EQ(body.days, 28);
    EXPECT_EQ(body.basis, model::Basis::stated);
    EXPECT_EQ(model::to_text(*body.daily_dose), "7.5 mg");
}

TEST(FhirRequest, valid_days_of_a_bounded_period_are_inclusive) {
    const auto decoded = fhir(request(
        R"("dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":"2026-01-12","end":"2026-01-18"}}}}])"));
    EXPECT_EQ(body_of<model::SupplyEvent>(decoded).days, 7);
    EXPECT_EQ(model::to_text(event_of(decoded).at.date), "2026-01-12");
}

TEST(FhirRequest, a_period_that_ends_before_it_starts_is_quarantined) {
    const auto decoded = fhir(request(
        R"("dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":"2026-01-12","end":"2026-01-10"}}}}])"));
    EXPECT_EQ(outcome_word(decoded), "bad_days");
    EXPECT_EQ(error_of(decoded).message, "the period ends before it starts");
}

TEST(FhirRequest, without_days_it_is_quarantined) {
    EXPECT_EQ(outcome_word(fhir(request(""))), "missing_days");
    EXPECT_EQ(outcome_word(fhir(request(two_a_day))), "missing_days");
    EXPECT_EQ(outcome_word(fhir(request("", "stopped"))), "missing_days");
}

TEST(FhirRequest, as_needed_gives_days_but_no_dose) {
    const auto decoded = fhir(request(R"("dosageInstruction":[{"asNeededBoolean":true,)"
                                      R"("timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},)"
                                      R"("doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}],)"
                                      R"("dispenseRequest":{"expectedSupplyDuration":{"value":28,"code":"d"}})"));
    EXPECT_FALSE(body_of<model::SupplyEvent>(decoded).daily_dose);
    EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("as_needed")));
}

TEST(FhirRequest, several_dosages_give_no_dose) {
    const auto decoded = fhir(request(R"("dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":2,)"
                                      R"("unit":"tablet"}}]},{"doseAndRate":[{"doseQuantity":{"value":1,)"
                                      R"("unit":"tablet"}}]}],"dispenseRequest":{"quantity":{"value":30,)"
                                      R"("unit":"tablet"},"expectedSupplyDuration":{"value":20,"code":"d"}})"));
    EXPECT_FALSE(body_of<model::SupplyEvent>(decoded).daily_dose);
    EXPECT_EQ(body_of<model::SupplyEvent>(decoded).days, 20);
}

struct RhythmCase {
    const char* name;
    const char* timing;
    const char* daily;
};

class RhythmTest : public testing::TestWithParam<RhythmCase> {};

TEST_P(RhythmTest, of_one_tablet_of_5_mg) {
    const auto body = supply(request(std::string(R"("dosageInstruction":[{"timing":)") + GetParam().timing +
                                     R"(,"doseAndRate":[{"doseQuantity":{"value":1}}]}],)"
                                     R"("dispenseRequest":{"expectedSupplyDuration":{"value":28,"code":"d"}})"));
    EXPECT_EQ(body.daily_dose ? model::to_text(*body.daily_dose) : "", GetParam().daily);
}

INSTANTIATE_TEST_SUITE_P(
    rhythms, RhythmTest,
    testing::Values(
        RhythmCase{"once", R"({"repeat":{"frequency":1,"period":1,"periodUnit":"d"}})", "5 mg"},
        RhythmCase{"every_other_day", R"({"repeat":{"frequency":1,"period":2,"periodUnit":"d"}})", "2.5 mg"},
        RhythmCase{"every_six_hours", R"({"repeat":{"period":6,"periodUnit":"h"}})", "20 mg"},
        RhythmCase{"weekly", R"({"repeat":{"frequency":1,"period":1,"periodUnit":"wk"}})", "714.286 ug"},
        RhythmCase{"three_days_a_week", R"({"repeat":{"dayOfWeek":["mon","wed","fri"]}})", "2.142857 mg"},
        RhythmCase{"twice_at_meals", R"({"repeat":{"when":["ACM","ACV"]}})", "10 mg"},
        RhythmCase{"by_code", R"({"code":{"coding":[{"code":"TID"}]}})", "15 mg"},
        RhythmCase{"as_a_range", R"({"repeat":{"frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d"}})", ""},
        RhythmCase{"unknown_unit", R"({"repeat":{"frequency":1,"period":1,"periodUnit":"moon"}})", ""}),
    [](const auto& tested) { return tested.param.name; });

TEST(FhirRequest, what_is_no_order_is_not_used) {
    std::string plan = request("");
    plan.replace(plan.find("\"order\""), 7, "\"plan\"");
    EXPECT_EQ(outcome_of(fhir(plan)), "not_used");
    EXPECT_EQ(fhir(plan).kind, "MedicationRequest prednisone (not an order)");
    EXPECT_EQ(outcome_of(fhir(request(R"("doNotPerform":true)"))), "not_used");
    EXPECT_EQ(outcome_of(fhir(request("", "cancelled"))), "not_used");
    EXPECT_EQ(outcome_of(fhir(request("", "draft"))), "not_used");
    EXPECT_EQ(outcome_word(fhir(request("", "unknown"))), "status_unknown");
    EXPECT_EQ(model::type_word(event_of(fhir(request("", "entered-in-error")))), "retraction");
    EXPECT_EQ(outcome_of(fhir(request("", "active", "Simvastatin 20 MG Oral Tablet"))), "not_used");
}

TEST(FhirRequest, a_stopped_one_is_cut_where_it_was_last_updated) {
    const std::string days = R"("dispenseRequest":{"expectedSupplyDuration":{"value":28,"code":"d"}})";
    EXPECT_EQ(outcome_word(fhir(request(days, "stopped"))), "missing_stop_date");
    const auto cut = supply(request(days + R"(,"meta":{"lastUpdated":"2026-01-20T12:00:00Z"})", "stopped"));
    EXPECT_EQ(cut.days, 10);
    EXPECT_EQ(cut.basis, model::Basis::assumed);
}

TEST(FhirRequest, what_was_dispensed_is_a_fact_that_its_dispense_names) {
    const std::string dispense = R"({"resourceType":"MedicationDispense","id":"d1","status":"completed",)"
                                 R"("subject":{"reference":"Patient/p1"},"whenHandedOver":"2026-01-10",)"
                                 R"("daysSupply":{"value":28,"code":"d"},"quantity":{"value":56,)"
                                 R"("unit":"tablets"},)"
                                 R"("authorizingPrescription":[{"reference":"MedicationRequest/m1"}],)"
                                 R"("medicationCodeableConcept":{"text":"predniSONE 5 MG Oral Tablet"}})";
    const auto all =
        decode_all(Format::fhir, request(R"("dispenseRequest":{"expectedSupplyDuration":{"value":28,"code":"d"}})") +
                                     "\n" + dispense + "\n");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(event_of(all[0]).key.id.text, "MedicationRequest/m1");
    EXPECT_THAT(body_of<model::SupplyEvent>(all[0]).fulfils, IsEmpty());
    const auto handed_over = body_of<model::SupplyEvent>(all[1]);
    EXPECT_THAT(handed_over.fulfils, ElementsAre(model::FactId("MedicationRequest/m1")));
    EXPECT_EQ(handed_over.days, 28);
    EXPECT_EQ(model::to_text(*handed_over.daily_dose), "10 mg");
    EXPECT_EQ(handed_over.basis, model::Basis::computed);
}

std::string of_type(std::string_view type, std::string_view rest) {
    return R"({"resourceType":")" + std::string(type) + R"(","id":"x1","subject":{"reference":"Patient/p1"},)" +
           std::string(rest) + "}";
}

TEST(FhirDispense, only_what_was_handed_over_counts) {
    const auto of = [](std::string_view rest) {
        return fhir(
            of_type("MedicationDispense", R"("medicationCodeableConcept":{"text":"predniSONE 5 MG Oral Tablet"},)"
                                          R"("daysSupply":{"value":28},)" +
                                              std::string(rest)));
    };
    EXPECT_EQ(outcome_of(of(R"("status":"completed","whenHandedOver":"2026-01-10")")), "applied");
    EXPECT_EQ(outcome_of(of(R"("status":"in-progress","whenHandedOver":"2026-01-10")")), "not_used");
    EXPECT_EQ(outcome_of(of(R"("status":"declined")")), "not_used");
    EXPECT_EQ(outcome_word(of(R"("status":"completed")")), "missing_time");
    EXPECT_THAT(of(R"("status":"completed","whenPrepared":"2026-01-09")").warnings,
                ElementsAre(StartsWith("time_is_prepared")));
}

struct OrderCase {
    const char* name;
    const char* reference;
    const char* order; ///< Empty: unknown, with a warning.
};

class OrderTest : public testing::TestWithParam<OrderCase> {};

/// The request m1 has a fullUrl of the same server, m2 of another one, and the third has no id.
TEST_P(OrderTest, is_found) {
    const std::string order = R"("resourceType":"MedicationRequest","status":"draft","intent":"order",)"
                              R"("medicationCodeableConcept":{"text":"Prednisone"})";
    const auto all = decode_all(
        Format::fhir, R"({"resourceType":"Bundle","type":"collection","entry":[)"
                      R"({"fullUrl":"http://a.example/fhir/MedicationDispense/d1","resource":{)"
                      R"("resourceType":"MedicationDispense","id":"d1","status":"completed",)"
                      R"("contained":[{"id":"c",)" +
                          order + R"(}],"medicationCodeableConcept":{"text":"predniSONE 5 MG Oral Tablet"},)" +
                          R"("subject":{"reference":"Patient/p1"},"whenHandedOver":"2026-01-10",)"
                          R"("daysSupply":{"value":28},"authorizingPrescription":[{"reference":")" +
                          GetParam().reference +
                          R"("}]}},{"fullUrl":"http://b.example/fhir/MedicationRequest/m2","resource":{"id":"m2",)" +
                          order + R"(}},{"fullUrl":"urn:uuid:0-3","resource":{)" + order + "}}]}");
    ASSERT_EQ(all.size(), 3U);
    const auto orders = body_of<model::SupplyEvent>(all.front()).fulfils;
    EXPECT_EQ(orders.empty() ? "" : orders.front().text, GetParam().order);
    EXPECT_EQ(all.front().warnings.empty(), !orders.empty());
}

INSTANTIATE_TEST_SUITE_P(
    orders, OrderTest,
    testing::Values(OrderCase{"of_another_message", "MedicationRequest/m1", "MedicationRequest/m1"},
                    OrderCase{"with_a_version", "MedicationRequest/m1/_history/3", "MedicationRequest/m1"},
                    OrderCase{"of_the_same_server", "http://a.example/fhir/MedicationRequest/m1",
                              "MedicationRequest/m1"},
                    OrderCase{"of_another_server", "http://c.example/fhir/MedicationRequest/m1", ""},
                    OrderCase{"by_its_full_url", "http://b.example/fhir/MedicationRequest/m2", "MedicationRequest/m2"},
                    OrderCase{"without_an_id", "urn:uuid:0-3", "urn:uuid:0-3"},
                    OrderCase{"unknown_urn", "urn:uuid:0-4", ""}, OrderCase{"contained", "#c", ""},
                    OrderCase{"no_request", "ServiceRequest/m1", ""}),
    [](const auto& tested) { return tested.param.name; });

TEST(FhirDispense, a_whole_dose_is_an_issue) {
    const auto decoded = fhir(of_type("MedicationDispense", R"("status":"completed","whenHandedOver":"2026-01-10",)"
                                                            R"("quantity":{"value":1},)"
                                                            R"("authorizingPrescription":[{"reference":)"
                                                            R"("MedicationRequest/m2"},{"reference":)"
                                                            R"("MedicationRequest/m1"}],)"
                                                            R"("medicationCodeableConcept":{"text":)"
                                                            R"("1 ML denosumab 60 MG/ML Prefilled Syringe"})"));
    const auto given = body_of<model::AdministrationEvent>(decoded);
    EXPECT_EQ(given.drug.text, "denosumab");
    EXPECT_EQ(model::to_text(*given.dose), "60 mg");
    EXPECT_EQ(given.route, model::Route::subcutaneous);
    EXPECT_THAT(given.fulfils,
                ElementsAre(model::FactId("MedicationRequest/m1"), model::FactId("MedicationRequest/m2")));
    EXPECT_EQ(event_of(decoded).attributes.at("form"), "issue");
    EXPECT_THAT(decoded.warnings, ElementsAre(StartsWith("route_assumed")));
}

TEST(FhirDispense, route_is_what_the_drugs_code_implies) {
    const auto supply = body_of<model::SupplyEvent>(fhir(
        of_type("MedicationDispense",
                R"("status":"completed","whenHandedOver":"2026-02-01","daysSupply":{"value":28,"code":"d"},)"
                R"("medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"R03BA02"}]})")));
    EXPECT_EQ(supply.drug.text, "budesonide");
    EXPECT_EQ(supply.route, model::Route::inhaled);
}

TEST(FhirAdministration, valid_dose_and_route) {
    const auto decoded =
        fhir(of_type("MedicationAdministration", R"("status":"completed","effectiveDateTime":"2026-02-01T10:00:00Z",)"
                                                 R"("medicationCodeableConcept":{"coding":[{"system":"http:)"
                                                 R"(//www.whocc.no/atc","code":"M05BX04"}]},)"
                                                 R"("request":{"reference":"MedicationRequest/m1"},)"
                                                 R"("dosage":{"route":{"coding":[{"system":"http://snomed.info/sct",)"
                                                 R"("code":"263887005"}]},"dose":{"value":60,"unit":"mg"}})"));
    const auto given = body_of<model::AdministrationEvent>(decoded);
    EXPECT_EQ(given.route, model::Route::subcutaneous);
    EXPECT_EQ(model::to_text(*given.dose), "60 mg");
    EXPECT_THAT(given.fulfils, ElementsAre(model::FactId("MedicationRequest/m1")));
    EXPECT_EQ(event_of(decoded).attributes.at("form"), "administered");
    EXPECT_THAT(decoded.warnings, IsEmpty());
}

TEST(FhirAdministration, unknown_route_is_quarantined) {
    const auto decoded =
        fhir(of_type("MedicationAdministration", R"("status":"completed","effectiveDateTime":"2026-02-01",)"
                                                 R"("medicationCodeableConcept":{"text":"denosumab"},)"
                                                 R"("dosage":{"route":{"text":"by pigeon"}})"));
    EXPECT_EQ(outcome_word(decoded), "unknown_route");
    EXPECT_EQ(error_of(decoded).place, "$.dosage.route");
}

TEST(FhirStatement, its_period_is_what_it_covers) {
    const auto of = [](std::string_view rest) {
        return fhir(
            of_type("MedicationStatement",
                    R"("medicationCodeableConcept":{"text":"predniSONE 5 MG Oral Tablet"},)" + std::string(rest)));
    };
    const auto closed = of(R"("status":"completed","effectivePeriod":{"start":"2026-01-01","end":"2026-01-30"})");
    EXPECT_EQ(body_of<model::SupplyEvent>(closed).days, 30);
    EXPECT_FALSE(event_of(closed).at.is_partial());
    const auto open = of(R"("status":"active","effectivePeriod":{"start":"2026-01-01"},"dateAsserted":"2026-01-11")");
    EXPECT_EQ(body_of<model::SupplyEvent>(open).days, 10);
    EXPECT_EQ(body_of<model::SupplyEvent>(open).basis, model::Basis::assumed);
    EXPECT_EQ(outcome_word(of(R"("status":"active","effectivePeriod":{"start":"2026-01-01"})")), "missing_days");
    EXPECT_EQ(outcome_of(of(R"("status":"not-taken","effectiveDateTime":"2026-01-01")")), "not_used");
    EXPECT_EQ(outcome_of(of(R"("status":"intended","effectiveDateTime":"2026-01-01")")), "not_used");
}

TEST(FhirMedication, by_reference_contained_or_beside_it) {
    const std::string contained = R"({"resourceType":"MedicationDispense","id":"d1","status":"completed",)"
                                  R"("contained":[{"resourceType":"Medication","id":"med",)"
                                  R"("code":{"text":"predniSONE 5 MG Oral Tablet"}}],)"
                                  R"("subject":{"reference":"Patient/p1"},"whenHandedOver":"2026-01-10",)"
                                  R"("daysSupply":{"value":28},"medicationReference":{"reference":"#med"}})";
    EXPECT_EQ(supply(contained).drug.text, "prednisone");
    const std::string beside = R"({"resourceType":"MedicationDispense","id":"d1","status":"completed",)"
                               R"("subject":{"reference":"Patient/p1"},"whenHandedOver":"2026-01-10",)"
                               R"("daysSupply":{"value":28},)"
                               R"("medicationReference":{"reference":"Medication/med"}})";
    EXPECT_EQ(outcome_word(fhir(beside)), "unresolved_reference");
    const auto all = decode_all(Format::fhir, beside + "\n" +
                                                  R"({"resourceType":"Medication","id":"med",)"
                                                  R"("ingredient":[{"itemCodeableConcept":{"coding":[{"system":"http:)"
                                                  R"(//www.nlm.nih.gov/research/umls/rxnorm","code":"8640"}]}}]})" +
                                                  "\n");
    EXPECT_EQ(body_of<model::SupplyEvent>(all.front()).drug.text, "prednisone");
    EXPECT_EQ(all.back().kind, "Medication");
}

TEST(FhirMedication, of_several_ingredients_concerns_us_where_one_is_known) {
    const auto of = [](std::string_view first) {
        return fhir(
            R"({"resourceType":"MedicationDispense","id":"d1","status":"completed","contained":[{"resourceType":)"
            R"("Medication","id":"med","ingredient":[{"itemCodeableConcept":{"text":")" +
            std::string(first) +
            R"("}},{"itemCodeableConcept":{"text":"Neomycin"}}]}],"subject":{"reference":"Patient/p1"},)"
            R"("whenHandedOver":"2026-01-10","medicationReference":{"reference":"#med"}})");
    };
    EXPECT_EQ(outcome_word(of("Prednisolone")), "combination_product");
    EXPECT_EQ(outcome_of(of("Paracetamol")), "not_used");
}

TEST(FhirMedication, what_is_not_plain_is_quarantined) {
    EXPECT_EQ(outcome_word(fhir(request("", "active", "Hydrocortisone 25 MG/ML / pramoxine 10 MG/ML Topical Cream"))),
              "combination_product");
    EXPECT_EQ(outcome_word(fhir(request("", "active", "Prednisone Starter"))), "unclear_product");
    EXPECT_EQ(outcome_of(fhir(request("", "active", "Amoxicillin 250 MG / Clavulanate 125 MG Oral Tablet"))),
              "not_used");
}

} // namespace
} // namespace bonewatch::ingest::rules
