#include "tests/ingest/decoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bonewatch::ingest::rules {
namespace {

using testing::Contains;
using testing::IsEmpty;

/// `field < place: text > made`, a line an origin.
std::vector<std::string> origins(std::string_view message, bool is_explained = true) {
    const Publisher lab{.id = model::PublisherId("lab")};
    std::vector<std::string> out;
    for (const Decoded& each : decode(Format::fhir, message, lab, vocabulary(), std::nullopt, is_explained))
        for (const Origin& origin : each.origins)
            out.push_back(origin.field + " < " + origin.place + ": " + origin.text + " > " + origin.made);
    return out;
}

constexpr std::string_view panel =
    R"({"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},)"
    R"("meta":{"versionId":"3"},"effectiveDateTime":"2026-03-01","code":{"text":"panel"},"component":[{"code":)"
    R"({"coding":[{"system":"http://loinc.org","code":"3016-3"}]},"valueQuantity":{"value":1,"code":"mU/L"}}]})";

TEST(FhirOrigins, of_a_result) {
    EXPECT_THAT(origins(panel),
                testing::ElementsAre(
                    "id < $.id: o > Observation/o#component-3016-3", "version < $.meta.versionId: 3 > 0.3",
                    "patient < $.subject.reference: Patient/p > Patient:p", "status < $.status: final > result",
                    "at < $.effectiveDateTime: 2026-03-01 > 2026-03-01",
                    R"(code < $.component[0].code: {"coding":[{"system":"http://loinc.org","code":"3016-3"}]} > tsh)",
                    R"(value < $.component[0].valueQuantity: {"value":1,"code":"mU/L"} > 1 mU/L)",
                    "unit < $.component[0].valueQuantity.code: mU/L > ", "type < :  > by what it is: Observation",
                    "publisher < connection: lab > "));
    EXPECT_THAT(origins(panel, false), IsEmpty());
}

TEST(FhirOrigins, of_a_supply_and_of_what_it_contains) {
    const auto all =
        origins(R"({"resourceType":"MedicationDispense","id":"d","status":"completed","subject":{"reference":)"
                R"("Patient/p"},"whenHandedOver":"2026-01-10","daysSupply":{"value":28,"code":"d"},)"
                R"("quantity":{"value":28,"unit":"tablet"},)"
                R"("medicationCodeableConcept":{"text":"Prednisolone 5mg tablets"}})");
    EXPECT_THAT(all, Contains(R"(days < $.daysSupply: {"value":28,"code":"d"} > 28)"));
    EXPECT_THAT(all, Contains(R"(daily_dose < $.quantity: {"value":28,"unit":"tablet"} > 5 mg)"));
    EXPECT_THAT(all, Contains(R"(strength < $.medicationCodeableConcept: {"text":"Prednisolone 5mg tablets"} > 5 mg)"));
    EXPECT_THAT(all, Contains("version < default:  > 1: no version is stated"));
}

TEST(FhirOrigins, a_wrong_unit_is_where_it_stands) {
    const auto place = [](const std::string& value) {
        return error_of(decode_one(Format::fhir,
                                   R"({"resourceType":"Observation","id":"o","status":"final","subject":)"
                                   R"({"reference":"Patient/p"},"effectiveDateTime":"2026-03-01","code":{"coding":)"
                                   R"([{"system":"http://loinc.org","code":"3016-3"}]},)" +
                                       value + "}"))
            .place;
    };
    EXPECT_EQ(place(R"("valueQuantity":{"value":1,"unit":"furlong"})"), "$.valueQuantity.unit");
    EXPECT_EQ(place(R"("valueQuantity":{"value":1,"unit":"feet","code":"furlong"})"), "$.valueQuantity.code");
    EXPECT_EQ(place(R"("valueQuantity":{"value":1})"), "$.valueQuantity");
    EXPECT_EQ(place(R"("valueQuantity":{"value":1e30,"unit":"mU/L"})"), "$.valueQuantity.value");
    EXPECT_EQ(place(R"("valueRange":{"low":{"value":1},"high":{"value":2,"unit":"furlong"}})"),
              "$.valueRange.high.unit");
}

TEST(FhirOrigins, of_a_person_and_a_link) {
    const auto all = origins(R"({"resourceType":"Patient","id":"old","gender":"female","birthDate":"1958-07",)"
                             R"("link":[{"type":"replaced-by","other":{"reference":"Patient/new"}}]})");
    EXPECT_THAT(all, Contains("born < $.birthDate: 1958-07 > 1958-07"));
    EXPECT_THAT(all, Contains("sex < $.gender: female > female"));
    EXPECT_THAT(all, Contains(testing::EndsWith("> Patient:old goes on in Patient:new")));
}

} // namespace
} // namespace bonewatch::ingest::rules
