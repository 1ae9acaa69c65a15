#include "daemon/shelved_row.h"

#include <gtest/gtest.h>

namespace bonewatch::daemon {
namespace {

TEST(ShelvedRow, survives_whatever_bytes_it_holds) {
    ShelvedRow row;
    row.received_at = "2026-06-01T09:00:00Z";
    row.publisher = "lab";
    row.format = "hl7v2";
    row.is_backfill = true;
    row.reason = "unknown_unit";
    row.place = "OBX[2]-6";
    row.text = "\"furl\\ong\"";
    row.within = "00ff";
    row.patient = "aa";
    row.raw = "OBX|1|NM|TSH||5|\xB5g/l\r"; // CP1252: no UTF-8.
    row.add_try({"2026-06-02T09:00:00Z", "quarantined", "unknown_unit", "OBX[2]-6", "nothing is known of it"});
    const auto read = decode_shelved_row(encode(row));
    ASSERT_TRUE(read);
    EXPECT_EQ(encode(*read), encode(row));
    EXPECT_EQ(read->raw, row.raw);
    EXPECT_TRUE(read->is_backfill);
    EXPECT_EQ(read->tries.size(), 1u);
}

TEST(ShelvedRow, of_before_waits_and_has_no_format) {
    const auto read = decode_shelved_row(R"({"received_at":"2026-06-01T09:00:00Z","publisher":"lab","kind":"result",)"
                                         R"("reason":"r","place":"p","message":"m","raw":"{}"})");
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->is_waiting());
    EXPECT_EQ(read->format, "");
    EXPECT_EQ(read->tried, 0u);
}

TEST(ShelvedRow, keeps_the_last_twenty_tries_and_counts_all) {
    ShelvedRow row;
    for (int i = 0; i < 30; ++i)
        row.add_try({std::to_string(i), "quarantined", {}, {}, {}});
    EXPECT_EQ(row.tried, 30u);
    ASSERT_EQ(row.tries.size(), 20u);
    EXPECT_EQ(row.tries.front().at, "10");
    EXPECT_EQ(row.tries.back().at, "29");
}

struct PlaceCase {
    std::string name, place, without, of_resource;
};
void PrintTo(const PlaceCase& c, std::ostream* out) {
    *out << c.name;
}
class PlaceTest : public testing::TestWithParam<PlaceCase> {};

TEST_P(PlaceTest, is_told_without_what_tells_one_message_from_another) {
    EXPECT_EQ(place_without_indices(GetParam().place), GetParam().without);
    EXPECT_EQ(place_in_resource(GetParam().place), GetParam().of_resource);
}

INSTANTIATE_TEST_SUITE_P(
    places, PlaceTest,
    testing::Values(
        PlaceCase{"native", "line 12, $.unit", "$.unit", "$.unit"},
        PlaceCase{"resource", "$.component[0].code", "$.component.code", "$.component[0].code"},
        PlaceCase{"bundle", "$.entry[3].resource.component[11].code", "$.component.code", "$.component[11].code"},
        PlaceCase{"bundle_in_bundle", "$.entry[3].resource.entry[0].resource.status", "$.status", "$.status"},
        PlaceCase{"whole_resource", "$.entry[3].resource", "$", "$"},
        PlaceCase{"request", "$.entry[3].request.url", "$.entry.request.url", "$.entry[3].request.url"},
        PlaceCase{"segment", "OBX[2]-5", "OBX-5", "OBX[2]-5"}, PlaceCase{"none", "", "", ""}),
    [](const auto& one) { return one.param.name; });

TEST(TextAtPlace, is_what_stands_there) {
    const std::string raw =
        R"({"unit":"furlong","a":[{"b":1},{"b":{"c":"x"}}],"long":")" + std::string(300, 'l') + "\"}";
    EXPECT_EQ(text_at_place(raw, "line 3, $.unit"), "furlong");
    EXPECT_EQ(text_at_place(raw, "$.entry[7].resource.a[1].b.c"), "x");
    EXPECT_EQ(text_at_place(raw, "$.a[0].b"), "1");
    EXPECT_EQ(text_at_place(raw, "$.long").size(), 200u);
    for (const std::string nothing : {"$.a[2]", "$.missing", "$", "", "OBX[2]-5", "$.unit.x", "$.a[x]"})
        EXPECT_EQ(text_at_place(raw, nothing), "") << nothing;
    EXPECT_EQ(text_at_place("no JSON", "$.unit"), "");
}

} // namespace
} // namespace bonewatch::daemon
