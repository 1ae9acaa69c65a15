#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::Contains;
using testing::StartsWith;

Decoded asked_for(std::string_view drug, std::string_view timing, int quantity) {
    return decode_one(Format::fhir,
                      R"({"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order",)"
                      R"("subject":{"reference":"Patient/p1"},"authoredOn":"2026-01-10",)"
                      R"("medicationCodeableConcept":{"text":")" +
                          std::string(drug) + R"("},"dosageInstruction":[{"timing":{)" + std::string(timing) +
                          R"(},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}],)"
                          R"("dispenseRequest":{"quantity":{"value":)" +
                          std::to_string(quantity) + R"(,"unit":"tablet"}}})");
}

/// Days and daily dose of so many 5 mg tablets, or why there are none.
std::string covered(std::string_view timing, int quantity) {
    const auto decoded = asked_for("Prednisolone 5mg tablets", timing, quantity);
    if (outcome_word(decoded) != "applied")
        return outcome_word(decoded);
    const auto supply = body_of<model::SupplyEvent>(decoded);
    return std::to_string(supply.days) + " days, " + (supply.daily_dose ? model::to_text(*supply.daily_dose) : "none");
}

TEST(FhirTiming, days_of_the_week_say_when_a_weekly_dose_is_taken_not_how_often) {
    const auto weekly = asked_for("Alendronic acid 70mg tablets",
                                  R"("repeat":{"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon"]})", 4);
    EXPECT_EQ(body_of<model::SupplyEvent>(weekly).days, 28);
    EXPECT_EQ(covered(R"("repeat":{"frequency":3,"period":1,"periodUnit":"wk","dayOfWeek":["mon","wed","fri"]})", 12),
              "28 days, 2.142857 mg");
    EXPECT_EQ(covered(R"("repeat":{"frequency":1,"period":1,"periodUnit":"d","dayOfWeek":["mon","wed","fri"]})", 12),
              "28 days, 2.142857 mg");
    // Once a week, and on three days of it: which?
    EXPECT_EQ(covered(R"("repeat":{"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon","wed","fri"]})", 12),
              "missing_days");
}

TEST(FhirTiming, a_code_and_a_rhythm_that_differ_are_neither) {
    constexpr std::string_view daily = R"("repeat":{"frequency":1,"period":1,"periodUnit":"d"})";
    EXPECT_EQ(covered(std::string(daily) + R"(,"code":{"coding":[{"code":"BID"}]})", 28), "missing_days");
    EXPECT_EQ(covered(std::string(daily) + R"(,"code":{"coding":[{"code":"QD"}]})", 28), "28 days, 5 mg");
    EXPECT_EQ(covered(std::string(daily) + R"(,"code":{"coding":[{"code":"local"}]})", 28), "28 days, 5 mg");
}

TEST(FhirTiming, times_of_the_day_and_a_frequency_that_differ_are_neither) {
    constexpr std::string_view often = R"(,"period":1,"periodUnit":"d","when":["MORN","NOON","EVE"]})";
    EXPECT_EQ(covered(R"("repeat":{"frequency":1)" + std::string(often), 84), "missing_days");
    EXPECT_EQ(covered(R"("repeat":{"frequency":3)" + std::string(often), 84), "28 days, 15 mg");
    EXPECT_EQ(covered(R"("repeat":{"frequency":2,"period":1,"periodUnit":"d","when":["PC"]})", 56), "28 days, 10 mg");
    EXPECT_EQ(covered(R"("repeat":{"frequency":0,"period":1,"periodUnit":"d"})", 28), "missing_days");
}

TEST(FhirTiming, a_course_is_no_longer_than_its_bounds) {
    constexpr std::string_view daily = R"("repeat":{"frequency":1,"period":1,"periodUnit":"d",)";
    EXPECT_EQ(covered(std::string(daily) + R"("boundsDuration":{"value":7,"unit":"d","code":"d"}})", 28),
              "7 days, 5 mg");
    EXPECT_EQ(covered(std::string(daily) + R"("boundsDuration":{"value":1,"unit":"a","code":"a"}})", 28),
              "28 days, 5 mg");
    EXPECT_THAT(asked_for("Prednisolone 5mg tablets",
                          std::string(daily) + R"("boundsDuration":{"value":7,"unit":"d","code":"d"}})", 28)
                    .warnings,
                Contains(StartsWith("quantity_disagrees")));
}

Decoded handed_over(std::string_view days) {
    return decode_one(Format::fhir, R"({"resourceType":"MedicationDispense","id":"m1","status":"completed",)"
                                    R"("subject":{"reference":"Patient/p1"},"whenHandedOver":"2026-01-10",)"
                                    R"("medicationCodeableConcept":{"text":"Prednisolone 5mg tablets"},"daysSupply":)" +
                                        std::string(days) + "}");
}

TEST(FhirTiming, a_unit_of_days_is_read_in_words_where_its_code_is_another_ones) {
    EXPECT_EQ(body_of<model::SupplyEvent>(handed_over(R"({"value":28,"unit":"days","system":"http://snomed.info/sct",)"
                                                      R"("code":"258703001"})"))
                  .days,
              28);
    EXPECT_EQ(body_of<model::SupplyEvent>(handed_over(R"({"value":28,"unit":"{days}"})")).days, 28);
    EXPECT_EQ(outcome_word(handed_over(R"({"value":28,"unit":"tablet"})")), "bad_days");
}

TEST(FhirTiming, a_period_ends_where_its_end_says) {
    const auto decoded = decode_one(
        Format::fhir, R"({"resourceType":"MedicationStatement","id":"m1","status":"completed",)"
                      R"("subject":{"reference":"Patient/p1"},"effectivePeriod":{"start":"2025","end":"2025-03"},)"
                      R"("medicationCodeableConcept":{"text":"Prednisolone 5mg tablets"}})");
    EXPECT_EQ(body_of<model::SupplyEvent>(decoded).days, 90);
}

TEST(FhirTiming, a_dose_of_nothing_was_not_given) {
    const auto decoded =
        decode_one(Format::fhir, R"({"resourceType":"MedicationAdministration","id":"m1","status":"completed",)"
                                 R"("subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-01-10",)"
                                 R"("medicationCodeableConcept":{"text":"Denosumab 60mg/1ml solution for injection"},)"
                                 R"("dosage":{"dose":{"value":0,"unit":"mg"}}})");
    EXPECT_EQ(outcome_word(decoded), "unusable_dose");
}

/// What a dispense of a contained Medication is: the drug with its daily dose, or why it is none.
std::string dispensed(std::string_view medication) {
    const auto decoded =
        decode_one(Format::fhir,
                   R"({"resourceType":"MedicationDispense","id":"m1","status":"completed",)"
                   R"("subject":{"reference":"Patient/p1"},"whenHandedOver":"2026-01-10",)"
                   R"("daysSupply":{"value":28,"unit":"d"},"quantity":{"value":28,"unit":"tablet"},)"
                   R"("medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","id":"m",)" +
                       std::string(medication) + "}]}");
    if (outcome_word(decoded) != "applied")
        return outcome_word(decoded);
    const auto supply = body_of<model::SupplyEvent>(decoded);
    return supply.drug.text + ", " + (supply.daily_dose ? model::to_text(*supply.daily_dose) : "none");
}

TEST(FhirMedication, a_brand_that_nobody_knows_goes_by_its_only_ingredient) {
    constexpr std::string_view brand = R"("code":{"text":"Deltacortril"},"ingredient":[)";
    constexpr std::string_view prednisolone =
        R"({"itemCodeableConcept":{"text":"prednisolone"},"strength":{"numerator":{"value":5,"unit":"mg"},)"
        R"("denominator":{"value":1,"unit":"tablet"}}})";
    constexpr std::string_view other = R"({"itemCodeableConcept":{"text":"lactose"}})";
    EXPECT_EQ(dispensed(std::string(brand) + std::string(prednisolone) + "]"), "prednisolone, 5 mg");
    EXPECT_EQ(dispensed(std::string(brand) + std::string(prednisolone) + "," + std::string(other) + "]"),
              "combination_product");
    EXPECT_EQ(dispensed(std::string(brand) + std::string(other) + "]"), "unknown_code");
    EXPECT_EQ(
        dispensed(R"("code":{"text":"Prednisone 10mg tablets"},"ingredient":[)" + std::string(prednisolone) + "]"),
        "prednisone, 10 mg");
}

} // namespace
} // namespace bonewatch::ingest::rules
